// SPDX-License-Identifier: GPL-2.0-or-later
// Somebody swaps an entry of a tree for a link while we work on the tree: after each call of the C library
// that names the entry, in turn. What the link points to must stay as it was, in mode, contents and number.
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"
#include "store/gc.h"
#include "store/store.h"

#define SWAPS_MAX 24 // more calls than any of the walks makes about one entry

static char *top;        // the test's folder
static int swap_at = -1; // after this many calls; -1: never
static int calls;

static void swap_now(void)
{
	_cleanup_free_ char *entry = str_printf("%s/tree/a/swap", top), *away = str_printf("%s/away", top),
	                    *victim = str_printf("%s/victim", top);

	syscall(SYS_renameat2, AT_FDCWD, entry, AT_FDCWD, away, 0);
	syscall(SYS_symlinkat, victim, AT_FDCWD, entry);
}

static void after_call(const char *path)
{
	int saved = errno;

	if (swap_at >= 0 && path && str_eq(str_basename(path), "swap") && calls++ == swap_at)
		swap_now();
	errno = saved;
}

// The calls of the C library that take a name, seen from here; both spellings of those that have two.
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WATCH_OPENAT(name)                                                                                   \
	int name(int dir, const char *path, int flags, ...)                                                  \
	{                                                                                                    \
		va_list ap;                                                                                  \
		va_start(ap, flags);                                                                         \
		mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;                                      \
		va_end(ap);                                                                                  \
		int r = (int)syscall(SYS_openat, dir, path, flags, mode);                                    \
		after_call(path);                                                                            \
		return r;                                                                                    \
	}
#define WATCH_OPEN(name)                                                                                     \
	int name(const char *path, int flags, ...)                                                           \
	{                                                                                                    \
		va_list ap;                                                                                  \
		va_start(ap, flags);                                                                         \
		mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;                                      \
		va_end(ap);                                                                                  \
		int r = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);                               \
		after_call(path);                                                                            \
		return r;                                                                                    \
	}
#undef openat
#undef open
#undef lstat
#undef fstatat
int watched_openat(int dir, const char *path, int flags, ...) __asm__("openat");
int watched_openat64(int dir, const char *path, int flags, ...) __asm__("openat64");
int watched_open(const char *path, int flags, ...) __asm__("open");
int watched_open64(const char *path, int flags, ...) __asm__("open64");
int watched_lstat(const char *path, struct stat *st) __asm__("lstat");
int watched_lstat64(const char *path, struct stat *st) __asm__("lstat64");
int watched_fstatat(int dir, const char *path, struct stat *st, int flags) __asm__("fstatat");
int watched_fstatat64(int dir, const char *path, struct stat *st, int flags) __asm__("fstatat64");
WATCH_OPENAT(watched_openat)
WATCH_OPENAT(watched_openat64)
WATCH_OPEN(watched_open)
WATCH_OPEN(watched_open64)

// By statx, the one such call that every architecture has, with fields of one size.
static int stat_plain(int dir, const char *path, struct stat *st, int flags)
{
	struct statx x;

	if (syscall(SYS_statx, dir, path, flags, STATX_BASIC_STATS, &x) < 0)
		return -1;
	*st = (struct stat){
	        .st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
	        .st_ino = x.stx_ino,
	        .st_mode = x.stx_mode,
	        .st_nlink = x.stx_nlink,
	        .st_uid = x.stx_uid,
	        .st_gid = x.stx_gid,
	        .st_rdev = makedev(x.stx_rdev_major, x.stx_rdev_minor),
	        .st_size = (off_t)x.stx_size,
	        .st_blksize = (blksize_t)x.stx_blksize,
	        .st_blocks = (blkcnt_t)x.stx_blocks,
	        .st_mtim = {.tv_sec = (time_t)x.stx_mtime.tv_sec, .tv_nsec = (long)x.stx_mtime.tv_nsec},
	};
	return 0;
}

static int stat_then(int dir, const char *path, struct stat *st, int flags)
{
	int r = stat_plain(dir, path, st, flags);

	after_call(path);
	return r;
}

int watched_fstatat(int dir, const char *path, struct stat *st, int flags)
{
	return stat_then(dir, path, st, flags);
}

int watched_fstatat64(int dir, const char *path, struct stat *st, int flags)
{
	return stat_then(dir, path, st, flags);
}

int watched_lstat(const char *path, struct stat *st)
{
	return stat_then(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int watched_lstat64(const char *path, struct stat *st)
{
	return stat_then(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

// What the walks call with a name besides.
#define WATCH(ret, name, params, args, path)                                                                 \
	ret name params                                                                                      \
	{                                                                                                    \
		ret r = REAL(name) args;                                                                     \
		after_call(path);                                                                            \
		return r;                                                                                    \
	}
WATCH(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), path)
WATCH(int, fchmodat, (int dir, const char *path, mode_t mode, int flags), (dir, path, mode, flags), path)
WATCH(int, chmod, (const char *path, mode_t mode), (path, mode), path)
WATCH(DIR *, opendir, (const char *path), (path), path)
WATCH(ssize_t, llistxattr, (const char *path, char *list, size_t n), (path, list, n), path)

static void put(const char *name, const char *text, mode_t mode)
{
	_cleanup_free_ char *path = fs_join(top, name);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, text, strlen(text), path, NULL), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static void make_dir(const char *name, mode_t mode)
{
	_cleanup_free_ char *path = fs_join(top, name);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static mode_t mode_of(const char *name)
{
	_cleanup_free_ char *path = fs_join(top, name);
	struct stat st = {0};

	assert_int_equal(stat_plain(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static void victim_is_whole(const char *what)
{
	if (mode_of("victim") != 0710 || mode_of("victim/secret") != 0600 || mode_of("victim/sub") != 0750 ||
	        mode_of("victim/sub/deep") != 0640)
		fail_msg("%s, swapped after call %d: the victim was changed", what, swap_at);
}

// swap is a folder without mode bits, so that a walk has to change its mode, or a file.
static void make_trees(bool folder)
{
	assert_int_equal(fs_mkdtemp("/tmp", "kernix-tree", &top, NULL), 0);
	make_dir("victim", 0710);
	put("victim/secret", "secret", 0600);
	make_dir("victim/sub", 0750);
	put("victim/sub/deep", "deep", 0640);
	make_dir("tree", 0755);
	make_dir("tree/a", 0755);
	if (folder) {
		make_dir("tree/a/swap", 0700);
		put("tree/a/swap/secret", "mine", 0644);
		make_dir("tree/a/swap/sub", 0500);
		assert_int_equal(mode_of("tree/a/swap"), 0700);
		_cleanup_free_ char *path = fs_join(top, "tree/a/swap");
		assert_int_equal(chmod(path, 0500), 0);
	} else {
		put("tree/a/swap", "mine", 0755);
	}
}

static int do_canonicalise(const char *path, struct err *e)
{
	return store_canonicalise(NULL, path, (uid_t)-1, e);
}

static int do_hash(const char *path, struct err *e)
{
	struct hash h;

	return nar_hash_path(path, HASH_SHA256, NULL, &h, NULL, e);
}

static int do_copy(const char *path, struct err *e)
{
	_cleanup_free_ char *copy = str_printf("%s.copy", path), *leaked = NULL;
	int r = nar_copy(path, NULL, copy, NULL, e);

	leaked = fs_join(copy, "a/swap/sub/deep");
	assert_false(fs_exists(leaked));
	return r;
}

static int do_fresh(const char *path, struct err *e)
{
	_cleanup_free_ char *copy = str_printf("%s.fresh", path), *leaked = NULL;
	int r = store_copy_fresh(path, copy, (uid_t)-1, e);

	leaked = fs_join(copy, "a/swap/sub/deep");
	assert_false(fs_exists(leaked));
	return r;
}

static const struct {
	const char *name;
	int (*run)(const char *path, struct err *e);
} walks[] = {{"canonicalising", do_canonicalise}, {"removing", fs_rm_rf}, {"hashing", do_hash},
        {"copying", do_copy}, {"copying afresh", do_fresh}};

static void test_swapped(void **state)
{
	(void)state;
	for (size_t w = 0; w < ARRAY_SIZE(walks); w++)
		for (int i = 0; i < 2 * SWAPS_MAX; i++) {
			_cleanup_err_ struct err e = {0};
			make_trees(i % 2);
			_cleanup_free_ char *tree = fs_join(top, "tree");
			calls = 0;
			swap_at = i / 2;
			walks[w].run(tree, &e);      // it may fail; what counts is what it does elsewhere
			assert_true(i / 2 || calls); // the entry was met
			victim_is_whole(walks[w].name);
			swap_at = -1;
			fs_rm_rf(top, &e);
			mem_free(top);
		}
}

// Deeper than descriptors and stack would last, and a folder that may not be written.
static void test_remove_deep(void **state)
{
	struct stat st;
	_cleanup_err_ struct err e = {0};

	(void)state;
	assert_int_equal(fs_mkdtemp("/tmp", "kernix-deep", &top, NULL), 0);
	int dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(mkdirat(dir, "d", 0700), 0);
		int next = openat(dir, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(fchmod(dir, i % 7 ? 0700 : 0100), 0);
		close(dir);
		assert_true(next >= 0);
		dir = next;
	}
	close(dir);
	assert_int_equal(fs_rm_rf(top, &e), 0);
	assert_int_equal(lstat(top, &st), -1);
	mem_free(top);
}

// Whoever owns the folder of a store puts a link in the place of the store while a collector works.
static void test_swapped_store(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct gc_opts opts = {.action = GC_DELETE_DEAD, .max_freed_bytes = UINT64_MAX};
	struct gc_result result = {0};
	struct store *s = NULL;
	char *path = NULL;

	(void)state;
	make_trees(true);
	_cleanup_free_ char *uri = str_printf("local?root=%s/r", top), *real = fs_join(top, "r/nix/store"),
	                    *away = fs_join(top, "away"), *victim = fs_join(top, "victim");
	assert_int_equal(store_open(uri, STORE_NO_SYNC, &s, &e), 0);
	assert_int_equal(store_add_text(s, "text", "text", 4, NULL, &path, &e), 0);
	assert_int_equal(store_flush(s, &e), 0);
	assert_int_equal(rename(real, away), 0);
	assert_int_equal(symlink(victim, real), 0);
	if (gc_run(s, &opts, &result, &e) == 0)
		gc_result_release(&result);
	victim_is_whole("collecting");
	store_close(s);
	mem_free(path);
	assert_int_equal(fs_rm_rf(top, &e), 0);
	mem_free(top);
}

// Nothing but regular files is opened: a FIFO would block, a device would do what devices do.
static void test_only_files_open(void **state)
{
	struct stat st;
	struct hash h;
	_cleanup_err_ struct err e = {0};

	(void)state;
	assert_int_equal(fs_mkdtemp("/tmp", "kernix-fifo", &top, NULL), 0);
	_cleanup_free_ char *fifo = fs_join(top, "fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	alarm(10);
	assert_int_equal(tree_open_entry(AT_FDCWD, fifo, &st), -EINVAL);
	assert_int_equal(tree_open_entry(AT_FDCWD, "/dev/null", &st), -EINVAL);
	assert_int_equal(nar_hash_path(fifo, HASH_SHA256, NULL, &h, NULL, &e), -EINVAL);
	assert_int_equal(store_canonicalise(NULL, top, (uid_t)-1, &e), -EINVAL);
	alarm(0);
	assert_int_equal(fs_rm_rf(top, &e), 0);
	mem_free(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_swapped),
	        cmocka_unit_test(test_remove_deep),
	        cmocka_unit_test(test_swapped_store),
	        cmocka_unit_test(test_only_files_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
