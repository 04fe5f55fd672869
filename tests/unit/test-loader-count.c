// SPDX-License-Identifier: GPL-2.0-or-later
// Who counts tries where extlinux.conf is read: EXTLINUX's note in ldlinux.sys, U-Boot's environment through
// its programs (two scripts stand for them).
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "boot-fixture.h"
#include "boot/efi-oneshot.h"
#include "boot/extlinux-adv.h"
#include "boot/loader.h"
#include "boot/systemd-version.h"
#include "boot/trialkeeper.h"
#include "boot/uboot-env.h"

// --- EXTLINUX

static void write_bytes(const char *path, const void *data, size_t len)
{
	_cleanup_err_ struct err e = {0};

	assert_int_equal(fs_write_atomic(path, data, len, 0644, &e), 0);
}

// Both copies, as EXTLINUX leaves them where nothing is noted.
static void empty_notes(uint8_t bytes[1024])
{
	static const uint8_t head[] = {0xa5, 0x2f, 0x2d, 0x5a, 0x67, 0x17, 0x04, 0xa3},
	                     tail[] = {0x64, 0xbf, 0x28, 0xdd};

	memset(bytes, 0, 1024);
	for (size_t i = 0; i < 1024; i += 512) {
		memcpy(bytes + i, head, sizeof(head));
		memcpy(bytes + i + 508, tail, sizeof(tail));
	}
}

static void test_adv(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *file = fs_join(f->root, "ldlinux.sys"), *command = NULL, *again = NULL,
	                    *none = NULL, *left = NULL;
	_cleanup_err_ struct err e = {0}, full = {0}, small = {0}, none_there = {0};
	uint8_t bytes[4000];
	bool there;

	memset(bytes, 0x5a,
	        sizeof(bytes)); // neither copy is valid: nothing is noted, and nothing overwritten
	assert_false(extlinux_adv_is_usable(file, &there));
	assert_false(there);
	write_bytes(file, bytes, sizeof(bytes));
	assert_int_equal(extlinux_adv_read(file, &none, &e), 0);
	assert_null(none);
	assert_int_equal(extlinux_adv_write(file, "kernix-7", &none_there), -EINVAL);
	empty_notes(bytes + sizeof(bytes) - 1024);
	write_bytes(file, bytes, sizeof(bytes));
	assert_int_equal(extlinux_adv_write(file, "kernix-7", &e), 0);
	assert_int_equal(extlinux_adv_read(file, &command, &e), 0);
	assert_string_equal(command, "kernix-7");

	_cleanup_buf_ struct buf now = {0};
	assert_int_equal(fs_read(file, 1 << 20, &now, &e), 0);
	assert_int_equal(now.len, sizeof(bytes)); // nothing moves, and only the last two sectors change
	assert_memory_equal(now.data, bytes, sizeof(bytes) - 1024);
	const uint8_t *sector = (const uint8_t *)now.data + sizeof(bytes) - 1024;
	static const uint8_t head[] = {0xa5, 0x2f, 0x2d, 0x5a}, tail[] = {0x64, 0xbf, 0x28, 0xdd};
	assert_memory_equal(sector, head, 4);
	assert_memory_equal(sector + 508, tail, 4);
	assert_memory_equal(sector + 8, "\x01\x08kernix-7\0", 11);
	assert_memory_equal(sector, sector + 512, 512);
	uint32_t sum = 0; // of the checksum and all data words
	for (size_t i = 4; i < 508; i += 4)
		sum += (uint32_t)sector[i] | (uint32_t)sector[i + 1] << 8 | (uint32_t)sector[i + 2] << 16 |
		       (uint32_t)sector[i + 3] << 24;
	assert_int_equal(sum, 0xa3041767u);

	// One copy is torn: the other one holds.
	now.data[sizeof(bytes) - 1024 + 20] ^= 1;
	write_bytes(file, now.data, now.len);
	assert_int_equal(extlinux_adv_read(file, &again, &e), 0);
	assert_string_equal(again, "kernix-7");

	_cleanup_buf_ struct buf name = {0};
	buf_addn(&name, 'x', 300);
	assert_int_equal(extlinux_adv_write(file, buf_str(&name), &full), -ENAMETOOLONG);
	assert_int_equal(extlinux_adv_write(file, NULL, &e), 0);
	assert_int_equal(extlinux_adv_read(file, &left, &e), 0);
	assert_null(left);
	_cleanup_free_ char *link = fs_join(f->root, "link");
	_cleanup_err_ struct err linked = {0};
	assert_int_equal(symlink(file, link), 0);
	assert_false(extlinux_adv_is_usable(link, &there));
	assert_int_equal(extlinux_adv_write(link, "x", &linked), -ELOOP);
	write_bytes(file, bytes, 100);
	assert_int_equal(extlinux_adv_write(file, "x", &small), -EINVAL);
}

// Other records stay: 2 is what the menu saved.
static void test_adv_others(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *file = fs_join(f->root, "ldlinux.sys"), *command = NULL;
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf now = {0};
	uint8_t bytes[2048] = {0};

	empty_notes(bytes + 1024);
	write_bytes(file, bytes, sizeof(bytes));
	assert_int_equal(extlinux_adv_write(file, "a", &e), 0);
	assert_int_equal(fs_read(file, 1 << 20, &now, &e), 0);
	// tag 1 "a" becomes tag 2 "a": the words are as they were but for the tag, so the checksum is one
	// less.
	for (int i = 0; i < 2; i++) {
		uint8_t *sector = (uint8_t *)now.data + 1024 + i * 512;
		sector[8] = 2;
		sector[4]--;
	}
	write_bytes(file, now.data, now.len);
	assert_int_equal(extlinux_adv_read(file, &command, &e), 0);
	assert_null(command);
	assert_int_equal(extlinux_adv_write(file, "kernix-1", &e), 0);
	buf_clear(&now);
	assert_int_equal(fs_read(file, 1 << 20, &now, &e), 0);
	assert_memory_equal(now.data + 1024 + 8,
	        "\x02\x01"
	        "a"
	        "\x01\x08kernix-1\0",
	        14);
}

// --- U-Boot

static void script(struct fixture *f, const char *name, const char *text)
{
	_cleanup_free_ char *path = fs_join(f->root, name);

	put(f, name, text);
	assert_int_equal(chmod(path, 0755), 0);
}

static void with_uboot(struct fixture *f, const char *env)
{
	_cleanup_free_ char *bin = fs_join(f->root, "bin"), *path = str_printf("%s:/usr/bin:/bin", bin),
	                    *print = str_printf("#!/bin/sh\ncat %s/env\n", f->root),
	                    *set = str_printf(
	                            "#!/bin/sh\nwhile read -r n v; do sed -i \"/^$n=/d\" %s/env; echo "
	                            "\"$n=$v\" >>%s/env; done <\"$2\"\n",
	                            f->root, f->root);

	put(f, "env", env);
	script(f, "bin/fw_printenv", print);
	script(f, "bin/fw_setenv", set);
	setenv("PATH", path, 1);
}

static bool env_has(struct fixture *f, const char *line)
{
	_cleanup_free_ char *env = get(f, "env");

	return strstr(env, line) != NULL;
}

static void test_uboot(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *config = fs_join(f->root, "boot/extlinux/extlinux.conf");
	struct boot_place p = {.root = (char *)"", .dir = f->root, .seen = (char *)"", .config = config};
	_cleanup_err_ struct err e = {0}, not_ready = {0};
	struct boot_item items[] = {{.id = (char *)"kernix-2",
	                                    .title = (char *)"two",
	                                    .kernel = (char *)"k2",
	                                    .params = (char *)"quiet"},
	        {.id = (char *)"kernix-1",
	                .title = (char *)"one",
	                .kernel = (char *)"k1",
	                .params = (char *)""}};
	struct boot_menu m = {.items = items,
	        .len = 2,
	        .choice = {.normal = (char *)"kernix-1", .trial = (char *)"kernix-2", .tries = 2}};
	_cleanup_choice_ struct boot_choice c = {0}, used = {0}, after = {0};

	put(f, "boot/extlinux/extlinux.conf", "DEFAULT l0\nLABEL l0\n\tLINUX /vmlinuz\n");
	with_uboot(f, "bootcmd=x\n");
	assert_int_equal(loader_extlinux.can_try(&p, &not_ready), -EOPNOTSUPP);
	assert_non_null(strstr(not_ready.msg, "altbootcmd with kernix-normal.conf"));
	with_uboot(
	        f, "bootlimit=1\nbootcount=0\naltbootcmd=sysboot mmc 0 any 0 /extlinux/kernix-normal.conf\n");
	assert_int_equal(loader_extlinux.can_try(&p, &e), 0);
	assert_int_equal(loader_extlinux.write(&p, &m, &e), 0);
	_cleanup_free_ char *first = get(f, "boot/extlinux/extlinux.conf"),
	                    *second = get(f, "boot/extlinux/kernix-normal.conf");
	assert_non_null(strstr(first, "\nDEFAULT kernix-2\n"));
	assert_non_null(strstr(second, "\nDEFAULT kernix-1\n"));
	assert_true(env_has(f, "upgrade_available=1\n") && env_has(f, "bootlimit=2\n") &&
	            env_has(f, "bootcount=0\n"));
	assert_int_equal(loader_extlinux.read(&p, &c, &e), 0);
	assert_string_equal(c.normal, "kernix-1");
	assert_string_equal(c.trial, "kernix-2");
	assert_int_equal(c.tries, 2);

	// U-Boot has started it twice, and then what is beside it.
	with_uboot(f, "bootlimit=2\nbootcount=3\nupgrade_available=1\naltbootcmd=kernix-normal.conf\n");
	assert_int_equal(loader_extlinux.read(&p, &used, &e), 0);
	assert_int_equal(used.tries, 0);
	m.choice = (struct boot_choice){.normal = (char *)"kernix-1"};
	assert_int_equal(loader_extlinux.write(&p, &m, &e), 0);
	assert_true(env_has(f, "upgrade_available=0\n") && env_has(f, "bootcount=0\n"));
	assert_int_equal(loader_extlinux.read(&p, &after, &e), 0);
	assert_string_equal(after.normal, "kernix-1");
	assert_null(after.trial);
	assert_int_equal(loader_extlinux.remove(&p, &e), 0);
	_cleanup_free_ char *left = get(f, "boot/extlinux/extlinux.conf"),
	                    *normal = fs_join(f->root, "boot/extlinux/kernix-normal.conf");
	assert_string_equal(left, "DEFAULT l0\nLABEL l0\n\tLINUX /vmlinuz\n");
	assert_false(fs_exists(normal));
}

// --- GRUB, whose note is on another partition

static void test_grub_elsewhere(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *dir = fs_join(f->root, "boot"), *config = fs_join(f->root, "boot/grub/grub.cfg");
	struct boot_place p = {.root = f->root, .dir = dir, .seen = (char *)"", .config = config};
	_cleanup_err_ struct err e = {0}, gone = {0};
	_cleanup_choice_ struct boot_choice c = {0}, inside = {0};

	put(f, "boot/grub/grub.cfg", "custom.cfg\n");
	put(f, "boot/kernix/grub.cfg", "x\n# kernix-environment /boot/efi/kernix/grubenv-0a1b2c3d\ny\n");
	assert_int_equal(loader_grub.read(&p, &c, &gone), -ENXIO);
	assert_non_null(strstr(gone.msg, "/boot/efi/kernix/grubenv-0a1b2c3d"));
	put(f, "boot/efi/kernix/grubenv-0a1b2c3d",
	        "# GRUB Environment Block\nkernix_default=kernix-3\nkernix_tries=0\n");
	assert_int_equal(loader_grub.read(&p, &c, &e), 0);
	assert_string_equal(c.normal, "kernix-3");
	// A path that leads elsewhere is no path of ours.
	put(f, "boot/kernix/grub.cfg", "# kernix-environment /etc/shadow\n");
	assert_int_equal(loader_grub.read(&p, &inside, &e), 0);
	assert_null(inside.normal);
}

// --- the process that stage 1 leaves behind

// A child that waits, and its folder in a /proc of ours.
static pid_t process(struct fixture *f, const char *name)
{
	pid_t pid = fork();
	_cleanup_free_ char *text = str_printf("%s\n", name), *file = NULL;

	assert_true(pid >= 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	file = str_printf("proc/%d/comm", (int)pid);
	put(f, file, text);
	return pid;
}

static void test_keeper(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *proc = fs_join(f->root, "proc"), *none = fs_join(f->root, "none");
	_cleanup_err_ struct err e = {0};
	int status;

	assert_int_equal(trialkeeper_stop(none, &e), 0);
	pid_t keeper = process(f, "kernix-keeper"), other = process(f, "kernix-keeper2");
	put(f, "proc/1/comm", "kernix-keeper\n"); // never process 1
	put(f, "proc/x/comm", "kernix-keeper\n");
	assert_int_equal(trialkeeper_stop(proc, &e), 0);
	if (geteuid() == 0) {
		assert_int_equal(waitpid(keeper, &status, 0), keeper);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	} else { // a keeper is root's
		assert_int_equal(kill(keeper, SIGKILL), 0);
		assert_int_equal(waitpid(keeper, &status, 0), keeper);
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	assert_int_equal(kill(other, SIGKILL), 0);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

// --- systemd-boot

static struct boot_place with_systemd(struct fixture *f, const char *version)
{
	_cleanup_free_ char *program = str_printf("x#### LoaderInfo: systemd-boot %s ####", version);

	put(f, "boot/loader/loader.conf", "default debian*\n");
	put(f, "boot/EFI/systemd/systemd-bootx64.efi", program);
	return (struct boot_place){.root = f->root,
	        .dir = fs_join(f->root, "boot"),
	        .seen = mem_strdup(""),
	        .config = fs_join(f->root, "boot/loader/loader.conf")};
}

static void release(struct boot_place *p)
{
	p->root = NULL;
	boot_place_release(p);
}

static void test_systemd_version(void **state)
{
	struct fixture *f = *state;
	struct boot_place p = with_systemd(f, "257.13-1~deb13u1");
	_cleanup_err_ struct err e = {0}, refused = {0};
	unsigned version, most;

	assert_int_equal(systemd_boot_version(&p, &version, &e), 0);
	assert_int_equal(version, 257);
	assert_int_equal(loader_systemd.can_try(&p, &e), 0);
	release(&p);
	p = with_systemd(f, "258.3");
	assert_int_equal(
	        loader_systemd.can_try(&p, &refused), -EOPNOTSUPP); // another root's variables are not ours
	assert_non_null(strstr(refused.msg, "systemd-boot 258"));
	assert_int_equal(loader_systemd.most_tries(&p, &most, &e), 0);
	assert_int_equal(most, 1);
	release(&p);
}

// A twin without a counter would be started for ever: the counted one counts, and the next writing ends it.
static void test_systemd_twin(void **state)
{
	struct fixture *f = *state;
	struct boot_place p = with_systemd(f, "257");
	_cleanup_choice_ struct boot_choice c = {0};
	_cleanup_err_ struct err e = {0};
	struct boot_item item = {.id = (char *)"kernix-7",
	        .title = (char *)"t",
	        .version = (char *)"7",
	        .kernel = (char *)"k",
	        .params = (char *)""};
	struct boot_menu m = {.items = &item, .len = 1, .choice = {.trial = (char *)"kernix-7", .tries = 1}};

	put(f, "boot/loader/entries/kernix-7+0-1.conf",
	        "# kernix-entry kernix-7\nsort-key !kernix-1-trial\n");
	put(f, "boot/loader/entries/kernix-7.conf", "# kernix-entry kernix-7\nsort-key !kernix-1-trial\n");
	assert_int_equal(loader_systemd.read(&p, &c, &e), 0);
	assert_string_equal(c.trial, "kernix-7");
	assert_int_equal(c.tries, 0);
	assert_int_equal(loader_systemd.write(&p, &m, &e), 0);
	_cleanup_free_ char *counted = get(f, "boot/loader/entries/kernix-7+1.conf"),
	                    *twin = get(f, "boot/loader/entries/kernix-7.conf"),
	                    *used = get(f, "boot/loader/entries/kernix-7+0-1.conf");
	assert_non_null(counted);
	assert_null(twin);
	assert_null(used);
	release(&p);
}

// Zeros in one entry hide no other one; what is no file is not waited for.
static void test_systemd_damaged(void **state)
{
	struct fixture *f = *state;
	struct boot_place p = with_systemd(f, "257");
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err e = {0}, fifo = {0};
	_cleanup_free_ char *first = fs_join(f->root, "boot/loader/entries/kernix-1.conf");

	put(f, "boot/loader/entries/kernix-2.conf", "# kernix-entry kernix-2\n");
	write_bytes(first, "# kernix-entry kernix-1\n\0\0\0", 27);
	assert_int_equal(loader_systemd.text(&p, &text, &e), 0);
	assert_non_null(strstr(buf_str(&text), "# kernix-entry kernix-2\n"));
	assert_int_equal(unlink(first), 0);
	assert_int_equal(mkfifo(first, 0600), 0);
	assert_int_equal(loader_systemd.text(&p, &text, &fifo), -EINVAL);
	release(&p);
}

static void test_oneshot(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *none = NULL, *id = NULL, *gone = NULL,
	                    *file = fs_join(
	                            f->root, "LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f");
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf bytes = {0};

	assert_true(efi_oneshot_is_usable(f->root));
	assert_int_equal(efi_oneshot_read(f->root, &none, &e), 0);
	assert_null(none);
	assert_int_equal(efi_oneshot_write(f->root, "k7", &e), 0);
	assert_int_equal(fs_read(file, 100, &bytes, &e), 0);
	assert_int_equal(bytes.len, 10);
	assert_memory_equal(bytes.data,
	        "\x07\0\0\0k\0"
	        "7\0\0\0",
	        10);
	assert_int_equal(efi_oneshot_read(f->root, &id, &e), 0);
	assert_string_equal(id, "k7");
	assert_int_equal(efi_oneshot_write(f->root, NULL, &e), 0);
	assert_int_equal(efi_oneshot_read(f->root, &gone, &e), 0);
	assert_null(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_adv, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_adv_others, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_uboot, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_grub_elsewhere, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_keeper, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_systemd_version, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_systemd_twin, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_systemd_damaged, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_oneshot, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
