// SPDX-License-Identifier: GPL-2.0-or-later
// Generations of system profiles, and what a system says about itself.
#include "boot-fixture.h"
#include "boot/bootspec.h"
#include "boot/generation.h"

static void test_profiles(void **state)
{
	_cleanup_free_ char *path = NULL, *name = NULL, *other = NULL, *lab = NULL, *wrong = NULL;
	_cleanup_err_ struct err e = {0};
	struct fixture *f = *state;

	assert_int_equal(sysgen_profile_path(f->s, "system", &path, &e), 0);
	assert_true(str_has_suffix(path, "/nix/var/nix/profiles/system"));
	assert_true(sysgen_profile_name(f->s, path, &name));
	assert_string_equal(name, "system");
	assert_int_equal(sysgen_profile_path(f->s, "lab", &lab, &e), 0);
	assert_true(str_has_suffix(lab, "/profiles/system-profiles/lab"));
	assert_true(sysgen_profile_name(f->s, lab, &other));
	assert_string_equal(other, "lab");
	assert_int_equal(sysgen_profile_path(f->s, "../x", &wrong, &e), -EINVAL);
	assert_int_equal(sysgen_profile_path(f->s, "", &wrong, &e), -EINVAL);
	assert_false(sysgen_profile_name(f->s, "/somewhere/else", &wrong));
	assert_null(wrong);
}

static void test_list(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_sysgens_ struct sysgens l = {0};
	struct fixture *f = *state;
	_cleanup_free_ char *one = make_system(f, "one", "", NULL), *two = make_system(f, "two", "", NULL);

	assert_int_equal(sysgens_read(f->s, &l, &e), 0);
	assert_int_equal(l.len, 0);
	assert_int_equal(sysgens_next(&l, "system", one), 1);
	add_generation(f, "system", one);
	add_generation(f, "system", two);
	add_generation(f, "system-profiles/lab", one);
	assert_int_equal(sysgens_read(f->s, &l, &e), 0);
	assert_int_equal(l.len, 3);
	assert_string_equal(l.gens[0].id, "kernix-1");
	assert_string_equal(l.gens[1].id, "kernix-2");
	assert_true(l.gens[1].current && !l.gens[0].current);
	assert_string_equal(l.gens[2].id, "kernix-lab-1");
	assert_string_equal(l.gens[1].toplevel, two);
	assert_int_equal(sysgens_next(&l, "system", two), 2); // the same again is no new one
	assert_int_equal(sysgens_next(&l, "system", one), 3);
	assert_int_equal(sysgens_next(&l, "new", one), 1);

	sysgens_add(&l, "system", 3, one, 7);
	assert_string_equal(l.gens[2].id, "kernix-3"); // before the other profile
	sysgens_add(&l, "system", 3, two, 7);          // it is there
	assert_int_equal(l.len, 4);
	assert_string_equal(sysgens_find(&l, "kernix-3")->toplevel, one);
	assert_null(sysgens_find(&l, "kernix-9"));
	sysgens_remove(&l, 0);
	assert_string_equal(l.gens[0].id, "kernix-2");
	assert_string_equal(sysgens_find_path(&l, two)->id, "kernix-2");
}

static void test_words(void **state)
{
	_cleanup_strv_ char **words = cmdline_words(" quiet  dyndbg=\"file a.c +p\" root=/dev/a\n");

	assert_int_equal(strv_len(words), 3);
	assert_string_equal(words[1], "dyndbg=\"file a.c +p\"");
	assert_true(cmdline_has("a root=x", "root") && cmdline_has("ro root", "ro"));
	assert_false(cmdline_has("rootwait noroot=1 x=\" root=1\"", "root"));
}

static void test_bootspec(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_bootspec_ struct bootspec b = {0};
	struct fixture *f = *state;
	const char *const files[] = {"nixos-version", "26.11\n", "configuration-revision", "abc", "etc/fstab",
	        "# x / y\n/dev/a / ext4\n", NULL};
	_cleanup_free_ char *system = make_system(f, "kernel one", "\"quiet\", \"a=b\"", files);

	assert_int_equal(bootspec_read(f->s, system, &b, &e), 0);
	assert_string_equal(b.params, "quiet a=b");
	assert_string_equal(b.release, "6.0.0-test");
	assert_string_equal(b.nixos_version, "26.11");
	assert_string_equal(b.revision, "abc");
	assert_true(b.has_root);
	assert_null(b.initrd);
	assert_true(str_has_prefix(b.kernel, f->root)); // where it really is
	assert_true(fs_exists(b.kernel));
}

static void test_bad_bootspec(void **state)
{
	static const char *const bad[] = {"", "[]", "{\"org.nixos.bootspec.v1\": {}}",
	        "{\"org.nixos.bootspec.v1\": {\"init\": 3}}",
	        "{\"org.nixos.bootspec.v1\": {\"init\": \"/i\"}}",
	        "{\"org.nixos.bootspec.v1\": {\"init\": \"/i\", \"kernel\": []}}",
	        ("{\"org.nixos.bootspec.v1\": {\"init\": \"/i\", \"kernel\": \"/k\", \"kernelParams\": "
	         "\"quiet\"}}"),
	        "{\"org.nixos.bootspec.v1\": {\"init\": \"/i\", \"kernel\": \"/k\", \"kernelParams\": [1]}}"};
	struct fixture *f = *state;
	struct bootspec b;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_err_ struct err e = {0};
		_cleanup_free_ char *name = str_printf("nix/store/bad%zu/boot.json", i),
		                    *path = str_printf("/nix/store/bad%zu", i);
		put(f, name, bad[i]);
		assert_int_equal(bootspec_read(f->s, path, &b, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "boot.json"));
	}
	_cleanup_err_ struct err e = {0};
	assert_int_equal(bootspec_read(f->s, "/nix/store/none", &b, &e), -ENOENT);
}

// In a private store links name /nix/store, where nothing is.
static void test_store_file(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct fixture *f = *state;
	_cleanup_free_ char *link = str_printf("%s/nix/store/a", f->root),
	                    *loop = str_printf("%s/nix/store/loop", f->root);

	put(f, "nix/store/b/lib/file", "text");
	assert_int_equal(fs_symlink_atomic("/nix/store/b/lib", link, &e), 0);
	assert_int_equal(fs_symlink_atomic("/nix/store/loop", loop, &e), 0);
	_cleanup_free_ char *file = NULL, *endless = NULL;
	assert_int_equal(store_file(f->s, "/nix/store/a/file", &file, &e), 0);
	assert_int_equal(store_file(f->s, "/nix/store/loop", &endless, &e), 0);
	assert_true(str_has_suffix(file, "/nix/store/b/lib/file") && fs_exists(file));
	assert_non_null(endless); // it ends
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_profiles, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_list, setup, teardown),
	        cmocka_unit_test(test_words),
	        cmocka_unit_test_setup_teardown(test_bootspec, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_bad_bootspec, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_store_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
