// SPDX-License-Identifier: GPL-2.0-or-later
// Devices: what the kernel finds, what is put together of it, and waiting for one of them.
#pragma once

#include <stdbool.h>
#include "stage1/blockdev.h"
#include "stage1/module.h"
#include "stage1/storage.h"

struct devices {
	struct loader *loader;
	struct storage storage;
	int uevent_fd;
};

// Loads the listed modules and those that the hardware asks for.
void devices_start(struct devices *d);
// Assembles and unlocks all that the initrd names. Waits for devices as long as the command line says; what
// did not come is told and left out. Asking for a passphrase takes as long as it takes.
void devices_unlock(struct devices *d);
// Waits until the device is there; false when the time is over.
bool devices_wait(struct devices *d, const char *spec, struct blockdev *ret);
// Waits until all devices of the btrfs that is on this one are there; false when the time is over.
bool devices_wait_btrfs(struct devices *d, const struct blockdev *one);
// Wakes up from hibernation when the device holds an image, and returns when it does not.
void devices_resume(struct devices *d, const char *spec, const char *offset);
