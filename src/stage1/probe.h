// SPDX-License-Identifier: GPL-2.0-or-later
// What is on a block device: file system type, label and UUID from its superblock; partition ids from the GPT
// or MBR of its disk. The names are those of blkid, so that what a person copies from there is found.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe {
	char type[24];   // "ext4", "crypto_LUKS", ...
	char label[260]; // "" when there is none
	char uuid[40];
};

// Reads from fd at its own offsets; false when nothing known is there (ret is then all "").
bool probe_fd(int fd, struct probe *ret);
// Whether stage 1 could mount what probe_fd calls type (false for containers such as LUKS, LVM and RAID
// members, swap).
bool probe_mountable(const char *type);

struct part_id {
	char uuid[40];   // PARTUUID, lower case
	char label[112]; // PARTLABEL as UTF-8; GPT only
};

// Ids of partition number (1..) of the disk that fd reads; block_bytes is its logical block size.
bool part_id_read(int fd, unsigned block_bytes, unsigned number, struct part_id *ret);
