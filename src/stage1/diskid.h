// SPDX-License-Identifier: GPL-2.0-or-later
// The names of disks below /dev/disk/by-id and by-path, which udev makes and which stage 1 has to make itself
// from sysfs and from what the disks say. What udev's own rules do (60-persistent-storage.rules, ata_id,
// usb_id, scsi_id, path_id; 63-md-raid-arrays.rules of mdadm) is what is meant by each name.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "stage1/sysdev.h"

// Whether spec is such a name, of a kind that is made here:
// by-id/{ata,md-name,md-uuid,mmc,nvme,scsi,usb,virtio, wwn}-..., by-path/....
bool diskid_is_spec(const char *spec);
// Whether the block device of that name in SYS/class/block is called so. Only asks for what the name's kind
// needs: a disk is given a command for ata- and wwn- alone.
bool diskid_matches(const char *sys, const char *name, const char *spec);
// Blanks at both ends are dropped, and those between become one '_'.
void diskid_squeeze(char *s);
// What is neither a letter, a digit, one of "#+-.:=@_" and allowed, UTF-8 nor the beginning of "\x" becomes
// '_'.
void diskid_replace(char *s, const char *allowed);
// "pci-0000:00:1f.2-ata-1.0" of a disk, and what older systems called it ("pci-0000:00:1f.2-ata-1", else "").
// False where the way to the disk has no name (SAS, Fibre Channel and iSCSI are not built).
bool diskpath_of(const struct sysdev *disk, char *ret, char *ret_old, size_t size);
