// SPDX-License-Identifier: GPL-2.0-or-later
// efivarfs: a variable is a file, written by one write(2). The kernel makes files immutable against
// accidents.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/immutable.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/efi-oneshot.h"

#define NAME       "LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ATTRIBUTES "\x07\0\0\0" // kept over resets, seen by the loader and by us

bool efi_oneshot_is_usable(const char *dir)
{
	struct statvfs fs;

	return statvfs(dir, &fs) == 0 && !(fs.f_flag & ST_RDONLY) && access(dir, W_OK) == 0;
}

int efi_oneshot_read(const char *dir, char **ret, struct err *e)
{
	_cleanup_free_ char *file = fs_join(dir, NAME);
	_cleanup_buf_ struct buf b = {0}, id = {0};
	int r = fs_read_maybe(file, 1 << 16, &b, e);

	*ret = NULL;
	if (r <= 0)
		return r;
	for (size_t i = 4; i + 1 < b.len && (b.data[i] || b.data[i + 1]); i += 2)
		buf_addc(&id, b.data[i + 1] ? '?' : b.data[i]);
	if (id.len)
		*ret = mem_strdup(buf_str(&id));
	return 0;
}

int efi_oneshot_write(const char *dir, const char *id, struct err *e)
{
	_cleanup_free_ char *file = fs_join(dir, NAME);
	_cleanup_buf_ struct buf b = {0};
	int flags, r = immutable_lift(file, &flags, e);

	if (r < 0)
		return r;
	if (!id)
		return unlink(file) < 0 && errno != ENOENT
		               ? err_sys(e, errno, "deleting the EFI variable '%s'", file)
		               : 0;
	buf_add(&b, ATTRIBUTES, 4);
	for (size_t i = 0; i <= strlen(id); i++) {
		buf_addc(&b, id[i]);
		buf_addc(&b, 0);
	}
	_cleanup_close_ int fd = fs_open(file, O_WRONLY | O_CREAT, 0644, e);
	if (fd < 0)
		return fd;
	return write(fd, b.data, b.len) != (ssize_t)b.len
	               ? err_sys(e, errno, "writing the EFI variable '%s'", file)
	               : 0;
}
