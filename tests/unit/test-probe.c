// SPDX-License-Identifier: GPL-2.0-or-later
// Superblock and partition probing of stage 1: images made by each mkfs, the answers compared with blkid's
// and sfdisk's.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "stage1/probe.h"
#include "stage1/say.h"

static int setup(void **state)
{
	_cleanup_err_ struct err e = {0};

	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	return fs_mkdtemp("/tmp", "test-probe", (char **)state, &e);
}

static int teardown(void **state)
{
	_cleanup_err_ struct err e = {0};
	int r = fs_rm_rf(*state, &e);

	mem_free(*state);
	return r;
}

static void shell(const char *script, struct buf *out)
{
	_cleanup_err_ struct err e = {0};
	char *argv[] = {(char *)"sh", (char *)"-ec", (char *)script, NULL};
	struct buf ignored = {0};
	struct proc_opts opts = {.out = out ? out : &ignored, .err = out ? NULL : &ignored};

	if (proc_run_ok(argv, &opts, &e) < 0)
		fail_msg("%s\n%s", e.msg, script);
	buf_release(&ignored);
}

// Value of NAME=value among the lines of text, "" when there is none; owned. blkid writes odd bytes with a
// backslash.
static char *value_of(const char *text, const char *name)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");
	struct buf b = {0};

	strv_for_each (line, lines) {
		const char *v = str_after(line, name);
		if (!v || *v != '=')
			continue;
		for (v++; *v; v++)
			if (*v != '\\')
				buf_addc(&b, *v);
	}
	return buf_steal(&b);
}

// SIZE in MiB, command with $f.
static const struct {
	const char *name, *size, *command;
} fs_rows[] = {
        {"ext2", "8M", "mke2fs -q -t ext2 -L plain $f"},
        {"ext3", "16M", "mke2fs -q -t ext3 -L 'two words' $f"},
        {"ext4", "16M", "mke2fs -q -t ext4 -L sixteen-letters- $f"},
        {"ext4-nolabel", "16M", "mke2fs -q -t ext4 $f"},
        {"ext4-4k-meta", "64M", "mke2fs -q -t ext4 -b 4096 -O metadata_csum_seed,^has_journal $f"},
        {"xfs", "320M", "mkfs.xfs -q -L xfslabel $f"},
        {"btrfs", "128M", "mkfs.btrfs -q -L 'a long label of a btrfs file system' $f"},
        {"fat12", "1M", "mkfs.vfat -F 12 -n FLOPPY $f"},
        {"fat16", "16M", "mkfs.vfat -F 16 -n 'EFI SYS' $f"},
        {"fat32", "64M", "mkfs.vfat -F 32 -n ESP $f"},
        {"fat32-4k", "300M", "mkfs.vfat -F 32 -S 4096 -n BIG $f"},
        {"fat-noname", "64M", "mkfs.vfat -F 32 $f"},
        {"squashfs", "0", "mkdir d; echo x >d/x; rm $f; mksquashfs d $f -quiet -no-progress; rm -r d"},
        {"erofs", "0", "mkdir d; echo x >d/x; rm $f; mkfs.erofs $f d; rm -r d"},
        {"f2fs", "64M", "mkfs.f2fs -q -l 'f2 label' $f"},
        {"swap", "1M", "mkswap -L swapper $f"},
};

static void check_fs(const char *dir, const char *name, const char *size, const char *command)
{
	_cleanup_free_ char *path = fs_join(dir, name);
	_cleanup_free_ char *make =
	        str_printf("cd %s; f=%s; truncate -s %s $f; %s", dir, name, size, command);
	_cleanup_free_ char *ask = str_printf("blkid -p -o export %s", path);
	_cleanup_buf_ struct buf said = {0};
	_cleanup_err_ struct err e = {0};
	struct probe p;

	shell(make, NULL);
	shell(ask, &said);
	_cleanup_free_ char *type = value_of(buf_str(&said), "TYPE"),
	                    *label = value_of(buf_str(&said), "LABEL"),
	                    *uuid = value_of(buf_str(&said), "UUID");
	_cleanup_close_ int fd = fs_open(path, O_RDONLY, 0, &e);
	assert_true(probe_fd(fd, &p));
	if (!str_eq(p.type, type) || !str_eq(p.label, label) || !str_eq(p.uuid, uuid))
		fail_msg("%s: ours %s '%s' %s, blkid's %s '%s' %s", name, p.type, p.label, p.uuid, type,
		        label, uuid);
	unlink(path);
}

static void test_file_systems(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(fs_rows); i++)
		check_fs(*state, fs_rows[i].name, fs_rows[i].size, fs_rows[i].command);
}

// A member of an array of version 1.0 has its superblock near the end, and looks like what the array holds.
static void test_raid_at_the_end(void **state)
{
	_cleanup_free_ char *path = fs_join(*state, "raid");
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};
	static const uint64_t sector = ((1 << 20) / 512 - 16) / 8 * 8;
	static const uint32_t magic[] = {0xa92b4efc, 1};
	struct probe p;

	buf_addn(&b, '\0', 1 << 20);
	memcpy(b.data, "XFSB", 4);
	memcpy(b.data + sector * 512, magic, sizeof(magic));
	memcpy(b.data + sector * 512 + 144, &sector, sizeof(sector));
	memcpy(b.data + sector * 512 + 32, "host:name", 9);
	assert_int_equal(fs_write_atomic(path, b.data, b.len, 0644, &e), 0);
	_cleanup_close_ int fd = fs_open(path, O_RDONLY, 0, &e);
	assert_true(probe_fd(fd, &p));
	assert_string_equal(p.type, "linux_raid_member");
	assert_string_equal(p.label, "host:name");
	assert_false(probe_mountable(p.type));
	// The same on a device of another size: it belongs to a part of it.
	buf_addn(&b, '\0', 65536);
	assert_int_equal(fs_write_atomic(path, b.data, b.len, 0644, &e), 0);
	_cleanup_close_ int longer = fs_open(path, O_RDONLY, 0, &e);
	assert_true(probe_fd(longer, &p));
	assert_string_equal(p.type, "xfs");
}

static void test_containers(void **state)
{
	_cleanup_free_ char *path = fs_join(*state, "luks");
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};
	struct probe p;

	buf_add(&b, "LUKS\xba\xbe\0\2", 8);
	buf_addn(&b, '\0', 16);
	buf_adds(&b, "secret");
	buf_addn(&b, '\0', 168 - b.len);
	buf_adds(&b, "6e1fc5f1-0d5c-4a52-9d2e-0123456789ab");
	buf_addn(&b, '\0', 65536 - b.len);
	assert_int_equal(fs_write_atomic(path, b.data, b.len, 0644, &e), 0);
	_cleanup_close_ int fd = fs_open(path, O_RDONLY, 0, &e);
	assert_true(probe_fd(fd, &p));
	assert_string_equal(p.type, "crypto_LUKS");
	assert_string_equal(p.uuid, "6e1fc5f1-0d5c-4a52-9d2e-0123456789ab");
	assert_string_equal(p.label, "secret");
	assert_false(probe_mountable(p.type));
	assert_true(probe_mountable("ext4"));
}

// Random bytes and short files must not be taken for something, nor be read beyond.
static void test_noise(void **state)
{
	_cleanup_free_ char *path = fs_join(*state, "noise");
	_cleanup_err_ struct err e = {0};
	unsigned seed = 7;
	static char bytes[8192];
	struct probe p;
	struct part_id id;

	for (size_t len = 0; len < sizeof(bytes); len += 511) {
		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)rand_r(&seed);
		assert_int_equal(fs_write_atomic(path, bytes, len, 0644, &e), 0);
		_cleanup_close_ int fd = fs_open(path, O_RDONLY, 0, &e);
		assert_false(probe_fd(fd, &p));
		assert_string_equal(p.type, "");
		assert_false(part_id_read(fd, 512, 1, &id));
	}
}

static void test_partitions(void **state)
{
	static const char script[] = "cd %s; truncate -s 16M disk; printf '%s' | sfdisk -q disk; "
	                             "sfdisk --part-uuid disk 2 || :; sfdisk --part-label disk 2 || :";
	static const struct {
		const char *table, *label;
		unsigned number;
	} rows[] = {
	        {"label: gpt\\nstart=1M,size=2M\\nsize=2M,type=L\\n", "", 2},
	        {"label: gpt\\nsize=2M\\nsize=3M,name=\"nixos r\xc3\xb6ot\"\\n", "nixos r\xc3\xb6ot", 2},
	        {"label: dos\\nlabel-id: 0xdeadbeef\\nsize=2M\\nsize=3M\\n", "", 2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *make = str_printf(script, (char *)*state, rows[i].table);
		_cleanup_free_ char *path = fs_join(*state, "disk");
		_cleanup_buf_ struct buf said = {0};
		_cleanup_err_ struct err e = {0};
		struct part_id id;

		unlink(path);
		shell(make, &said);
		_cleanup_strv_ char **lines = strv_split(buf_str(&said), "\n");
		_cleanup_close_ int fd = fs_open(path, O_RDONLY, 0, &e);
		assert_true(part_id_read(fd, 512, rows[i].number, &id));
		if (i < 2) {
			assert_int_equal(strcasecmp(id.uuid, lines[0]), 0);
			assert_false(part_id_read(fd, 512, 3, &id) && id.uuid[0]);
			assert_false(part_id_read(fd, 512, 1000, &id) && id.uuid[0] &&
			             strchr(id.uuid, '-') == NULL);
		} else {
			assert_string_equal(id.uuid, "deadbeef-02");
		}
		assert_true(part_id_read(fd, 512, 2, &id));
		assert_string_equal(id.label, rows[i].label);
	}
}

// A label is what somebody wrote on a disk; a person reads it at a console that obeys sequences.
static void test_shown(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	        {"my root", "my root"},
	        {"gr\u00fc\u00df \u65e5 \U0001f600", "gr\u00fc\u00df \u65e5 \U0001f600"},
	        {"\033[2J\033]0;x\a\n", "?[2J?]0;x??"},
	        {"a\177\xc2\x9b"
	         "31m",
	                "a???31m"},
	        {"\x9b"
	         "1m\xff\xc3",
	                "?1m??"},
	        {"\xe0\x80\x9b\xf0\x80\x80\x9b", "???????"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *text = mem_strdup(rows[i].text);
		say_plain(text);
		assert_string_equal(text, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_file_systems),
	        cmocka_unit_test(test_containers),
	        cmocka_unit_test(test_raid_at_the_end),
	        cmocka_unit_test(test_noise),
	        cmocka_unit_test(test_partitions),
	        cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
