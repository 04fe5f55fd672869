// SPDX-License-Identifier: GPL-2.0-or-later
// mkfs on a file in memory: no device of the machine is touched and nothing stays.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "boot/boottest-layout.h"
#include "boottest/guest.h"

#define BLOCK_BYTES 4096
#define LIMIT_MS    30000

// Options before those for UUID and label, which are followed by the value.
static const struct {
	const char *type, *program;
	size_t size_mib;
	const char *options[6], *uuid, *label;
	size_t label_max;
} rows[] = {
        {"ext2", "mkfs.ext2", 16, {"-q", "-F", "-E", "nodiscard"}, "-U", "-L", 16},
        {"ext3", "mkfs.ext3", 16, {"-q", "-F", "-E", "nodiscard"}, "-U", "-L", 16},
        {"ext4", "mkfs.ext4", 16, {"-q", "-F", "-E", "nodiscard"}, "-U", "-L", 16},
        {"xfs", "mkfs.xfs", 320, {"-q", "-f", "-K"}, "-m", "-L", 12}, // smaller ones are refused
        {"btrfs", "mkfs.btrfs", 128, {"-q", "-f", "-K"}, "-U", "-L", 255},
        {"f2fs", "mkfs.f2fs", 64, {"-q", "-f", "-t", "0"}, "-U", "-l", 255},
        {"vfat", "mkfs.vfat", 40, {"-F", "32"}, "-i", "-n", 11},
        {"bcachefs", "mkfs.bcachefs", 64, {"-q", "-f"}, "-U", "-L", 32},
};

static int row_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].type, type))
			return (int)i;
	return -1;
}

char *layout_mkfs(const char *type)
{
	int i = row_of(type);
	char *found = i < 0 ? NULL : proc_which(rows[i].program);

	if (found || i < 0)
		return found;
	static const char *const folders[] = {"/usr/sbin", "/sbin"}; // not in a user's PATH
	for (size_t k = 0; k < ARRAY_SIZE(folders) && !found; k++) {
		_cleanup_free_ char *path = fs_join(folders[k], rows[i].program);
		if (access(path, X_OK) == 0)
			found = TAKE_PTR(path);
	}
	return found;
}

// As that program writes it.
static char *uuid_for(int row, const char *uuid)
{
	_cleanup_buf_ struct buf b = {0};

	buf_adds(&b, str_eq(rows[row].type, "xfs") ? "uuid=" : "");
	for (const char *p = uuid; *p; p++)
		if (*p != '-' || !str_eq(rows[row].type, "vfat"))
			buf_addc(&b, *p);
	return buf_steal(&b);
}

static void add_extent(struct buf *b, const char *data, uint64_t at, size_t bytes, bool zeros)
{
	buf_add_le64(b, at);
	buf_add_le64(b, bytes);
	buf_add_le64(b, zeros);
	if (!zeros)
		buf_add(b, data, bytes);
}

static bool is_zero(const char *p, size_t bytes)
{
	return bytes == 0 || (*p == '\0' && memcmp(p, p + 1, bytes - 1) == 0);
}

// Runs of blocks that are alike; zeros only where they have to be written.
static void add_run(struct buf *b, const char *data, uint64_t at, size_t bytes, bool with_zeros)
{
	for (size_t from = 0; from < bytes;) {
		bool zeros = is_zero(data + from, MIN(bytes - from, (size_t)BLOCK_BYTES));
		size_t to = from;
		while (to < bytes && is_zero(data + to, MIN(bytes - to, (size_t)BLOCK_BYTES)) == zeros)
			to += MIN(bytes - to, (size_t)BLOCK_BYTES);
		if (!zeros || with_zeros)
			add_extent(b, data + from, at + from, to - from, zeros);
		from = to;
	}
}

static int read_extents(int fd, bool with_zeros, struct buf *ret, struct err *e)
{
	off_t at = 0;

	while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(fd, at, SEEK_HOLE);
		size_t bytes = end > at ? (size_t)(end - at) : 0;
		_cleanup_free_ char *data = mem_alloc(bytes + 1);
		if (end < 0 || pread(fd, data, bytes, at) != (ssize_t)bytes)
			return err_sys(e, errno, "reading what mkfs made");
		add_run(ret, data, (uint64_t)at, bytes, with_zeros);
		at = end;
	}
	return errno == ENXIO ? 0 : err_sys(e, errno, "reading what mkfs made");
}

int layout_image_make(
        const struct layout *l, const struct layout_image *image, struct buf *ret, struct err *e)
{
	int row = row_of(image->type);
	_cleanup_free_ char *program = layout_mkfs(image->type),
	                    *uuid = row < 0 ? NULL : uuid_for(row, image->uuid);
	_cleanup_strv_ char **argv = NULL;
	_cleanup_close_ int fd = memfd_create("boot-test", MFD_CLOEXEC);
	_cleanup_buf_ struct buf said = {0};
	const struct proc_opts opts = {.out = &said, .err = &said, .timeout_ms = LIMIT_MS};

	if (fd < 0 || ftruncate(fd, (off_t)rows[MAX(row, 0)].size_mib << 20) < 0)
		return err_sys(e, errno, "making a file in memory");
	if (row < 0 || !program)
		return err_set(e, -ENOENT, "mkfs.%s is not installed", image->type);
	strv_add(&argv, program);
	for (size_t i = 0; i < ARRAY_SIZE(rows[row].options) && rows[row].options[i]; i++)
		strv_add(&argv, rows[row].options[i]);
	strv_add(&argv, rows[row].uuid);
	strv_add(&argv, uuid);
	if (image->label) {
		strv_add(&argv, rows[row].label);
		strv_take(&argv, mem_strndup(image->label, rows[row].label_max));
	}
	strv_take(&argv, str_printf("/proc/%d/fd/%d", (int)getpid(), fd));
	setenv("UNIX_IO_NOZEROOUT", "1", 1); // e2fsprogs: zeros are written, not left out
	int r = proc_run_ok(argv, &opts, e);
	unsetenv("UNIX_IO_NOZEROOUT");
	return r == 0 ? read_extents(fd, l->encrypted, ret, e) : r;
}
