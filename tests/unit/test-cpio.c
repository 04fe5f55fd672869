// SPDX-License-Identifier: GPL-2.0-or-later
// cpio archives and their compression: read back by libarchive, the same bytes every time, errors for what
// cannot be.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/cpio.h"
#include "boot/initrd-read.h"
#include "boot/secrets.h"

static char *dir_of(void **state)
{
	return *state;
}

static int setup(void **state)
{
	_cleanup_err_ struct err e = {0};

	return fs_mkdtemp("/tmp", "test-cpio", (char **)state, &e);
}

static int teardown(void **state)
{
	_cleanup_err_ struct err e = {0};
	int r = fs_rm_rf(*state, &e);

	mem_free(*state);
	return r;
}

static void write_archive(struct cpio *c, const char *path, enum compress_kind kind, int flags)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_compress_ struct compress *out = NULL;
	_cleanup_close_ int fd = fs_open(path, O_WRONLY | O_CREAT | flags, 0644, &e);

	assert_true(fd >= 0);
	assert_int_equal(compress_open(fd, kind, 0, &out, &e), 0);
	assert_int_equal(cpio_write(c, out, &e), 0);
	assert_int_equal(compress_finish(out, &e), 0);
}

// "NAME MODE SIZE ...\n" for each entry, through libarchive.
static char *listing(const char *path)
{
	struct buf b = {0};
	struct archive *a = archive_read_new();
	struct archive_entry *en;

	archive_read_support_filter_all(a);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_filename(a, path, 10240), ARCHIVE_OK);
	while (archive_read_next_header(a, &en) == ARCHIVE_OK) {
		buf_addf(&b, "%s %o %d %d:%d t%d i%d", archive_entry_pathname(en), archive_entry_mode(en),
		        (int)archive_entry_size(en), (int)archive_entry_uid(en), (int)archive_entry_gid(en),
		        (int)archive_entry_mtime(en), (int)archive_entry_ino(en));
		if (archive_entry_symlink(en))
			buf_addf(&b, " -> %s", archive_entry_symlink(en));
		if (S_ISCHR(archive_entry_mode(en)))
			buf_addf(&b, " dev %d:%d", (int)archive_entry_rdevmajor(en),
			        (int)archive_entry_rdevminor(en));
		buf_addc(&b, '\n');
	}
	archive_read_free(a);
	return buf_steal(&b);
}

static void fill(struct cpio *c, bool reverse)
{
	_cleanup_err_ struct err e = {0};

	for (int i = 0; i < 5; i++) {
		int which = reverse ? 4 - i : i;
		int r = which == 0   ? cpio_data(c, "/init", 0555, "run", 3, &e)
		        : which == 1 ? cpio_data(c, "/a/b.txt", 0444, "hello", 5, &e)
		        : which == 2 ? cpio_data(c, "/a/b/c", 0444, "", 0, &e)
		        : which == 3 ? cpio_link(c, "/sbin/modprobe", "/init", &e)
		                     : cpio_node(c, "/dev/console", S_IFCHR | 0600, 5, 1, &e);
		assert_int_equal(r, 0);
	}
}

static void test_contents(void **state)
{
	_cleanup_cpio_ struct cpio *c = cpio_new();
	_cleanup_free_ char *path = fs_join(dir_of(state), "one");

	fill(c, false);
	write_archive(c, path, COMPRESS_NONE, O_TRUNC);
	_cleanup_free_ char *list = listing(path);
	assert_string_equal(list, "a 40755 0 0:0 t1 i1\n"
	                          "a/b 40755 0 0:0 t1 i2\n"
	                          "a/b/c 100444 0 0:0 t1 i3\n"
	                          "a/b.txt 100444 5 0:0 t1 i4\n"
	                          "dev 40755 0 0:0 t1 i5\n"
	                          "dev/console 20600 0 0:0 t1 i6 dev 5:1\n"
	                          "init 100555 3 0:0 t1 i7\n"
	                          "sbin 40755 0 0:0 t1 i8\n"
	                          "sbin/modprobe 120777 5 0:0 t1 i9 -> /init\n");
}

static void test_same_bytes(void **state)
{
	for (int kind = COMPRESS_NONE; kind <= COMPRESS_XZ; kind++) {
		_cleanup_err_ struct err e = {0};
		_cleanup_buf_ struct buf x = {0}, y = {0};
		_cleanup_free_ char *one = fs_join(dir_of(state), "same1"),
		                    *two = fs_join(dir_of(state), "same2");
		_cleanup_cpio_ struct cpio *c1 = cpio_new(), *c2 = cpio_new();

		fill(c1, false);
		fill(c2, true);
		write_archive(c1, one, kind, O_TRUNC);
		write_archive(c2, two, kind, O_TRUNC);
		assert_int_equal(fs_read(one, 0, &x, &e), 0);
		assert_int_equal(fs_read(two, 0, &y, &e), 0);
		assert_int_equal(x.len, y.len);
		assert_memory_equal(x.data, y.data, x.len);
		_cleanup_free_ char *l1 = listing(one);
		assert_non_null(strstr(l1, "init 100555 3"));
	}
}

// Segments one after the other: each is padded so that the next starts at a multiple of 4 (512 here).
static void test_segments(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_cpio_ struct cpio *c1 = cpio_new(), *c2 = cpio_new();
	_cleanup_free_ char *path = fs_join(dir_of(state), "two");
	_cleanup_buf_ struct buf b = {0};

	assert_int_equal(cpio_data(c1, "/kernel/x86/microcode/GenuineIntel.bin", 0444, "ucode", 5, &e), 0);
	fill(c2, false);
	write_archive(c1, path, COMPRESS_NONE, O_TRUNC);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size % 512, 0);
	write_archive(c2, path, COMPRESS_ZSTD, O_APPEND);
	assert_int_equal(fs_read(path, 0, &b, &e), 0);
	assert_memory_equal(b.data, "070701", 6);
	assert_memory_equal(b.data + st.st_size, "\x28\xb5\x2f\xfd", 4);
}

static void test_tree(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_cpio_ struct cpio *c = cpio_new();
	_cleanup_free_ char *dir = fs_join(dir_of(state), "tree"), *file = fs_join(dir, "sub/file"),
	                    *sub = fs_join(dir, "sub"), *rel = fs_join(dir, "rel"),
	                    *abs = fs_join(dir, "abs"), *out = fs_join(dir_of(state), "t.cpio");

	assert_int_equal(fs_mkdir_p(sub, 0755, &e), 0);
	assert_int_equal(fs_write_atomic(file, "data", 4, 0755, &e), 0);
	assert_int_equal(symlink("sub/file", rel), 0);
	assert_int_equal(symlink(file, abs), 0);
	assert_int_equal(cpio_tree(c, "/t", dir, &e), 0);
	write_archive(c, out, COMPRESS_GZIP, O_TRUNC);
	_cleanup_free_ char *list = listing(out);
	assert_string_equal(list, "t 40755 0 0:0 t1 i1\n"
	                          "t/abs 100555 4 0:0 t1 i2\n"
	                          "t/rel 120777 8 0:0 t1 i3 -> sub/file\n"
	                          "t/sub 40755 0 0:0 t1 i4\n"
	                          "t/sub/file 100555 4 0:0 t1 i5\n");
}

static void test_errors(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_cpio_ struct cpio *c = cpio_new();
	enum compress_kind kind;

	assert_int_equal(cpio_data(c, "/a", 0444, "x", 1, &e), 0);
	assert_int_equal(cpio_data(c, "/a", 0444, "x", 1, &e), -EEXIST);
	assert_int_equal(cpio_data(c, "/a/b", 0444, "x", 1, &e), -ENOTDIR);
	assert_int_equal(cpio_data(c, "relative", 0444, "x", 1, &e), -EINVAL);
	assert_int_equal(cpio_data(c, "/x/../y", 0444, "x", 1, &e), -EINVAL);
	assert_int_equal(cpio_dir(c, "/d", 0755, &e), 0);
	assert_int_equal(cpio_dir(c, "/d/", 0755, &e), 0);
	assert_int_equal(cpio_tree(c, "/n", "/nonexistent", &e), -ENOENT);
	assert_non_null(strstr(e.msg, "/nonexistent"));
	assert_int_equal(compress_kind_parse("brotli", &kind, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "\"zstd\""));
}

// Exchanges a secret and a link to what its folder's owner must not read, again and again.
static pid_t exchange(const char *file, const char *link)
{
	pid_t pid = fork();

	while (pid == 0)
		renameat2(AT_FDCWD, file, AT_FDCWD, link, RENAME_EXCHANGE);
	return pid;
}

static void test_secrets_race(void **state)
{
	_cleanup_free_ char *folder = fs_join(dir_of(state), "secrets"), *file = fs_join(folder, "a"),
	                    *link = fs_join(folder, "b"), *other = fs_join(dir_of(state), "not-his");
	_cleanup_err_ struct err e = {0};
	struct secrets s = {0};

	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(fs_write_atomic(file, "mine", 4, 0600, &e), 0);
	assert_int_equal(fs_write_atomic(other, "of root", 7, 0600, &e), 0);
	assert_int_equal(symlink(other, link), 0);
	secrets_add(&s, "/keys", folder);
	pid_t pid = exchange(file, link);
	bool leaked = false;
	for (int i = 0; i < 3000 && !leaked; i++) {
		_cleanup_buf_ struct buf b = {0};
		_cleanup_err_ struct err ignored = {0};

		secrets_pack(&s, "", &b, &ignored);
		leaked = b.len && memmem(b.data, b.len, "of root", 7);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	secrets_release(&s);
	assert_false(leaked);
}

// One that is too large to be looked at is none that nothing can be done with.
static void test_large_initrd(void **state)
{
	_cleanup_free_ char *file = fs_join(dir_of(state), "large");
	_cleanup_err_ struct err e = {0};
	struct initrd_contents c = {0};
	bool known = true;

	assert_int_equal(fs_write_atomic(file, "x", 1, 0600, &e), 0);
	assert_int_equal(truncate(file, ((off_t)1 << 30) + 1), 0);
	assert_int_equal(initrd_read(file, &c, &known, &e), 0);
	assert_false(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_contents),
	        cmocka_unit_test(test_same_bytes),
	        cmocka_unit_test(test_segments),
	        cmocka_unit_test(test_tree),
	        cmocka_unit_test(test_errors),
	        cmocka_unit_test(test_secrets_race),
	        cmocka_unit_test(test_large_initrd),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
