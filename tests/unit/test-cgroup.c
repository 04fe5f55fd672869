// SPDX-License-Identifier: GPL-2.0-or-later
// Control groups of builds: where our own is, by the texts of /proc, and what is written into one (a folder
// of files stands in for the kernel's).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/cgroup.h"

#define TMPFS   "25 30 0:23 / /run rw,nosuid shared:5 - tmpfs tmpfs rw\n"
#define UNIFIED "35 25 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
#define BOUND   "35 25 0:30 /docker/abc /cg rw - cgroup2 cgroup rw\n"

static const struct {
	const char *mounts, *groups, *own;
	bool top;
} own_rows[] = {
        {TMPFS UNIFIED, "0::/user.slice/session-1.scope\n", "/sys/fs/cgroup/user.slice/session-1.scope",
                false},
        {TMPFS UNIFIED, "4:memory:/x\n0::/\n", "/sys/fs/cgroup", true},
        {BOUND, "0::/docker/abc\n", "/cg", true},
        {BOUND, "0::/docker/abc/in\n", "/cg/in", false},
        {BOUND, "0::/docker/abcdef\n", NULL, false},
        {BOUND, "0::/elsewhere\n", NULL, false},
        {UNIFIED, "0::/../outside\n", NULL, false},
        {UNIFIED, "4:memory:/x\n", NULL, false},
        {TMPFS, "0::/\n", NULL, false},
        {"", "", NULL, false},
};

static void test_own(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_rows); i++) {
		bool top = false;
		_cleanup_free_ char *own = cgroup_own(own_rows[i].mounts, own_rows[i].groups, &top);
		if (!own_rows[i].own) {
			assert_null(own);
			continue;
		}
		assert_string_equal(own, own_rows[i].own);
		assert_int_equal(top, own_rows[i].top);
	}
}

static void expect_file(const char *dir, const char *name, const char *wanted)
{
	_cleanup_free_ char *path = fs_join(dir, name);
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};

	assert_int_equal(fs_read(path, 0, &b, &e), 0);
	assert_string_equal(buf_str(&b), wanted);
}

static void test_limits(void **state)
{
	const struct sandbox_limits limits = {.memory_bytes = 1ull << 33, .processes = 77}, usual = {0};
	_cleanup_free_ char *dir = NULL;
	_cleanup_err_ struct err e = {0};

	assert_int_equal(fs_mkdtemp("/tmp", "cgroup-test", &dir, &e), 0);
	// Without controllers nothing is limited, and nothing fails.
	char *group = cgroup_make(dir, "a", &limits);
	assert_non_null(group);
	assert_null(cgroup_make(dir, "a", &limits));
	_cleanup_free_ char *name = str_printf("kernix-%d-a", (int)getpid());
	assert_string_equal(str_basename(group), name);
	_cleanup_free_ char *memory = fs_join(group, "memory.max"), *pids = fs_join(group, "pids.max"),
	                    *copy = mem_strdup(group);
	assert_int_equal(fs_write_atomic(memory, "", 0, 0644, &e), 0);
	assert_int_equal(fs_write_atomic(pids, "", 0, 0644, &e), 0);
	cgroup_limit_all(group, &limits);
	expect_file(group, "memory.max", "8589934592");
	expect_file(group, "pids.max", "77");
	assert_int_equal(fs_write_atomic(memory, "", 0, 0644, &e), 0);
	cgroup_limit_all(group, &usual);
	expect_file(group, "memory.max", "");
	expect_file(group, "pids.max", "16384");
	unlink(memory);
	unlink(pids);
	cgroup_end(group);
	assert_false(fs_exists(copy));
	cgroup_end(NULL);
	fs_rm_rf(dir, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_own),
	        cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
