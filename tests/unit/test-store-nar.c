// SPDX-License-Identifier: GPL-2.0-or-later
// NAR: writing, restoring, hashing, and refusing what is malformed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/nar.h"

static void write_file(const char *dir, const char *name, const char *text, size_t len, mode_t mode)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *path = fs_join(dir, name);

	assert_int_equal(fs_write_atomic(path, text, len, mode, &e), 0);
	assert_int_equal(chmod(path, mode), 0);
}

// A tree with one of everything.
static char *make_tree(void)
{
	_cleanup_err_ struct err e = {0};
	char *dir = NULL;

	assert_int_equal(fs_mkdtemp("/tmp", "test-nar", &dir, &e), 0);
	_cleanup_free_ char *sub = fs_join(dir, "t/sub"), *link = fs_join(dir, "t/link"),
	                    *top = fs_join(dir, "t");
	assert_int_equal(fs_mkdir_p(sub, 0755, &e), 0);
	write_file(top, "empty", "", 0, 0644);
	write_file(top, "run", "#!/bin/sh\n", 10, 0755);
	write_file(top, "Upper", "12345678", 8, 0600);
	write_file(sub, "nul", "a\0b", 3, 0444);
	assert_int_equal(symlink("../nowhere", link), 0);
	return dir;
}

static void remove_tree(char *dir)
{
	_cleanup_err_ struct err e = {0};

	assert_int_equal(fs_rm_rf(dir, &e), 0);
	mem_free(dir);
}

static void dump(const char *path, struct buf *b)
{
	_cleanup_err_ struct err e = {0};
	struct sink out = sink_buf(b);

	assert_int_equal(nar_dump(path, NULL, &out, &e), 0);
}

static void test_round_trip(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf nar = {0}, again = {0};
	char *dir = make_tree();
	_cleanup_free_ char *tree = fs_join(dir, "t"), *copy = fs_join(dir, "copy"),
	                    *file = fs_join(dir, "copy/run");
	struct hash a, b;
	uint64_t size_a, size_b;
	struct stat st;

	(void)state;
	dump(tree, &nar);
	// nix-hash --type sha256 --base32 of the same tree by Nix 2.8
	hash_bytes(HASH_SHA256, nar.data, nar.len, &a);
	_cleanup_free_ char *text = hash_format(&a, HASH_NIX32, false);
	assert_string_equal(text, "0cj2q7p36gi90r31br66il47lv9avdy969lcn8d1r5zzc39nsn1l");
	struct source_mem m = {.data = nar.data, .len = nar.len};
	struct source in = source_mem(&m);
	assert_int_equal(nar_restore(&in, copy, true, &e), 0);
	assert_int_equal(m.pos, m.len);
	dump(copy, &again);
	assert_int_equal(nar.len, again.len);
	assert_memory_equal(nar.data, again.data, nar.len);
	assert_int_equal(lstat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(st.st_mtime, 1);
	assert_int_equal(lstat(copy, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(nar_hash_path(copy, HASH_SHA256, NULL, &b, &size_a, &e), 0);
	assert_true(hash_eq(&a, &b));
	m.pos = 0;
	assert_int_equal(nar_hash_source(&in, HASH_SHA256, &b, &size_b, &e), 0);
	assert_true(hash_eq(&a, &b));
	assert_int_equal(size_a, nar.len);
	assert_int_equal(size_b, nar.len);
	m.pos = 0;
	assert_int_equal(nar_restore(&in, copy, true, &e), -EEXIST);
	remove_tree(dir);
}

// Every cut and a flipped bit at every place: never a crash, never a success that is not the same tree.
static void test_damage(void **state)
{
	_cleanup_buf_ struct buf nar = {0};
	char *dir = make_tree();
	_cleanup_free_ char *tree = fs_join(dir, "t");
	struct nar_visitor nothing = {0};

	(void)state;
	dump(tree, &nar);
	for (size_t len = 0; len < nar.len; len++) {
		_cleanup_err_ struct err e = {0};
		struct source_mem m = {.data = nar.data, .len = len};
		struct source in = source_mem(&m);
		assert_int_equal(nar_parse(&in, &nothing, &e), -EBADMSG);
	}
	for (size_t i = 0; i < nar.len; i++) {
		_cleanup_err_ struct err e = {0};
		struct source_mem m = {.data = nar.data, .len = nar.len};
		struct source in = source_mem(&m);
		nar.data[i] ^= 0x80;
		int r = nar_parse(&in, &nothing, &e);
		assert_true(r == 0 || r == -EBADMSG);
		nar.data[i] ^= 0x80;
	}
	remove_tree(dir);
}

static void put(struct buf *b, const char *s)
{
	size_t len = strlen(s);

	buf_add_le64(b, len);
	buf_adds(b, s);
	buf_addn(b, '\0', (8 - len % 8) % 8);
}

static void put_all(struct buf *b, const char *words)
{
	_cleanup_strv_ char **v = strv_split(words, " ");

	strv_for_each (w, v)
		put(b, str_eq(w, "EMPTY") ? "" : w);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
	        "nix-archive-2 ( type regular contents EMPTY )",
	        "nix-archive-1 ( type directory entry ( name .. node ( type regular contents EMPTY ) ) )",
	        "nix-archive-1 ( type directory entry ( name . node ( type regular contents EMPTY ) ) )",
	        "nix-archive-1 ( type directory entry ( name a/b node ( type regular contents EMPTY ) ) )",
	        "nix-archive-1 ( type directory entry ( name EMPTY node ( type regular contents EMPTY ) ) )",
	        "nix-archive-1 ( type directory entry ( name b node ( type regular contents EMPTY ) ) "
	        "entry ( name a node ( type regular contents EMPTY ) ) )",
	        "nix-archive-1 ( type directory entry ( name a node ( type regular contents EMPTY ) ) "
	        "entry ( name a node ( type regular contents EMPTY ) ) )",
	        "nix-archive-1 ( type regular executable x contents EMPTY )",
	        "nix-archive-1 ( type regular )",
	        "nix-archive-1 ( type symlink target EMPTY )",
	        "nix-archive-1 ( type fifo )",
	        "nix-archive-1 ( type directory node )",
	};
	static const char good[] =
	        "nix-archive-1 ( type directory entry ( name a node ( type regular executable EMPTY "
	        "contents EMPTY ) ) entry ( name b node ( type symlink target x ) ) )";
	struct nar_visitor nothing = {0};

	(void)state;
	for (size_t i = 0; i <= ARRAY_SIZE(bad); i++) {
		_cleanup_err_ struct err e = {0};
		_cleanup_buf_ struct buf b = {0};
		put_all(&b, i < ARRAY_SIZE(bad) ? bad[i] : good);
		struct source_mem m = {.data = b.data, .len = b.len};
		struct source in = source_mem(&m);
		assert_int_equal(nar_parse(&in, &nothing, &e), i < ARRAY_SIZE(bad) ? -EBADMSG : 0);
	}
}

static void test_depth(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf b = {0};
	struct nar_visitor nothing = {0};

	(void)state;
	put(&b, "nix-archive-1");
	for (int i = 0; i < 100000; i++)
		put_all(&b, "( type directory entry ( name d node");
	struct source_mem m = {.data = b.data, .len = b.len};
	struct source in = source_mem(&m);
	assert_int_equal(nar_parse(&in, &nothing, &e), -EBADMSG);
}

// Large enough for the thread of the digest to start.
static void test_big(void **state)
{
	_cleanup_err_ struct err e = {0};
	size_t len = 5u << 20;
	char *data = mem_alloc(len), *dir = NULL;
	_cleanup_buf_ struct buf nar = {0};
	struct hash a, b;

	(void)state;
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(i * 31 >> 3);
	assert_int_equal(fs_mkdtemp("/tmp", "test-nar", &dir, &e), 0);
	write_file(dir, "big", data, len, 0644);
	_cleanup_free_ char *file = fs_join(dir, "big");
	dump(file, &nar);
	hash_bytes(HASH_SHA256, nar.data, nar.len, &a);
	assert_int_equal(nar_hash_path(file, HASH_SHA256, NULL, &b, NULL, &e), 0);
	assert_true(hash_eq(&a, &b));
	struct sink out = sink_buf(&nar);
	buf_clear(&nar);
	assert_int_equal(nar_dump_bytes(data, len, false, &out, &e), 0);
	hash_bytes(HASH_SHA256, nar.data, nar.len, &b);
	assert_true(hash_eq(&a, &b));
	mem_free(data);
	remove_tree(dir);
}

static int keep_short(void *ctx, const char *path, char type, bool *ret_keep, struct err *e)
{
	(void)e;
	assert_true(*path && *path != '/'); // below the root
	*(int *)ctx += type == 'd';
	*ret_keep = strlen(str_basename(path)) < 4;
	return 0;
}

static void test_filter(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf nar = {0};
	char *dir = make_tree();
	_cleanup_free_ char *tree = fs_join(dir, "t");
	int dirs = 0;
	struct nar_filter filter = {keep_short, &dirs};
	struct sink out = sink_buf(&nar);

	(void)state;
	assert_int_equal(nar_dump(tree, &filter, &out, &e), 0);
	assert_int_equal(dirs, 1);
	assert_non_null(memmem(nar.data, nar.len, "nul", 3));
	assert_null(memmem(nar.data, nar.len, "Upper", 5));
	remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_round_trip),
	        cmocka_unit_test(test_damage),
	        cmocka_unit_test(test_refused),
	        cmocka_unit_test(test_depth),
	        cmocka_unit_test(test_big),
	        cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
