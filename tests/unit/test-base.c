// SPDX-License-Identifier: GPL-2.0-or-later
// Unit tests of src/base.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/codec.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/syscalls.h"

static void test_buf(void **state)
{
	struct buf b = {0};

	assert_string_equal(buf_str(&b), "");
	assert_ptr_equal(b.data, buf_str(&b)); // as the header says: data is a string from now on
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(strlen(buf_str(&b)), b.len);
	char *s = buf_steal(&b);
	assert_true(str_has_prefix(s, "0,1,2,"));
	assert_null(b.data);
	mem_free(s);
}

static void test_arena(void **state)
{
	struct arena a = {0};
	char *first = arena_strdup(&a, "first"), *big = arena_alloc(&a, 3 << 20);

	for (int i = 0; i < 100000; i++)
		assert_int_equal((uintptr_t)arena_alloc(&a, 17) % 16, 0);
	assert_string_equal(first, "first");
	assert_int_equal(big[(3 << 20) - 1], 0);
	// Only what came last grows where it is, as far as there is room.
	char *last = arena_alloc(&a, 20), *next;
	assert_true(arena_extend(&a, last, 20, 40));
	next = arena_alloc(&a, 1);
	assert_ptr_equal(next, last + 48);
	assert_false(arena_extend(&a, last, 40, 80));
	assert_false(arena_extend(&a, NULL, 0, 16));
	assert_false(arena_extend(&a, next, 1, (size_t)8 << 20));
	arena_release(&a);
	assert_int_equal(a.total_bytes, 0);
}

static void test_hmap(void **state)
{
	struct hmap m = {0};
	char key[32];

	for (intptr_t i = 1; i <= 5000; i++) {
		snprintf(key, sizeof(key), "key%d", (int)i);
		assert_null(hmap_put(&m, key, (void *)i));
	}
	for (intptr_t i = 1; i <= 5000; i += 2) {
		snprintf(key, sizeof(key), "key%d", (int)i);
		assert_ptr_equal(hmap_del(&m, key), (void *)i);
	}
	for (intptr_t i = 1; i <= 5000; i++) {
		snprintf(key, sizeof(key), "key%d", (int)i);
		assert_ptr_equal(hmap_get(&m, key), i % 2 ? NULL : (void *)i);
	}
	assert_int_equal(m.live, 2500);
	intptr_t last = 0;
	hmap_for_each (en, &m) {
		assert_true((intptr_t)en->value > last);
		last = (intptr_t)en->value;
	}
	assert_ptr_equal(hmap_put(&m, "key2", &m), (void *)2);
	hmap_release(&m);
}

static void test_str(void **state)
{
	uint64_t u;
	int64_t i;

	assert_int_equal(str_to_u64("18446744073709551615", &u), 0);
	assert_int_equal(str_to_u64("18446744073709551616", &u), -ERANGE);
	assert_int_equal(str_to_u64("1x", &u), -EINVAL);
	assert_int_equal(str_to_i64("-9223372036854775808", &i), 0);
	assert_int_equal(i, INT64_MIN);
	assert_int_equal(str_to_i64("9223372036854775808", &i), -ERANGE);
	assert_int_equal(str_distance("kernelParms", "kernelParams", 3), 1);
	assert_int_equal(str_distance("abc", "xyzw", 2), 3);
	char **v = strv_split("a:b::c", ":"), *j = strv_join(v, "-");
	assert_string_equal(j, "a-b-c");
	mem_free(j);
	strv_free(v);
}

// A million words take a moment: derivations and settings of strangers are split too. More may be added
// behind any number.
static void test_split_many(void **state)
{
	enum { WORDS = 1000000 };
	_cleanup_buf_ struct buf b = {0};

	for (size_t n = 1; n < 20; n++) {
		buf_adds(&b, "x ");
		_cleanup_strv_ char **v = strv_split(buf_str(&b), " ");
		strv_add(&v, "last");
		assert_int_equal(strv_len(v), n + 1);
		assert_string_equal(v[n], "last");
	}
	assert_null(strv_split("  ", " "));
	buf_clear(&b);
	for (size_t i = 0; i < WORDS; i++)
		buf_adds(&b, "x ");
	alarm(60);
	_cleanup_strv_ char **many = strv_split(buf_str(&b), " ");
	alarm(0);
	assert_int_equal(strv_len(many), WORDS);
}

static void test_codec(void **state)
{
	// sha256 of "abc" in the three texts, as 'nix-hash' writes them
	struct hash h, g;
	_cleanup_err_ struct err e = {0};

	hash_bytes(HASH_SHA256, "abc", 3, &h);
	char *h16 = hash_format(&h, HASH_BASE16, true), *h32 = hash_format(&h, HASH_NIX32, false),
	     *sri = hash_format(&h, HASH_SRI, false);
	assert_string_equal(h16, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(h32, "1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s");
	assert_string_equal(sri, "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
	assert_int_equal(hash_parse(sri, HASH_NONE, &g, &e), 0);
	assert_true(hash_eq(&h, &g));
	assert_int_equal(hash_parse(h32, HASH_SHA256, &g, &e), 0);
	assert_true(hash_eq(&h, &g));
	assert_int_equal(hash_parse(h16, HASH_SHA512, &g, &e), -EINVAL);
	assert_int_equal(hash_parse("sha256-AAAA", HASH_NONE, &g, &e), -EINVAL);
	assert_int_equal(hash_parse("zzzz", HASH_SHA256, &g, &e), -EINVAL);
	mem_free(h16);
	mem_free(h32);
	mem_free(sri);
	assert_true(codec_is_utf8("\xe2\x82\xac", 3));
	assert_false(codec_is_utf8("\xc0\x80", 2));
	assert_false(codec_is_utf8("\xed\xa0\x80", 3));
}

static void test_fs(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *dir = NULL;
	_cleanup_buf_ struct buf b = {0};

	assert_int_equal(fs_mkdtemp("/tmp", "kernix-base", &dir, &e), 0);
	_cleanup_free_ char *sub = fs_join(dir, "a/b/c"), *file = fs_join(sub, "f"),
	                    *link = fs_join(dir, "l");
	assert_int_equal(fs_mkdir_p(sub, 0755, &e), 0);
	assert_int_equal(fs_write_atomic(file, "hello", 5, 0644, &e), 0);
	assert_int_equal(fs_write_atomic(file, "world", 5, 0444, &e), 0);
	assert_int_equal(fs_read(file, 0, &b, &e), 0);
	assert_string_equal(buf_str(&b), "world");
	assert_int_equal(fs_read(file, 3, &b, &e), -EFBIG);
	assert_int_equal(fs_symlink_atomic("a", link, &e), 0);
	assert_int_equal(fs_symlink_atomic("a/b", link, &e), 0);
	_cleanup_free_ char *target = NULL;
	assert_int_equal(fs_readlink(link, &target, &e), 0);
	assert_string_equal(target, "a/b");
	_cleanup_free_ char *abs = fs_clean("/x/../y/./z//w/..");
	assert_string_equal(abs, "/y/z");
	assert_int_equal(fs_rm_rf(dir, &e), 0);
	assert_false(fs_exists(dir));
	assert_true(fs_read("/nonexistent/x", 0, &b, &e) == -ENOENT);
	assert_non_null(strstr(e.msg, "/nonexistent/x"));
}

// 'Nothing there' is an answer; everything else that goes wrong is an error.
static void test_fs_maybe(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *dir = NULL, *target = NULL, *none = NULL;
	_cleanup_buf_ struct buf b = {0};
	_cleanup_strv_ char **names = NULL, **no_names = NULL, **unset = NULL;

	assert_int_equal(fs_mkdtemp("/tmp", "kernix-base", &dir, &e), 0);
	_cleanup_free_ char *file = fs_join(dir, "f"), *below = fs_join(file, "x"), *link = fs_join(dir, "l"),
	                    *loop = fs_join(dir, "loop"), *in_loop = fs_join(loop, "x");
	assert_int_equal(fs_write_atomic(file, "hello", 5, 0644, &e), 0);
	assert_int_equal(fs_symlink_atomic("none", link, &e), 0);
	assert_int_equal(fs_symlink_atomic("loop", loop, &e), 0);
	assert_int_equal(fs_lstat_maybe(file, NULL, &e), 1);
	assert_int_equal(fs_lstat_maybe(link, NULL, &e), 1);
	assert_int_equal(fs_stat_maybe(link, NULL, &e), 0);
	assert_int_equal(fs_lstat_maybe(below, NULL, &e), 0); // the file is no folder
	assert_int_equal(fs_is_dir_maybe(dir, &e), 1);
	assert_int_equal(fs_is_dir_maybe(file, &e), 0);
	assert_int_equal(fs_read_maybe(link, 0, &b, &e), 0);
	assert_int_equal(fs_read_maybe(file, 0, &b, &e), 1);
	assert_int_equal(fs_readlink_maybe(link, &target, &e), 1);
	assert_string_equal(target, "none");
	assert_int_equal(fs_readlink_maybe(file, &none, &e), 0);
	assert_int_equal(fs_list_maybe(dir, &names, &e), 0);
	assert_int_equal(strv_len(names), 3);
	assert_int_equal(fs_list_maybe(link, &no_names, &e), 0);
	assert_int_equal(strv_len(no_names), 0);
	assert_null(e.msg);
	assert_int_equal(fs_lstat_maybe(in_loop, NULL, &e), -ELOOP);
	assert_int_equal(fs_read_maybe(loop, 0, &b, &e), -ELOOP);
	assert_int_equal(fs_list_maybe(loop, &unset, &e), -ELOOP);
	assert_int_equal(fs_read_maybe(file, 3, &b, &e), -EFBIG);
	assert_int_equal(fs_rm_rf(dir, &e), 0);
}

static void test_proc(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf out = {0};
	struct proc_opts o = {.input = "abc", .input_len = 3, .out = &out};
	char *cat[] = {"cat", NULL}, *fail[] = {"sh", "-c", "echo why >&2; exit 3", NULL},
	     *hang[] = {"sleep", "100", NULL};
	int status = -1;

	assert_int_equal(proc_run(cat, &o, &status, &e), 0);
	assert_int_equal(status, 0);
	assert_string_equal(buf_str(&out), "abc");
	assert_int_equal(proc_run_ok(fail, NULL, &e), -EIO);
	assert_non_null(strstr(e.msg, "why"));
	assert_int_equal(proc_run(hang, &(struct proc_opts){.timeout_ms = 50}, &status, &e), -ETIMEDOUT);
	char *none[] = {"no-such-program-here", NULL};
	assert_int_equal(proc_run_ok(none, NULL, &e), -ENOENT);
	assert_string_equal(e.msg, "the program 'no-such-program-here' is not installed");
	// What is missing is not sh.
	char *inside[] = {"sh", "-c", "no-such-program-here 2>/dev/null; exit 127", NULL};
	assert_int_equal(proc_run_ok(inside, NULL, &e), -EIO);
	assert_non_null(strstr(e.msg, "exit status 127"));
	assert_int_equal(proc_run_ok(cat, &(struct proc_opts){.cwd = "/no/such/folder"}, &e), -ENOENT);
	assert_string_equal(e.msg, "starting 'cat': No such file or directory");
	char *fds[] = {"sh", "-c", "find /proc/self/fd -lname /dev/null | grep -v '/[0-2]$'; echo end", NULL};
	buf_clear(&out);
	syscall_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC); // what whoever runs the test left open
	assert_int_equal(proc_run_ok(fds, &(struct proc_opts){.out = &out}, &e), 0);
	assert_string_equal(buf_str(&out), "end\n"); // nothing but the streams is handed on
}

static int collect(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	buf_addf(ctx, "[%s %s]", row ? row->name : "word", row && !row->nargs ? "" : args[0]);
	return 0;
}

static void test_opt(void **state)
{
	static const struct opt_row rows[] = {{"--jobs", "-j", 1, 0, "N", "jobs"},
	        {"--strict", NULL, 0, 1, NULL, "strict"}, {"--keep", "-k", 0, 2, NULL, "keep"},
	        {"--quiet", "-Q", 0, 3, NULL, "quiet"}, {0}};
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf b = {0};
	char *good[] = {"x", "-j4", "--jobs=5", "--strict", "w", "--", "--strict", NULL},
	     *together[] = {"x", "-kQj", "7", "-kk", NULL}, *bad[] = {"x", "--strikt", NULL},
	     *half[] = {"x", "-kz", NULL}, *wanting[] = {"x", "-kj", NULL};

	assert_int_equal(opt_parse(rows, 7, good, collect, &b, &e), 0);
	assert_string_equal(buf_str(&b), "[--jobs 4][--jobs 5][--strict ][word w][word --strict]");
	buf_clear(&b);
	assert_int_equal(opt_parse(rows, 4, together, collect, &b, &e), 0);
	assert_string_equal(buf_str(&b), "[--keep ][--quiet ][--jobs 7][--keep ][--keep ]");
	buf_clear(&b);
	assert_int_equal(opt_parse(rows, 2, half, collect, &b, &e), -EINVAL);
	err_release(&e);
	assert_int_equal(opt_parse(rows, 2, wanting, collect, &b, &e), -EINVAL);
	err_release(&e);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(opt_parse(rows, 2, bad, collect, &b, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "Did you mean '--strict'"));
}

// A folder in which others can put something in the place of ours is not used, nor one below it.
static void test_temporary_dir(void **state)
{
	_cleanup_free_ char *before = getenv("TMPDIR") ? mem_strdup(getenv("TMPDIR")) : NULL, *dir = NULL;
	_cleanup_err_ struct err e = {0};

	assert_int_equal(fs_mkdtemp("/tmp", "test-base", &dir, &e), 0);
	_cleanup_free_ char *below = fs_join(dir, "below");
	assert_int_equal(mkdir(below, 0700), 0);
	setenv("TMPDIR", below, 1);
	assert_string_equal(temporary_dir(), below);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_string_equal(temporary_dir(), "/tmp");
	assert_int_equal(chmod(dir, 01777), 0);
	assert_string_equal(temporary_dir(), below);
	if (geteuid() == 0) {
		assert_int_equal(chown(below, 65534, 65534), 0);
		assert_string_equal(temporary_dir(), "/tmp");
	}
	unsetenv("TMPDIR");
	assert_string_equal(temporary_dir(), "/tmp");
	if (before)
		setenv("TMPDIR", before, 1);
	assert_int_equal(fs_rm_rf(dir, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_buf),
	        cmocka_unit_test(test_arena),
	        cmocka_unit_test(test_hmap),
	        cmocka_unit_test(test_str),
	        cmocka_unit_test(test_split_many),
	        cmocka_unit_test(test_codec),
	        cmocka_unit_test(test_fs),
	        cmocka_unit_test(test_fs_maybe),
	        cmocka_unit_test(test_temporary_dir),
	        cmocka_unit_test(test_proc),
	        cmocka_unit_test(test_opt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
