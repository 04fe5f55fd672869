// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of stage 1 that can run anywhere: command line, fstab, uevents, and the module table against
// fnmatch(3).
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/modtable.h"
#include "stage1/ask.h"
#include "stage1/blockdev.h"
#include "stage1/check.h"
#include "stage1/cmdline.h"
#include "stage1/diskid.h"
#include "stage1/keymap.h"
#include "stage1/mounts.h"
#include "stage1/network.h"
#include "stage1/nfs.h"
#include "stage1/run.h"
#include "stage1/storage.h"
#include "stage1/table.h"
#include "stage1/uevent.h"

static void test_cmdline(void **state)
{
	struct cmdline c;

	cmdline_parse("BOOT_IMAGE=/vmlinuz root=UUID=12ab rootfstype=ext4,xfs ro rootflags=noatime,commit=5 "
	              "quiet rootdelay=7 "
	              "init=/nix/store/x-nixos/init boot.shell_on_fail boot.trace rw console=ttyS0,115200\n",
	        &c);
	assert_string_equal(c.root, "UUID=12ab");
	assert_string_equal(c.rootfstype, "ext4,xfs");
	assert_string_equal(c.rootflags, "noatime,commit=5");
	assert_string_equal(c.init, "/nix/store/x-nixos/init");
	assert_int_equal(c.wait_s, 7);
	assert_int_equal(c.ro, 0);
	assert_true(c.shell_on_fail && c.trace);
	assert_false(c.panic_on_fail || c.debug1 || c.debug1_devices || c.debug1_mounts);
	cmdline_release(&c);

	cmdline_parse("", &c);
	assert_null(c.root);
	assert_int_equal(c.ro, -1);
	assert_int_equal(c.wait_s, CMDLINE_WAIT_DEFAULT_S);
	cmdline_release(&c);

	cmdline_parse("root=\"LABEL=my root\" \"dyndbg=file a.c +p\" rootwait boot.panic_on_fail "
	              "boot.debug1mounts -- root=/dev/no",
	        &c);
	assert_string_equal(c.root, "LABEL=my root");
	assert_int_equal(c.word_count, 5);
	assert_string_equal(c.words[1], "dyndbg=file a.c +p");
	assert_int_equal(c.wait_s, -1);
	assert_true(c.panic_on_fail && c.debug1_mounts);
	cmdline_release(&c);

	cmdline_parse("boot.root_only boot.debug1", &c);
	assert_true(c.root_only && c.debug1);
	cmdline_release(&c);
	cmdline_parse("quiet", &c);
	assert_false(c.root_only);
	cmdline_release(&c);

	cmdline_parse("quiet", &c);
	assert_false(c.trial || c.watchdog_s);
	cmdline_release(&c);
	cmdline_parse("kernix.trial=600 kernix.watchdog=20,iTCO_wdt,softdog", &c);
	assert_true(c.trial);
	assert_int_equal(c.trial_s, 600);
	assert_int_equal(c.trial_stage1_s, CMDLINE_STAGE1_LIMIT_DEFAULT_S);
	assert_int_equal(c.watchdog_s, 20);
	assert_string_equal(c.watchdog_modules, "iTCO_wdt,softdog");
	cmdline_release(&c);
	cmdline_parse("kernix.trial=0,9 kernix.watchdog=much", &c);
	assert_true(c.trial && c.trial_s == 0 && c.trial_stage1_s == 9);
	assert_int_equal(c.watchdog_s, CMDLINE_WATCHDOG_DEFAULT_S);
	assert_null(c.watchdog_modules);
	cmdline_release(&c);
	cmdline_parse("kernix.trial=0123456789012345678,x", &c);
	assert_true(c.trial && c.trial_s == 0 && c.trial_stage1_s == CMDLINE_STAGE1_LIMIT_DEFAULT_S);
	cmdline_release(&c);

	cmdline_parse("rootwait=12 rootdelay=x root=", &c);
	assert_int_equal(c.wait_s, 12);
	assert_null(c.root);
	cmdline_release(&c);
}

static void test_cmdline_modules(void **state)
{
	struct cmdline c;
	char options[64];

	cmdline_parse("usbcore.blinkenlights=1 snd-hda-intel.power_save=2 snd_hda_intel.model=\"a b\" "
	              "usbcore.nousb "
	              "modprobe.blacklist=foo,bar-baz ext4.x",
	        &c);
	cmdline_module_options(&c, "usbcore", options, sizeof(options));
	assert_string_equal(options, "blinkenlights=1 nousb");
	cmdline_module_options(&c, "snd_hda_intel", options, sizeof(options));
	assert_string_equal(options, "power_save=2 model=\"a b\"");
	assert_int_equal(cmdline_module_options(&c, "usb", options, sizeof(options)), 0);
	assert_int_equal(cmdline_module_options(&c, "usbcore", options, 18), 15);
	assert_string_equal(options, "blinkenlights=1");
	assert_true(cmdline_blacklists(&c, "foo") && cmdline_blacklists(&c, "bar_baz"));
	assert_false(cmdline_blacklists(&c, "ba"));
	cmdline_release(&c);
}

static void test_uevent(void **state)
{
	static const char msg[] =
	        "add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=block\0DEVNAME=vda\0SEQNUM=7";
	static const char alias[] = "add@/d\0ACTION=add\0MODALIAS=pci:v1";
	struct uevent u;

	assert_true(uevent_parse(msg, sizeof(msg), &u));
	assert_string_equal(u.action, "add");
	assert_string_equal(u.subsystem, "block");
	assert_string_equal(u.devname, "vda");
	assert_null(u.modalias);
	assert_true(uevent_parse(alias, sizeof(alias), &u));
	assert_string_equal(u.modalias, "pci:v1");
	assert_false(uevent_parse("libudev\0\xfe\xed", 10, &u));
	assert_false(uevent_parse(msg, sizeof(msg) - 1, &u)); // not ended
	assert_false(uevent_parse("", 0, &u));
}

static void test_fstab(void **state)
{
	struct mount_list l;
	unsigned long flags;
	char data[32];

	mount_list_parse("# comment\n\n/dev/vda1 / ext4 ro,noatime,commit=5 0 1\nLABEL=a\\040b\t/nix "
	                 "xfs\ntmpfs /t\n \nbad",
	        &l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[0].options, "ro,noatime,commit=5");
	assert_true(l.v[0].check);
	assert_false(l.v[1].check);
	assert_string_equal(l.v[1].device, "LABEL=a b");
	assert_string_equal(l.v[1].options, "defaults");
	assert_string_equal(l.v[2].type, "auto");
	mount_list_put(&l, "PARTLABEL=c d", "/nix", "ext4", "ro", true);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[0].device, "PARTLABEL=c d");
	assert_ptr_equal(mount_list_at(&l, "/"), &l.v[1]);
	assert_null(mount_list_at(&l, "/var"));
	mount_list_put(&l, "LABEL=other", "/", "auto", "rw", false);
	assert_int_equal(mount_list_root(&l), 1);
	assert_string_equal(l.v[1].device, "LABEL=other");
	assert_true(l.v[1].check); // as it was
	mount_list_put(&l, "/dev/vdz", "/new", "auto", "rw", false);
	assert_int_equal(l.n, 4);
	assert_string_equal(l.v[0].device, "/dev/vdz");
	assert_string_equal(l.v[3].where, "/t");
	mount_list_cut(&l, 1);
	assert_int_equal(l.n, 1);
	assert_null(mount_list_at(&l, "/"));
	mount_list_release(&l);

	assert_true(mount_options_parse(
	        "ro,noatime,commit=5,x-initrd.mount,nofail,data=journal", &flags, data, sizeof(data)));
	assert_int_equal(flags, MS_RDONLY | MS_NOATIME);
	assert_string_equal(data, "commit=5,data=journal");
	assert_true(mount_options_parse("defaults,ro,,rw", &flags, data, sizeof(data)));
	assert_int_equal(flags, 0);
	assert_string_equal(data, "");
	assert_false(
	        mount_options_parse("lowerdir=/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &flags, data, sizeof(data)));
}

static void test_mount_options(void **state)
{
	static const struct {
		const char *options, *prefix, *want; // NULL: does not fit
	} rows[] = {
	        {"lowerdir=/a:/b/c,upperdir=/u,workdir=/w", "/sysroot",
	                "lowerdir=/sysroot/a:/sysroot/b/c,upperdir=/sysroot/u,workdir=/sysroot/w"},
	        {"ro,lowerdir=a:/b,index=off", "/r", "ro,lowerdir=a:/r/b,index=off"},
	        {"lowerdir=/a::/b", "/r", "lowerdir=/r/a::/r/b"},
	        {"defaults", "/r", "defaults"},
	        {"", "/r", ""},
	        {"lowerdir=/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:/bbbbbbbbbbbbbbbbbbbb",
	                "/ccccccccccccccc", NULL},
	};
	char text[96];
	unsigned long flags;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool fits = mount_overlay_options(rows[i].options, rows[i].prefix, text, sizeof(text));
		assert_int_equal(fits, rows[i].want != NULL);
		if (fits)
			assert_string_equal(text, rows[i].want);
	}
	assert_true(mount_option_find("ro,offset=4096,loop", "offset", text, sizeof(text)));
	assert_string_equal(text, "4096");
	assert_true(mount_option_find("ro,loop", "loop", text, sizeof(text)));
	assert_string_equal(text, "");
	assert_false(mount_option_find("nobind,x-bind=1", "bind", NULL, 0));
	assert_true(
	        mount_options_parse("loop=/dev/loop3,offset=1,threads=multi", &flags, text, sizeof(text)));
	assert_string_equal(text, "threads=multi");
}

static void test_nfs(void **state)
{
	static const struct {
		const char *text, *device, *options; // NULL: none
	} rows[] = {
	        {"root=/dev/nfs nfsroot=10.0.0.1:/srv/root,vers=3,ro", "10.0.0.1:/srv/root", "vers=3,ro"},
	        {"nfsroot=server:/srv", "server:/srv", "defaults"},
	        {"nfsroot=/srv ip=10.0.0.7:10.0.0.1::255.0.0.0::eth0:off", "10.0.0.1:/srv", "defaults"},
	        {"nfsroot=/srv,tcp ip=dhcp", NULL, NULL},
	        {"nfsroot=/srv", NULL, NULL},
	        {"root=/dev/nfs", NULL, NULL},
	};
	char host[32], device[64], options[64];
	const char *path;

	assert_true(nfs_split("10.0.2.2:/a/b", host, sizeof(host), &path));
	assert_string_equal(host, "10.0.2.2");
	assert_string_equal(path, "/a/b");
	assert_true(nfs_split("[fe80::1]:/", host, sizeof(host), &path));
	assert_string_equal(host, "fe80::1");
	assert_string_equal(path, "/");
	for (size_t i = 0; i < 6; i++) {
		const char *const bad[] = {"", "/srv", ":/srv", "host", "host:srv", "[fe80::1/srv"};
		assert_false(nfs_split(bad[i], host, sizeof(host), &path));
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cmdline c;

		cmdline_parse(rows[i].text, &c);
		assert_int_equal(nfs_root(&c, device, sizeof(device), options, sizeof(options)),
		        rows[i].device != NULL);
		if (rows[i].device) {
			assert_string_equal(device, rows[i].device);
			assert_string_equal(options, rows[i].options);
		}
		cmdline_release(&c);
	}
}

static void test_keymap(void **state)
{
	uint8_t file[7 + KEYMAP_TABLES + 2 * KEYMAP_KEYS * 2 + 1] = "bkeymap";
	const size_t empty = 7 + KEYMAP_TABLES, table = KEYMAP_KEYS * 2;
	struct keymap k;

	assert_true(keymap_parse(file, empty, &k));
	assert_false(keymap_parse(file, empty - 1, &k));
	assert_false(keymap_parse(file, empty + table, &k));
	file[7] = file[7 + 255] = 1;
	assert_true(keymap_parse(file, empty + 2 * table, &k));
	assert_ptr_equal(k.has, file + 7);
	assert_ptr_equal(k.entries, file + empty);
	assert_false(keymap_parse(file, empty + table, &k));
	assert_false(keymap_parse(file, empty + 2 * table + 1, &k));
	file[0] = 'k';
	assert_false(keymap_parse(file, empty + 2 * table, &k));
	assert_false(keymap_parse(file, 0, &k));
}

static void test_check_verdicts(void **state)
{
	assert_int_equal(check_verdict_of(0), CHECK_CLEAN);
	assert_int_equal(check_verdict_of(1), CHECK_REPAIRED);
	assert_int_equal(check_verdict_of(2), CHECK_REBOOT);
	assert_int_equal(check_verdict_of(3), CHECK_REBOOT);
	assert_int_equal(check_verdict_of(4), CHECK_UNREPAIRED);
	assert_int_equal(check_verdict_of(6), CHECK_UNREPAIRED);
	assert_int_equal(check_verdict_of(8), CHECK_FAILED);
	assert_int_equal(check_verdict_of(12), CHECK_FAILED);
	assert_int_equal(check_verdict_of(139), CHECK_FAILED);
	assert_int_equal(check_verdict_of(-12), CHECK_FAILED);
}

static void test_specs(void **state)
{
	struct blockdev d = {.name = "vda1",
	        .major = 254,
	        .minor = 1,
	        .fs = {"ext4", "my root", "12ab-CD"},
	        .part = {"0fc63daf-01", "boot/x"}};
	static const char *const yes[] = {"/dev/vda1", "254:1", "UUID=12AB-cd", "LABEL=my root",
	        "PARTUUID=0FC63DAF-01", "PARTLABEL=boot/x", "/dev/disk/by-label/my\\x20root",
	        "/dev/disk/by-uuid/12ab-cd", "/dev/disk/by-partlabel/boot\\x2fx"};
	static const char *const no[] = {
	        "/dev/vda", "254:10", "LABEL=My root", "UUID=", "LABEL=", "254:1x", "vda1"};
	struct blockdev bang = {.name = "cciss!c0d0"},
	                raid = {.name = "sda", .fs = {"crypto_LUKS", "my root", ""}};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(blockdev_matches(&d, yes[i]) && blockdev_is_spec(yes[i]));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(blockdev_matches(&d, no[i]));
	assert_true(blockdev_matches(&bang, "/dev/cciss/c0d0"));
	assert_false(blockdev_is_spec("tmpfs") || blockdev_is_spec("store"));
	// A file system is preferred to a container with the same label.
	struct blockdev both[] = {raid, d};
	assert_ptr_equal(blockdev_find(both, 2, "LABEL=my root"), &both[1]);
}

// A link name that is cut off within an escape: nothing behind its end is looked at. What stands behind it
// here is what a reader that goes too far would take for the end of the label.
static void test_specs_cut_off(void **state)
{
	struct blockdev d = {.name = "vda1",
	                        .fs = {"ext4",
	                                "a\x04"
	                                "rest",
	                                ""}},
	                plain = {.name = "vda2", .fs = {"ext4", "a\\x4", ""}};
	char spec[] = "/dev/disk/by-label/a\\x4\0rest";

	assert_false(blockdev_matches(&d, spec));
	assert_true(blockdev_matches(&plain, spec)); // not an escape: udev writes two digits
	for (size_t len = strlen(spec); len > strlen("/dev/disk/by-label/"); len--) {
		char *exact = strndup(spec, len); // ASan sees one byte too many

		assert_false(blockdev_matches(&d, exact));
		free(exact);
	}
	assert_true(blockdev_matches(&plain, "/dev/disk/by-label/a\\x5cx4"));
}

// A closure of n modules with made-up names and aliases.
static struct modclosure made_up(size_t n)
{
	struct modclosure c = {.version = mem_strdup("1.2.3"), .count = n};

	c.modules = mem_array(n, sizeof(*c.modules));
	for (size_t i = 0; i < n; i++) {
		c.modules[i].name = str_printf("mod_%03zu", i);
		c.modules[i].path = str_printf("kernel/x/mod-%03zu.ko.xz", i);
		c.modules[i].plan = mem_array(2, sizeof(size_t));
		c.modules[i].plan[0] = (i + 1) % n;
		c.modules[i].plan[1] = i;
		c.modules[i].plan_len = 2;
	}
	return c;
}

static void open_made(
        const struct modclosure *c, const struct modconf *conf, char *const *load, struct table *t)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *dir = NULL;

	modtable_write(c, conf, load, &b);
	assert_int_equal(fs_mkdtemp("/tmp", "test-stage1", &dir, &e), 0);
	_cleanup_free_ char *path = fs_join(dir, "t");
	assert_int_equal(fs_write_atomic(path, b.data, b.len, 0644, &e), 0);
	assert_int_equal(table_open(path, t), 0);
	// Every shorter file, and one with a wild offset, is refused.
	struct table bad;
	for (size_t n = 0; n < b.len; n += 1 + b.len / 97) {
		assert_int_equal(fs_write_atomic(path, b.data, n, 0644, &e), 0);
		assert_int_equal(table_open(path, &bad), -EBADMSG);
	}
	b.data[8 + 8 + 1] ^= 0x40;
	assert_int_equal(fs_write_atomic(path, b.data, b.len, 0644, &e), 0);
	assert_int_equal(table_open(path, &bad), -EBADMSG);
	assert_int_equal(fs_rm_rf(dir, &e), 0);
}

static char *random_text(unsigned *seed, bool pattern)
{
	static const char *const parts[] = {
	        "pci:", "v", "0000", "1AF4", "d", "of:N", "T", "-", "_", "usb", "*", "?", "[0-9]", "[a-f]*"};
	struct buf b = {0};
	int n = 1 + rand_r(seed) % 5;

	for (int i = 0; i < n; i++)
		buf_adds(&b, parts[(size_t)rand_r(seed) % (pattern ? 14 : 10)]);
	return buf_steal(&b);
}

static bool expected(const struct modclosure *c, size_t module, const char *name)
{
	_cleanup_free_ char *key = modconf_normalise(mem_strdup(name));

	for (char **a = c->modules[module].aliases; a && *a; a++)
		if (fnmatch(*a, key, 0) == 0)
			return true;
	return false;
}

static void test_specs_mapped(void **state)
{
	const struct blockdev lv = {
	        .name = "dm-3", .major = 254, .minor = 3, .dm_name = "my--vg-the_root", .dm_uuid = "LVM-abc"};
	const struct blockdev plain = {.name = "vda", .major = 253};
	static const struct {
		const char *spec;
		bool yes;
	} rows[] = {
	        {"/dev/my-vg/the_root", true},
	        {"/dev/mapper/my--vg-the_root", true},
	        {"/dev/disk/by-id/dm-name-my--vg-the_root", true},
	        {"/dev/disk/by-id/dm-uuid-LVM-abc", true},
	        {"/dev/dm-3", true},
	        {"254:3", true},
	        {"/dev/my/vg-the_root", false},
	        {"/dev/my-vg/the_roo", false},
	        {"/dev/my-vg/the_root/", false},
	        {"/dev/my-vg/the_root2", false},
	        {"/dev/my--vg-the_root", false},
	        {"/dev/mapper/my-vg-the_root", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(blockdev_is_spec(rows[i].spec));
		assert_int_equal(blockdev_matches(&lv, rows[i].spec), rows[i].yes);
		assert_false(blockdev_matches(&plain, rows[i].spec));
	}
}

// --- names that udev makes ---

// A file of the made-up sysfs, with the folders that it is in.
static void sys_file(const char *sys, const char *path, const char *text)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *full = fs_join(sys, path);

	for (char *slash = strchr(full + strlen(sys) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	assert_int_equal(fs_write_atomic(full, text, strlen(text), 0644, &e), 0);
}

// A device of that subsystem and type; one of the class block when its folder's parent is called so.
static void sys_device(const char *sys, const char *path, const char *subsystem, const char *type)
{
	_cleanup_free_ char *uevent = str_printf("%s/uevent", path),
	                    *link = str_printf("%s/%s/subsystem", sys, path);
	_cleanup_free_ char *text = type ? str_printf("DEVTYPE=%s\n", type) : mem_strdup("");
	_cleanup_free_ char *target = str_printf("/sys/bus/%s", subsystem);

	sys_file(sys, uevent, text);
	assert_int_equal(symlink(target, link), 0);
	if (strcmp(subsystem, "block") == 0) {
		_cleanup_free_ char *to = str_printf("../../%s", path);
		_cleanup_free_ char *from = str_printf("%s/class/block/%s", sys, strrchr(path, '/') + 1);

		sys_file(sys, "class/block/.keep", "");
		assert_int_equal(symlink(to, from), 0);
	}
}

static void sys_disk(const char *sys, const char *path, const char *partition)
{
	_cleanup_free_ char *part = str_printf("%s/%s", path, partition);
	_cleanup_free_ char *number = str_printf("%s/partition", part);

	sys_device(sys, path, "block", "disk");
	sys_device(sys, part, "block", "partition");
	sys_file(sys, number, "2\n");
}

#define PCI   "devices/pci0000:00"
#define USB   PCI "/0000:00:14.0/usb1/1-3/1-3.1"
#define STICK USB "/1-3.1:1.0/host7/target7:0:0/7:0:0:0"

static void sys_made(const char *sys)
{
	sys_device(sys, PCI "/0000:00:1d.0", "pci", NULL);
	sys_device(sys, PCI "/0000:00:1d.0/0000:03:00.0", "pci", NULL);
	sys_device(sys, PCI "/0000:00:1d.0/0000:03:00.0/nvme/nvme0", "nvme", NULL);
	sys_file(sys, PCI "/0000:00:1d.0/0000:03:00.0/nvme/nvme0/model", "ACME SSD  1/2 T          \n");
	sys_file(sys, PCI "/0000:00:1d.0/0000:03:00.0/nvme/nvme0/serial", "S 7\n");
	sys_disk(sys, PCI "/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1", "nvme0n1p2");
	sys_file(sys, PCI "/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1/wwid", "nvme.8086-41 b\n");
	sys_file(sys, PCI "/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1/nsid", "1\n");
	sys_device(sys, PCI "/0000:00:14.0", "pci", NULL);
	sys_device(sys, PCI "/0000:00:14.0/usb1", "usb", "usb_device");
	sys_device(sys, PCI "/0000:00:14.0/usb1/1-3", "usb", "usb_device");
	sys_device(sys, USB, "usb", "usb_device");
	sys_file(sys, USB "/serial", "0123 AB\n");
	sys_device(sys, USB "/1-3.1:1.0", "usb", "usb_interface");
	sys_file(sys, USB "/1-3.1:1.0/bInterfaceSubClass", "06\n");
	sys_device(sys, USB "/1-3.1:1.0/host7", "scsi", "scsi_host");
	sys_device(sys, USB "/1-3.1:1.0/host7/target7:0:0", "scsi", "scsi_target");
	sys_device(sys, STICK, "scsi", "scsi_device");
	sys_file(sys, STICK "/vendor", "Kings   \n");
	sys_file(sys, STICK "/model", "Data Trav. 3.0  \n");
	sys_disk(sys, STICK "/block/sdb", "sdb2");
	sys_device(sys, "devices/platform/soc/fe34.mmc", "platform", NULL);
	sys_device(sys, "devices/platform/soc/fe34.mmc/mmc_host/mmc0/mmc0:aaaa", "mmc", NULL);
	sys_file(sys, "devices/platform/soc/fe34.mmc/mmc_host/mmc0/mmc0:aaaa/name", "SC16G\n");
	sys_file(sys, "devices/platform/soc/fe34.mmc/mmc_host/mmc0/mmc0:aaaa/serial", "0x1c2d\n");
	sys_disk(sys, "devices/platform/soc/fe34.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0", "mmcblk0p2");
	sys_disk(sys, "devices/virtual/block/nbd0", "nbd0p2");
}

static void test_udev_names(void **state)
{
	static const struct {
		const char *device, *name;
	} rows[] = {
	        {"nvme0n1", "by-id/nvme-nvme.8086-41_b"},
	        {"nvme0n1", "by-id/nvme-ACME_SSD__1_2_T_S_7"},
	        {"nvme0n1p2", "by-id/nvme-ACME_SSD__1_2_T_S_7_1-part2"},
	        {"nvme0n1p2", "by-path/pci-0000:03:00.0-nvme-1-part2"},
	        {"sdb", "by-id/usb-Kings_Data_Trav._3.0_0123_AB-0:0"},
	        {"sdb2", "by-id/usb-Kings_Data_Trav._3.0_0123_AB-0:0-part2"},
	        {"sdb", "by-path/pci-0000:00:14.0-usb-0:3.1:1.0-scsi-0:0:0:0"},
	        {"mmcblk0p2", "by-id/mmc-SC16G_0x1c2d-part2"},
	        {"mmcblk0", "by-path/platform-fe34.mmc"},
	        {"", "by-id/nvme-ACME_SSD__1_2_T_S_7-part1"},
	        {"", "by-id/usb-Kings_Data_Trav._3.0_0123_AB"},
	        {"", "by-id/usb-"},
	        {"", "by-path/"},
	        {"", "by-path/-part2"},
	};
	static const char *const devices[] = {
	        "nvme0n1", "nvme0n1p2", "sdb", "sdb2", "mmcblk0", "mmcblk0p2", "nbd0", "nbd0p2"};
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *sys = NULL;

	assert_int_equal(fs_mkdtemp("/tmp", "test-stage1", &sys, &e), 0);
	sys_made(sys);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t j = 0; j < ARRAY_SIZE(devices); j++) {
			_cleanup_free_ char *spec = str_printf("/dev/disk/%s", rows[i].name);

			assert_true(diskid_is_spec(spec));
			if (diskid_matches(sys, devices[j], spec) !=
			        (strcmp(devices[j], rows[i].device) == 0))
				fail_msg("%s of %s", rows[i].name, devices[j]);
		}
	assert_false(
	        diskid_is_spec("/dev/disk/by-id/lvm-pv-uuid-x") || diskid_is_spec("/dev/disk/by-uuid/x"));
	assert_int_equal(fs_rm_rf(sys, &e), 0);
}

static void test_storage(void **state)
{
	const struct say quiet = {.kmsg_fd = open("/dev/null", O_WRONLY | O_CLOEXEC)};
	struct storage s = {.say = &quiet};

	storage_parse(&s,
	        "# nothing\nraid\n\nlvm\nunknown word\n"
	        "luks crypt /dev/disk/by-uuid/1 discard no-queue tpm2 token-wait=7\n"
	        "luks a\\040b LABEL=my\\040disk header=/dev/vdb key=/k\\040ey key-offset=4096 key-size=32 "
	        "key-wait=5 fallback empty\n"
	        "luks only-a-name\nluks a/b /dev/vda\nluks bad /dev/vda key-size=x\nluks bad /dev/vda "
	        "what\nluks bad /dev/vda "
	        "key=\n"
	        "luks last /dev/vdc");
	close(quiet.kmsg_fd);
	assert_true(s.raid && s.lvm);
	assert_int_equal(s.luks_count, 3);
	assert_string_equal(s.luks[0].name, "crypt");
	assert_true(s.luks[0].discard && s.luks[0].no_queue && s.luks[0].tpm2 && !s.luks[0].fido2);
	assert_int_equal(s.luks[0].token_wait_s, 7);
	assert_false(s.luks[0].fallback || s.luks[0].empty);
	assert_int_equal(s.luks[0].key_wait_s, -1);
	assert_null(s.luks[0].key_file);
	assert_string_equal(s.luks[1].name, "a b");
	assert_string_equal(s.luks[1].device, "LABEL=my disk");
	assert_string_equal(s.luks[1].header, "/dev/vdb");
	assert_string_equal(s.luks[1].key_file, "/k ey");
	assert_string_equal(s.luks[1].key_offset, "4096");
	assert_string_equal(s.luks[1].key_size, "32");
	assert_int_equal(s.luks[1].key_wait_s, 5);
	assert_true(s.luks[1].fallback && s.luks[1].empty);
	assert_string_equal(s.luks[2].name, "last");
	storage_release(&s);
}

// A program that is connected answers while the console is at its end; it hears what became of each answer.
static void test_ask_remote(void **state)
{
	struct ask a = {.console = "/dev/null"};
	char typed[ASK_MAX_BYTES + 1], path[] = "/tmp/kernix-ask-XXXXXX";
	int in[2], status, temp = mkstemp(path);

	close(temp);
	assert_int_equal(ask_listen(&a, path), 0);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(open("/dev/null", O_WRONLY), 1);
		_exit(askpass_main(path));
	}
	assert_int_equal(write(in[1], "not it\nsecret\n", 14), 14);
	assert_true(ask_passphrase(&a, "Passphrase: ", typed));
	assert_string_equal(typed, "not it");
	ask_tell(&a, false, "wrong");
	assert_true(ask_passphrase(&a, "Passphrase: ", typed));
	assert_string_equal(typed, "secret");
	ask_tell(&a, true, "right");
	ask_forget(&a);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	// Nobody is connected, and there is no console: nobody can be asked.
	a.console = "/dev/null";
	assert_false(ask_passphrase(&a, "Passphrase: ", typed));
	unlink(path);
	close(in[0]);
	close(in[1]);
}

// A line at the console wins when it is first; who is connected hears the next question all the same.
static void test_ask_console(void **state)
{
	char typed[ASK_MAX_BYTES + 1], path[] = "/tmp/kernix-ask-XXXXXX",
	                               console[] = "/tmp/kernix-con-XXXXXX";
	struct ask a = {.console = console};
	int temp = mkstemp(path), fifo = mkstemp(console);

	close(temp);
	assert_int_equal(write(fifo, "from the console\n", 17), 17);
	assert_int_equal(ask_listen(&a, path), 0);
	assert_true(ask_passphrase(&a, "", typed));
	assert_string_equal(typed, "from the console");
	ask_forget(&a);
	unlink(path);
	unlink(console);
	close(fifo);
}

static void take_event(void *ctx)
{
	int *console = ctx;
	char byte;

	assert_int_equal(read(console[0], &byte, 1), 1);
	assert_int_equal(write(console[1], "typed on it\n", 12), 12);
}

// A keyboard that comes while somebody is asked: its event is taken at once, and what is typed then counts.
static void test_ask_late_device(void **state)
{
	char typed[ASK_MAX_BYTES + 1], *dir = NULL;
	_cleanup_err_ struct err e = {0};
	int events[2];

	assert_int_equal(fs_mkdtemp("/tmp", "test-stage1", &dir, &e), 0);
	_cleanup_free_ char *console = fs_join(dir, "console");
	assert_int_equal(mkfifo(console, 0600), 0);
	assert_int_equal(pipe(events), 0);
	int held = open(console, O_RDWR | O_CLOEXEC), both[] = {events[0], held};
	struct ask a = {
	        .console = console, .on_event = take_event, .event_ctx = both, .events_fd = events[0]};
	assert_int_equal(write(events[1], "x", 1), 1);
	assert_true(ask_passphrase(&a, "", typed));
	assert_string_equal(typed, "typed on it");
	ask_forget(&a);
	close(held);
	close(events[0]);
	close(events[1]);
	assert_int_equal(fs_rm_rf(dir, &e), 0);
	mem_free(dir);
}

static void test_table_match(void **state)
{
	unsigned seed = 20260101;
	struct modclosure c = made_up(40);
	struct table t;
	size_t hits = 0;

	for (size_t i = 0; i < c.count; i++)
		for (int k = 0; k < 6; k++)
			strv_take(&c.modules[i].aliases, modconf_normalise(random_text(&seed, true)));
	open_made(&c, NULL, NULL, &t);
	for (int i = 0; i < 4000; i++) {
		_cleanup_free_ char *name = random_text(&seed, false);
		uint32_t match[64];
		size_t n = table_match(&t, name, match, 64), want = 0;

		for (size_t m = 0; m < c.count; m++)
			want += expected(&c, m, name);
		assert_int_equal(n, want);
		for (size_t k = 0; k < n; k++)
			assert_true(expected(&c, match[k], name));
		hits += n;
	}
	assert_true(hits > 1000);
	table_close(&t);
	modclosure_release(&c);
}

static void test_table_config(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct modclosure c = made_up(5);
	struct modconf conf = {0};
	struct table t;
	uint32_t match[8];
	char *load[] = {(char *)"second", (char *)"mod-000", NULL};

	for (size_t i = 0; i < 5; i++)
		strv_take(&c.modules[i].aliases, str_printf("dev:%zu*", i));
	strv_add(&c.resolved, "mod-000"), strv_add(&c.resolved, "mod_000");
	strv_add(&c.resolved, "second"), strv_add(&c.resolved, "mod_002");
	assert_int_equal(
	        modconf_parse(&conf,
	                "options mod-001 a=1 \\\n b=2\n# no\nblacklist mod-002\nalias my-dev* mod-003\n"
	                "install mod_004 /bin/false\noptions my-dev* c=3\n",
	                "here", &e),
	        0);
	open_made(&c, &conf, load, &t);
	assert_string_equal(table_string(&t, t.head->kernel), "1.2.3");
	assert_int_equal(table_find(&t, "mod-003"), 3);
	assert_int_equal(table_find(&t, "mod_005"), -1);
	assert_string_equal(table_string(&t, t.modules[1].options), "a=1  b=2");
	assert_string_equal(table_string(&t, t.modules[3].options), "c=3");
	assert_string_equal(table_string(&t, t.modules[0].path), "/lib/modules/1.2.3/kernel/x/mod-000.ko");
	assert_int_equal(table_match(&t, "dev:1xyz", match, 8), 1);
	assert_int_equal(table_match(&t, "dev:2xyz", match, 8), 0); // blacklisted
	assert_int_equal(table_match(&t, "dev:4xyz", match, 8), 0); // never
	assert_int_equal(table_match(&t, "my_dev7", match, 8), 1);
	assert_int_equal(match[0], 3);
	// A module that must not be inserted is in nobody's plan.
	assert_int_equal(t.modules[4].plan_count, 1);
	assert_int_equal(t.modules[3].plan_count, 1);
	assert_int_equal(t.head->load_count, 2);
	assert_int_equal(t.load[0], 2);
	assert_int_equal(t.load[1], 0);
	table_close(&t);
	modconf_release(&conf);
	modclosure_release(&c);
}

// A program that cannot be run is told on the console, where warnings are not shown with 'quiet'.
static void test_no_program(void **state)
{
	const struct say say = {.kmsg_fd = open("/dev/null", O_WRONLY | O_CLOEXEC)};
	char *const argv[] = {(char *)"/nonexistent/lvm", NULL};
	char text[200] = "";
	int console[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe2(console, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(console[1], STDERR_FILENO);
	int status = run_logged(&say, argv);
	dup2(saved, STDERR_FILENO);
	ssize_t n = read(console[0], text, sizeof(text) - 1);
	close(console[0]);
	close(console[1]);
	close(saved);
	close(say.kmsg_fd);
	assert_int_equal(status, RUN_NO_PROGRAM);
	assert_true(n > 0);
	assert_non_null(strstr(text, "/nonexistent/lvm, or a library that it needs, is not in this initrd"));
}

static void test_modconf_errors(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct modconf conf = {0};

	assert_int_equal(
	        modconf_parse(&conf, "options a b=1\noption c d=2\n", "boot.extraModprobeConfig", &e),
	        -EINVAL);
	assert_non_null(strstr(e.msg, "boot.extraModprobeConfig, line 2: 'option' is not a command"));
	assert_int_equal(modconf_parse(&conf, "options \\\n\nalias x\n", "f", &e), -EINVAL);
	assert_non_null(strstr(e.msg, "f, line 1"));
	modconf_release(&conf);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sleep", "sleep", "100", (char *)NULL);
		_exit(1);
	}
	usleep(100000); // until it is another program
	return pid;
}

// As the first process of a machine of its own; the exit status is what it found.
static int end_of_network(void)
{
	const struct say say = {.kmsg_fd = -1};
	struct network n = {&say, true};
	pid_t keeper = sleeper(), other = sleeper();

	network_end(&n, true, keeper);
	return kill(keeper, 0) == 0 && kill(other, 0) < 0 ? 0 : 2;
}

// What ends with the network of stage 1 is not the process that watches a trial.
static void test_network_end(void **state)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		// Nothing but what is below is ever signalled: its /proc has no other processes.
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0 || (pid = fork()) < 0)
			_exit(1);
		if (pid == 0)
			_exit(mount("proc", "/proc", "proc", 0, NULL) < 0 || getpid() != 1
			                ? 1
			                : end_of_network());
		_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 1)
		skip(); // no namespaces here
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cmdline),
	        cmocka_unit_test(test_cmdline_modules),
	        cmocka_unit_test(test_uevent),
	        cmocka_unit_test(test_fstab),
	        cmocka_unit_test(test_mount_options),
	        cmocka_unit_test(test_nfs),
	        cmocka_unit_test(test_keymap),
	        cmocka_unit_test(test_check_verdicts),
	        cmocka_unit_test(test_specs),
	        cmocka_unit_test(test_specs_cut_off),
	        cmocka_unit_test(test_specs_mapped),
	        cmocka_unit_test(test_udev_names),
	        cmocka_unit_test(test_storage),
	        cmocka_unit_test(test_ask_remote),
	        cmocka_unit_test(test_ask_console),
	        cmocka_unit_test(test_ask_late_device),
	        cmocka_unit_test(test_table_match),
	        cmocka_unit_test(test_table_config),
	        cmocka_unit_test(test_no_program),
	        cmocka_unit_test(test_network_end),
	        cmocka_unit_test(test_modconf_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
