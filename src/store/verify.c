// SPDX-License-Identifier: GPL-2.0-or-later
// Is what the database says true of the files?
#include "store/store-impl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

int store_invalidate(struct store *s, const char *path, struct err *e)
{
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = store_flush(s, e);
	if (r == 0)
		r = db_delete_path(s->db, path, e);
	return r < 0 ? r : store_remove_files(s, path, e);
}

int store_verify_path(struct store *s, const char *path, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	_cleanup_free_ char *real = store_real_path(s, path);
	struct hash got;
	int r = store_query_info(s, path, &i, e);

	if (r == 0)
		r = nar_hash_path(real, HASH_SHA256, NULL, &got, NULL, e);
	if (r < 0 || hash_eq(&got, &i->nar_hash))
		return r;
	_cleanup_free_ char *want_text = hash_format(&i->nar_hash, HASH_NIX32, true);
	_cleanup_free_ char *got_text = hash_format(&got, HASH_NIX32, true);
	return err_set(e, -EUCLEAN, "path '%s' was modified! expected hash '%s', got '%s'", path, want_text,
	        got_text);
}

struct verify {
	struct store *s;
	struct hmap gone; // valid paths whose files are gone
	size_t bad;
};

// A path whose files are gone can be forgotten only when everything that refers to it is gone as well.
static int can_forget(struct verify *v, const char *path, bool *ret, struct err *e)
{
	_cleanup_strv_ char **closure = NULL;
	int r = store_closure(v->s, (char *const[]){(char *)path, NULL}, CLOSURE_REFERRERS, &closure, e);

	*ret = true;
	for (size_t i = 0; r == 0 && closure && closure[i]; i++)
		if (!hmap_has(&v->gone, closure[i]))
			*ret = false;
	return r;
}

static int forget(struct verify *v, struct err *e)
{
	_cleanup_strv_ char **order = NULL;
	struct buf list = {0};

	hmap_for_each (entry, &v->gone) {
		bool can;
		int r = can_forget(v, entry->key, &can, e);
		if (r < 0)
			return r;
		if (can) {
			log_warn("path '%s' disappeared, removing from database...", entry->key);
			strs_add(&list, entry->key);
		} else {
			log_error("path '%s' disappeared, but it still has valid referrers!", entry->key);
			v->bad++;
		}
	}
	order = strs_steal(&list);
	if (store_is_read_only(v->s) || !*order)
		return 0;
	// Referrers first.
	_cleanup_strv_ char **sorted = NULL;
	int r = store_topo_sort(v->s, order, &sorted, e);
	for (size_t n = strv_len(sorted); r == 0 && n; n--)
		r = db_delete_path(v->s->db, sorted[n - 1], e);
	return r;
}

static int check_existence(struct verify *v, char *const *paths, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_hmap_ struct hmap there = {0};

	log_info("checking path existence...");
	// One listing says what is there: a store that is not mounted or cannot be read has lost nothing.
	int r = fs_list(v->s->real_dir, &names, e);
	if (r < 0)
		return r;
	strv_for_each (name, names)
		hmap_put(&there, name, v);
	strv_for_each (path, paths)
		if (!store_path_valid(v->s->dir, path) || !hmap_has(&there, store_path_hash(path)))
			hmap_put(&v->gone, path, v);
	return forget(v, e);
}

// A file of .links is named by its own hash.
static int check_links(struct verify *v, struct err *e)
{
	_cleanup_free_ char *dir = fs_join(v->s->real_dir, ".links");
	_cleanup_strv_ char **names = NULL;

	log_info("checking link hashes...");
	int r = fs_list_maybe(dir, &names, e);
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *file = fs_join(dir, names[i]), *text = NULL;
		struct hash h;
		r = nar_hash_path(file, HASH_SHA256, NULL, &h, NULL, e);
		if (r < 0)
			return r;
		text = hash_format(&h, HASH_NIX32, false);
		if (!str_eq(text, names[i])) {
			log_error(
			        "link '%s' was modified! expected hash '%s', got '%s'", file, names[i], text);
			v->bad++;
		}
	}
	return r;
}

static int check_hashes(struct verify *v, char *const *paths, struct err *e)
{
	log_info("checking store hashes...");
	strv_for_each (path, paths) {
		_cleanup_err_ struct err found = {0};
		bool valid = true;
		if (hmap_has(&v->gone, path))
			continue;
		int r = store_verify_path(v->s, path, &found);
		if (r == -ENOENT && store_is_valid(v->s, path, &valid, e) < 0)
			return e->code;
		if (!valid)
			continue; // collected meanwhile
		if (r == -EUCLEAN || r == -ENOENT || r == -EINVAL || r == -EIO) {
			log_error("%s", found.msg);
			v->bad++;
		} else if (r < 0) {
			return err_move(e, &found);
		}
	}
	return 0;
}

// Also what is no store path: such a row is found to be gone.
static int all_rows(struct store *s, char ***ret, struct err *e)
{
	int r = store_flush(s, e);

	*ret = NULL;
	return r < 0 || !s->db ? r : db_all_rows(s->db, ret, e);
}

int store_verify(struct store *s, bool check_contents, bool repair, size_t *ret_bad, struct err *e)
{
	struct verify v = {.s = s};
	_cleanup_strv_ char **paths = NULL;
	_cleanup_close_ int lock = -1;
	int r = 0;

	if (repair)
		return err_set(e, -EOPNOTSUPP, "repairing store paths is not supported yet");
	log_info("reading the Nix store...");
	// A path that goes and comes back between the list and the look at its files would lose its new row.
	if (!store_is_read_only(s))
		r = store_lock_gc_shared(s, &lock, e);
	if (r == 0 && s->db)
		r = db_check(s->db, e);
	if (r == 0)
		r = all_rows(s, &paths, e);
	if (r == 0)
		r = check_existence(&v, paths, e);
	if (lock >= 0)
		close(TAKE_FD(lock)); // reading all contents takes long, and forgets nothing
	if (r == 0 && check_contents)
		r = check_links(&v, e);
	if (r == 0 && check_contents)
		r = check_hashes(&v, paths, e);
	hmap_release(&v.gone);
	if (r == 0)
		*ret_bad = v.bad;
	return r;
}
