// SPDX-License-Identifier: GPL-2.0-or-later
// Starting the workers, giving them work, and taking what they answer.
#include "cache/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/env.h"
#include "build/plan.h"
#include "build/sandbox.h"
#include "build/uidpool.h"
#include "cache/decode.h"
#include "cache/worker-wire.h"

#define WORKERS_MAX 4
#define OUTSTANDING 64 // of one worker: so that its socket never fills up

struct asked {
	uint64_t id; // 0: free
	void *tag;
	char *url;
	enum worker_kind kind;
};

struct worker {
	int socket; // -1: it is not running
	struct sandbox_proc proc;
	struct uidpool_slot slot;
	struct asked asked[OUTSTANDING];
	size_t n_asked;
	bool dead; // its requests fail, one by one
	char *why;
};

struct queued {
	struct worker_request r; // url and compression are owned, so is file_fd
	struct queued *next;
};

struct workers {
	char *state_dir, *tmp;
	struct fetch_many_opts opts;
	struct worker all[WORKERS_MAX];
	size_t n;
	uint64_t last_id;
	struct queued *queue, **end;
	size_t n_queued;
	struct worker_wire *packet;
};

void worker_answer_release(struct worker_answer *a)
{
	mem_free(a->message);
	buf_release(&a->text);
	if (a->nar_fd >= 0)
		close(a->nar_fd);
	*a = (struct worker_answer){.nar_fd = -1};
}

int workers_new(
        const char *state_dir, const struct fetch_many_opts *opts, struct workers **ret, struct err *e)
{
	struct workers *w = NEW(struct workers);

	(void)e;
	w->state_dir = mem_strdup(state_dir);
	w->opts = *opts;
	w->n = MIN(plan_jobs_auto(), (unsigned)WORKERS_MAX);
	w->end = &w->queue;
	w->packet = mem_alloc(WORKER_WIRE_MAX);
	for (size_t i = 0; i < WORKERS_MAX; i++) {
		w->all[i].socket = -1;
		w->all[i].slot = UIDPOOL_NO_SLOT;
	}
	*ret = w;
	return 0;
}

static void queued_free(struct queued *q)
{
	if (q->r.file_fd >= 0)
		close(q->r.file_fd);
	mem_free((char *)q->r.url);
	mem_free((char *)q->r.compression);
	mem_free(q);
}

static void worker_stop(struct worker *k)
{
	int status;

	if (k->socket < 0)
		return;
	close(TAKE_FD(k->socket));
	if (!k->dead) {
		sandbox_kill(&k->proc);
		sandbox_reap(&k->proc, &status, NULL);
	}
	mem_free(k->why);
	uidpool_give_back(&k->slot);
	for (size_t i = 0; i < OUTSTANDING; i++)
		mem_free(k->asked[i].url);
}

void workers_free(struct workers *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		worker_stop(&w->all[i]);
	for (struct queued *q = w->queue, *next; q; q = next) {
		next = q->next;
		queued_free(q);
	}
	if (w->tmp)
		fs_rm_rf(w->tmp, NULL);
	mem_free(w->tmp);
	mem_free(w->state_dir);
	mem_free(w->packet);
	mem_free(w);
}

// --- starting one ---

extern char **environ;

struct inside {
	const struct fetch_many_opts *opts;
	char **env;
};

static int run_inside(void *ctx)
{
	const struct inside *in = ctx;

	environ = in->env;
	return worker_main(in->opts);
}

enum { DIR_TMP, DIR_OUT, DIR_STORE, DIR_BUILD, N_DIRS };

// Folders of worker i; they belong to its user.
static int make_dirs(struct workers *w, size_t i, char **ret, const struct sandbox_ids *ids, struct err *e)
{
	static const char *const names[N_DIRS] = {"tmp", "out", "store", "build"};
	int r = w->tmp ? 0 : fs_mkdtemp(temporary_dir(), "kernix-cache", &w->tmp, e);

	for (size_t k = 0; r == 0 && k < N_DIRS; k++) {
		ret[k] = str_printf("%s/%s-%zu", w->tmp, names[k], i);
		if (mkdir(ret[k], 0700) < 0)
			r = err_sys(e, errno, "making '%s'", ret[k]);
		else if (!ids->own && chown(ret[k], ids->uid, ids->gid) < 0)
			r = err_sys(e, errno, "chown '%s'", ret[k]);
	}
	return r;
}

static int start_in(struct workers *w, struct worker *k, char *const *dirs, const struct sandbox_ids *ids,
        int socket, struct err *e)
{
	struct env_spec env = {.build_dir = dirs[DIR_BUILD], .inside_dir = SANDBOX_BUILD_DIR};
	struct inside in = {.opts = &w->opts};
	struct sandbox_filter *filter = NULL;
	int r = env_fetch_make(&env, &in.env, e);

	if (r == 0)
		r = sandbox_filter_new(&filter, e);
	struct sandbox_spec spec = {.store_dir = "/nix/store",
	        .store_real_dir = dirs[DIR_STORE],
	        .out_dir = dirs[DIR_OUT],
	        .tmp_dir = dirs[DIR_TMP],
	        .build_dir = dirs[DIR_BUILD],
	        .network = true,
	        .filter = filter,
	        .ids = *ids,
	        .log_fd = socket,
	        .run = run_inside,
	        .run_ctx = &in};
	if (r == 0)
		r = sandbox_start(&spec, &k->proc, e);
	sandbox_filter_free(filter);
	strv_free(in.env);
	return r;
}

static int worker_start(struct workers *w, struct worker *k, struct err *e)
{
	char *dirs[N_DIRS] = {NULL};
	struct sandbox_ids base, ids;
	int sockets[2] = {-1, -1};

	sandbox_ids(&base);
	int r = uidpool_take(w->state_dir, &base, &ids, &k->slot, e);
	if (r == -EWOULDBLOCK)
		err_set(e, r, "all users for builds are in use, try again later");
	if (r == 0)
		r = make_dirs(w, (size_t)(k - w->all), dirs, &ids, e);
	if (r == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		r = err_sys(e, errno, "socketpair");
	if (r == 0)
		r = start_in(w, k, dirs, &ids, sockets[1], e);
	for (size_t i = 0; i < N_DIRS; i++)
		mem_free(dirs[i]);
	if (sockets[1] >= 0)
		close(sockets[1]);
	if (r == 0) {
		k->socket = sockets[0];
		return 0;
	}
	if (sockets[0] >= 0)
		close(sockets[0]);
	uidpool_give_back(&k->slot);
	return r;
}

// --- work ---

int workers_ask(struct workers *w, const struct worker_request *r, struct err *e)
{
	struct queued *q;

	if (strlen(r->url) > 4095)
		return err_set(e, -ENAMETOOLONG, "an address of %zu bytes is too long", strlen(r->url));
	if (r->kind == WORKER_NAR && !decode_knows(r->compression))
		return err_set(
		        e, -EOPNOTSUPP, "compression '%s' of '%s' is not known", r->compression, r->url);
	q = NEW(struct queued);
	q->r = *r;
	q->r.url = mem_strdup(r->url);
	q->r.compression = mem_strdup(r->compression ? r->compression : "none");
	*w->end = q;
	w->end = &q->next;
	w->n_queued++;
	return 0;
}

size_t workers_pending(const struct workers *w)
{
	size_t n = w->n_queued;

	for (size_t i = 0; i < w->n; i++)
		n += w->all[i].n_asked;
	return n;
}

static int send_one(struct workers *w, struct worker *k, const struct queued *q, struct err *e)
{
	struct asked *a = k->asked;
	size_t len = strlen(q->r.url);

	while (a->id)
		a++;
	*w->packet = (struct worker_wire){.id = ++w->last_id,
	        .nar_size_bytes = q->r.nar_size_bytes,
	        .kind = q->r.kind,
	        .len = (uint32_t)len};
	snprintf(w->packet->compression, sizeof(w->packet->compression), "%s", q->r.compression);
	memcpy(w->packet->text, q->r.url, len);
	int r = worker_send(k->socket, w->packet, q->r.file_fd);
	if (r < 0)
		return err_sys(e, -r, "asking a worker");
	*a = (struct asked){
	        .id = w->last_id, .tag = q->r.tag, .url = mem_strdup(q->r.url), .kind = q->r.kind};
	k->n_asked++;
	return 0;
}

// The one with the least to do; those that are not running yet have nothing.
static struct worker *least_busy(struct workers *w)
{
	struct worker *best = NULL;

	for (size_t i = 0; i < w->n; i++) {
		struct worker *k = &w->all[i];
		if (!k->dead && k->n_asked < OUTSTANDING && (!best || k->n_asked < best->n_asked))
			best = k;
	}
	return best;
}

static int hand_out(struct workers *w, struct err *e)
{
	struct worker *k;
	int r = 0;

	while (r == 0 && w->queue && (k = least_busy(w))) {
		struct queued *q = w->queue;
		if (k->socket < 0)
			r = worker_start(w, k, e);
		if (r == 0)
			r = send_one(w, k, q, e);
		if (r < 0)
			return r;
		w->queue = q->next;
		if (!w->queue)
			w->end = &w->queue;
		w->n_queued--;
		queued_free(q);
	}
	return 0;
}

static void answer_of(struct worker *k, struct asked *a, struct worker_answer *ret)
{
	*ret = (struct worker_answer){.tag = a->tag, .nar_fd = -1};
	mem_free(a->url);
	*a = (struct asked){0};
	k->n_asked--;
}

// A worker that died takes what it was asked with it.
static bool answer_of_dead(struct workers *w, struct worker_answer *ret)
{
	for (size_t i = 0; i < w->n; i++) {
		struct worker *k = &w->all[i];
		for (size_t j = 0; k->dead && j < OUTSTANDING; j++) {
			if (!k->asked[j].id)
				continue;
			char *message =
			        str_printf("the process that downloads '%s' ended early", k->asked[j].url);
			answer_of(k, &k->asked[j], ret);
			ret->code = -EIO;
			ret->message = message;
			return true;
		}
	}
	return false;
}

static void bury(struct worker *k)
{
	_cleanup_err_ struct err e = {0};
	int status = 0;

	k->dead = true;
	sandbox_kill(&k->proc);
	if (sandbox_reap(&k->proc, &status, &e) < 0)
		k->why = mem_strdup(e.msg);
}

static int receive(struct workers *w, struct worker *k, struct worker_answer *ret, struct err *e)
{
	int fd, n = worker_receive(k->socket, w->packet, &fd, true);
	_cleanup_close_ int held = fd;

	if (n <= 0) {
		bury(k);
		return -EAGAIN;
	}
	if (w->packet->id == 0) // it could not begin
		return err_set(e, w->packet->kind < 0 ? w->packet->kind : -EIO, "%.*s", (int)w->packet->len,
		        w->packet->text);
	for (size_t i = 0; i < OUTSTANDING; i++) {
		struct asked *a = &k->asked[i];
		if (a->id != w->packet->id)
			continue;
		bool nar = a->kind == WORKER_NAR;
		answer_of(k, a, ret);
		ret->code = MIN(w->packet->kind, 0);
		if (ret->code < 0)
			ret->message = mem_strndup(w->packet->text, w->packet->len);
		else if (nar && held < 0)
			ret->code = -EIO, ret->message = mem_strdup("a worker gave no file");
		else if (nar)
			ret->nar_fd = TAKE_FD(held);
		else
			buf_add(&ret->text, w->packet->text, w->packet->len);
		return 0;
	}
	return -EAGAIN; // what nobody asked for
}

int workers_wait(struct workers *w, struct worker_answer *ret, struct err *e)
{
	for (;;) {
		struct pollfd p[WORKERS_MAX];
		int r = hand_out(w, e);
		if (r < 0)
			return r;
		if (answer_of_dead(w, ret))
			return 0;
		for (size_t i = 0; i < w->n; i++)
			p[i] = (struct pollfd){
			        .fd = w->all[i].dead ? -1 : w->all[i].socket, .events = POLLIN};
		if (w->queue && !least_busy(w) && !workers_pending(w))
			return err_set(e, -EIO, "no process for downloads is left");
		if (poll(p, w->n, -1) < 0 && errno != EINTR)
			return err_sys(e, errno, "poll");
		for (size_t i = 0; i < w->n; i++) {
			if (!(p[i].revents & (POLLIN | POLLHUP | POLLERR)))
				continue;
			r = receive(w, &w->all[i], ret, e);
			if (r != -EAGAIN)
				return r;
		}
	}
}
