// SPDX-License-Identifier: GPL-2.0-or-later
// Boot entries as a library: finding the loader, plans, what may go, trials and their end, files by content,
// blocks in other people's files.
#include "boot-fixture.h"
#include "boot/bootentry.h"
#include "boot/bootfile.h"

static void with_grub(struct fixture *f)
{
	put(f, "boot/grub/grub.cfg", "source custom.cfg\n");
	put(f, "etc/fstab", "/dev/host / ext4 defaults 0 1\n");
}

static struct boot *open_boot(struct fixture *f, const char *booted)
{
	_cleanup_err_ struct err e = {0};
	struct boot *b = NULL;

	assert_int_equal(boot_open(&(struct boot_opts){.root = f->root, .booted = booted}, true, &b, &e), 0);
	return b;
}

static void apply(struct fixture *f, struct boot *b, const struct boot_choice *choice)
{
	_cleanup_boot_plan_ struct boot_plan *plan = NULL;
	_cleanup_sysgens_ struct sysgens gens = {0};
	_cleanup_err_ struct err e = {0};

	assert_int_equal(sysgens_read(f->s, &gens, &e), 0);
	assert_int_equal(boot_plan_new(b, f->s, &gens, choice, &plan, &e), 0);
	assert_int_equal(boot_plan_apply(plan, &e), 0);
}

static void test_block(void **state)
{
	_cleanup_free_ char *a = marked_block("host\n", "x\n", false), *b = marked_block(a, "y\n", false),
	                    *c = marked_block(b, NULL, false), *first = marked_block("host", "x\n", true),
	                    *cut = marked_block("host\n# BEGIN kernix\nhalf", "x\n", false);

	assert_true(marked_block_is_in(a) && str_has_prefix(a, "host\n# BEGIN kernix") &&
	            str_has_suffix(a, "x\n# END kernix\n"));
	assert_non_null(strstr(b, "\ny\n"));
	assert_null(strstr(b, "\nx\n"));
	assert_string_equal(c, "host\n");
	assert_true(str_has_prefix(first, "# BEGIN kernix") && str_has_suffix(first, "host\n"));
	assert_true(str_has_suffix(cut, "x\n# END kernix\n") && !strstr(cut, "half"));
}

static void test_find(void **state)
{
	_cleanup_err_ struct err none = {0}, two = {0}, unknown = {0}, e = {0};
	struct fixture *f = *state;
	const struct loader *l = NULL;
	struct boot_place p = {0};

	assert_int_equal(loader_find(f->root, NULL, &l, &p, &none), -ENOENT);
	assert_non_null(strstr(none.msg, "no folder"));
	assert_int_equal(loader_find(f->root, "lilo", &l, &p, &unknown), -EINVAL);
	with_grub(f);
	put(f, "boot/efi/loader/loader.conf", "");
	assert_int_equal(loader_find(f->root, NULL, &l, &p, &two), -EEXIST);
	assert_int_equal(loader_find(f->root, "systemd-boot", &l, &p, &e), 0);
	assert_ptr_equal(l, &loader_systemd);
	assert_true(str_has_suffix(p.dir, "/boot/efi"));
	boot_place_release(&p);
	put(f, "boot/kernix/grub.cfg", "# kernix-entry kernix-1\n"); // ours are there
	assert_int_equal(loader_find(f->root, NULL, &l, &p, &e), 0);
	assert_ptr_equal(l, &loader_grub);
	boot_place_release(&p);
}

static void test_trial(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *one = make_system(f, "one", "\"quiet\"", NULL),
	                    *two = make_system(f, "two", "\"panic=5\"", NULL), *id = NULL;
	_cleanup_choice_ struct boot_choice choice = {0}, after = {0}, again = {0}, third = {0};
	_cleanup_sysgens_ struct sysgens gens = {0};
	_cleanup_err_ struct err e = {0};
	enum boot_outcome outcome;

	with_grub(f);
	add_generation(f, "system", one);
	add_generation(f, "system", two);
	assert_int_equal(sysgens_read(f->s, &gens, &e), 0);
	_cleanup_boot_ struct boot *b = open_boot(f, two);
	assert_int_equal(boot_choose(b, &gens.gens[1], false, 2, &choice, &e), 0);
	assert_null(choice.normal);
	assert_string_equal(choice.trial, "kernix-2");
	apply(f, b, &choice);
	_cleanup_free_ char *env = get(f, "boot/kernix/grubenv"), *menu = get(f, "boot/kernix/grub.cfg");
	assert_int_equal(strlen(env), 1024);
	assert_non_null(strstr(env, "kernix_try=kernix-2\nkernix_tries=2\n"));
	// No panic= of ours beside its own; and nobody will confirm the start here, so stage 2 has no limit.
	assert_non_null(strstr(menu, "'panic=5' 'root=/dev/host' 'rw' 'kernix.trial=0,180'\n"));
	assert_null(strstr(menu, "panic=10"));
	assert_non_null(strstr(menu, "'test'\\''s two, generation 2")); // quoted

	const char *why;
	assert_false(boot_protects(b, &gens.gens[0], &why));
	assert_true(boot_protects(b, &gens.gens[1], &why));

	assert_int_equal(boot_confirm(b, &gens, &after, &outcome, &id, &e), 0);
	assert_int_equal(outcome, BOOT_CONFIRMED);
	assert_string_equal(after.normal, "kernix-2");
	assert_null(after.trial);
	assert_true(boot_is_good(b, two) && !boot_is_good(b, one));
	apply(f, b, &after);
	assert_int_equal(boot_choose(b, &gens.gens[1], false, 1, &again, &e), 0);
	assert_null(again.trial); // it has come up: no trial
	assert_int_equal(boot_choose(b, &gens.gens[0], false, 1, &third, &e), 0);
	assert_string_equal(third.normal, "kernix-2");
	assert_string_equal(third.trial, "kernix-1");
}

static void test_failed_trial(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *one = make_system(f, "one", "", NULL), *id = NULL;
	_cleanup_choice_ struct boot_choice choice = {.trial = mem_strdup("kernix-1"), .tries = 1},
	                                    after = {0};
	_cleanup_sysgens_ struct sysgens gens = {0};
	_cleanup_err_ struct err e = {0};
	enum boot_outcome outcome;

	with_grub(f);
	add_generation(f, "system", one);
	assert_int_equal(sysgens_read(f->s, &gens, &e), 0);
	_cleanup_boot_ struct boot *b = open_boot(f, NULL);
	apply(f, b, &choice);
	assert_int_equal(boot_confirm(b, &gens, &after, &outcome, &id, &e), 0);
	assert_int_equal(outcome, BOOT_OTHER); // it has not been tried yet
	boot_choice_release(&after);
	mem_free(TAKE_PTR(id));
	put(f, "boot/kernix/grubenv", "# GRUB Environment Block\nkernix_try=kernix-1\nkernix_tries=0\n####");
	_cleanup_boot_ struct boot *later = NULL;
	boot_close(TAKE_PTR(b));
	later = open_boot(f, NULL);
	assert_int_equal(boot_confirm(later, &gens, &after, &outcome, &id, &e), 0);
	assert_int_equal(outcome, BOOT_FAILED);
	assert_string_equal(id, "kernix-1");
	assert_null(after.trial);
}

static void test_files(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *a = fs_join(f->root, "a"), *b = fs_join(f->root, "b"),
	                    *dir = fs_join(f->root, "boot/kernix");
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **stale = NULL;
	struct bootfiles files;
	const struct bootfile *one, *same, *other;
	uint64_t bytes;

	put(f, "a", "content");
	put(f, "b", "content");
	put(f, "boot/kernix/.new-left-over", "half");
	put(f, "boot/kernix/00000000000000000000000000000000-kernel", "old");
	put(f, "boot/kernix/11111111111111111111111111111111-initrd", "named");
	put(f, "boot/kernix/somebody-kernel", "else's");
	bootfiles_init(&files, dir);
	assert_int_equal(bootfiles_add(&files, a, "kernel", &one, &e), 0);
	_cleanup_free_ char *name = mem_strdup(one->name);
	assert_int_equal(bootfiles_add(&files, b, "kernel", &same, &e), 0);
	assert_string_equal(same->name, name); // by content
	assert_int_equal(bootfiles_add(&files, a, "initrd", &other, &e), 0);
	assert_int_equal(files.len, 2);
	assert_int_equal(bootfiles_missing_bytes(&files), 2 * 4096);
	assert_int_equal(bootfiles_stale(&files, "entry names 11111111111111111111111111111111-initrd",
	                         &stale, &bytes, &e),
	        0);
	assert_int_equal(strv_len(stale), 2);
	assert_true(strv_has(stale, ".new-left-over") &&
	            strv_has(stale, "00000000000000000000000000000000-kernel"));
	assert_int_equal(bootfiles_copy(&files, &e), 0);
	assert_int_equal(bootfiles_missing_bytes(&files), 0);
	_cleanup_free_ char *copied = fs_join("boot/kernix", name), *text = get(f, copied);
	assert_string_equal(text, "content");
	assert_int_equal(bootfiles_remove(&files, stale, &e), 0);
	bootfiles_release(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_block),
	        cmocka_unit_test_setup_teardown(test_find, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_trial, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_failed_trial, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_files, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
