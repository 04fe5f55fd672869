// SPDX-License-Identifier: GPL-2.0-or-later
// The block devices that are here now, with their ids, and finding one by the ways people name it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "stage1/probe.h"

struct blockdev {
	char name[64]; // "vda1"; the node is /dev/NAME ('!' in the name is '/')
	unsigned major, minor;
	uint64_t size_bytes;
	struct probe fs;
	struct part_id part;
	char dm_name[128]; // of a mapped device, /dev/mapper/NAME; "" for others
	char dm_uuid[160];
};

// First line of SYS/class/block/NAME/FILE; false when it is not there.
bool blockdev_attribute(const char *sys, const char *name, const char *file, char *ret, size_t size);
// One of them; false when there is none of that name, or it is empty.
bool blockdev_read(const char *sys, const char *name, struct blockdev *ret);
// Reads /sys/class/block (sys is "/sys"), skipping empty devices. Owned array.
void blockdev_scan(const char *sys, struct blockdev **ret, size_t *ret_n);
// How a device is named: "UUID=...", "LABEL=...", "PARTUUID=...", "PARTLABEL=...",
// /dev/disk/by-{uuid,label,partuuid, partlabel}/..., the names of stage1/diskid.h,
// /dev/disk/by-id/dm-{name,uuid}-..., /dev/mapper/NAME, /dev/GROUP/VOLUME, MAJOR:MINOR, /dev/NAME, or any
// other node below /dev of the same device number.
bool blockdev_matches(const struct blockdev *d, const char *spec);
// Whether spec names a block device at all (not "tmpfs", a 9p tag, ...).
bool blockdev_is_spec(const char *spec);
const struct blockdev *blockdev_find(const struct blockdev *v, size_t n, const char *spec);
// "/dev/vda1" with '!' written as '/'.
void blockdev_path(const struct blockdev *d, char *ret, size_t ret_size);
