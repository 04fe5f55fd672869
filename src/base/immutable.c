// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/immutable.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"

int immutable_lift(const char *file, int *ret_flags, struct err *e)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int flags;

	*ret_flags = -1;
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, errno, "opening '%s'", file);
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || !(flags & FS_IMMUTABLE_FL))
		return 0;
	*ret_flags = flags;
	flags &= ~FS_IMMUTABLE_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 ? err_sys(e, errno, "making '%s' writable", file) : 0;
}

int immutable_restore(int fd, const char *file, int flags, struct err *e)
{
	if (flags < 0 || ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0)
		return 0;
	return err_sys(e, errno, "making '%s' immutable again", file);
}
