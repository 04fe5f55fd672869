// SPDX-License-Identifier: GPL-2.0-or-later
// The garbage collector: marks from the roots, then deletes what is not marked, referrers before what they
// refer to.
#include "store/gc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"
#include "store/gc-server.h"
#include "store/roots-impl.h"
#include "store/store-impl.h"

#define BATCH 100

// alive: paths that stay. temp: all temporary roots, also of paths that are only being made.
struct gc {
	struct store *s;
	const struct gc_opts *opts;
	struct gc_server *server; // NULL when nothing is deleted
	struct hmap alive, temp;
	struct buf done; // strings
	uint64_t freed_bytes;
	struct err *e;
};

static int mark_derivers(struct gc *g, const char *path)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	_cleanup_strv_ char **derivers = NULL;
	int r = store_query_info(g->s, path, &i, g->e);

	if (r == 0)
		r = store_query_valid_derivers(g->s, path, &derivers, g->e);
	if (r == 0 && i->deriver)
		r = store_see_valid(g->s, &g->alive, i->deriver, g->e);
	if (r < 0)
		return r;
	strv_for_each (drv, derivers)
		if (!hmap_has(&g->alive, drv))
			hmap_put(&g->alive, drv, g);
	return 0;
}

// Marks what the entries from `from` on need. The map keeps its order of insertion, so it is its own work
// list.
static int mark_from(struct gc *g, size_t from)
{
	int r = 0;

	for (size_t k = from; r == 0 && k < g->alive.len; k++) {
		_cleanup_strv_ char **refs = NULL;
		_cleanup_free_ char *path = mem_strdup(g->alive.entries[k].key);
		r = store_query_refs(g->s, path, &refs, g->e);
		if (r < 0)
			break;
		strv_for_each (ref, refs)
			if (!hmap_has(&g->alive, ref))
				hmap_put(&g->alive, ref, g);
		if (g->opts->keep_outputs && store_path_is_drv(path))
			r = store_see_outputs(g->s, &g->alive, path, g->e);
		if (r == 0 && g->opts->keep_derivations && !store_path_is_drv(path))
			r = mark_derivers(g, path);
	}
	return r;
}

static int mark(struct gc *g)
{
	struct root_list roots = {0};
	int r = 0;

	// Temporary roots first: a process that makes a permanent root and ends in between is then seen at
	// least once.
	log_info("finding garbage collector roots...");
	r = roots_find_temp(g->s, &g->temp, &roots, g->e);
	if (r == 0 && !(g->opts->action == GC_DELETE_SPECIFIC && g->opts->ignore_liveness))
		r = roots_find(g->s, ROOTS_RUNTIME | (g->server ? ROOTS_SWEEP : 0), &roots, g->e);
	for (size_t i = 0; r == 0 && i < roots.len; i++)
		if (!hmap_has(&g->alive, roots.roots[i].path))
			hmap_put(&g->alive, roots.roots[i].path, g);
	root_list_release(&roots);
	log_info("determining live/dead paths...");
	return r < 0 ? r : mark_from(g, 0);
}

// Files that only this tree has: those with other links are freed with the last of them. Nothing is decided
// by it but when --max-freed is reached, so what cannot be read counts nothing.
static uint64_t tree_bytes(const char *path, int depth)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	uint64_t sum = 0;

	if (depth > NAR_DEPTH_MAX || lstat(path, &st) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode))
		return st.st_nlink == 1 ? (uint64_t)st.st_size : 0;
	if (fs_list(path, &names, &ignored) < 0)
		return 0;
	for (size_t i = 0; names && names[i]; i++) {
		_cleanup_free_ char *child = fs_join(path, names[i]);
		sum += tree_bytes(child, depth + 1);
	}
	return sum;
}

static bool enough(const struct gc *g)
{
	return g->freed_bytes > g->opts->max_freed_bytes;
}

// May path go? When somebody wants it since the start, or wanted it before it was valid, it lives, and all
// that it needs.
static int claim(struct gc *g, const char *path, bool valid, bool *ret)
{
	size_t from = g->alive.len;

	*ret = !hmap_has(&g->temp, path) && gc_server_may_delete(g->server, path);
	if (*ret || !valid)
		return 0;
	hmap_put(&g->alive, path, g);
	return mark_from(g, from);
}

static int delete_files(struct gc *g, const char *path)
{
	log_info("deleting '%s'", path);
	int r = store_remove_entry(g->s, str_basename(path), g->e);
	if (r < 0)
		return r;
	strs_add(&g->done, path);
	if (g->opts->deleted)
		g->opts->deleted(g->opts->ctx, path);
	return 0;
}

static void count_bytes(struct gc *g, const char *path)
{
	_cleanup_free_ char *real = store_real_path(g->s, path);

	g->freed_bytes += tree_bytes(real, 0);
}

// Takes up to BATCH paths that may go from the end of dead[0..*n) and forgets them in one transaction, which
// is durable before the first file goes.
static int forget_batch(struct gc *g, char *const *dead, size_t *n, char **batch, size_t *ret_len)
{
	size_t len = 0;
	int r = db_begin(g->s->db, g->e);

	if (r < 0)
		return r;
	while (r == 0 && *n && len < BATCH && !enough(g)) {
		char *path = dead[--*n];
		bool may = false;
		if (!hmap_has(&g->alive, path))
			r = claim(g, path, true, &may);
		if (r < 0 || !may)
			continue;
		count_bytes(g, path);
		r = db_delete_path(g->s->db, path, g->e);
		batch[len++] = path;
	}
	*ret_len = len;
	if (r < 0)
		db_rollback(g->s->db);
	return r < 0 ? r : db_commit(g->s->db, g->e);
}

static int delete_leftover(struct gc *g, const char *path)
{
	bool may;
	int r = claim(g, path, false, &may);

	if (r < 0 || !may)
		return r;
	if (g->opts->leftover) {
		_cleanup_free_ char *real = store_real_path(g->s, path);
		g->opts->leftover(g->opts->ctx, real);
	}
	count_bytes(g, path);
	r = delete_files(g, path);
	gc_server_deleted(g->server);
	return r;
}

// Valid paths that are not alive, references before referrers.
static int dead_paths(struct gc *g, char ***ret)
{
	_cleanup_strv_ char **all = NULL, **dead = NULL;
	struct buf list = {0};
	int r = store_query_all(g->s, &all, g->e);

	if (r < 0)
		return r;
	strv_for_each (path, all)
		if (!hmap_has(&g->alive, path))
			strs_add(&list, path);
	dead = strs_steal(&list);
	return store_topo_sort(g->s, dead, ret, g->e);
}

// Referrers stand behind what they refer to, so from the end.
static int delete_valid(struct gc *g, char *const *dead)
{
	char *batch[BATCH];
	size_t n = strv_len(dead);
	int r = 0;

	while (r == 0 && n && !enough(g)) {
		size_t len = 0;
		r = forget_batch(g, dead, &n, batch, &len);
		for (size_t i = 0; r == 0 && i < len; i++)
			r = delete_files(g, batch[i]);
		gc_server_deleted(g->server);
	}
	return r;
}

// Is this entry of the store folder in use though it is not valid: a path that is being made, and its lock?
static bool is_being_made(struct gc *g, const char *base)
{
	static const char *const suffixes[] = {"", ".lock", ".chroot", ".check"};
	_cleanup_free_ char *path = str_printf("%s/%s", g->s->dir, base);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (!str_has_suffix(path, suffixes[i]))
			continue;
		_cleanup_free_ char *stem = mem_strndup(path, strlen(path) - strlen(suffixes[i]));
		if (hmap_has(&g->temp, stem))
			return true;
	}
	const char *pid = str_after(base, ".tmp-");
	pid = pid && str_has_prefix(pid, "import-") ? pid + strlen("import-") : pid;
	pid = pid && str_has_prefix(pid, "link-") ? pid + strlen("link-") : pid;
	return pid && (kill((pid_t)strtol(pid, NULL, 10), 0) == 0 || errno == EPERM);
}

// Leftovers: what lies in the store folder without being valid. only_list: they are named, nothing is
// deleted.
static int sweep_invalid(struct gc *g, bool only_list)
{
	_cleanup_strv_ char **names = NULL;
	int dir = store_folder(g->s, g->e), r = dir < 0 ? dir : tree_names(dir, &names);

	if (r < 0)
		return dir < 0 ? r : err_sys(g->e, -r, "listing '%s'", g->s->real_dir);

	for (size_t i = 0; r == 0 && names && names[i] && !enough(g); i++) {
		_cleanup_free_ char *path = str_printf("%s/%s", g->s->dir, names[i]);
		bool valid = false;
		if (str_eq(names[i], ".links") || is_being_made(g, names[i]))
			continue;
		r = store_is_valid(g->s, path, &valid, g->e);
		if (r < 0 || valid)
			continue;
		if (only_list)
			strs_add(&g->done, path);
		else
			r = delete_leftover(g, path);
	}
	return r;
}

// Contents that nobody has any more but .links.
static int sweep_links(struct gc *g)
{
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	int store = store_folder(g->s, g->e);
	_cleanup_close_ int dir = store < 0 ? store : tree_open_entry(store, ".links", &st);

	log_info("deleting unused links...");
	if (store < 0 || dir == -ENOENT)
		return store < 0 ? store : 0;
	int r = dir < 0 ? dir : tree_names(dir, &names);
	if (r < 0)
		return err_sys(g->e, -r, "listing '%s/.links'", g->s->real_dir);
	for (size_t i = 0; names[i]; i++) {
		if (fstatat(dir, names[i], &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_nlink != 1)
			continue;
		if (unlinkat(dir, names[i], 0) < 0)
			return err_sys(g->e, errno, "deleting '%s/.links/%s'", g->s->real_dir, names[i]);
		g->freed_bytes += (uint64_t)st.st_size;
	}
	return 0;
}

static int list_live(struct gc *g)
{
	_cleanup_strv_ char **live = NULL;

	hmap_for_each (entry, &g->alive)
		strs_add(&g->done, entry->key);
	live = strs_steal(&g->done);
	strs_sort(live);
	strv_for_each (path, live)
		strs_add(&g->done, path);
	return 0;
}

static int list_dead(struct gc *g)
{
	_cleanup_strv_ char **dead = NULL;
	int r = dead_paths(g, &dead);

	if (r < 0)
		return r;
	strv_for_each (path, dead)
		strs_add(&g->done, path);
	return sweep_invalid(g, true);
}

static int delete_all(struct gc *g)
{
	_cleanup_strv_ char **dead = NULL;
	int r = dead_paths(g, &dead);

	if (r == 0)
		r = delete_valid(g, dead);
	if (r == 0 && !enough(g))
		r = sweep_invalid(g, false);
	return r < 0 ? r : sweep_links(g);
}

static int delete_invalid(struct gc *g, const char *path)
{
	_cleanup_free_ char *real = store_real_path(g->s, path);
	int r = fs_lstat_maybe(real, NULL, g->e);

	if (r <= 0)
		return r < 0 ? r : store_not_valid(path, g->e);
	return is_being_made(g, store_path_hash(path))
	               ? err_set(g->e, -EBUSY, "path '%s' is being made", path)
	               : delete_leftover(g, path);
}

// A path that is to go takes its referrers with it, when none of them is alive.
static int delete_one_closure(struct gc *g, const char *path)
{
	_cleanup_strv_ char **closure = NULL;
	bool valid;
	int r = store_path_check(g->s->dir, path, g->e);

	if (r == 0)
		r = store_is_valid(g->s, path, &valid, g->e);

	if (r < 0)
		return r;
	if (!valid)
		return delete_invalid(g, path);
	r = store_closure(g->s, (char *const[]){(char *)path, NULL}, CLOSURE_REFERRERS, &closure, g->e);
	for (size_t i = 0; r == 0 && closure && closure[i]; i++)
		if (hmap_has(&g->alive, closure[i]))
			r = err_set(g->e, -EBUSY,
			        "Cannot delete path '%s' since it is still alive. To find out why, use: "
			        "nix-store --query --roots",
			        path);
	return r < 0 ? r : delete_valid(g, closure);
}

static int delete_specific(struct gc *g)
{
	int r = 0;

	for (size_t i = 0; r == 0 && g->opts->paths && g->opts->paths[i]; i++) {
		bool valid = true;
		if (i) // it may have gone with one before it
			r = store_is_valid(g->s, g->opts->paths[i], &valid, g->e);
		if (r == 0 && valid)
			r = delete_one_closure(g, g->opts->paths[i]);
	}
	return r < 0 ? r : sweep_links(g);
}

static int act(struct gc *g)
{
	static int (*const actions[])(struct gc *) = {
	        [GC_RETURN_LIVE] = list_live,
	        [GC_RETURN_DEAD] = list_dead,
	        [GC_DELETE_DEAD] = delete_all,
	        [GC_DELETE_SPECIFIC] = delete_specific,
	};
	int r = mark(g);

	return r < 0 ? r : actions[g->opts->action](g);
}

int gc_run(struct store *s, const struct gc_opts *opts, struct gc_result *ret, struct err *e)
{
	struct gc g = {.s = s, .opts = opts, .e = e};
	_cleanup_free_ char *lock_name = store_state_file(s, "gc.lock"), *db_dir = store_state_file(s, "db");
	_cleanup_close_ int lock = -1;
	bool deletes = opts->action == GC_DELETE_DEAD || opts->action == GC_DELETE_SPECIFIC;
	int r = deletes ? store_refuse_read_only(s, e) : 0;

	if (r == 0)
		r = store_flush(s, e);
	if (r == 0 && deletes)
		r = gc_server_start(s, &g.server, e);
	if (r == 0 && !store_is_read_only(s))
		r = lock_file_wait(lock_name, true, "the big garbage collector lock", &lock, e);
	if (r == 0 && deletes)
		r = gc_server_publish(g.server, e);
	if (r == 0 && deletes)
		db_free_reserve(db_dir); // most were opened with STORE_RECLAIM, and have none by now
	if (r == 0 && deletes)
		r = db_check(s->db, e);
	if (r == 0)
		r = act(&g);
	if (g.server)
		gc_server_quiet(g.server);
	if (lock >= 0)
		close(TAKE_FD(lock));
	gc_server_free(g.server);
	char **paths = strs_steal(&g.done);
	hmap_release(&g.alive);
	hmap_release(&g.temp);
	if (r < 0) {
		strv_free(paths);
		return r;
	}
	*ret = (struct gc_result){.paths = paths, .freed_bytes = g.freed_bytes};
	return 0;
}

void gc_result_release(struct gc_result *r)
{
	strv_free(r->paths);
	*r = (struct gc_result){0};
}

int store_delete(
        struct store *s, char *const *paths, bool ignore_liveness, uint64_t *ret_freed_bytes, struct err *e)
{
	struct gc_opts opts = {
	        .action = GC_DELETE_SPECIFIC,
	        .paths = paths,
	        .ignore_liveness = ignore_liveness,
	        .keep_derivations = true,
	        .max_freed_bytes = UINT64_MAX,
	};
	struct gc_result result;
	int r = gc_run(s, &opts, &result, e);

	if (r < 0)
		return r;
	if (ret_freed_bytes)
		*ret_freed_bytes = result.freed_bytes;
	gc_result_release(&result);
	return 0;
}
