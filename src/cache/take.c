// SPDX-License-Identifier: GPL-2.0-or-later
// Bringing paths from caches into the store: NARs come from the workers in any order, are restored and hashed
// as they come, and registered many at a time, references before referrers.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cache/cache-impl.h"
#include "store/nar.h"

#define BATCH 64 // paths whose locks are held at a time

// TAKE_BUSY: another process has its lock; it is waited for at the end, when we hold none.
enum take_state { TAKE_ASKED, TAKE_RESTORED, TAKE_BUSY, TAKE_DONE, TAKE_FAILED };

struct take_path {
	const struct cache_path *from;
	const char *path;
	enum take_state state;
	struct store_info *info;
	struct store_locks *locks;
};

struct take {
	struct caches *c;
	struct take_path *paths; // references first
	size_t n, n_restored;
	struct hmap by_path;
	struct err *e; // the first error of a path
	int code;
};

static void failed(struct take *t, struct take_path *p, struct err *e)
{
	p->state = TAKE_FAILED;
	if (t->code == 0) {
		err_wrap(e, "taking '%s' from '%s'", p->path, p->from->uri);
		t->code = e->code;
		err_move(t->e, e);
	}
}

// Valid, or valid with this batch.
static bool is_there(struct take *t, const char *path)
{
	const struct take_path *p = hmap_get(&t->by_path, path);

	// What is not ours to bring is valid already, or registering says that it is not.
	return !p || p->state == TAKE_DONE;
}

static bool can_register(struct take *t, const struct take_path *p, const struct hmap *with)
{
	if (p->state != TAKE_RESTORED)
		return false;
	strv_for_each (ref, p->info->refs)
		if (!str_eq(ref, p->path) && !is_there(t, ref) && !hmap_has(with, ref))
			return false;
	return true;
}

static void let_go(struct take *t, struct take_path *p, enum take_state state)
{
	p->state = state;
	t->n_restored--;
	store_unlock(p->locks, true);
	p->locks = NULL;
}

// Registers all restored ones whose references are there.
static int register_ready(struct take *t, struct err *e)
{
	_cleanup_hmap_ struct hmap with = {0};
	_cleanup_free_ const struct store_info **infos = mem_array(t->n_restored + 1, sizeof(*infos));
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (!can_register(t, &t->paths[i], &with))
			continue;
		infos[n++] = t->paths[i].info;
		hmap_put(&with, t->paths[i].path, &t->paths[i]);
	}
	int r = n ? store_register(t->c->store, infos, n, e) : 0;
	if (r < 0)
		return r;
	hmap_for_each (entry, &with) {
		struct take_path *p = entry->value;
		let_go(t, p, TAKE_DONE);
		if (t->c->taken)
			t->c->taken(t->c->ctx, p->path, p->from->uri);
	}
	return 0;
}

// -EWOULDBLOCK without a message: another process has it. It is not waited for while others are held, for
// that process may wait for one of them.
static int lock(struct take *t, struct take_path *p, bool wait, struct err *e)
{
	char *const one[] = {(char *)p->path, NULL};
	int r = store_lock_paths(t->c->store, one, wait, &p->locks, e);

	if (r == -EWOULDBLOCK)
		p->state = TAKE_BUSY;
	return r;
}

static int restore(struct take *t, struct take_path *p, int fd, bool wait, struct err *e)
{
	_cleanup_free_ struct source_fd *file = NEW(struct source_fd);
	struct source in;
	struct stat st;
	bool valid = false;
	int r = store_add_temp_root(t->c->store, p->path, e);

	if (r == 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		r = err_set(e, -EBADMSG, "a worker gave something else than a file");
	if (r == 0)
		r = lock(t, p, wait, e);
	if (r < 0)
		return r;
	r = store_is_valid(t->c->store, p->path, &valid, e);
	if (r == 0 && valid) {   // another process was quicker
		t->n_restored++; // as let_go takes it off
		let_go(t, p, TAKE_DONE);
		return 0;
	}
	file->fd = fd;
	in = source_fd(file);
	p->info = store_info_copy(p->from->n.info);
	p->info->ultimate = false;
	p->info->registration_time = 0;
	if (r == 0)
		r = store_restore_nar(t->c->store, p->info, &in, e);
	if (r == 0) {
		p->state = TAKE_RESTORED;
		t->n_restored++;
		return 0;
	}
	store_unlock(p->locks, true);
	p->locks = NULL;
	return r;
}

static int ask(struct take *t, struct workers *w, struct take_path *p, bool wait, struct err *e)
{
	const struct narinfo *n = &p->from->n;
	_cleanup_free_ char *url = NULL;
	_cleanup_close_ int fd = -1;
	int r = cache_file(&t->c->all[p->from->cache], n->url, &url, &fd, e);

	if (r < 0)
		return r;
	if (fd >= 0 && str_eq(n->compression, "none"))
		return restore(t, p, fd, wait, e); // nothing to download or to undo
	struct worker_request want = {.kind = WORKER_NAR,
	        .url = url,
	        .file_fd = fd,
	        .compression = n->compression,
	        .nar_size_bytes = n->info->nar_size_bytes,
	        .tag = p};
	r = workers_ask(w, &want, e);
	if (r == 0)
		fd = -1; // theirs now
	return r;
}

static void judge(struct take *t, struct take_path *p, int r, struct err *e)
{
	if (r < 0 && p->state != TAKE_BUSY)
		failed(t, p, e);
}

static int take_answers(struct take *t, struct workers *w, bool wait, struct err *e)
{
	int r = 0;

	while (r == 0 && workers_pending(w)) {
		struct worker_answer a = {.nar_fd = -1};
		_cleanup_err_ struct err one = {0};
		r = workers_wait(w, &a, e);
		if (r < 0)
			return r;
		r = a.code < 0 ? err_set(&one, a.code, "%s", a.message ? a.message : "failed")
		               : restore(t, a.tag, a.nar_fd, wait, &one);
		judge(t, a.tag, r, &one);
		worker_answer_release(&a);
		r = t->n_restored >= BATCH ? register_ready(t, e) : 0;
	}
	return r;
}

static int take_free(struct take *t, struct workers *w, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->n; i++) {
		_cleanup_err_ struct err one = {0};
		judge(t, &t->paths[i], ask(t, w, &t->paths[i], false, &one), &one);
		if (t->n_restored >= BATCH)
			r = register_ready(t, e);
	}
	if (r == 0)
		r = take_answers(t, w, false, e);
	return r < 0 ? r : register_ready(t, e);
}

// What others were at, one after the other, and what waits for it once more.
static int take_busy(struct take *t, struct workers *w, struct err *e)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; i < t->n; i++)
		any = any || t->paths[i].state == TAKE_BUSY;
	for (size_t i = 0; any && i < t->n; i++) {
		if (t->paths[i].state != TAKE_RESTORED)
			continue;
		store_drop_unregistered(t->c->store, t->paths[i].path);
		let_go(t, &t->paths[i], TAKE_BUSY);
	}
	for (size_t i = 0; r == 0 && i < t->n; i++) {
		_cleanup_err_ struct err one = {0};
		if (t->paths[i].state != TAKE_BUSY)
			continue;
		store_info_free(t->paths[i].info);
		t->paths[i].info = NULL;
		t->paths[i].state = TAKE_ASKED;
		judge(t, &t->paths[i], ask(t, w, &t->paths[i], true, &one), &one);
		r = take_answers(t, w, true, e);
		if (r == 0)
			r = register_ready(t, e);
	}
	return r;
}

static void drop_rest(struct take *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct take_path *p = &t->paths[i];
		if (p->state == TAKE_RESTORED) {
			store_drop_unregistered(t->c->store, p->path);
			let_go(t, p, TAKE_FAILED);
		}
		store_info_free(p->info);
	}
}

int caches_take(struct caches *c, char *const *paths, struct err *e)
{
	_cleanup_err_ struct err first = {0};
	struct take t = {.c = c, .n = strv_len(paths), .e = &first};
	struct workers *w;
	int r = caches_workers(c, &w, e);

	t.paths = mem_array(t.n + 1, sizeof(*t.paths));
	for (size_t i = 0; r == 0 && i < t.n; i++) {
		t.paths[i] = (struct take_path){.from = caches_known(c, paths[i]), .path = paths[i]};
		hmap_put(&t.by_path, paths[i], &t.paths[i]);
		if (!t.paths[i].from)
			r = err_set(e, -ENOENT, "no binary cache has '%s'", paths[i]);
	}
	if (r == 0)
		r = take_free(&t, w, e);
	if (r == 0)
		r = take_busy(&t, w, e);
	drop_rest(&t);
	hmap_release(&t.by_path);
	mem_free(t.paths);
	if (r == 0 && t.code < 0)
		r = err_move(e, &first);
	return r;
}
