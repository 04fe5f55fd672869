// SPDX-License-Identifier: GPL-2.0-or-later
// A rename changes a folder's block and frees the old file's inode; the journal makes that one step for the
// kernel, but a loader may see either of them first. So the new file is in its place before, and the old one
// keeps a second name until the folder's block is in its place.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/settle.h"

#define EXT_MAGIC  0xef53
#define CHECKPOINT _IOW('f', 43, uint32_t) // EXT4_IOC_CHECKPOINT: older headers lack it

static bool is_folder(const struct boot_place *p, int fd)
{
	_cleanup_free_ char *above = str_printf("%s/..", p->root);
	struct stat dir, up;

	return *p->root && fstat(fd, &dir) == 0 && stat(above, &up) == 0 && dir.st_dev == up.st_dev;
}

int boot_settle(const struct boot_place *p, const char *dir, struct err *e)
{
	_cleanup_close_ int fd = fs_open(dir, O_RDONLY | O_DIRECTORY, 0, e);
	uint32_t flags = 0;
	struct statfs fs;

	if (fd < 0)
		return fd;
	if (is_folder(p, fd))
		return 0;
	if (syncfs(fd) < 0)
		return err_sys(e, errno, "writing the file system of '%s'", dir);
	if (fstatfs(fd, &fs) < 0 || (unsigned long)fs.f_type != EXT_MAGIC)
		return 0;
	// Others than root may be allowed to write; without a journal there is nothing to do.
	if (ioctl(fd, CHECKPOINT, &flags) < 0 && errno == EIO)
		return err_sys(e, errno, "writing the file system of '%s'", dir);
	return 0;
}

int boot_replace(const struct boot_place *p, const char *file, const char *text, size_t len, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(file), *new = str_printf("%s.tmp-000new", file),
	                    *old = str_printf("%s.tmp-000old", file);
	int r = fs_write_atomic(new, text, len, 0644, e);

	if (r < 0)
		return r;
	unlink(old);
	// There is no old file, or (on FAT) there are no second names.
	if (link(file, old) < 0 && errno != ENOENT && errno != EPERM && errno != EOPNOTSUPP)
		return err_sys(e, errno, "keeping '%s' as '%s'", file, old);
	r = boot_settle(p, dir, e);
	if (r == 0 && rename(new, file) < 0)
		r = err_sys(e, errno, "renaming '%s'", new);
	if (r == 0)
		r = boot_settle(p, dir, e);
	unlink(old);
	return r;
}
