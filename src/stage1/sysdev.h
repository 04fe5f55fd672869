// SPDX-License-Identifier: GPL-2.0-or-later
// A device's folder in sysfs and the devices above it, for names that are made from what a disk hangs on.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sysdev {
	char path[PATH_MAX]; // with all links resolved
	size_t top;          // length of SYS/devices: no device is above it
};

// The block device of that name (as in SYS/class/block); false when there is none.
bool sysdev_of_block(const char *sys, const char *name, struct sysdev *ret);
// To the device that it hangs on; false (and unchanged) where there is none.
bool sysdev_up(struct sysdev *d);
// "sda": the last part of the path.
const char *sysdev_name(const struct sysdev *d);
// A file's bytes, with a NUL behind them; -1 when it cannot be read.
ssize_t sysdev_bytes(const struct sysdev *d, const char *file, void *ret, size_t size);
// A file's first line without blanks at its end; false when that is empty or missing.
bool sysdev_text(const struct sysdev *d, const char *file, char *ret, size_t size);
// The same of the nearest device from d on upwards that has such a file.
bool sysdev_text_above(const struct sysdev *d, const char *file, char *ret, size_t size);
// Whether d's subsystem ("pci", "scsi", "usb") is this one.
bool sysdev_is(const struct sysdev *d, const char *subsystem);
// The same with the kind within the subsystem ("scsi_device", "usb_interface").
bool sysdev_is_type(const struct sysdev *d, const char *subsystem, const char *type);
// The nearest device above d that is of that subsystem and, unless NULL, type.
bool sysdev_find_above(const struct sysdev *d, const char *subsystem, const char *type, struct sysdev *ret);
