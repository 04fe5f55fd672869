// SPDX-License-Identifier: GPL-2.0-or-later
// Devices as they appear: the kernel's uevents over netlink, and a walk of /sys for those that were there
// before.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "stage1/module.h"

// What one message says; borrowed from its text, NULL where it does not say.
struct uevent {
	const char *action, *subsystem, *modalias, *devname;
};

// Splits a kernel message ("ACTION@PATH\0KEY=VALUE\0..."). False when it is not one.
bool uevent_parse(const char *msg, size_t len, struct uevent *ret);
// A socket that gets the kernel's messages, or a negative errno (a kernel without NET has none: then walk
// again instead).
int uevent_open(void);
// Loads modules for every `modalias` file below path ("/sys/devices"); how many modules were inserted.
size_t uevent_coldplug(struct loader *l, const char *path);
// Waits up to timeout_ms for messages and loads modules for all that are there. *ret_block is set to true
// when a block device was among them. With fd < 0 it sleeps, walks /sys again and always says true.
void uevent_wait(struct loader *l, int fd, int timeout_ms, bool *ret_block);
