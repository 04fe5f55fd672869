// SPDX-License-Identifier: GPL-2.0-or-later
// What lies between disks and file systems: RAID arrays, LVM volumes, encrypted devices. Whenever new block
// devices are there, what can be put together of them is.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "stage1/ask.h"
#include "stage1/blockdev.h"
#include "stage1/luks.h"
#include "stage1/say.h"

struct storage {
	const struct say *say;
	bool raid, lvm; // mdadm and lvm are in the initrd
	struct luks *luks;
	size_t luks_count;
	struct ask ask;
	// Members of arrays and volume groups that were handed on already, by device number.
	struct storage_seen {
		unsigned major, minor;
	} * seen;
	size_t seen_count, seen_cap;
	bool degraded; // arrays and volumes were started with what there is
};

// Text of S1_STORAGE_PATH: a line each, words between blanks, \NNN as in fstab:
//   raid [optional]     (optional: where the kernel can, for nothing says that it is needed)
//   lvm
//   luks NAME DEVICE [header=DEVICE] [key=DEVICE-OR-FILE] [key-offset=N] [key-size=N] [key-wait=SECONDS]
//        [fallback] [empty] [discard] [no-queue] [tpm2] [fido2] [token-wait=SECONDS]
// A line that makes no sense is told and left out.
void storage_parse(struct storage *s, const char *text);
// The file; nothing when there is none.
void storage_read(struct storage *s, const char *path);
void storage_release(struct storage *s);
// Hands new members of arrays and volume groups to mdadm and lvm. True when there were any: look again.
bool storage_assemble(struct storage *s, const struct blockdev *v, size_t n);
// Starts arrays and volumes of which a part is missing. True when it was done now, for the first time.
bool storage_start_degraded(struct storage *s);
// Opens what can be opened now. True when something was; *ret_waits_for is the first device that has to come
// before the rest can be opened, NULL when there is no rest.
bool storage_unlock(
        struct storage *s, const struct blockdev *v, size_t n, int64_t waited_ms, const char **ret_waits_for);
// Nothing more is waited for: whatever may be opened by a passphrase instead of a key will be asked for.
void storage_give_up_keys(struct storage *s);
// Tells the udev of stage 2 which mapped devices are in use already, so that its rules take them for what
// they are (sys is "/sys"; files go to run_udev, "/run/udev/data").
void storage_hand_on(const char *sys, const char *run_udev);
