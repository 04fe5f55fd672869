// SPDX-License-Identifier: GPL-2.0-or-later
// Which caches there are, and what they say of paths.
#include "cache/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch.h"
#include "cache/cache-impl.h"

#define PRIORITY_DEFAULT 50

// --- URIs ---

char *cache_uri_param(const char *uri, const char *name)
{
	const char *query = strchr(uri, '?');
	size_t len = strlen(name);

	for (const char *p = query; p; p = strchr(p + 1, '&'))
		if (strncmp(p + 1, name, len) == 0 && p[1 + len] == '=')
			return mem_strndup(p + len + 2, strcspn(p + len + 2, "&"));
	return NULL;
}

static char *uri_base(const char *uri)
{
	size_t len = strcspn(uri, "?");

	while (len > 1 && uri[len - 1] == '/')
		len--;
	return mem_strndup(uri, len);
}

char *cache_folder(const char *uri)
{
	_cleanup_free_ char *base = uri_base(uri);

	return *uri == '/' ? mem_strdup(base) : fetch_file_path(base);
}

static int cache_init(struct cache *c, const char *uri, struct err *e)
{
	_cleanup_free_ char *priority = cache_uri_param(uri, "priority"),
	                    *trusted = cache_uri_param(uri, "trusted");
	uint64_t number = 0;

	*c = (struct cache){.uri = mem_strdup(uri), .base = uri_base(uri), .folder = cache_folder(uri)};
	c->trusted = str_eq(trusted, "true") || str_eq(trusted, "1");
	if (priority && str_to_u64(priority, &number) == 0)
		c->priority = (unsigned)MIN(number, (uint64_t)1 << 30) + 1; // 0: not said yet
	if (c->folder || strncasecmp(uri, "http://", 7) == 0 || strncasecmp(uri, "https://", 8) == 0)
		return 0;
	err_set(e, -EOPNOTSUPP, "'%s' is no binary cache that can be read", uri);
	return err_hint(e, "file://, http:// and https:// are known.");
}

int caches_open(struct store *s, const struct cache_opts *opts, struct caches **ret, struct err *e)
{
	struct caches *c = NEW(struct caches);
	size_t n = strv_len(opts->uris);
	int r = 0;

	*c = (struct caches){.store = s,
	        .no_sigs = opts->no_sigs,
	        .fetch = opts->fetch,
	        .taken = opts->taken,
	        .ctx = opts->ctx,
	        .all = mem_array(n + 1, sizeof(*c->all))};
	strv_for_each (key, opts->trusted_keys)
		strv_add(&c->trusted_keys, key);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = cache_init(&c->all[c->n++], opts->uris[i], e);
	if (r < 0) {
		caches_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

static void path_free(void *p)
{
	struct cache_path *path = p;

	if (!path)
		return;
	narinfo_release(&path->n);
	mem_free(path);
}

void caches_free(struct caches *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		mem_free(c->all[i].uri);
		mem_free(c->all[i].base);
		mem_free(c->all[i].folder);
	}
	mem_free(c->all);
	strv_free(c->trusted_keys);
	workers_free(c->workers);
	hmap_release_with(&c->found, path_free);
	hmap_release(&c->asked);
	mem_free(c);
}

int caches_workers(struct caches *c, struct workers **ret, struct err *e)
{
	int r = c->workers ? 0 : workers_new(store_state_dir(c->store), &c->fetch, &c->workers, e);

	*ret = c->workers;
	return r;
}

// A name of a cache's file comes from the cache: below its folder, and nothing else, is its to name.
static bool name_stays_inside(const char *name)
{
	_cleanup_strv_ char **parts = strv_split(name, "/");

	strv_for_each (part, parts)
		if (str_eq(part, ".."))
			return false;
	return *name && *name != '/' && !strstr(name, "://");
}

int cache_file(const struct cache *c, const char *name, char **ret_url, int *ret_fd, struct err *e)
{
	struct stat st;

	*ret_fd = -1;
	if (!name_stays_inside(name))
		return err_set(e, -EBADMSG, "'%s' names a file outside of the cache: '%s'", c->uri, name);
	*ret_url = str_printf("%s/%s", c->base, name);
	if (!c->folder)
		return 0;
	_cleanup_free_ char *path = fs_join(c->folder, name);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_sys(e, errno, "opening '%s'", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "'%s' is not a regular file", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

// --- nix-cache-info ---

static char *info_value(const char *text, const char *key)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");
	size_t len = strlen(key);

	strv_for_each (line, lines)
		if (strncmp(line, key, len) == 0 && line[len] == ':')
			return mem_strdup(line + len + 1 + strspn(line + len + 1, " "));
	return NULL;
}

static void break_cache(struct cache *c, const char *why)
{
	c->state = CACHE_BROKEN;
	log_warn("binary cache '%s' is not used: %s", c->uri, why);
}

static void read_info(struct caches *all, struct cache *c, const char *text)
{
	_cleanup_free_ char *dir = info_value(text, "StoreDir"), *priority = info_value(text, "Priority");
	uint64_t number = PRIORITY_DEFAULT;

	if (dir && !str_eq(dir, store_dir(all->store))) {
		_cleanup_free_ char *why =
		        str_printf("it is for stores with prefix '%s', not '%s'", dir, store_dir(all->store));
		break_cache(c, why);
		return;
	}
	if (priority)
		str_to_u64(priority, &number);
	if (!c->priority)
		c->priority = (unsigned)MIN(number, (uint64_t)1 << 30) + 1;
	c->state = CACHE_READY;
}

// The text of a small file of a folder: 1, or 0 when there is none.
static int folder_text(const struct cache *c, const char *name, struct buf *ret, struct err *e)
{
	_cleanup_free_ char *path = fs_join(c->folder, name);

	return fs_read_regular_maybe(path, WORKER_TEXT_MAX, ret, e);
}

static void folder_info(struct caches *all, struct cache *c)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err e = {0};
	int r = folder_text(c, "nix-cache-info", &text, &e);

	if (r > 0)
		read_info(all, c, buf_str(&text));
	else
		break_cache(c, r < 0 ? e.msg : "it has no file nix-cache-info");
}

static int by_priority(const void *a, const void *b)
{
	const struct cache *x = a, *y = b;

	return x->priority < y->priority ? -1 : x->priority > y->priority;
}

// Sorting keeps the order of those with one priority: it is made part of the key.
static void sort_caches(struct caches *c)
{
	for (size_t i = 1; i < c->n; i++)
		for (size_t k = i; k > 0 && by_priority(&c->all[k - 1], &c->all[k]) > 0; k--) {
			struct cache swap = c->all[k];
			c->all[k] = c->all[k - 1];
			c->all[k - 1] = swap;
		}
}

static int caches_prepare(struct caches *c, struct err *e)
{
	struct workers *w = NULL;
	int r = 0;

	if (c->ready)
		return 0;
	c->ready = true;
	for (size_t i = 0; r == 0 && i < c->n; i++) {
		struct cache *one = &c->all[i];
		if (one->folder) {
			folder_info(c, one);
			continue;
		}
		_cleanup_free_ char *url = str_printf("%s/nix-cache-info", one->base);
		r = caches_workers(c, &w, e);
		if (r == 0)
			r = workers_ask(w,
			        &(struct worker_request){
			                .kind = WORKER_TEXT, .url = url, .file_fd = -1, .tag = one},
			        e);
	}
	while (r == 0 && w && workers_pending(w)) {
		struct worker_answer a = {.nar_fd = -1};
		r = workers_wait(w, &a, e);
		if (r == 0 && a.code == 0)
			read_info(c, a.tag, buf_str(&a.text));
		else if (r == 0)
			break_cache(a.tag, a.message);
		worker_answer_release(&a);
	}
	sort_caches(c);
	return r;
}

// --- asking ---

static bool is_trusted(const struct caches *c, const struct cache *cache, const struct narinfo *n)
{
	return c->no_sigs || cache->trusted || n->info->ca ||
	       store_count_good_sigs(n->info, c->trusted_keys) > 0;
}

// Keeps what cache i says of path, if it is of use.
static void keep_answer(struct caches *c, size_t i, const char *path, const char *text, size_t len)
{
	const struct cache *cache = &c->all[i];
	struct cache_path *found = NEW(struct cache_path);
	_cleanup_err_ struct err e = {0};

	*found = (struct cache_path){.uri = cache->uri, .cache = i};
	if (narinfo_parse(store_dir(c->store), text, len, &found->n, &e) < 0) {
		log_warn("'%s' says of '%s' what cannot be read: %s", cache->uri, path, e.msg);
		mem_free(found);
		return;
	}
	if (!str_eq(found->n.info->path, path)) {
		log_warn("'%s' answers for '%s' with '%s'", cache->uri, path, found->n.info->path);
	} else if (!is_trusted(c, cache, &found->n)) {
		log_warn("ignoring substitute for '%s' from '%s', as it's not signed by any of the keys in "
		         "'trusted-public-keys'",
		        path, cache->uri);
	} else {
		path_free(hmap_put(&c->found, path, found));
		return;
	}
	path_free(found);
}

static char *narinfo_name(const char *path)
{
	return str_printf("%.*s.narinfo", STORE_HASH_CHARS, store_path_hash(path));
}

static void ask_folder(struct caches *c, size_t i, const char *path)
{
	_cleanup_free_ char *name = narinfo_name(path);
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err e = {0};
	int r = folder_text(&c->all[i], name, &text, &e);

	if (r > 0)
		keep_answer(c, i, path, buf_str(&text), text.len);
	else if (r < 0)
		log_warn("'%s' cannot say what it knows of '%s': %s", c->all[i].uri, path, e.msg);
}

// One cache is asked for all paths that none before it had.
static int ask_cache(struct caches *c, size_t i, char *const *paths, struct err *e)
{
	struct workers *w = NULL;
	int r = 0;

	strv_for_each (path, paths) {
		if (hmap_has(&c->found, path) || hmap_has(&c->asked, path))
			continue;
		if (c->all[i].folder) {
			ask_folder(c, i, path);
			continue;
		}
		_cleanup_free_ char *name = narinfo_name(path),
		                    *url = str_printf("%s/%s", c->all[i].base, name);
		r = caches_workers(c, &w, e);
		if (r == 0)
			r = workers_ask(w,
			        &(struct worker_request){
			                .kind = WORKER_TEXT, .url = url, .file_fd = -1, .tag = (void *)path},
			        e);
		if (r < 0)
			return r;
	}
	while (r == 0 && w && workers_pending(w)) {
		struct worker_answer a = {.nar_fd = -1};
		r = workers_wait(w, &a, e);
		if (r == 0 && a.code == 0)
			keep_answer(c, i, a.tag, buf_str(&a.text), a.text.len);
		else if (r == 0 && a.code != -ENOENT && c->all[i].state == CACHE_READY)
			break_cache(&c->all[i], a.message);
		worker_answer_release(&a);
	}
	return r;
}

const struct cache_path *caches_known(const struct caches *c, const char *path)
{
	return hmap_get(&c->found, path);
}

int caches_query(struct caches *c, char *const *paths, const struct cache_path **ret, struct err *e)
{
	int r = caches_prepare(c, e);

	for (size_t i = 0; r == 0 && i < c->n; i++)
		if (c->all[i].state == CACHE_READY)
			r = ask_cache(c, i, paths, e);
	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		const struct cache_path *known = caches_known(c, paths[i]);
		if (!known)
			hmap_put(&c->asked, paths[i], c);
		if (ret)
			ret[i] = known;
	}
	return r;
}

// --- closures ---

struct walk {
	struct caches *c;
	struct hmap seen;
	char ***found;
};

// References before referrers: depth first, without recursion, since a stranger's references may be deep.
static void order_from(struct walk *w, const char *top)
{
	struct frame {
		const struct cache_path *p;
		size_t next;
	} *stack = NULL;
	size_t len = 0, cap = 0;
	const struct cache_path *p = caches_known(w->c, top);

	if (!p || hmap_put(&w->seen, top, w))
		return;
	mem_grow(&stack, &cap, 1, sizeof(*stack));
	stack[len++] = (struct frame){p, 0};
	while (len) {
		struct frame *f = &stack[len - 1];
		const char *ref = f->p->n.info->refs ? f->p->n.info->refs[f->next] : NULL;
		if (!ref) {
			strv_add(w->found, f->p->n.info->path);
			len--;
			continue;
		}
		f->next++;
		p = caches_known(w->c, ref);
		if (!p || hmap_put(&w->seen, ref, w))
			continue;
		mem_grow(&stack, &cap, len + 1, sizeof(*stack));
		stack[len++] = (struct frame){p, 0};
	}
	mem_free(stack);
}

// Those of paths that are neither valid nor looked at yet.
static int add_invalid(struct walk *w, struct hmap *looked, char *const *paths, char ***ret, struct err *e)
{
	strv_for_each (path, paths) {
		bool valid;
		if (hmap_put(looked, path, w))
			continue;
		int r = store_is_valid(w->c->store, path, &valid, e);
		if (r < 0)
			return r;
		if (!valid)
			strv_add(ret, path);
	}
	return 0;
}

int caches_closure(
        struct caches *c, char *const *paths, char ***ret_found, char ***ret_missing, struct err *e)
{
	struct walk w = {.c = c, .found = ret_found};
	_cleanup_hmap_ struct hmap looked = {0};
	char **front = NULL;
	int r = add_invalid(&w, &looked, paths, &front, e);

	while (r == 0 && front) {
		char **next = NULL;
		r = caches_query(c, front, NULL, e);
		for (size_t i = 0; r == 0 && front[i]; i++) {
			const struct cache_path *p = caches_known(c, front[i]);
			if (p)
				r = add_invalid(&w, &looked, p->n.info->refs, &next, e);
			else
				strv_add(ret_missing, front[i]);
		}
		strv_free(front);
		front = next;
	}
	strv_free(front);
	strv_for_each (path, paths)
		if (r == 0)
			order_from(&w, path);
	hmap_release(&w.seen);
	return r;
}
