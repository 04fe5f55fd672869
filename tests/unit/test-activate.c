// SPDX-License-Identifier: GPL-2.0-or-later
// Activation on a root in a folder, whose proc/sys and sys/module are files: what is planned, done, refused
// and taken back.
#include "boot-fixture.h"
#include "boot/activate.h"

static const char *const files[] = {"etc/sysctl.d/60-nixos.conf",
        "kernel.sysrq=1\nnet.ipv4.conf.eth0/1.rp_filter=2\nvm.none=3\n", "etc/modules-load.d/nixos.conf",
        "loop\nno-such-module-of-ours\n", "etc/modprobe.d/nixos.conf", "\n\noptions loop max_loop=5\n",
        "etc/modprobe.d/10-extra.conf", "blacklist pcspkr\n", NULL};

static struct activation *plan(struct fixture *f, const char *system, bool persistent, const char *release)
{
	_cleanup_err_ struct err e = {0};
	struct activation *a = NULL;
	struct activate_opts o = {.root = f->root,
	        .toplevel = system,
	        .persistent = persistent,
	        .live = release != NULL,
	        .release = release};

	assert_int_equal(activation_plan(f->s, &o, &a, &e), 0);
	return a;
}

// Does a change begin with word and have what somewhere?
static bool has_change(struct activation *a, const char *word, const char *what)
{
	strv_for_each (c, activation_changes(a))
		if (str_has_prefix(c, word) && strstr(c, what))
			return true;
	return false;
}

static void test_files(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *system = make_system(f, "one", "", files);
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **failed = NULL;

	put(f, "etc/sysctl.d/10-host.conf", "vm.swappiness=1\n");
	put(f, "etc/modprobe.d/kernix-old.conf", "options x y=1\n");
	_cleanup_activation_ struct activation *a = plan(f, system, true, NULL);
	assert_true(has_change(a, "write ", "/etc/sysctl.d/60-kernix.conf\n    + kernel.sysrq=1"));
	assert_true(has_change(a, "write ", "/etc/modprobe.d/10-kernix-extra.conf"));
	assert_true(has_change(a, "remove ", "kernix-old.conf"));
	assert_false(has_change(a, "remove ", "10-host.conf"));
	_cleanup_free_ char *before = get(f, "etc/sysctl.d/60-kernix.conf");
	assert_null(before); // a plan writes nothing
	assert_int_equal(activation_apply(a, &failed, &e), 0);
	assert_null(failed);
	_cleanup_free_ char *text = get(f, "etc/modprobe.d/kernix.conf"),
	                    *host = get(f, "etc/sysctl.d/10-host.conf");
	assert_non_null(strstr(text, "nixos.conf.\noptions loop max_loop=5\n"));
	assert_string_equal(host, "vm.swappiness=1\n");
	_cleanup_activation_ struct activation *again = plan(f, system, true, NULL);
	assert_int_equal(strv_len(activation_changes(again)), 0);

	_cleanup_activation_ struct activation *gone = plan(f, NULL, true, NULL);
	assert_int_equal(strv_len(activation_changes(gone)), 4);
	assert_int_equal(activation_apply(gone, &failed, &e), 0);
	_cleanup_free_ char *after = get(f, "etc/modprobe.d/kernix.conf"),
	                    *stays = get(f, "etc/sysctl.d/10-host.conf");
	assert_null(after);
	assert_non_null(stays);
}

static void test_volatile(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *system = make_system(f, "one", "", files);
	_cleanup_activation_ struct activation *a = plan(f, system, false, NULL);

	assert_true(has_change(a, "write ", "/run/modprobe.d/kernix.conf"));
	assert_false(has_change(a, "write ", "/etc/"));
}

static void test_live(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *system = make_system(f, "one", "", files);
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **failed = NULL;

	put(f, "proc/sys/kernel/sysrq", "0\n");
	put(f, "proc/sys/net/ipv4/conf/eth0.1/rp_filter", "2\n");
	put(f, "sys/module/loop/x", "");
	_cleanup_activation_ struct activation *a = plan(f, system, true, "6.0.0-test");
	assert_true(has_change(a, "set the sysctl ", "kernel.sysrq = 1 (now 0)"));
	assert_false(has_change(a, "set the sysctl ", "rp_filter")); // has the value
	assert_true(has_change(a, "set the sysctl ", "vm.none = 3 (now not there)"));
	assert_true(has_change(a, "load the module ", "no-such-module-of-ours"));
	assert_false(has_change(a, "load the module ", "loop")); // is there
	assert_int_equal(activation_apply(a, &failed, &e), 0);
	assert_int_equal(strv_len(failed), 2); // the key and the module that are not there
	assert_non_null(strstr(failed[0], "vm/none"));
	_cleanup_free_ char *value = get(f, "proc/sys/kernel/sysrq");
	assert_true(str_has_prefix(value, "1"));

	_cleanup_activation_ struct activation *other = plan(f, system, true, "5.5.5");
	assert_int_equal(strv_len(activation_notes(other)), 1);
	assert_non_null(strstr(
	        activation_notes(other)[0], "the running kernel is 5.5.5, the system's is 6.0.0-test"));
	assert_false(has_change(other, "load the module ", ""));
}

// Units are links below /run, where systemd runs; what was changed is restarted, what is gone is stopped
// first.
static void test_units(void **state)
{
	static const char *const one[] = {"etc/systemd/system/a.service", "a 1\n",
	        "etc/systemd/system/multi-user.target.wants/a.service", "a 1\n",
	        "etc/systemd/system/b.service", "b 1\n", "etc/systemd/system/c.timer", "c\n", NULL};
	static const char *const two[] = {"etc/systemd/system/a.service", "a 1\n",
	        "etc/systemd/system/multi-user.target.wants/a.service", "a 1\n",
	        "etc/systemd/system/b.service", "b 2\n", "etc/systemd/system/x.slice.d/10.conf", "x\n", NULL};
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **failed = NULL;
	_cleanup_free_ char *first = make_system(f, "one", "", one), *second = make_system(f, "two", "", two),
	                    *foreign = fs_join(f->root, "run/systemd/system/host.service");

	_cleanup_activation_ struct activation *none = plan(f, first, false, NULL);
	assert_false(has_change(none, "add the unit ", "")); // another init
	put(f, "run/systemd/system/transient.service", "of systemd-run\n");
	assert_int_equal(fs_symlink_atomic("/lib/systemd/system/host.service", foreign, &e), 0);
	_cleanup_activation_ struct activation *a = plan(f, first, false, NULL);
	assert_true(has_change(a, "add the unit ", "a.service") && has_change(a, "add the unit ", "c.timer"));
	assert_int_equal(activation_apply(a, &failed, &e), 0);
	assert_null(failed);
	_cleanup_free_ char *wants = fs_join(f->root, "run/systemd/system/multi-user.target.wants/a.service"),
	                    *target = NULL;
	assert_int_equal(fs_readlink(wants, &target, &e), 0);
	assert_true(str_has_prefix(target, first));
	_cleanup_activation_ struct activation *again = plan(f, first, true, "6.0.0-test");
	assert_int_equal(strv_len(activation_changes(again)), 0);

	_cleanup_activation_ struct activation *b = plan(f, second, true, "6.0.0-test");
	assert_string_equal(activation_changes(b)[0], "stop c.timer");
	assert_true(has_change(b, "remove the unit ", "c.timer"));
	assert_true(has_change(b, "change the unit ", "b.service"));
	assert_true(has_change(b, "try-restart b.service", ""));
	assert_true(has_change(b, "add the unit ", "x.slice.d/10.conf"));
	assert_false(has_change(b, "", "a.service")); // the same text at another place
	assert_false(has_change(b, "", "host.service") || has_change(b, "", "transient"));

	_cleanup_activation_ struct activation *gone = plan(f, NULL, true, NULL);
	assert_int_equal(activation_apply(gone, &failed, &e), 0);
	_cleanup_free_ char *stays = get(f, "run/systemd/system/transient.service");
	assert_non_null(stays);
	assert_true(fs_exists(foreign) && !fs_exists(wants));
}

static void test_module_tree(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **failed = NULL;
	_cleanup_free_ char *tree = fs_join(f->root, "nix/store/tree"), *json = NULL,
	                    *link = fs_join(f->root, "lib/modules/6.0.0-test"),
	                    *kernel = fs_join(f->root, "nix/store/sys/kernel-modules");

	json = str_printf("{\"org.nixos.bootspec.v1\": {\"init\": \"/i\", \"kernel\": \"/k\"}}");
	put(f, "nix/store/sys/boot.json", json);
	put(f, "nix/store/tree/lib/modules/6.0.0-test/modules.dep", "");
	put(f, "lib/modules/6.1.0-host/modules.dep", "");
	assert_int_equal(fs_symlink_atomic("/nix/store/tree", kernel, &e), 0);
	_cleanup_activation_ struct activation *a = plan(f, "/nix/store/sys", true, NULL);
	assert_true(has_change(a, "link ", "to /nix/store/tree/lib/modules/6.0.0-test"));
	assert_int_equal(activation_apply(a, &failed, &e), 0);
	_cleanup_free_ char *target = NULL;
	assert_int_equal(fs_readlink(link, &target, &e), 0);
	assert_string_equal(target, "/nix/store/tree/lib/modules/6.0.0-test");
	// Its tree is collected: the link goes; the distribution's folder never does.
	assert_int_equal(fs_rm_rf(tree, &e), 0);
	_cleanup_activation_ struct activation *b = plan(f, NULL, true, NULL);
	assert_true(has_change(b, "remove the link ", "6.0.0-test"));
	assert_false(has_change(b, "remove", "6.1.0-host"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_files, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_volatile, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_units, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_live, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_module_tree, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
