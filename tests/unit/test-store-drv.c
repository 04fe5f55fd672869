// SPDX-License-Identifier: GPL-2.0-or-later
// Derivations against what Nix 2.35.2 wrote (tests/store/drv-cases.txt: id, path or "-", text), and malformed
// ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/drv.h"
#include "store/store.h"

static struct store *open_dummy(void)
{
	_cleanup_err_ struct err e = {0};
	struct store *s = NULL;

	unsetenv("NIX_STORE_DIR");
	assert_int_equal(store_open("dummy://", 0, &s, &e), 0);
	return s;
}

static char *name_of(const char *path, const char *text)
{
	if (path[0] == '/')
		return store_drv_name(path);
	const char *name = strstr(text, "(\"name\",\"");
	name = name ? name + strlen("(\"name\",\"") : "x";
	return mem_strndup(name, strcspn(name, "\""));
}

// Text, path and, where no input is needed, output paths.
static void check_case(struct store *s, const char *id, const char *path, const char *text)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_drv_ struct drv *d = NULL;
	_cleanup_buf_ struct buf again = {0};
	_cleanup_free_ char *name = name_of(path, text), *got = NULL;

	if (drv_parse(text, strlen(text), name, &d, &e) < 0)
		fail_msg("%s: %s", id, e.msg);
	drv_print(d, &again);
	assert_string_equal(buf_str(&again), text);
	assert_int_equal(drv_path(s, d, &got, &e), 0);
	if (path[0] == '/')
		assert_string_equal(got, path);
	bool floating = !drv_is_fixed(d) && *d->outputs[0].hash_algo; // experimental
	if ((d->n_inputs == 0 || drv_is_fixed(d)) && !floating)
		if (drv_check_outputs(s, d, &e) < 0)
			fail_msg("%s: %s", id, e.msg);
}

static void test_cases(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf text = {0};
	struct store *s = open_dummy();
	size_t n = 0;

	(void)state;
	_cleanup_free_ char *file = str_printf("%s/tests/store/drv-cases.txt", getenv("SRCDIR"));
	assert_int_equal(fs_read(file, 0, &text, &e), 0);
	_cleanup_strv_ char **lines = strv_split(buf_str(&text), "\n");
	for (; lines[n]; n++) {
		char *path = strchr(lines[n], '\t'), *drv = path ? strchr(path + 1, '\t') : NULL;
		assert_non_null(drv);
		*path++ = *drv++ = '\0';
		check_case(s, lines[n], path, drv);
	}
	assert_true(n >= 90);
	store_close(s);
}

// A derivation that is made piece by piece, with an input that is only remembered (read-only store).
static void test_build(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_drv_ struct drv *a = drv_new("dep"), *b = drv_new("top");
	_cleanup_free_ char *a_path = NULL, *b_path = NULL;
	struct store *s = open_dummy();

	(void)state;
	drv_set_system(a, "x86_64-linux");
	drv_set_builder(a, "/bin/sh");
	drv_add_output(a, "out", "", "", "");
	drv_set_env(a, "out", "");
	drv_set_env(a, "name", "dep");
	drv_set_env(a, "builder", "/bin/sh");
	drv_set_env(a, "system", "x86_64-linux");
	assert_int_equal(drv_fill_outputs(s, a, &e), 0);
	assert_int_equal(drv_write(s, a, &a_path, &e), 0);
	// nix-instantiate -E 'derivation { name = "dep"; system = "x86_64-linux"; builder = "/bin/sh"; }'
	assert_string_equal(a_path, "/nix/store/548a6rq39jc405w6j0l7m162vw46fsk3-dep.drv");
	assert_string_equal(a->outputs[0].path, "/nix/store/8jwbf2iqmfilb880600kamhd6yr138gs-dep");
	drv_set_system(b, "x86_64-linux");
	drv_set_builder(b, "/bin/sh");
	drv_add_arg(b, a->outputs[0].path);
	drv_add_input(b, a_path, "out");
	drv_add_input(b, a_path, "out");
	drv_add_output(b, "out", NULL, NULL, NULL);
	drv_add_output(b, "dev", NULL, NULL, NULL);
	drv_set_env(b, "out", "");
	drv_set_env(b, "dev", "");
	drv_set_env(b, "name", "top");
	drv_set_env(b, "outputs", "out dev");
	drv_set_env(b, "builder", "/bin/sh");
	drv_set_env(b, "system", "x86_64-linux");
	assert_int_equal(drv_fill_outputs(s, b, &e), 0);
	assert_int_equal(b->n_inputs, 1);
	assert_int_equal(drv_write(s, b, &b_path, &e), 0);
	// the same with args = [ dep ]; outputs = [ "out" "dev" ];
	assert_string_equal(b_path, "/nix/store/krp8dxjg187p951zgbwjham1yfzk9djm-top.drv");
	assert_string_equal(
	        drv_output(b, "dev")->path, "/nix/store/v7id5bhlcf6rlmy89p3r2x6s1z1q4r9n-top-dev");
	assert_int_equal(drv_check_outputs(s, b, &e), 0);
	store_close(s);
}

static void test_malformed(void **state)
{
	static const char nul[] = "Derive([],[],[],\"s\0\",\"b\",[],[])";
	static const char *const bad[] = {
	        "",
	        "Derive(",
	        "Derive([],[],[],\"s\",\"b\",[],[]) ",
	        "Derive([],[],[],\"s\",\"b\",[],[(\"a\",\"1\"),(\"a\",\"2\")])",
	        "Derive([(\"out\",\"\",\"\",\"\"),(\"out\",\"\",\"\",\"\")],[],[],\"s\",\"b\",[],[])",
	        "Derive([],[],[],\"s\",\"b\",[],[(\"a\",\"\\",
	        "Derive([],[(\"x\",[\"out\"]],[],\"s\",\"b\",[],[])",
	        "Derive([],[],[],\"s\",\"b\",[\"x\",],[])",
	        "DrvWithVersion(\"xp-dyn-drv\",[],[],[],\"s\",\"b\",[],[])",
	};
	_cleanup_err_ struct err e = {0};
	struct drv *d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(drv_parse(bad[i], strlen(bad[i]), "x", &d, &e), -EBADMSG);
	assert_int_equal(drv_parse(nul, sizeof(nul) - 1, "x", &d, &e), -EBADMSG);
}

static void test_escapes(void **state)
{
	static const char text[] = "Derive([],[],[],\"s\",\"b\\\"\",[\"\\\\n\\n\\t\\r\"],[(\"a\\\\\",\"\")])";
	_cleanup_err_ struct err e = {0};
	_cleanup_drv_ struct drv *d = NULL;
	_cleanup_buf_ struct buf again = {0};

	(void)state;
	assert_int_equal(drv_parse(text, strlen(text), "x", &d, &e), 0);
	assert_string_equal(d->args[0], "\\n\n\t\r");
	assert_string_equal(d->builder, "b\"");
	assert_string_equal(d->env[0].name, "a\\");
	drv_print(d, &again);
	assert_string_equal(buf_str(&again), text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cases),
	        cmocka_unit_test(test_build),
	        cmocka_unit_test(test_malformed),
	        cmocka_unit_test(test_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
