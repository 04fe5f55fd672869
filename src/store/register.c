// SPDX-License-Identifier: GPL-2.0-or-later
// Making paths valid: contents durable first, then all rows in one transaction.
#include "store/store-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"
#include "store/drv.h"

#define SYNC_FILES_MAX 32 // more than that are synced by the whole file system

static int sync_fail(int r, const char *path, struct err *e)
{
	return err_sys(e, -r, "syncing '%s'", path);
}

// fsync of a tree while *budget lasts. Symlinks need none of their own: they are entries of their folder.
// path is for messages.
static int sync_tree(int dir, const char *name, const char *path, int *budget, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	struct stat st = {0};

	if (--*budget < 0)
		return 0;
	_cleanup_close_ int fd = tree_open_entry(dir, name, &st);
	if (fd < 0)
		return fd == -EINVAL && S_ISLNK(st.st_mode) ? 0 : sync_fail(fd, path, e);
	int r = S_ISDIR(st.st_mode) ? tree_names(fd, &names) : 0;
	if (r < 0)
		return sync_fail(r, path, e);
	for (size_t i = 0; r == 0 && names && names[i] && *budget >= 0; i++)
		r = sync_tree(fd, names[i], path, budget, e);
	if (r < 0)
		return r;
	return fsync(fd) < 0 ? sync_fail(-errno, path, e) : 0;
}

int store_sync_paths(struct store *s, const struct store_info *const *infos, size_t n, struct err *e)
{
	int budget = SYNC_FILES_MAX, r = 0;

	if (s->flags & STORE_NO_SYNC)
		return 0;
	for (size_t i = 0; r == 0 && budget >= 0 && i < n; i++) {
		_cleanup_free_ char *real = store_real_path(s, infos[i]->path);
		r = sync_tree(AT_FDCWD, real, real, &budget, e);
	}
	if (r < 0)
		return r;
	if (budget >= 0)
		return fs_sync(s->real_dir, e);
	_cleanup_close_ int fd = fs_open(s->real_dir, O_RDONLY | O_DIRECTORY, 0, e);
	if (fd < 0)
		return fd;
	return syncfs(fd) < 0 ? err_sys(e, errno, "syncing '%s'", s->real_dir) : 0;
}

static int put_drv_outputs(struct store *s, const char *drv_path, int64_t id, struct err *e)
{
	_cleanup_drv_ struct drv *d = NULL;
	int r = drv_read(s, drv_path, &d, e);

	for (size_t i = 0; r == 0 && i < d->n_outputs; i++)
		if (*d->outputs[i].path)
			r = db_add_drv_output(s->db, id, d->outputs[i].name, d->outputs[i].path, e);
	return r;
}

static int put_refs(struct store *s, const struct store_info *i, int64_t id, struct err *e)
{
	int r = 0;

	for (size_t k = 0; r == 0 && i->refs && i->refs[k]; k++) {
		int64_t ref;
		r = db_path_id(s->db, i->refs[k], &ref, e);
		if (r == 0 && ref == 0) {
			store_not_valid(i->refs[k], e);
			r = err_wrap(e, "cannot register path '%s'", i->path);
		}
		if (r == 0)
			r = db_add_ref(s->db, id, ref, e);
	}
	return r;
}

static int put_rows(struct store *s, const struct store_info *const *infos, size_t n, struct err *e)
{
	int64_t *ids = mem_array(n + 1, sizeof(*ids));
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = db_put_info(s->db, infos[i], &ids[i], e);
		if (r == 0 && store_path_is_drv(infos[i]->path))
			r = put_drv_outputs(s, infos[i]->path, ids[i], e);
	}
	for (size_t i = 0; r == 0 && i < n; i++)
		r = put_refs(s, infos[i], ids[i], e);
	mem_free(ids);
	return r;
}

// Different paths of one call must not refer to each other in a circle.
static int check_cycles(struct store *s, const struct store_info *const *infos, size_t n, struct err *e)
{
	struct buf list = {0};
	_cleanup_strv_ char **paths = NULL, **sorted = NULL;

	for (size_t i = 0; i < n; i++)
		strs_add(&list, infos[i]->path);
	paths = strs_steal(&list);
	return n > 1 ? store_topo_sort(s, paths, &sorted, e) : 0;
}

static int register_now(
        struct store *s, const struct store_info *const *infos, size_t n, bool check, struct err *e)
{
	int r = store_sync_paths(s, infos, n, e);

	if (r == 0)
		r = db_begin(s->db, e);
	if (r < 0)
		return r;
	r = put_rows(s, infos, n, e);
	if (r == 0 && check)
		r = check_cycles(s, infos, n, e);
	if (r < 0) {
		db_rollback(s->db);
		return r;
	}
	return db_commit(s->db, e);
}

int store_flush(struct store *s, struct err *e)
{
	struct store_info **infos = s->pending;
	size_t n = s->n_pending;

	if (n == 0)
		return 0;
	s->pending = NULL;
	s->n_pending = s->cap_pending = 0;
	hmap_release(&s->pending_index);
	s->pending_index = (struct hmap){0};
	int r = register_now(s, (const struct store_info *const *)infos, n, false, e);
	for (size_t i = 0; i < n; i++)
		store_info_free(infos[i]);
	mem_free(infos);
	return r < 0 ? err_wrap(e, "registering %zu new paths", n) : 0;
}

static int check_drv(struct store *s, const char *path, struct err *e)
{
	_cleanup_drv_ struct drv *d = NULL;
	int r = drv_read(s, path, &d, e);

	return r < 0 ? r : drv_check_outputs(s, d, e);
}

int store_register(struct store *s, const struct store_info *const *infos, size_t n, struct err *e)
{
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = store_flush(s, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = store_path_check(s->dir, infos[i]->path, e);
		if (r == 0 && store_path_is_drv(infos[i]->path))
			r = check_drv(s, infos[i]->path, e);
	}
	return r < 0 ? r : register_now(s, infos, n, true, e);
}

int store_add_sigs(struct store *s, const char *path, char *const *sigs, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = store_flush(s, e);
	if (r == 0)
		r = store_query_info(s, path, &i, e);
	if (r < 0)
		return r;
	strv_for_each (sig, sigs)
		if (!strv_has(i->sigs, sig))
			strv_add(&i->sigs, sig);
	if (i->sigs)
		strv_sort(i->sigs);
	return db_update(s->db, i, e);
}
