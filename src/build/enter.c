// SPDX-License-Identifier: GPL-2.0-or-later
// A view of the host with a private store at /nix: tmpfs root, the host's top folders bound into it, then
// pivot_root (mount_namespaces(7)). Not chroot: in one of those Linux allows no user namespaces, so no
// builds.

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/enter.h"
#include "store/store.h"

static int write_map(const char *path, const char *text, struct err *e)
{
	_cleanup_close_ int fd = fs_open(path, O_WRONLY, 0, e);

	return fd < 0 ? fd : fs_write_all(fd, text, strlen(text), path, e);
}

// An ordinary user needs a user namespace to mount; he stays who he is in it.
static int new_namespaces(struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	if (uid == 0 && unshare(CLONE_NEWNS) == 0)
		return 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return err_sys(e, errno, "making a mount namespace to show a private store at its place");
	_cleanup_free_ char *uid_map = str_printf("%u %u 1", (unsigned)uid, (unsigned)uid);
	_cleanup_free_ char *gid_map = str_printf("%u %u 1", (unsigned)gid, (unsigned)gid);
	if ((r = write_map("/proc/self/setgroups", "deny", e)) < 0 && r != -ENOENT)
		return r;
	if ((r = write_map("/proc/self/uid_map", uid_map, e)) < 0)
		return r;
	return write_map("/proc/self/gid_map", gid_map, e);
}

static int bind_into(const char *source, const char *target, struct err *e)
{
	struct stat st;

	if (lstat(source, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode)) {
		_cleanup_free_ char *to = NULL;
		int r = fs_readlink(source, &to, e);

		return r < 0 ? r : symlink(to, target) < 0 ? err_sys(e, errno, "linking '%s'", target) : 0;
	}
	if (S_ISDIR(st.st_mode)) {
		if (mkdir(target, 0755) < 0)
			return err_sys(e, errno, "creating '%s'", target);
	} else {
		int fd = fs_open(target, O_CREAT | O_WRONLY, 0644, e);

		if (fd < 0)
			return fd;
		close(fd);
	}
	if (mount(source, target, NULL, MS_BIND | MS_REC, NULL) < 0)
		return err_sys(e, errno, "showing '%s'", source);
	return 0;
}

static int bind_host(const struct store *s, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *nix = str_printf("/host%s/nix", store_root(s));
	int r = fs_list("/host", &names, e);

	if (r < 0)
		return r;
	strv_for_each (name, names) {
		_cleanup_free_ char *from = str_printf("/host/%s", name), *to = str_printf("/view/%s", name);

		if (!str_eq(name, "nix") && (r = bind_into(from, to, e)) < 0)
			return r;
	}
	return bind_into(nix, "/view/nix", e);
}

int enter_store(const struct store *s, struct err *e)
{
	_cleanup_free_ char *cwd = NULL;
	int r;

	if (!store_is_private(s))
		return 0;
	if ((r = fs_absolute(".", &cwd, e)) < 0 || (r = new_namespaces(e)) < 0)
		return r;
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
	        mount("tmpfs", "/tmp", "tmpfs", 0, "mode=0755") < 0)
		return err_sys(e, errno, "preparing the view of a private store");
	if (mkdir("/tmp/host", 0755) < 0 || mkdir("/tmp/view", 0755) < 0 ||
	        syscall(SYS_pivot_root, "/tmp", "/tmp/host") < 0 || chdir("/") < 0)
		return err_sys(e, errno, "preparing the view of a private store");
	if (mount("/view", "/view", NULL, MS_BIND, NULL) < 0)
		return err_sys(e, errno, "preparing the view of a private store");
	if ((r = bind_host(s, e)) < 0)
		return r;
	if (chdir("/view") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
	        chdir(cwd) < 0)
		return err_sys(e, errno, "entering the view of a private store at '%s'", cwd);
	return 0;
}
