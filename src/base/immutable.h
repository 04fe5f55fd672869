// SPDX-License-Identifier: GPL-2.0-or-later
// Files that the kernel guards against accidents (ioctl_iflags(2)): EFI variables, EXTLINUX's loader.
#pragma once

#include "base/err.h"

// Takes the flag off a file that has it; a link is not followed. *ret_flags is what the file had, for
// immutable_restore; -1 where nothing was changed: it is not there, has no flag, or its file system knows
// none.
int immutable_lift(const char *file, int *ret_flags, struct err *e);
int immutable_restore(int fd, const char *file, int flags, struct err *e);
