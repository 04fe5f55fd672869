// SPDX-License-Identifier: GPL-2.0-or-later
// Garbage collector roots: making them, and finding all of them but the runtime ones.
#include "store/roots.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hash.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/roots-impl.h"
#include "store/store-impl.h"

#define DEPTH_MAX 64

// New roots wait for a running collector to end, and keep a new one from starting.
static int lock_gc_shared(struct store *s, int *ret_fd, struct err *e)
{
	_cleanup_free_ char *file = store_state_file(s, "gc.lock");

	return lock_file_wait(file, false, "the big garbage collector lock", ret_fd, e);
}

int roots_register(struct store *s, const char *link, struct err *e)
{
	_cleanup_free_ char *abs = fs_absolute(link), *dir = store_state_file(s, "gcroots/auto");
	struct hash h;
	int r = store_refuse_read_only(s, e);

	if (r == 0 && !fs_exists(dir))
		r = fs_mkdir_p(dir, 0755, e);
	if (r < 0)
		return r;
	hash_bytes(HASH_SHA1, abs, strlen(abs), &h);
	_cleanup_free_ char *name = hash_format(&h, HASH_NIX32, false), *file = fs_join(dir, name);
	return fs_symlink_atomic(abs, file, e);
}

static int make_link(struct store *s, const char *link, const char *path, struct err *e)
{
	_cleanup_free_ char *target = NULL;
	struct stat st;

	if (store_path_inside(s->dir, link) || store_path_inside(s->real_dir, link))
		return err_set(e, -EINVAL,
		        "creating a garbage collector root (%s) in the Nix store is forbidden", link);
	if (lstat(link, &st) == 0) {
		if (!S_ISLNK(st.st_mode))
			return err_set(e, -EEXIST, "cannot create symlink '%s'; already exists", link);
		int r = fs_readlink(link, &target, e);
		if (r < 0)
			return r;
		if (!store_path_inside(s->dir, target))
			return err_set(e, -EEXIST, "cannot create symlink '%s'; already exists", link);
		if (str_eq(target, path))
			return 0;
	} else {
		_cleanup_free_ char *dir = str_dirname(link);
		int r = fs_exists(dir) ? 0 : fs_mkdir_p(dir, 0755, e);
		if (r < 0)
			return r;
	}
	return fs_symlink_atomic(path, link, e);
}

int roots_add_indirect(struct store *s, const char *link, const char *path, char **ret_link, struct err *e)
{
	_cleanup_free_ char *abs = fs_absolute(link);
	_cleanup_close_ int lock = -1;
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = store_flush(s, e);
	if (r == 0)
		r = lock_gc_shared(s, &lock, e);
	if (r == 0)
		r = make_link(s, abs, path, e);
	if (r == 0)
		r = roots_register(s, abs, e);
	if (r == 0 && ret_link)
		*ret_link = TAKE_PTR(abs);
	return r;
}

int roots_add_direct(struct store *s, const char *link, const char *path, struct err *e)
{
	_cleanup_free_ char *abs = fs_absolute(link);
	_cleanup_close_ int lock = -1;
	int r = store_refuse_read_only(s, e);

	if (r == 0 && !str_has_prefix(abs, s->state_dir))
		r = err_set(e, -EINVAL, "'%s' is not below '%s', so it cannot be a direct root", abs,
		        s->state_dir);
	if (r == 0)
		r = store_flush(s, e);
	if (r == 0)
		r = lock_gc_shared(s, &lock, e);
	return r < 0 ? r : make_link(s, abs, path, e);
}

void root_list_add(struct root_list *l, const char *link, char *path)
{
	mem_grow(&l->roots, &l->cap, l->len + 1, sizeof(*l->roots));
	l->roots[l->len++] = (struct root){.link = mem_strdup(link), .path = path};
}

void root_list_release(struct root_list *l)
{
	for (size_t i = 0; i < l->len; i++) {
		mem_free(l->roots[i].link);
		mem_free(l->roots[i].path);
	}
	mem_free(l->roots);
	*l = (struct root_list){0};
}

void roots_found(struct store *s, const char *link, const char *target, struct root_list *ret)
{
	_cleanup_err_ struct err ignored = {0};
	char *path;

	if (store_path_of(s->dir, target, &path, NULL, &ignored) < 0)
		return;
	if (store_is_valid(s, path))
		root_list_add(ret, link, path);
	else
		mem_free(path);
}

// A link of gcroots to a link somewhere else, which points into the store, or is gone.
static int find_indirect(
        struct store *s, const char *link, const char *target, struct root_list *ret, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(link), *joined = NULL, *abs = NULL, *second = NULL;
	_cleanup_free_ char *automatic = store_state_file(s, "gcroots/auto/");
	struct stat st;

	joined = *target == '/' ? mem_strdup(target) : fs_join(dir, target);
	abs = fs_absolute(joined);
	if (lstat(abs, &st) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return 0; // may be there, only not for us to see
		if (str_has_prefix(link, automatic) && !store_is_read_only(s)) {
			log_info("removing stale link from '%s' to '%s'", link, abs);
			unlink(link);
		}
		return 0;
	}
	if (!S_ISLNK(st.st_mode))
		return 0;
	int r = fs_readlink(abs, &second, e);
	if (r == 0 && store_path_inside(s->dir, second))
		roots_found(s, abs, second, ret);
	return r;
}

static int find_below(struct store *s, const char *path, struct root_list *ret, int depth, struct err *e);

static int find_in_folder(struct store *s, const char *path, struct root_list *ret, int depth, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = depth > DEPTH_MAX ? 0 : fs_list(path, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *child = fs_join(path, names[i]);
		r = find_below(s, child, ret, depth + 1, e);
	}
	return r;
}

static int find_below(struct store *s, const char *path, struct root_list *ret, int depth, struct err *e)
{
	_cleanup_free_ char *target = NULL;
	struct stat st;

	if (fs_is_abandoned(str_basename(path))) {
		if (!store_is_read_only(s))
			unlink(path);
		return 0;
	}
	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == EACCES ? 0
		                                          : err_sys(e, errno, "getting status of '%s'", path);
	if (S_ISDIR(st.st_mode))
		return find_in_folder(s, path, ret, depth, e);
	if (S_ISREG(st.st_mode)) {
		target = str_printf("%s/%s", s->dir, str_basename(path));
		if (store_path_valid(s->dir, target))
			roots_found(s, path, target, ret);
		return 0;
	}
	if (!S_ISLNK(st.st_mode))
		return 0;
	int r = fs_readlink(path, &target, e);
	if (r < 0)
		return r;
	if (store_path_inside(s->dir, target)) {
		roots_found(s, path, target, ret);
		return 0;
	}
	return find_indirect(s, path, target, ret, e);
}

// One file of temproots: of a process that is dead it is marked and removed.
static int read_temp_roots(struct store *s, const char *file, const char *pid, struct hmap *ret,
        struct root_list *list, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_close_ int fd = open(file, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == EACCES
		               ? 0
		               : err_sys(e, errno, "opening temporary roots file '%s'", file);
	if (!str_eq(file, s->temp_roots_file ? s->temp_roots_file : "") &&
	        flock(fd, LOCK_EX | LOCK_NB) == 0) {
		unlink(file);
		return fs_write_all(fd, "d", 1, file, e);
	}
	int r = fs_read_fd(fd, file, 0, &text, e);
	_cleanup_free_ char *link = str_printf("{temp:%s}", pid);
	for (size_t i = 0; r == 0 && i < text.len; i += strlen(text.data + i) + 1) {
		const char *path = text.data + i;
		if (!store_path_valid(s->dir, path))
			continue;
		if (ret)
			hmap_put(ret, path, s);
		if (list)
			roots_found(s, link, path, list);
	}
	return r;
}

int roots_find_temp(struct store *s, struct hmap *ret, struct root_list *list, struct err *e)
{
	_cleanup_free_ char *dir = store_state_file(s, "temproots");
	_cleanup_strv_ char **names = NULL;
	int r = fs_exists(dir) ? fs_list(dir, &names, e) : 0;

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *file = fs_join(dir, names[i]);
		if (names[i][0] != '.')
			r = read_temp_roots(s, file, names[i], ret, list, e);
	}
	return r;
}

int roots_find(struct store *s, int flags, struct root_list *ret, struct err *e)
{
	static const char *const dirs[] = {"gcroots", "profiles"};
	int r = store_flush(s, e);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(dirs); i++) {
		_cleanup_free_ char *dir = store_state_file(s, dirs[i]);
		r = find_below(s, dir, ret, 0, e);
	}
	if (r == 0 && (flags & ROOTS_RUNTIME))
		r = roots_find_runtime(s, ret, e);
	if (r == 0 && (flags & ROOTS_TEMP))
		r = roots_find_temp(s, NULL, ret, e);
	if (r < 0)
		root_list_release(ret);
	return r;
}
