// SPDX-License-Identifier: GPL-2.0-or-later
// Detached mounts by the kernel's numbers and words.

#include <errno.h>
#include <fcntl.h>
#include "base/mountcall.h"
#include "base/syscalls.h"

enum {
	TREE_CLONE = 1,             // OPEN_TREE_CLONE
	TREE_CLOEXEC = O_CLOEXEC,   // OPEN_TREE_CLOEXEC
	TREE_RECURSIVE = 0x8000,    // AT_RECURSIVE
	MOVE_FROM_DESCRIPTOR = 0x4, // MOVE_MOUNT_F_EMPTY_PATH
	ATTR_IDMAP = 0x100000,      // MOUNT_ATTR_IDMAP
};

struct mountcall_attr { // struct mount_attr
	uint64_t set, clear, propagation, userns;
};

int mountcall_clone(int dir, const char *path)
{
	unsigned flags = TREE_CLONE | TREE_CLOEXEC | TREE_RECURSIVE | (*path ? 0 : AT_EMPTY_PATH);

	return (int)syscall(SYS_open_tree, dir, path, flags);
}

int mountcall_set(int tree, uint64_t attrs)
{
	const struct mountcall_attr attr = {.set = attrs};

	return (int)syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | TREE_RECURSIVE, &attr, sizeof(attr));
}

int mountcall_set_mapped(int tree, uint64_t attrs, int userns)
{
	struct mountcall_attr attr = {.set = attrs};

	if (userns >= 0) {
		attr.set |= ATTR_IDMAP;
		attr.userns = (uint64_t)userns;
	}
	return (int)syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr));
}

int mountcall_set_at(const char *path, uint64_t attrs)
{
	const struct mountcall_attr attr = {.set = attrs};

	return (int)syscall(
	        SYS_mount_setattr, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | TREE_RECURSIVE, &attr, sizeof(attr));
}

int mountcall_place(int tree, const char *path)
{
	return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_FROM_DESCRIPTOR);
}

void mountcall_hint(struct err *e)
{
	if (e->code == -ENOSYS)
		err_hint(e, "builds in a sandbox need Linux 5.12 or newer: what is older cannot make the "
		            "mounts of "
		            "a folder read-only all at once");
}
