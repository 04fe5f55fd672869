// SPDX-License-Identifier: GPL-2.0-or-later
// Block devices that are files.
#pragma once

#include <stddef.h>
#include "stage1/module.h"

// Makes a loop device of the file (where it may not be written the device is read-only, too), writes its path
// ("/dev/loop0") to ret and returns a descriptor of it: the device goes away with its last user, so close
// that when it is mounted. offset= and sizelimit= of the mount options say which part of the file it is.
// Negative errno; -ENODEV: the kernel has no loop devices.
int loop_attach(struct loader *l, const char *file, const char *options, char *ret, size_t ret_size);
