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
	pthread_t threads[FETCH_THREADS];
	size_t n_threads;
	// Below the lock.
	size_t next; // to be taken
	bool *have;
	size_t n_have;
	uint64_t bytes;
	const char *best[2]; // the archive that gave the last file; [1]: of the security updates
	int64_t shown_ms;
	bool stop;
	struct err err;
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

static int fetch_from(struct debroot_fetch *f, const struct debroot_package *p, const char *url,
        const char *file, struct err *e)
{
	char *const urls[] = {(char *)url, NULL};
	struct fetch_local local = {0};
	struct fetch_opts opts = {.urls = urls,
	        .locals = &local,
	        .attempts = FETCH_TRIES,
	        .connect_timeout_s = FETCH_CONNECT_S,
	        .stalled_s = FETCH_STALLED_S,
	        .limit_bytes = p->size_bytes};

	fetch_local(f, url, &local, &opts.n_locals);
	int r = fetch_to_file(&opts, file, NULL, e);
	if (r == 0 && (r = fetch_verify(p, file, e)) < 0) {
		_cleanup_free_ char *shown = fetch_url_shown(url);
		unlink(file);
		err_wrap(e, "'%s'", shown);
	}
	mem_free((char *)local.path);
	mem_free((char *)local.why);
	fetch_note(f, p, url, r);
	return r;
}

// Tries each address; what each said is a line of tried. -ENOENT when all say that there is no such file.
static int fetch_any(struct debroot_fetch *f, const struct debroot_package *p, char *const *urls,
        const char *file, struct buf *tried)
{
	int all = -ENOENT;

	strv_for_each (url, urls) {
		_cleanup_err_ struct err why = {0};
		int r = fetch_from(f, p, url, file, &why);
		if (r == 0)
			return 0;
		if (r == -ENOSPC || r == -EDQUOT) {
			buf_clear(tried);
			all = r;
		} else if (r != -ENOENT && all == -ENOENT) {
			all = r;
		}
		buf_addf(tried, "\n  %.*s", (int)strcspn(why.msg, "\n"), why.msg);
		if (all == -ENOSPC || all == -EDQUOT)
			break;
	}
	return all;
}

// The archive drops what has been superseded; Debian's snapshots keep everything.
static int fetch_snapshot(
        struct debroot_fetch *f, const struct debroot_package *p, const char *file, struct buf *tried)
{
	_cleanup_strv_ char **urls = NULL;
	_cleanup_err_ struct err why = {0};
	int r = snapshot_find(p->name, p->version, p->arch, &urls, &why);

	if (r == 0)
		return fetch_any(f, p, urls, file, tried);
	buf_addf(tried, "\n  %.*s", (int)strcspn(why.msg, "\n"), why.msg);
	return r;
}

static int fetch_package(struct debroot_fetch *f, size_t i, struct err *e)
{
	const struct debroot_package *p = &f->set->packages[i];
	_cleanup_free_ char *file = fetch_file(f, i);
	_cleanup_strv_ char **archives = fetch_order(f, p);
	_cleanup_strv_ char **urls = debmirror_urls(p->pool, archives);
	_cleanup_buf_ struct buf tried = {0};
	int r = fetch_any(f, p, urls, file, &tried);

	if (r < 0 && r != -ENOSPC && r != -EDQUOT && fetch_snapshot(f, p, file, &tried) == 0)
		return 0;
	if (r == 0)
		return 0;
	err_set(e, r, "unable to download the package '%s' (%s, %s); tried:%s", p->name, p->version, p->arch,
	        buf_str(&tried));
	if (r == -ENOENT)
		err_hint(e, "no archive has this version any more: `make lock` (tools/debian-roots.sh "
		            "--refresh) brings the set to what they have now");
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

	while ((i = fetch_take(f)) != SIZE_MAX) {
		_cleanup_err_ struct err e = {0};
		int r = fetch_package(f, i, &e);
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

int debroot_fetch_start(const struct debroot_set *set, char *const *archives, const struct builtin_host *host,
        const char *dir, struct debroot_fetch **ret, struct err *e)
{
	struct debroot_fetch *f = NEW(struct debroot_fetch);
	int r = fetch_ready(e);

	if (r < 0) {
		mem_free(f);
		return r;
	}
	*f = (struct debroot_fetch){.set = set, .host = host, .dir = mem_strdup(dir), .n_archives = strv_len(archives)};
	f->archives = mem_array(f->n_archives + 1, sizeof(*f->archives));
	for (size_t i = 0; i < f->n_archives; i++)
		f->archives[i].url = archives[i];
	f->have = mem_array(set->n_packages, sizeof(*f->have));
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	for (; f->n_threads < FETCH_THREADS; f->n_threads++) {
		r = thread_start(&f->threads[f->n_threads], fetch_thread, f);
		if (r != 0)
			break;
	}
	if (!f->n_threads)
		return err_sys(e, r, "starting a thread");
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
	mem_free(f->archives);
	mem_free(f->dir);
	mem_free(f->have);
	mem_free(f);
}
