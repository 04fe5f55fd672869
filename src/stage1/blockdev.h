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
	char serial[64]; // virtio disks only
};

// Reads /sys/class/block (sys is "/sys"), skipping empty devices. Owned array.
void blockdev_scan(const char *sys, struct blockdev **ret, size_t *ret_n);
// How a device is named: "UUID=...", "LABEL=...", "PARTUUID=...", "PARTLABEL=...",
// /dev/disk/by-{uuid,label,partuuid, partlabel}/..., /dev/disk/by-id/virtio-SERIAL, MAJOR:MINOR, /dev/NAME.
bool blockdev_matches(const struct blockdev *d, const char *spec);
// Whether spec names a block device at all (not "tmpfs", a 9p tag, ...).
bool blockdev_is_spec(const char *spec);
const struct blockdev *blockdev_find(const struct blockdev *v, size_t n, const char *spec);
// "/dev/vda1" with '!' written as '/'.
void blockdev_path(const struct blockdev *d, char *ret, size_t ret_size);
