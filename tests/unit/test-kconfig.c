// SPDX-License-Identifier: GPL-2.0-or-later
// Kconfig against the folders of tests/kconfig/cases. A case is a Kconfig file and what must come of it:
//   base      a base of kconfig_base, or in.config: that file of the folder (listnewconfig and 'minimal' read
//   it too) config    lines of .config without its comments and blank lines; config-6.1: those of that
//   generation; whole: the file with all lines minimal   what savedefconfig gives stderr    each line must
//   occur in the warnings error     loading must fail, and each line must occur in the message versions
//   generations of conf for which the case is meant; default: 6.1 and 6.12
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/request.h"

struct run {
	const char *dir, *version;
	struct buf warnings;
	struct err err;
};

static void keep_warning(void *ctx, const char *text)
{
	buf_adds(ctx, text);
}

// The file of the case, NULL when it has none; owned.
static char *file_of(const char *dir, const char *name)
{
	_cleanup_free_ char *path = fs_join(dir, name);
	_cleanup_err_ struct err e = {};
	struct buf b = {};

	if (!fs_exists(path))
		return NULL;
	assert_int_equal(fs_read(path, 0, &b, &e), 0);
	return buf_steal(&b);
}

static void expect_lines(const struct run *r, const char *what, const char *text, const char *lines)
{
	_cleanup_strv_ char **v = strv_split(lines, "\n");

	strv_for_each (line, v) {
		if (strstr(text, line))
			continue;
		print_error("%s (%s): %s lacks the line\n  %s\nit is:\n%s\n", r->dir, r->version, what, line,
		        text);
		fail();
	}
}

static void expect_text(const struct run *r, const char *what, const char *got, const char *want)
{
	if (!strcmp(got, want))
		return;
	print_error("%s (%s): %s is\n%s\nand should be\n%s\n", r->dir, r->version, what, got, want);
	fail();
}

// Only the lines that set something.
static char *settings(const char *text)
{
	_cleanup_strv_ char **v = strv_split(text, "\n");
	struct buf b = {};

	strv_for_each (line, v)
		if (str_has_prefix(line, "CONFIG_") || str_has_suffix(line, " is not set"))
			buf_addf(&b, "%s\n", line);
	return buf_steal(&b);
}

static int load(struct run *r, struct kconfig **k)
{
	_cleanup_free_ char *version = str_printf("KERNELVERSION=%s", r->version);
	char *vars[] = {(char *)"PATH=/usr/bin:/bin", version, (char *)"SRCARCH=none",
	        (char *)"KERNIX_TEST_ENV=from outside", NULL};
	struct kconfig_env env = {.srctree = r->dir,
	        .vars = vars,
	        .warn = keep_warning,
	        .warn_ctx = &r->warnings,
	        .probe_timeout_ms = 2000};

	return kconfig_load(k, &env, &r->err);
}

static void check_result(struct run *r, struct kconfig *k, bool list_new)
{
	_cleanup_free_ char *by_version = str_printf("config-%s", r->version);
	_cleanup_free_ char *own = file_of(r->dir, by_version), *any = file_of(r->dir, "config"),
	                    *whole = file_of(r->dir, "whole");
	_cleanup_free_ char *minimal = file_of(r->dir, "minimal"), *err_lines = file_of(r->dir, "stderr");
	_cleanup_buf_ struct buf b = {}, m = {};

	if (list_new)
		kconfig_list_new(k, &b);
	else
		kconfig_write(k, &b);
	kconfig_settle(k);
	_cleanup_free_ char *lines = settings(buf_str(&b));
	if (whole)
		expect_text(r, "the file", buf_str(&b), whole);
	if (own || any)
		expect_text(r, ".config", lines, own ? own : any);
	if (minimal) {
		kconfig_write_minimal(k, &m);
		expect_text(r, "the minimal file", buf_str(&m), minimal);
	}
	if (err_lines)
		expect_lines(r, "stderr", buf_str(&r->warnings), err_lines);
}

static void apply_requests(struct run *r, struct kconfig *k)
{
	_cleanup_free_ char *json = file_of(r->dir, "requests"), *policy = file_of(r->dir, "policy");
	_cleanup_free_ char *report = file_of(r->dir, "report"), *count = file_of(r->dir, "count");
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	_cleanup_buf_ struct buf text = {};
	struct kpolicy p = {
	        .auto_modules = policy && strstr(policy, "auto"),
	        .prefer_builtin = policy && strstr(policy, "builtin"),
	        .ignore_errors = policy && strstr(policy, "ignore"),
	};

	if (!json)
		return;
	assert_int_equal(krequests_parse(&req, json, strlen(json), "requests", &r->err), 0);
	assert_int_equal(krequests_apply(k, &req, &p, &rep, &r->err), 0);
	kreport_text(&rep, false, &text);
	_cleanup_free_ char *got = str_printf("%zu %zu", rep.len, rep.fatal);
	if (strcmp(got, count))
		print_error("%s", buf_str(&text));
	expect_text(r, "the number of failures", got, count);
	if (report)
		expect_lines(r, "the report", buf_str(&text), report);
}

static void run_version(const char *dir, const char *version)
{
	struct run r = {.dir = dir, .version = version};
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_free_ char *error = file_of(dir, "error"), *base = file_of(dir, "base"),
	                    *in = file_of(dir, "in.config");
	int got = load(&r, &k);

	if (error) {
		assert_true(got < 0);
		expect_lines(&r, "the error", r.err.msg, error);
	} else {
		if (got < 0)
			print_error("%s (%s): %s\n", dir, version, r.err.msg);
		assert_int_equal(got, 0);
		if (in)
			got = kconfig_read_text(k, in, strlen(in), "in.config", &r.err);
		else
			got = kconfig_base(k, base, NULL, &r.err);
		assert_int_equal(got, 0);
		apply_requests(&r, k);
		check_result(&r, k, str_eq(base, "listnewconfig"));
	}
	err_release(&r.err);
	buf_release(&r.warnings);
}

static void run_case(void **state)
{
	const char *dir = *state;
	_cleanup_free_ char *versions = file_of(dir, "versions");
	_cleanup_strv_ char **v = strv_split(versions ? versions : "6.1 6.12", " \n");

	strv_for_each (version, v)
		run_version(dir, version);
}

static void nearest_names(void **state)
{
	_cleanup_free_ char *dir = str_printf("%s/tests/kconfig/cases/defaults", getenv("SRCDIR"));
	struct run r = {.dir = dir, .version = "6.12"};
	_cleanup_kconfig_ struct kconfig *k = NULL;

	assert_int_equal(load(&r, &k), 0);
	_cleanup_free_ const char **near = kconfig_nearest(k, "MODULE", 3);
	assert_string_equal(near[0], "MODULES");
	assert_null(kconfig_find(k, "MODULE"));
	assert_non_null(kconfig_find(k, "MODULES"));
	buf_release(&r.warnings);
}

// A base leaves nothing behind for the next one.
static void one_base_after_another(void **state)
{
	_cleanup_free_ char *dir = str_printf("%s/tests/kconfig/cases/allmod", getenv("SRCDIR"));
	static const char *const versions[] = {"6.1", "6.12"};

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct run r = {.dir = dir, .version = versions[i]};
		_cleanup_kconfig_ struct kconfig *k = NULL;
		_cleanup_free_ char *want = file_of(dir, "config");
		assert_int_equal(load(&r, &k), 0);
		assert_int_equal(kconfig_base(k, "allnoconfig", NULL, &r.err), 0);
		assert_string_equal(kconfig_value(k, kconfig_find(k, "T")), "n");
		assert_int_equal(kconfig_base(k, "allmodconfig", NULL, &r.err), 0);
		_cleanup_buf_ struct buf b = {};
		kconfig_write(k, &b);
		_cleanup_free_ char *lines = settings(buf_str(&b));
		expect_text(&r, ".config", lines, want);
		buf_release(&r.warnings);
	}
}

// A line of 10 MB, garbage, and ten thousand blocks: an error with a place, soon.
static void monsters(void **state)
{
	_cleanup_err_ struct err e = {};
	char *dir = NULL;
	struct buf b = {};

	assert_int_equal(fs_mkdtemp("/tmp", "test-kconfig", &dir, &e), 0);
	_cleanup_free_ char *path = fs_join(dir, "Kconfig");
	for (int i = 0; i < 4; i++) {
		struct run r = {.dir = dir, .version = "6.12"};
		struct kconfig *k = NULL;
		buf_clear(&b);
		if (i == 0) {
			buf_adds(&b, "config A\n\tbool \"a\"\n\tdepends on ");
			for (int j = 0; j < 2000000; j++)
				buf_adds(&b, "B && ");
			buf_adds(&b, "C\n");
		} else if (i == 1) {
			for (int j = 0; j < 100000; j++)
				buf_adds(&b, "if A\n");
		} else if (i == 2) {
			for (unsigned j = 0, x = 1; j < 1000000; j++, x = x * 1103515245 + 12345)
				buf_addc(&b, (char)(x >> 16));
		} else {
			buf_adds(&b, "config A\n\tbool \"a\"\n\tdepends on ");
			buf_addn(&b, '(', 3000000);
		}
		assert_int_equal(fs_write_atomic(path, b.data, b.len, 0644, &e), 0);
		assert_true(load(&r, &k) < 0);
		assert_non_null(strstr(r.err.msg, "Kconfig:"));
		err_release(&r.err);
		buf_release(&r.warnings);
	}
	buf_release(&b);
	fs_rm_rf(dir, &e);
	mem_free(dir);
}

int main(void)
{
	_cleanup_free_ char *dir =
	        str_printf("%s/tests/kconfig/cases", getenv("SRCDIR") ? getenv("SRCDIR") : KERNIX_SOURCE_DIR);
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {};
	struct CMUnitTest *tests;
	size_t n = 0;

	setenv("SRCDIR", KERNIX_SOURCE_DIR, 0);
	if (fs_list(dir, &names, &e) < 0)
		return 1;
	tests = mem_array(strv_len(names) + 3, sizeof(*tests));
	strv_for_each (name, names)
		tests[n++] = (struct CMUnitTest){
		        .name = name, .test_func = run_case, .initial_state = fs_join(dir, name)};
	tests[n++] = (struct CMUnitTest){.name = "nearest-names", .test_func = nearest_names};
	tests[n++] =
	        (struct CMUnitTest){.name = "one-base-after-another", .test_func = one_base_after_another};
	tests[n++] = (struct CMUnitTest){.name = "monsters", .test_func = monsters};
	int failed = _cmocka_run_group_tests("kconfig", tests, n, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		mem_free(tests[i].initial_state);
	mem_free(tests);
	return failed;
}
