// SPDX-License-Identifier: GPL-2.0-or-later
// Boot loaders read file systems without their journals. So what a loader reads must not only be durable, but
// in its place on the disk, and at every instant between two writes the loader must find the old file or the
// new one.
#pragma once

#include <stddef.h>
#include "base/err.h"
#include "boot/loader.h"

// What was written to the file system of this folder is in its place now. Where the kernel cannot do that
// (ext4 before 5.14) it is durable only.
// A root that is a plain folder is nothing that a loader reads: then nothing is done.
int boot_settle(const struct boot_place *p, const char *dir, struct err *e);
// The file's new content, mode 0644: as fs_write_atomic, and a loader finds the old or the new file, too.
// What a cut leaves beside it has names that place_sweep knows.
int boot_replace(const struct boot_place *p, const char *file, const char *text, size_t len, struct err *e);
