// SPDX-License-Identifier: GPL-2.0-or-later
// Overlays of the sandbox: a tree that a builder may change while only what it changes is written. The
// overlay is made in the sandbox's own namespaces, so that it ends with them, with overlayfs's option
// userxattr, which works without any right on the host. Its layers are opened as detached mounts while the
// process still is the caller's user, and are put below the new root for the moment of the mount.
//
// Builders must find the lower layer's files as their own, or they could not change them. As root, where
// builders are somebody else, the lower layer is therefore mounted with its owner mapped to the builder
// (MOUNT_ATTR_IDMAP), which only the caller itself may do; and what the caller opens so is kept for the
// child.
#include "build/sandbox-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/mountcall.h"
#include "base/str.h"
#include "base/syscalls.h"

static const char overlay_dir[] = ".overlay"; // below the new root, for the moment of the mount

// In the child: nothing of the caller's lives on in here, above all no locks, and it ends with the caller,
// whose end of the socket closes however that dies.
static _noreturn_ void overlay_hold(int socket)
{
	char c;

	if (socket > 3)
		syscall_close_range(3, (unsigned)socket - 1, 0);
	syscall_close_range((unsigned)socket + 1, ~0U, 0);
	if (unshare(CLONE_NEWUSER) == 0 && write(socket, "r", 1) == 1)
		while (read(socket, &c, 1) < 0 && errno == EINTR)
			;
	_exit(1);
}

// A process in a user namespace of its own. *ret_socket: it says a byte when it is there, and ends when that
// is closed.
static pid_t overlay_holder(int *ret_socket)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(sockets[0]);
		overlay_hold(sockets[1]);
	}
	close(sockets[1]);
	*ret_socket = sockets[0];
	return pid;
}

static bool overlay_write_map(pid_t pid, const char *file, uint64_t inside, uint64_t outside)
{
	char path[64], map[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	snprintf(map, sizeof(map), "%llu %llu 1", (unsigned long long)inside, (unsigned long long)outside);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, map, strlen(map)) == (ssize_t)strlen(map);
}

// A user namespace that says: the lower layer's owner is the builder. -1 where there can be none.
static int overlay_userns(const struct stat *lower, const struct sandbox_ids *ids)
{
	char path[64], c;
	int ready = -1, fd = -1;
	pid_t pid = overlay_holder(&ready);

	if (pid > 0 && read(ready, &c, 1) == 1 &&
	        overlay_write_map(pid, "uid_map", lower->st_uid, ids->uid) &&
	        overlay_write_map(pid, "gid_map", lower->st_gid, ids->gid)) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (ready >= 0)
		close(ready);
	return fd;
}

static int overlay_open_tree(const char *path, uint64_t attrs, int userns, struct err *e)
{
	_cleanup_close_ int fd = mountcall_clone(AT_FDCWD, path);

	if (fd < 0)
		return err_sys(e, errno, "opening '%s', a layer of the sandbox", path);
	if (mountcall_set_mapped(fd, attrs | MOUNTCALL_NOSUID | MOUNTCALL_NODEV, userns) < 0)
		return err_set(e, -EOPNOTSUPP, "no overlay in the sandbox: mounting '%s' for it: %s", path,
		        strerror(errno));
	return TAKE_FD(fd);
}

static int overlay_map_lower(struct sandbox_overlay *o, const struct sandbox_ids *ids, struct err *e)
{
	struct stat st;

	if (lstat(o->lower, &st) < 0)
		return err_sys(e, errno, "lower layer '%s' of the sandbox", o->lower);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, -ENOTDIR, "lower layer '%s' of the sandbox is no folder", o->lower);
	if (ids->own || (st.st_uid == ids->uid && st.st_gid == ids->gid))
		return 0;
	_cleanup_close_ int userns = overlay_userns(&st, ids);
	if (userns < 0)
		return err_set(e, -EOPNOTSUPP,
		        "no overlay in the sandbox: there can be no user namespace that maps its owner");
	int fd = overlay_open_tree(o->lower, MOUNTCALL_RDONLY, userns, e);
	if (fd < 0)
		return fd;
	o->lower_tree = fd;
	return 0;
}

int sandbox_overlay_prepare(const struct sandbox_spec *spec, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < spec->n_overlays; i++)
		spec->overlays[i].lower_tree = spec->overlays[i].own_tree = -1;
	for (size_t i = 0; r == 0 && i < spec->n_overlays; i++) {
		struct sandbox_overlay *o = &spec->overlays[i];
		_cleanup_free_ char *upper = str_dirname(o->upper), *work = str_dirname(o->work);
		if (!str_eq(upper, work))
			r = err_set(e, -EINVAL, "'%s' and '%s' must lie in one folder", o->upper, o->work);
		if (r == 0)
			r = overlay_map_lower(o, &spec->ids, e);
	}
	if (r < 0)
		sandbox_overlay_close(spec);
	return r;
}

void sandbox_overlay_close(const struct sandbox_spec *spec)
{
	for (size_t i = 0; i < spec->n_overlays; i++) {
		if (spec->overlays[i].lower_tree >= 0)
			close(spec->overlays[i].lower_tree);
		spec->overlays[i].lower_tree = -1;
	}
}

int sandbox_overlay_open(const struct sandbox_spec *spec, struct err *e)
{
	for (size_t i = 0; i < spec->n_overlays; i++) {
		struct sandbox_overlay *o = &spec->overlays[i];
		// One mount has both: overlayfs asks for that.
		_cleanup_free_ char *own = str_dirname(o->upper);
		if (o->lower_tree < 0) {
			int fd = overlay_open_tree(o->lower, MOUNTCALL_RDONLY, -1, e);
			if (fd < 0)
				return fd;
			o->lower_tree = fd;
		}
		int fd = overlay_open_tree(own, 0, -1, e);
		if (fd < 0)
			return fd;
		o->own_tree = fd;
	}
	return 0;
}

static int overlay_attach(int tree, const char *rel, struct err *e)
{
	if (mkdir(rel, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "making '/%s' in the sandbox", rel);
	if (mountcall_place(tree, rel) < 0)
		return err_sys(e, errno, "mounting '/%s' in the sandbox", rel);
	return 0;
}

static int overlay_mount(const struct sandbox_overlay *o, const char *lower, const char *own, struct err *e)
{
	// Names of the caller's choice; what overlayfs would take as a sign in its options is refused.
	const char *upper = str_basename(o->upper), *work = str_basename(o->work);
	const char *rel = o->target + strspn(o->target, "/");

	if (strpbrk(upper, ",:\\") || strpbrk(work, ",:\\"))
		return err_set(e, -EINVAL, "'%s' and '%s' have a sign that layers may not have", upper, work);
	_cleanup_free_ char *options = str_printf(
	        "lowerdir=%s,upperdir=%s/%s,workdir=%s/%s,userxattr", lower, own, upper, own, work);
	int r = fs_mkdir_p(rel, 0755, e);
	if (r < 0)
		return r;
	if (mount("overlay", rel, "overlay", MS_NOSUID | MS_NODEV | (o->read_only ? MS_RDONLY : 0), options) <
	        0)
		return err_set(e, -EOPNOTSUPP, "no overlay in the sandbox: mounting '%s': %s", o->target,
		        strerror(errno));
	return 0;
}

static int overlay_place_one(struct sandbox_overlay *o, struct err *e)
{
	char lower[32], own[32];

	snprintf(lower, sizeof(lower), "%s/lower", overlay_dir);
	snprintf(own, sizeof(own), "%s/own", overlay_dir);
	int r = overlay_attach(o->lower_tree, lower, e);
	if (r == 0)
		r = overlay_attach(o->own_tree, own, e);
	if (r == 0)
		r = overlay_mount(o, lower, own, e);
	// The overlay has copies of both mounts; nothing else in here shall reach the layers.
	if (r == 0 && (umount2(lower, MNT_DETACH) < 0 || umount2(own, MNT_DETACH) < 0))
		r = err_sys(e, errno, "hiding the layers of '%s' from the sandbox", o->target);
	close(o->lower_tree);
	close(o->own_tree);
	o->lower_tree = o->own_tree = -1;
	return r;
}

int sandbox_overlay_place(const struct sandbox_spec *spec, struct err *e)
{
	if (!spec->n_overlays)
		return 0;
	int r = mkdir(overlay_dir, 0700) < 0 ? err_sys(e, errno, "making '/%s' in the sandbox", overlay_dir)
	                                     : 0;
	for (size_t i = 0; r == 0 && i < spec->n_overlays; i++)
		r = overlay_place_one(&spec->overlays[i], e);
	if (r == 0)
		r = fs_rm_rf(overlay_dir, e);
	return r;
}
