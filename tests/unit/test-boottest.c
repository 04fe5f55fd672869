// SPDX-License-Identifier: GPL-2.0-or-later
// Unit tests of the boot test: what is read back from an initrd, and the plan of disposable disks that
// follows from it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/boottest-layout.h"
#include "boot/cpio.h"
#include "stage1/format.h"

// --- reading an initrd ---

static void write_archive(const char *path, enum compress_kind kind, const char *before, size_t zeros)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_cpio_ struct cpio *c = cpio_new(), *early = cpio_new();
	_cleanup_compress_ struct compress *out = NULL, *plain = NULL;
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	static const char fstab[] = "# comment\nLABEL=a\\040b / ext4 noatime 0 0\n/dev/x /nix\n";
	static const char nothing[4096];

	if (before) {
		cpio_data(early, before, 0444, "x", 1, &e);
		compress_open(fd, COMPRESS_NONE, 0, &plain, &e);
		cpio_write(early, plain, &e);
		compress_finish(plain, &e);
	}
	assert_int_equal(write(fd, nothing, zeros), zeros);
	cpio_data(c, "/init", 0555, "#!", 2, &e);
	cpio_data(c, S1_FSTAB_PATH, 0444, fstab, strlen(fstab), &e);
	compress_open(fd, kind, 0, &out, &e);
	cpio_write(c, out, &e);
	assert_int_equal(compress_finish(out, &e), 0);
}

static void test_read(void **state)
{
	static const enum compress_kind kinds[] = {COMPRESS_NONE, COMPRESS_ZSTD, COMPRESS_GZIP, COMPRESS_XZ};
	char path[] = "/tmp/kernix-boottest-XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(kinds); i++) {
		_cleanup_initrd_contents_ struct initrd_contents c = {0};
		_cleanup_err_ struct err e = {0};
		bool known = false;
		write_archive(path, kinds[i / 2], i % 2 ? "/kernel/x86/microcode" : NULL, i % 2 ? 512 : 0);
		assert_int_equal(initrd_read(path, &c, &known, &e), 0);
		assert_true(known);
		assert_true(initrd_contents_has(&c, "/init"));
		assert_false(initrd_contents_has(&c, "/bin/sh"));
		assert_int_equal(initrd_contents_has(&c, "/kernel/x86/microcode"), i % 2);
		assert_int_equal(c.mount_count, 2);
		assert_string_equal(c.mounts[0].device, "LABEL=a b");
		assert_string_equal(c.mounts[1].type, "auto");
	}
	unlink(path);
}

// Of what is no archive, or a damaged one, nothing is known; that is no error.
static void test_read_damaged(void **state)
{
	char path[] = "/tmp/kernix-boottest-XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);
	_cleanup_buf_ struct buf whole = {0};
	_cleanup_err_ struct err e = {0};

	(void)state;
	write_archive(path, COMPRESS_NONE, NULL, 0);
	assert_int_equal(fs_read(path, 0, &whole, &e), 0);
	for (size_t n = 0; n < whole.len; n += 7) {
		_cleanup_initrd_contents_ struct initrd_contents c = {0};
		bool known = true;
		int to = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
		assert_int_equal(write(to, whole.data, n), n);
		close(to);
		assert_int_equal(initrd_read(path, &c, &known, &e), 0);
		assert_true(!known || initrd_contents_has(&c, "/init"));
	}
	unlink(path);
}

// --- the plan ---

static const struct {
	const char *fstab, *storage, *params;
	const char *plan;  // texts that must be in it, in this order, separated by '|'
	const char *table; // text that must be in the new fstab or table of storage
} cases[] = {
        {"LABEL=root / ext4 noatime 0 0\n", "", "init=/i",
                "disk disk0|fill disk0|mount disk0 ext4|init /kernix/top0/i|unmount",
                "LABEL=root / ext4 noatime"},
        {"/dev/sda2 / ext4 defaults 0 0\n", "", "init=/i", "disk disk0|fill disk0",
                "UUID=6b65726e-6978-4f74-8000-"},
        {"/dev/mapper/c / ext4 defaults 0 0\n", "luks c /dev/disk/by-uuid/AB-CD discard\n", "init=/i",
                "disk disk0|luks luks0 c disk0 ab-cd - 0 0|fill luks0|close c",
                "luks c /dev/disk/by-uuid/AB-CD discard"},
        {"/dev/mapper/c / ext4 defaults 0 0\n",
                "luks c /dev/sda2 key=/dev/sdb key-offset=4 key-size=32 token\n", "init=/i",
                "luks luks0 c disk0 6b65726e|/kernix/key 4 32|fill luks0",
                "key=/kernix/key key-offset=4 key-size=32\n"},
        {"/dev/vg/root / ext4 defaults 0 0\n", "lvm\n", "init=/i",
                "disk disk0|group vg disk0|volume vg/root vg root|fill vg/root|unmount|deactivate vg",
                "/dev/vg/root / ext4"},
        {"/dev/mapper/my--vg-a--b / ext4 defaults 0 0\n", "lvm\nluks c UUID=1\n", "init=/i",
                "luks luks0 c disk0 1|group my-vg luks0|volume my-vg/a-b|deactivate my-vg|close c", "lvm\n"},
        {"/dev/mapper/c / ext4 defaults 0 0\n", "lvm\nluks c /dev/vg/crypt\n", "init=/i",
                "group vg disk0|volume vg/crypt|luks luks0 c vg/crypt|fill luks0|close c|deactivate vg",
                "luks c /dev/vg/crypt"},
        {"UUID=9 / ext4 defaults 0 0\n", "raid\nlvm\nluks c UUID=1\n", "init=/i",
                "raid /dev/md/kernix|luks luks0 c /dev/md/kernix|group kernix luks0|volume kernix/root|fill "
                "kernix/root",
                "UUID=9 / ext4"},
        {"/dev/md/sys / ext4 defaults 0 0\n", "raid\n", "init=/i",
                "disk disk0|disk disk1|raid /dev/md/sys /dev/md/sys disk0 disk1|stop", "/dev/md/sys / ext4"},
        {"UUID=9 / btrfs subvol=@/r,subvolid=256,compress=zstd 0 0\nUUID=9 /nix btrfs subvol=/n 0 0\n", "",
                "init=/nix/store/x/init",
                "subvolume /kernix/top0/@/r|subvolume /kernix/top0/n|folder /kernix/top0/@/r/dev|folder "
                "/kernix/top0/@/r/nix|init /kernix/top0/n/store/x/init",
                "subvol=@/r,compress=zstd"},
        {"none / tmpfs mode=755 0 0\nLABEL=n /nix ext4 defaults 0 0\n", "", "init=/nix/store/x/init",
                "fill disk0|init /kernix/top0/store/x/init", "none / tmpfs mode=755"},
        {"UUID=9 / ext4 defaults 0 0\nUUID=8 /data ext4 nofail 0 0\n", "",
                "root=UUID=7 rootfstype=ext4 init=/i", "disk disk0|fill disk0|mount", "UUID=7 / ext4"},
};

static bool in_order(const char *text, const char *parts)
{
	_cleanup_strv_ char **list = strv_split(parts, "|");

	strv_for_each (part, list) {
		text = strstr(text, part);
		if (!text)
			return false;
		text += strlen(part);
	}
	return true;
}

static struct initrd_mount mount_of(const char *line)
{
	_cleanup_strv_ char **w = initrd_words(line);

	return (struct initrd_mount){mem_strdup(w[0]), mem_strdup(w[1]), mem_strdup(w[2]), mem_strdup(w[3])};
}

static void test_plan(void **state)
{
	char *builtin[] = {(char *)"ext4", (char *)"btrfs", NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_initrd_contents_ struct initrd_contents c = {
		        .storage = mem_strdup(cases[i].storage)};
		_cleanup_layout_ struct layout l = {0};
		_cleanup_strv_ char **lines = strv_split(cases[i].fstab, "\n");
		strv_for_each (line, lines) {
			mem_grow(&c.mounts, &c.mount_cap, c.mount_count + 1, sizeof(*c.mounts));
			c.mounts[c.mount_count++] = mount_of(line);
		}
		struct layout_opts o = {&c, cases[i].params, false, builtin};
		layout_make(&o, &l);
		if (l.why_not)
			fail_msg("case %zu: %s", i, l.why_not);
		if (!in_order(buf_str(&l.plan), cases[i].plan))
			fail_msg("case %zu: not '%s' in\n%s", i, cases[i].plan, buf_str(&l.plan));
		if (!strstr(buf_str(&l.fstab), cases[i].table) &&
		        !strstr(buf_str(&l.storage), cases[i].table))
			fail_msg("case %zu: not '%s' in\n%s%s", i, cases[i].table, buf_str(&l.fstab),
			        buf_str(&l.storage));
		assert_null(strstr(buf_str(&l.fstab), "nofail"));
	}
}

static void test_plan_not(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {{"tank/root / zfs defaults 0 0", "/ is zfs"}, {"host:/r / nfs defaults 0 0", "/ is nfs"},
	        {"overlay / overlay lowerdir=/a 0 0", "/ is overlay"},
	        {"UUID=1 /nix ext4 defaults 0 0", "where its root is"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_initrd_contents_ struct initrd_contents c = {0};
		_cleanup_layout_ struct layout l = {0};
		c.mounts = mem_array(1, sizeof(*c.mounts));
		c.mounts[c.mount_count++] = mount_of(rows[i].line);
		struct layout_opts o = {&c, "init=/i", false, NULL};
		layout_make(&o, &l);
		assert_non_null(l.why_not);
		assert_non_null(strstr(l.why_not, rows[i].why));
	}
}

// What makes the first file system impossible leaves the second one unmade: that is said, and no more.
static void test_plan_cut_off(void **state)
{
	_cleanup_initrd_contents_ struct initrd_contents c = {
	        .storage = mem_strdup("luks a /dev/mapper/b\nluks b /dev/mapper/a\n")};
	_cleanup_layout_ struct layout l = {0};
	char *builtin[] = {(char *)"ext4", NULL};
	struct layout_opts o = {&c, "init=/i", false, builtin};

	(void)state;
	c.mounts = mem_array(2, sizeof(*c.mounts));
	c.mounts[c.mount_count++] = mount_of("/dev/mapper/a / ext4 defaults 0 0");
	c.mounts[c.mount_count++] = mount_of("UUID=1-2 /nix ext4 defaults 0 0");
	layout_make(&o, &l);
	assert_non_null(l.why_not);
	assert_non_null(strstr(l.why_not, "lies on itself"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_read),
	        cmocka_unit_test(test_read_damaged),
	        cmocka_unit_test(test_plan),
	        cmocka_unit_test(test_plan_not),
	        cmocka_unit_test(test_plan_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
