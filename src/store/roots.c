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
int store_lock_gc_shared(struct store *s, int *ret_fd, struct err *e)
{
	_cleanup_free_ char *file = store_state_file(s, "gc.lock");

	return lock_file_wait(file, false, "the big garbage collector lock", ret_fd, e);
}

int roots_register(struct store *s, const char *link, struct err *e)
{
	_cleanup_free_ char *abs = NULL, *dir = store_state_file(s, "gcroots/auto");
	struct hash h;
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = fs_absolute(link, &abs, e);
	if (r == 0)
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
	int r = fs_lstat_maybe(link, &st, e);
	if (r > 0) {
		r = S_ISLNK(st.st_mode) ? fs_readlink(link, &target, e) : 0;
		if (r == 0 && (!target || !store_path_inside(s->dir, target)))
			return err_set(e, -EEXIST, "cannot create symlink '%s'; already exists", link);
		if (r < 0 || str_eq(target, path))
			return r;
	} else if (r == 0) {
		_cleanup_free_ char *dir = str_dirname(link);
		r = fs_mkdir_p(dir, 0755, e);
	}
	return r < 0 ? r : fs_symlink_atomic(path, link, e);
}

int roots_add_indirect(struct store *s, const char *link, const char *path, char **ret_link, struct err *e)
{
	_cleanup_free_ char *abs = NULL;
	_cleanup_close_ int lock = -1;
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = fs_absolute(link, &abs, e);
	if (r == 0)
		r = store_flush(s, e);
	if (r == 0)
		r = store_lock_gc_shared(s, &lock, e);
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
	_cleanup_free_ char *abs = NULL;
	_cleanup_close_ int lock = -1;
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = fs_absolute(link, &abs, e);
	if (r == 0 && !str_has_prefix(abs, s->state_dir))
		r = err_set(e, -EINVAL, "'%s' is not below '%s', so it cannot be a direct root", abs,
		        s->state_dir);
	if (r == 0)
		r = store_flush(s, e);
	if (r == 0)
		r = store_lock_gc_shared(s, &lock, e);
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

int roots_found(struct store *s, const char *link, const char *target, struct root_list *ret, struct err *e)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_free_ char *path = NULL;
	bool valid;

	if (store_path_of(s->dir, target, &path, NULL, &ignored) < 0)
		return 0; // what is not a store path is no root
	int r = store_is_valid(s, path, &valid, e);
	if (r == 0 && valid)
		root_list_add(ret, link, TAKE_PTR(path));
	return r;
}

struct finding {
	struct store *s;
	int flags;
	struct root_list *ret;
	struct err *e;
};

// What of the roots cannot be looked at: whoever only asks passes over what is not for him to see. Who
// deletes must not.
static int unseen(const struct finding *f, int errnum, const char *path)
{
	if (errnum == EACCES && store_is_read_only(f->s))
		return 0;
	err_sys(f->e, errnum, "looking at the root '%s'", path);
	return err_hint(f->e, "What it keeps is not known. If it is not wanted any more, remove it.");
}

// A link of gcroots to a link somewhere else, which points into the store, or is gone.
static int find_indirect(struct finding *f, const char *link, const char *target)
{
	_cleanup_free_ char *dir = str_dirname(link), *joined = NULL, *abs = NULL, *second = NULL;
	_cleanup_free_ char *automatic = store_state_file(f->s, "gcroots/auto/");
	struct stat st;

	joined = *target == '/' ? mem_strdup(target) : fs_join(dir, target);
	abs = fs_clean(joined);
	if (lstat(abs, &st) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return unseen(f, errno, abs);
		if ((f->flags & ROOTS_SWEEP) && str_has_prefix(link, automatic)) {
			log_info("removing stale link from '%s' to '%s'", link, abs);
			unlink(link);
		}
		return 0;
	}
	if (!S_ISLNK(st.st_mode))
		return 0;
	int r = fs_readlink_maybe(abs, &second, f->e);
	if (r > 0 && store_path_inside(f->s->dir, second))
		r = roots_found(f->s, abs, second, f->ret, f->e);
	return MIN(r, 0);
}

static int find_below(struct finding *f, const char *path, int depth);

static int find_in_folder(struct finding *f, const char *path, int depth)
{
	_cleanup_strv_ char **names = NULL;
	struct err why = {0};

	if (depth > DEPTH_MAX)
		return err_set(f->e, -ELOOP, "'%s': folders of roots are nested too deeply", path);
	int r = fs_list_maybe(path, &names, &why);
	if (r < 0) {
		err_release(&why);
		return unseen(f, -r, path);
	}
	for (size_t i = 0; r == 0 && names[i]; i++) {
		_cleanup_free_ char *child = fs_join(path, names[i]);
		r = find_below(f, child, depth + 1);
	}
	return r;
}

static int find_below(struct finding *f, const char *path, int depth)
{
	_cleanup_free_ char *target = NULL;
	struct stat st;

	if (fs_is_abandoned(str_basename(path))) {
		if (f->flags & ROOTS_SWEEP)
			unlink(path);
		return 0;
	}
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : unseen(f, errno, path);
	if (S_ISDIR(st.st_mode))
		return find_in_folder(f, path, depth);
	if (S_ISREG(st.st_mode)) {
		target = str_printf("%s/%s", f->s->dir, str_basename(path));
		return store_path_valid(f->s->dir, target) ? roots_found(f->s, path, target, f->ret, f->e)
		                                           : 0;
	}
	int r = S_ISLNK(st.st_mode) ? fs_readlink_maybe(path, &target, f->e) : 0;
	if (r <= 0)
		return r;
	if (store_path_inside(f->s->dir, target))
		return roots_found(f->s, path, target, f->ret, f->e);
	return find_indirect(f, path, target);
}

// One file of temproots: of a process that is dead it is marked and removed.
static int read_temp_roots(struct store *s, const char *file, const char *pid, struct hmap *ret,
        struct root_list *list, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_close_ int fd = open(file, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT || (errno == EACCES && store_is_read_only(s))
		               ? 0
		               : err_sys(e, errno, "opening temporary roots file '%s'", file);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "temporary roots file '%s' is not a regular file", file);
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
			r = roots_found(s, link, path, list, e);
	}
	return r;
}

int roots_find_temp(struct store *s, struct hmap *ret, struct root_list *list, struct err *e)
{
	_cleanup_free_ char *dir = store_state_file(s, "temproots");
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(dir, &names, e);

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
	struct finding f = {.s = s, .flags = flags, .ret = ret, .e = e};
	int r = store_flush(s, e);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(dirs); i++) {
		_cleanup_free_ char *dir = store_state_file(s, dirs[i]);
		r = find_below(&f, dir, 0);
	}
	if (r == 0 && (flags & ROOTS_RUNTIME))
		r = roots_find_runtime(s, ret, e);
	if (r == 0 && (flags & ROOTS_TEMP))
		r = roots_find_temp(s, NULL, ret, e);
	if (r < 0)
		root_list_release(ret);
	return r;
}
