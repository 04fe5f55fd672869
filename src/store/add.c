// SPDX-License-Identifier: GPL-2.0-or-later
// Adding to a store: texts, files and trees of the file system, and NARs.
#include "store/store-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"
#include "store/drv.h"

#define TRIES 5

int store_remove_entry(struct store *s, const char *name, struct err *e)
{
	int dir = store_folder(s, e);

	if (dir < 0)
		return dir;
	int r = !*name || strchr(name, '/') || str_eq(name, ".") || str_eq(name, "..")
	                ? -EINVAL
	                : tree_remove(dir, name);
	return r < 0 ? err_sys(e, -r, "removing '%s/%s'", s->real_dir, name) : 0;
}

int store_remove_files(struct store *s, const char *path, struct err *e)
{
	int r = store_path_check(s->dir, path, e);

	return r < 0 ? r : store_remove_entry(s, str_basename(path), e);
}

int store_clear_place(struct store *s, const char *path, struct err *e)
{
	_cleanup_free_ char *real = store_real_path(s, path);
	bool valid;
	int r = fs_lstat_maybe(real, NULL, e);

	if (r <= 0)
		return r;
	r = store_is_valid(s, path, &valid, e);
	if (r == 0 && valid)
		r = err_set(e, -EEXIST, "path '%s' is valid already", path);
	// Files without a row are rare: is it the row that is lost?
	if (r == 0 && !s->db_checked)
		r = db_check(s->db, e);
	if (r < 0)
		return r;
	s->db_checked = true;
	return store_remove_entry(s, str_basename(path), e);
}

// Writes a file of the store beside its place and renames it: whoever sees it sees all of it.
static int write_text(struct store *s, const char *path, const void *data, size_t len, struct err *e)
{
	static const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	_cleanup_free_ char *real = store_real_path(s, path);
	_cleanup_free_ char *temp = str_printf(".tmp-%ld-%.32s", (long)getpid(), store_path_hash(path));
	int dir = store_folder(s, e);

	for (int tries = 0; dir >= 0; tries++) {
		unlinkat(dir, temp, 0);
		_cleanup_close_ int fd =
		        openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
		if (fd < 0)
			return err_sys(e, errno, "opening '%s/%s'", s->real_dir, temp);
		int r = fs_write_all(fd, data, len, temp, e);
		if (r == 0 && (fchmod(fd, 0444) < 0 || futimens(fd, times) < 0))
			r = err_sys(e, errno, "setting the mode of '%s'", temp);
		if (r == 0 && renameat(dir, temp, dir, str_basename(real)) == 0)
			return 0;
		if (r == 0)
			r = err_sys(e, errno, "renaming '%s' to '%s'", temp, real);
		unlinkat(dir, temp, 0);
		// A collector may have swept the temporary file away, or a folder left by somebody may be in
		// the way.
		if (tries == TRIES || (r != -ENOENT && r != -EISDIR && r != -ENOTEMPTY && r != -EEXIST))
			return r;
		if (r != -ENOENT && (r = store_remove_files(s, path, e)) < 0)
			return r;
	}
	return dir;
}

static int text_info(const char *path, const struct ca *ca, const void *data, size_t len, char *const *refs,
        struct store_info **ret, struct err *e)
{
	struct store_info *i = store_info_new(path);
	struct sink_hash *h = sink_hash_begin(HASH_SHA256);
	struct sink out = sink_hash(h);
	int r = nar_dump_bytes(data, len, false, &out, e);

	sink_hash_end(h, &i->nar_hash, &i->nar_size_bytes);
	i->refs = strs_copy(refs);
	i->ca = ca_format(ca);
	i->registration_time = time(NULL);
	*ret = i;
	return r;
}

static void add_pending(struct store *s, struct store_info *i)
{
	mem_grow(&s->pending, &s->cap_pending, s->n_pending + 1, sizeof(*s->pending));
	s->pending[s->n_pending++] = i;
	hmap_put(&s->pending_index, i->path, i);
}

// A text that is named like a derivation must be one.
static int check_drv_text(struct store *s, const char *path, const void *data, size_t len, struct err *e)
{
	_cleanup_free_ char *name = store_drv_name(path);
	_cleanup_drv_ struct drv *d = NULL;
	int r = drv_parse(data, len, name, &d, e);

	return r < 0 ? r : drv_check_outputs(s, d, e);
}

// Is path to be written? Not when it is valid, nor where paths are only computed.
static int must_add(struct store *s, const char *path, bool *ret, struct err *e)
{
	bool valid = false;
	int r = store_is_read_only(s) && !s->unwritable ? 0 : store_is_valid(s, path, &valid, e);

	if (r == 0 && !valid)
		r = store_refuse_unwritable(s, e);
	if (r == 0)
		*ret = !valid && !store_is_read_only(s);
	return r;
}

// After a failure: what is certainly not valid has no files. Who cannot say so leaves them to the collector.
static void drop_files(struct store *s, const char *path)
{
	_cleanup_err_ struct err ignored = {0};
	bool valid;

	if (store_is_valid(s, path, &valid, &ignored) == 0 && !valid)
		store_remove_files(s, path, &ignored);
}

int store_add_drv_text(struct store *s, const char *name, const void *data, size_t len, char *const *refs,
        bool trusted, char **ret, struct err *e)
{
	struct ca ca = {.method = CA_TEXT};
	struct store_info *i = NULL;
	_cleanup_free_ char *path = NULL;
	bool missing = false;

	hash_bytes(HASH_SHA256, data, len, &ca.hash);
	int r = store_path_from_ca(s->dir, &ca, name, refs, false, &path, e);
	if (r == 0 && !store_is_read_only(s))
		r = store_add_temp_root(s, path, e);
	if (r == 0)
		r = must_add(s, path, &missing, e);
	if (r == 0 && missing) {
		if (!trusted && store_path_is_drv(path))
			r = check_drv_text(s, path, data, len, e);
		if (r == 0)
			r = write_text(s, path, data, len, e);
		if (r == 0)
			r = text_info(path, &ca, data, len, refs, &i, e);
		if (r == 0)
			add_pending(s, i);
	}
	if (r == 0)
		*ret = TAKE_PTR(path);
	return r;
}

int store_add_text(struct store *s, const char *name, const void *data, size_t len, char *const *refs,
        char **ret, struct err *e)
{
	_cleanup_strv_ char **sorted = strs_copy(refs);

	strs_sort(sorted);
	return store_add_drv_text(s, name, data, len, sorted, false, ret, e);
}

static int hash_flat(const char *file, enum hash_algo algo, struct hash *ret, struct err *e)
{
	struct stat st;
	_cleanup_close_ int fd = tree_open_entry(AT_FDCWD, file, &st);

	if (fd == -EINVAL || (fd >= 0 && !S_ISREG(st.st_mode)))
		return err_set(
		        e, -EINVAL, "'%s' is not a regular file, and only those can be hashed flat", file);
	return fd < 0 ? err_sys(e, -fd, "opening '%s'", file) : hash_fd(algo, fd, file, ret, e);
}

static int hash_as(const char *file, enum ca_method method, enum hash_algo algo,
        const struct nar_filter *filter, struct hash *ret, struct err *e)
{
	return method == CA_NAR ? nar_hash_path(file, algo, filter, ret, NULL, e)
	                        : hash_flat(file, algo, ret, e);
}

int store_path_for_file(struct store *s, const char *name, const char *file, enum ca_method method,
        enum hash_algo algo, const struct nar_filter *filter, char **ret, struct hash *ret_hash,
        struct err *e)
{
	struct ca ca = {.method = method};
	int r = hash_as(file, method, algo, filter, &ca.hash, e);

	if (r == 0)
		r = store_path_from_ca(s->dir, &ca, name, NULL, false, ret, e);
	if (r == 0 && ret_hash)
		*ret_hash = ca.hash;
	return r;
}

// Copies file to the place of path and fills the hash of its NAR; the hash that the path is named by is
// checked again, because the file may have changed since.
static int copy_in(struct store *s, const char *file, const struct nar_filter *filter, const struct ca *ca,
        struct store_info *i, struct err *e)
{
	_cleanup_free_ char *real = store_real_path(s, i->path);
	struct sink_hash *h = sink_hash_begin(HASH_SHA256);
	struct sink out = sink_hash(h);
	struct nar_printer *p = nar_printer_begin(&out);
	struct nar_visitor v = nar_printer_visitor(p);
	struct hash again;
	int dir = store_folder(s, e);
	int r = dir < 0 ? dir : nar_copy_at(file, filter, dir, str_basename(real), real, &v, e);
	int r_end = nar_printer_end(p, r == 0, e);
	sink_hash_end(h, &i->nar_hash, &i->nar_size_bytes);
	r = r < 0 ? r : r_end;
	if (r == 0 && ca->method == CA_NAR && ca->hash.algo == HASH_SHA256)
		again = i->nar_hash;
	else if (r == 0)
		r = hash_as(real, ca->method, ca->hash.algo, NULL, &again, e);
	if (r == 0 && !hash_eq(&again, &ca->hash))
		r = err_set(e, -EAGAIN, "'%s' changed while it was copied to the store", file);
	return r;
}

static int add_locked(struct store *s, const char *file, const struct nar_filter *filter, const struct ca *ca,
        const char *path, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	bool valid;
	int r = store_is_valid(s, path, &valid, e);

	if (r < 0 || valid) // somebody was quicker
		return r;
	r = store_clear_place(s, path, e);
	if (r < 0)
		return r;
	i = store_info_new(path);
	i->ca = ca_format(ca);
	i->registration_time = time(NULL);
	r = copy_in(s, file, filter, ca, i, e);
	if (r == 0)
		r = store_register(s, (const struct store_info *const[]){i}, 1, e);
	if (r < 0)
		drop_files(s, path);
	return r;
}

// A folder that the store lies in would be copied into itself, for ever.
static int refuse_own_parent(struct store *s, const char *file, struct err *e)
{
	struct stat st;
	int r = fs_lstat_maybe(file, &st, e);

	if (r <= 0 || !S_ISDIR(st.st_mode))
		return MIN(r, 0);
	_cleanup_free_ char *outer = realpath(file, NULL),
	                    *inner = outer ? realpath(s->real_dir, NULL) : NULL;
	const char *rest = inner ? str_after(inner, outer) : NULL;
	if (!inner && !store_is_read_only(s))
		return err_sys(e, errno, "finding out whether the store lies in '%s'", file);
	if (!rest || (*rest && *rest != '/'))
		return 0;
	return err_set(e, -EINVAL, "cannot add '%s' to the store: the store itself ('%s') lies in it", file,
	        s->real_dir);
}

int store_add_path(struct store *s, const char *name, const char *file, enum ca_method method,
        enum hash_algo algo, const struct nar_filter *filter, char **ret, struct hash *ret_hash,
        struct err *e)
{
	struct ca ca = {.method = method};
	struct store_locks *locks;
	_cleanup_free_ char *path = NULL;
	bool missing = false;
	int r = filter ? 0 : refuse_own_parent(s, file, e);

	if (r == 0)
		r = store_path_for_file(s, name, file, method, algo, filter, &path, &ca.hash, e);
	if (r == 0 && !store_is_read_only(s))
		r = store_add_temp_root(s, path, e);
	if (r == 0)
		r = must_add(s, path, &missing, e);
	if (r == 0 && missing) {
		r = store_lock_paths(s, (char *const[]){path, NULL}, true, &locks, e);
		if (r < 0)
			return r;
		r = add_locked(s, file, filter, &ca, path, e);
		store_unlock(locks, r == 0);
	}
	if (r < 0)
		return r;
	if (ret_hash)
		*ret_hash = ca.hash;
	*ret = TAKE_PTR(path);
	return 0;
}

static int mismatch(const char *path, const struct hash *want, const struct hash *got, struct err *e)
{
	_cleanup_free_ char *a = hash_format(want, HASH_SRI, true), *b = hash_format(got, HASH_SRI, true);

	return err_set(e, -EUCLEAN, "hash mismatch importing path '%s';\n  specified: %s\n  got:       %s",
	        path, a, b);
}

// A path that says to be named by its content must be.
static int check_ca(struct store *s, const struct store_info *i, struct err *e)
{
	_cleanup_free_ char *real = store_real_path(s, i->path), *path = NULL;
	struct ca ca;
	struct hash got;
	_cleanup_strv_ char **others = NULL;

	if (!i->ca)
		return 0;
	strv_for_each (ref, i->refs)
		if (!str_eq(ref, i->path))
			strv_add(&others, ref);
	bool self = strv_has(i->refs, i->path);
	int r = ca_parse(i->ca, &ca, e);
	if (r == 0)
		r = store_path_from_ca(s->dir, &ca, store_path_name(i->path), others, self, &path, e);
	if (r == 0 && !str_eq(path, i->path))
		r = err_set(
		        e, -EUCLEAN, "path '%s' is not named by its content address '%s'", i->path, i->ca);
	if (r < 0 || self) // contents with references to themselves are hashed in another way, which is not
	                   // supported yet
		return r;
	r = ca.method == CA_NAR ? nar_hash_path(real, ca.hash.algo, NULL, &got, NULL, e)
	                        : hash_flat(real, ca.hash.algo, &got, e);
	if (r == 0 && !hash_eq(&got, &ca.hash))
		r = mismatch(i->path, &ca.hash, &got, e);
	return r;
}

static int restore_nar(struct store *s, struct store_info *i, const struct source *nar, struct err *e)
{
	_cleanup_free_ char *real = store_real_path(s, i->path);
	struct sink_hash *h = sink_hash_begin(HASH_SHA256);
	struct sink out = sink_hash(h);
	struct source_tee tee = {.from = nar, .to = &out};
	struct source in = source_tee(&tee);
	struct hash got;
	uint64_t size_bytes;
	int dir = store_folder(s, e);
	int r = dir < 0 ? dir : nar_restore_at(&in, dir, str_basename(real), real, true, e);
	sink_hash_end(h, &got, &size_bytes);
	if (r == 0 && i->nar_hash.algo != HASH_NONE && !hash_eq(&got, &i->nar_hash))
		r = mismatch(i->path, &i->nar_hash, &got, e);
	if (r == 0 && i->nar_hash.algo != HASH_NONE && i->nar_size_bytes && i->nar_size_bytes != size_bytes)
		r = err_set(e, -EUCLEAN,
		        "size mismatch importing path '%s';\n  specified: %llu\n  got:       %llu", i->path,
		        (unsigned long long)i->nar_size_bytes, (unsigned long long)size_bytes);
	i->nar_hash = got;
	i->nar_size_bytes = size_bytes;
	return r;
}

int store_restore_nar(struct store *s, struct store_info *i, const struct source *nar, struct err *e)
{
	int r = store_clear_place(s, i->path, e);

	if (r < 0)
		return r;
	if (!i->registration_time)
		i->registration_time = time(NULL);
	r = restore_nar(s, i, nar, e);
	if (r == 0)
		r = check_ca(s, i, e);
	if (r < 0)
		drop_files(s, i->path);
	return r;
}

void store_drop_unregistered(struct store *s, const char *path)
{
	drop_files(s, path);
}

static int add_nar_locked(
        struct store *s, const struct store_info *info, const struct source *nar, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = store_info_copy(info);
	bool valid;
	int r = store_is_valid(s, info->path, &valid, e);

	if (r < 0)
		return r;
	if (valid)
		return nar_parse(nar, &(struct nar_visitor){0}, e); // the caller goes on behind it
	r = store_restore_nar(s, i, nar, e);
	if (r < 0)
		return r;
	r = store_register(s, (const struct store_info *const[]){i}, 1, e);
	if (r < 0)
		drop_files(s, i->path);
	return r;
}

int store_add_nar(struct store *s, const struct store_info *info, const struct source *nar, struct err *e)
{
	struct store_locks *locks;
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = store_path_check(s->dir, info->path, e);
	if (r == 0)
		r = store_add_temp_root(s, info->path, e);
	if (r == 0)
		r = store_lock_paths(s, (char *const[]){info->path, NULL}, true, &locks, e);
	if (r < 0)
		return r;
	r = add_nar_locked(s, info, nar, e);
	store_unlock(locks, r == 0);
	return r;
}
