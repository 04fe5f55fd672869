// SPDX-License-Identifier: GPL-2.0-or-later
// What the boot test (boot/boottest) and its program in the guest agree on: places in the initrd and on the
// disk that the guest answers on. Both sides include this header and nothing else of each other.
#pragma once

// The plan: a line a step, words between blanks, \NNN as in fstab.
//   disk NAME SECTORS              the disk of that size is called NAME from here on
//   raid NAME NODE DEVICE DEVICE   a mirror, that stage 1 will call NODE
//   luks NAME MAPPER DEVICE UUID KEY OFFSET SIZE    KEY: a file, or - for the passphrase
//   group GROUP DEVICE
//   volume NAME GROUP VOLUME SIZE
//   fill DEVICE FILE               extents: the file system as mkfs made it
//   mount DEVICE TYPE FOLDER
//   subvolume PATH, folder PATH, init PATH, unmount FOLDER
//   close MAPPER, deactivate GROUP, stop NAME
#define BOOTTEST_PLAN_PATH  "/kernix/boot-test"
#define BOOTTEST_FILES_PATH "/kernix"
// Stage 1's debug shell is where the program gets its turn: devices are there, nothing is opened or mounted.
#define BOOTTEST_PROGRAM_PATH "/bin/sh"
#define BOOTTEST_PASSPHRASE   "kernix boot test"

// The answering disk has this size; no other has.
#define BOOTTEST_MARK_SECTORS 4104
#define BOOTTEST_MARK_BYTES   512
// Its sectors: the disks are laid out; stage 2 has begun; a step failed (the text says which).
enum { BOOTTEST_MARK_READY, BOOTTEST_MARK_STAGE2, BOOTTEST_MARK_FAILED, BOOTTEST_MARKS };
#define BOOTTEST_MARK_TEXT "kernix-boot-test"

// An extent in a file for `fill`, little-endian, before its bytes; none follow where they are zeros.
struct boottest_extent {
	unsigned long long at_bytes, size_bytes, zeros;
};
