// SPDX-License-Identifier: GPL-2.0-or-later
// Mounts the file systems of the new root, one after the other: waits for each device, checks it, makes a
// loop device of a file, and tells what went wrong.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "stage1/devices.h"
#include "stage1/module.h"
#include "stage1/mounts.h"

#define MOUNTER_CHECKED_MAX 32

struct keeper;

struct mounter {
	struct devices *devices;
	const struct keeper
	        *keeper; // does not count the time of a check, which must not be cut off; may be NULL
	struct loader *loader;
	bool root_is_there;
	// Devices that were checked already: what is mounted must not be checked again.
	char checked[MOUNTER_CHECKED_MAX][64];
	size_t checked_count;
};

// All entries, in their order; those before "/" aside first (S1_ASIDE_PATH). False when the system cannot be
// started with what is there; the person was told why.
bool mounter_mount_all(struct mounter *m, const struct mount_list *l);
// Takes everything down again, for another try.
void mounter_unmount_all(struct mounter *m, const struct mount_list *l);
