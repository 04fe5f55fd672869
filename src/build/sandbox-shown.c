// SPDX-License-Identifier: GPL-2.0-or-later
// Host files and folders that a fetcher reads (file:// addresses). What may be read is not worked out here
// from modes and owners: the process opens them as the user that builds, after it gave the caller's rights up
// and before it leaves the host's root. So a file that only the caller may read, or that lies in a folder
// that only the caller may enter, stays closed.
#include "build/sandbox-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mountcall.h"
#include "base/syscalls.h"

// Links of /proc/PID lead to what this process has open from the time when it was the caller (its folders,
// the store), past folders that the user that builds may not enter; and nothing in there is a file to fetch.
static int shown_open_path(const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	struct statfs fs;
	// O_PATH: a device or FIFO is not touched.
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	if (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC)
		return -EINVAL;
	return TAKE_FD(fd);
}

// 0 or a positive errno.
static int shown_open_one(struct sandbox_shown *s)
{
	struct stat st;
	_cleanup_close_ int fd = shown_open_path(s->path);

	if (fd < 0)
		return fd == -ELOOP ? EINVAL : -fd;
	if (fstat(fd, &st) < 0)
		return errno;
	s->is_dir = S_ISDIR(st.st_mode);
	if (!s->is_dir && !S_ISREG(st.st_mode))
		return EINVAL;
	if (syscall(SYS_faccessat2, fd, "", s->is_dir ? R_OK | X_OK : R_OK, AT_EMPTY_PATH) < 0)
		return errno;
	_cleanup_close_ int tree = mountcall_clone(fd, "");
	if (tree < 0 || mountcall_set(tree, MOUNTCALL_RDONLY | MOUNTCALL_NOSUID | MOUNTCALL_NODEV) < 0)
		return errno;
	s->tree = TAKE_FD(tree);
	return 0;
}

void sandbox_shown_open(const struct sandbox_spec *spec)
{
	for (size_t i = 0; i < spec->n_shown; i++) {
		struct sandbox_shown *s = &spec->shown[i];
		s->tree = -1;
		s->errnum = s->path[0] == '/' ? shown_open_one(s) : EINVAL;
	}
}

static int shown_place_one(struct sandbox_shown *s, const char *rel, struct err *e)
{
	_cleanup_close_ int fd = -1;

	if (s->is_dir && mkdir(rel, 0755) < 0)
		return err_sys(e, errno, "making '/%s' in the sandbox", rel);
	if (!s->is_dir && (fd = fs_open(rel, O_WRONLY | O_CREAT | O_EXCL, 0644, e)) < 0)
		return fd;
	if (mountcall_place(s->tree, rel) < 0)
		return err_sys(e, errno, "showing '%s' in the sandbox", s->path);
	close(s->tree);
	s->tree = -1;
	return 0;
}

int sandbox_shown_place(const struct sandbox_spec *spec, struct err *e)
{
	const char *dir = &SANDBOX_SHOWN_DIR[1];
	int r = 0;

	if (spec->n_shown && mkdir(dir, 0755) < 0)
		return err_sys(e, errno, "making '/%s' in the sandbox", dir);
	for (size_t i = 0; r == 0 && i < spec->n_shown; i++) {
		char rel[64];
		snprintf(rel, sizeof(rel), "%s/%zu", dir, i);
		if (spec->shown[i].errnum == 0)
			r = shown_place_one(&spec->shown[i], rel, e);
	}
	return r;
}
