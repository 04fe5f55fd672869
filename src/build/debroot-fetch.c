// SPDX-License-Identifier: GPL-2.0-or-later
// Downloading a set's packages: a few threads take one after the other, each from the archive that has it. An
// archive that cannot be reached is asked last from then on, or each of two hundred packages would wait for
// it.

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "build/builtin.h"
#include "build/debmirror.h"
#include "build/debroot.h"
#include "build/fetch.h"
#include "build/snapshot.h"

#define FETCH_THREADS     6
#define FETCH_CONNECT_S   10
#define FETCH_STALLED_S   15
#define FETCH_TRIES       2
#define FETCH_ROUNDS      3
#define FETCH_PROGRESS_MS 2000

// How often an archive could not be reached, or gave something else.
struct archive_row {
	const char *url;
	unsigned strikes;
};

struct debroot_fetch {
	const struct debroot_set *set;
	const struct builtin_host *host;
	struct archive_row *archives;
	size_t n_archives;
	char *dir;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct fetch_session *sessions[FETCH_THREADS];
	pthread_t threads[FETCH_THREADS];
	size_t n_threads;
	// Below the lock.
	size_t next; // to be taken
	size_t next_session;
	bool *have;
	size_t n_have;
	uint64_t bytes;
	const char *best[2]; // the archive that gave the last file; [1]: of the security updates
	int64_t shown_ms;
	bool stop;
	struct err err;
};

// One package on its way.
struct want {
	struct debroot_fetch *f;
	const struct debroot_package *p;
	const char *file;
	struct fetch_session *session;
	struct buf tried; // what each address said, a line each
};

static char *fetch_file(const struct debroot_fetch *f, size_t i)
{
	return str_printf("%s/%zu.deb", f->dir, i);
}

static bool fetch_is_update(const struct debroot_package *p)
{
	return str_has_prefix(p->pool, "pool/updates/");
}

// All archives, in the order in which they are asked now.
static char **fetch_order(struct debroot_fetch *f, const struct debroot_package *p)
{
	char **list = NULL;

	pthread_mutex_lock(&f->lock);
	if (f->best[fetch_is_update(p)])
		debmirror_add(&list, f->best[fetch_is_update(p)]);
	for (int struck = 0; struck < 2; struck++) {
		for (size_t i = 0; i < f->n_archives; i++) {
			if ((f->archives[i].strikes > 0) == struck)
				debmirror_add(&list, f->archives[i].url);
		}
	}
	pthread_mutex_unlock(&f->lock);
	return list;
}

static void fetch_note(struct debroot_fetch *f, const struct debroot_package *p, const char *url, int code)
{
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->n_archives; i++) {
		struct archive_row *a = &f->archives[i];
		if (!str_has_prefix(url, a->url))
			continue;
		if (code == 0) {
			a->strikes = 0;
			f->best[fetch_is_update(p)] = a->url;
		} else if (code != -ENOENT) {
			a->strikes++;
			if (f->best[fetch_is_update(p)] == a->url)
				f->best[fetch_is_update(p)] = NULL;
		}
	}
	pthread_mutex_unlock(&f->lock);
}

// Where an address that is a file lies in the sandbox, which shows its archive.
static void fetch_local(
        const struct debroot_fetch *f, const char *url, struct fetch_local *ret, size_t *ret_n)
{
	struct stat st;

	*ret_n = 0;
	for (size_t i = 0; i < f->n_archives; i++) {
		const char *rest = str_after(url, f->archives[i].url);
		const struct sandbox_shown *s = rest ? builtin_host_find(f->host, f->archives[i].url) : NULL;
		if (!s)
			continue;
		_cleanup_free_ char *top = builtin_host_path(f->host, s);
		char *path = fs_join(top, rest), *why = builtin_host_why(s);
		bool gone = s->errnum == ENOENT;
		if (!why && stat(path, &st) < 0) {
			gone = errno == ENOENT || errno == ENOTDIR;
			why = mem_strdup(strerror(errno));
		} else if (!why && !S_ISREG(st.st_mode)) {
			why = mem_strdup("it is no file");
		}
		*ret = (struct fetch_local){.url = url, .path = path, .why = why, .gone = gone};
		*ret_n = 1;
		return;
	}
}

static int fetch_verify(const struct debroot_package *p, const char *file, struct err *e)
{
	struct stat st;
	struct hash h;
	int r = hash_file(HASH_SHA256, file, &h, e);

	if (r < 0)
		return r;
	if (stat(file, &st) == 0 && (uint64_t)st.st_size != p->size_bytes)
		return err_set(e, -EBADMSG, "it has %llu bytes in place of %llu",
		        (unsigned long long)st.st_size, (unsigned long long)p->size_bytes);
	if (hash_eq(&h, &p->sha256))
		return 0;
	_cleanup_free_ char *got = hash_format(&h, HASH_BASE16, false);
	_cleanup_free_ char *want = hash_format(&p->sha256, HASH_BASE16, false);
	return err_set(e, -EBADMSG, "its SHA-256 is %s in place of %s", got, want);
}

static int fetch_from(const struct want *w, const char *url, struct err *e)
{
	char *const urls[] = {(char *)url, NULL};
	struct fetch_local local = {0};
	struct fetch_opts opts = {.urls = urls,
	        .locals = &local,
	        .attempts = FETCH_TRIES,
	        .connect_timeout_s = FETCH_CONNECT_S,
	        .stalled_s = FETCH_STALLED_S,
	        .limit_bytes = w->p->size_bytes,
	        .session = w->session};

	fetch_local(w->f, url, &local, &opts.n_locals);
	int r = fetch_to_file(&opts, w->file, NULL, e);
	if (r == 0 && (r = fetch_verify(w->p, w->file, e)) < 0) {
		_cleanup_free_ char *shown = fetch_url_shown(url);
		unlink(w->file);
		err_wrap(e, "'%s'", shown);
	}
	mem_free((char *)local.path);
	mem_free((char *)local.why);
	fetch_note(w->f, w->p, url, r);
	return r;
}

static bool fetch_is_full(int code)
{
	return code == -ENOSPC || code == -EDQUOT;
}

// Tries each address. -ENOENT when all say that there is no such file, else what another of them said.
static int fetch_any(struct want *w, char *const *urls)
{
	int all = -ENOENT;

	strv_for_each (url, urls) {
		_cleanup_err_ struct err why = {0};
		int r = fetch_from(w, url, &why);
		if (r == 0)
			return 0;
		if (r != -ENOENT && (all == -ENOENT || fetch_is_full(r)))
			all = r;
		buf_addf(&w->tried, "\n  %.*s", (int)strcspn(why.msg, "\n"), why.msg);
		if (fetch_is_full(r))
			break;
	}
	return all;
}

// Below every archive. What may pass (a server that does not answer) is tried again, from the one that is
// best by then.
static int fetch_archives(struct want *w)
{
	int r = 0;

	for (unsigned round = 0; round < FETCH_ROUNDS; round++) {
		_cleanup_strv_ char **archives = fetch_order(w->f, w->p);
		_cleanup_strv_ char **urls = debmirror_urls(w->p->pool, archives);
		buf_clear(&w->tried);
		r = fetch_any(w, urls);
		if (r != -EIO && r != -ENETUNREACH)
			break;
		sleep(round + 1);
	}
	return r;
}

// The archive drops what has been superseded; Debian's snapshots keep everything.
static int fetch_snapshot(struct want *w)
{
	_cleanup_strv_ char **urls = NULL;
	_cleanup_err_ struct err why = {0};
	int r = snapshot_find(w->p->name, w->p->version, w->p->arch, &urls, &why);

	if (r == 0)
		return fetch_any(w, urls);
	buf_addf(&w->tried, "\n  %.*s", (int)strcspn(why.msg, "\n"), why.msg);
	return r;
}

static int fetch_package(struct debroot_fetch *f, struct fetch_session *session, size_t i, struct err *e)
{
	const struct debroot_package *p = &f->set->packages[i];
	_cleanup_free_ char *file = fetch_file(f, i);
	struct want w = {.f = f, .p = p, .file = file, .session = session};
	int r = fetch_archives(&w);

	if (r < 0 && !fetch_is_full(r) && fetch_snapshot(&w) == 0)
		r = 0;
	if (r < 0)
		err_set(e, r, "unable to download the package '%s' (%s, %s); tried:%s", p->name, p->version,
		        p->arch, buf_str(&w.tried));
	if (r == -ENOENT)
		err_hint(e, "no archive has this version any more: `make lock` (tools/debian-roots.sh "
		            "--refresh) brings the set to what they have now");
	buf_release(&w.tried);
	return r;
}

static void fetch_progress(struct debroot_fetch *f)
{
	int64_t now = build_now_ms();

	if (f->n_have < f->set->n_packages && now - f->shown_ms < FETCH_PROGRESS_MS)
		return;
	f->shown_ms = now;
	fprintf(stderr, "downloaded %zu of %zu packages (%.1f of %.1f MB)\n", f->n_have, f->set->n_packages,
	        (double)f->bytes / 1e6, (double)f->set->size_bytes / 1e6);
}

// The next package to be had; SIZE_MAX: none.
static size_t fetch_take(struct debroot_fetch *f)
{
	pthread_mutex_lock(&f->lock);
	size_t i = f->stop || f->next == f->set->n_packages ? SIZE_MAX : f->next++;
	pthread_mutex_unlock(&f->lock);
	return i;
}

static void *fetch_thread(void *arg)
{
	struct debroot_fetch *f = arg;
	size_t i;

	pthread_mutex_lock(&f->lock);
	struct fetch_session *session = f->sessions[f->next_session++];
	pthread_mutex_unlock(&f->lock);
	while ((i = fetch_take(f)) != SIZE_MAX) {
		_cleanup_err_ struct err e = {0};
		int r = fetch_package(f, session, i, &e);
		pthread_mutex_lock(&f->lock);
		if (r < 0 && !f->stop) {
			f->stop = true;
			err_move(&f->err, &e);
		} else if (r == 0) {
			f->have[i] = true;
			f->n_have++;
			f->bytes += f->set->packages[i].size_bytes;
			fetch_progress(f);
		}
		pthread_cond_broadcast(&f->changed);
		pthread_mutex_unlock(&f->lock);
	}
	return NULL;
}

// The sessions are made here: libcurl's first one sets up what all have in common, older ones without a lock.
static int fetch_start_threads(struct debroot_fetch *f, struct err *e)
{
	for (size_t i = 0; i < FETCH_THREADS; i++) {
		int r = fetch_session_new(&f->sessions[i], e);
		if (r < 0)
			return r;
	}
	for (; f->n_threads < FETCH_THREADS; f->n_threads++) {
		int r = thread_start(&f->threads[f->n_threads], fetch_thread, f);
		if (r != 0)
			return f->n_threads ? 0 : err_sys(e, r, "starting a thread");
	}
	return 0;
}

int debroot_fetch_start(const struct debroot_set *set, char *const *archives, const struct builtin_host *host,
        const char *dir, struct debroot_fetch **ret, struct err *e)
{
	struct debroot_fetch *f = NEW(struct debroot_fetch);

	*f = (struct debroot_fetch){
	        .set = set, .host = host, .dir = mem_strdup(dir), .n_archives = strv_len(archives)};
	f->archives = mem_array(f->n_archives + 1, sizeof(*f->archives));
	for (size_t i = 0; i < f->n_archives; i++)
		f->archives[i].url = archives[i];
	f->have = mem_array(set->n_packages, sizeof(*f->have));
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	int r = fetch_start_threads(f, e);
	if (r < 0) {
		debroot_fetch_end(f);
		return r;
	}
	*ret = f;
	return 0;
}

int debroot_fetch_wait(struct debroot_fetch *f, size_t i, char **ret, struct err *e)
{
	int r = 0;

	pthread_mutex_lock(&f->lock);
	while (!f->have[i] && !f->stop)
		pthread_cond_wait(&f->changed, &f->lock);
	if (f->stop)
		r = err_move(e, &f->err);
	pthread_mutex_unlock(&f->lock);
	if (r == 0)
		*ret = fetch_file(f, i);
	return r;
}

void debroot_fetch_end(struct debroot_fetch *f)
{
	for (size_t i = 0; i < f->n_threads; i++)
		pthread_join(f->threads[i], NULL);
	for (size_t i = 0; i < FETCH_THREADS; i++)
		fetch_session_free(f->sessions[i]);
	mem_free(f->archives);
	mem_free(f->dir);
	mem_free(f->have);
	mem_free(f);
}
