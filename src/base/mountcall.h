// SPDX-License-Identifier: GPL-2.0-or-later
// The calls for detached mounts: open_tree(2), move_mount(2), mount_setattr(2), as the kernel has them (5.2
// and 5.12). The C library has them from 2.36 on only, and its header and the kernel's do not go together, so
// they are called, and their words are told, here. All set errno; ENOSYS is a kernel that is too old
// (mountcall_hint says so).
#pragma once

#include <stdint.h>
#include "base/err.h"

enum {
	MOUNTCALL_RDONLY = 0x1,
	MOUNTCALL_NOSUID = 0x2,
	MOUNTCALL_NODEV = 0x4,
	MOUNTCALL_NOEXEC = 0x8,
};

// A descriptor (close on exec) of a copy of what is mounted at path and below; path "" is dir itself.
int mountcall_clone(int dir, const char *path);
// Sets MOUNTCALL_* on all mounts of the copy.
int mountcall_set(int tree, uint64_t attrs);
// The same for the topmost mount only, whose owners are seen through a user namespace (-1: as they are).
int mountcall_set_mapped(int tree, uint64_t attrs, int userns);
// Sets MOUNTCALL_* on what is mounted at path (no link is followed) and below. EINVAL: nothing is.
int mountcall_set_at(const char *path, uint64_t attrs);
// Mounts the copy at path, from the working directory.
int mountcall_place(int tree, const char *path);
// Adds what to do to an error with -ENOSYS.
void mountcall_hint(struct err *e);
