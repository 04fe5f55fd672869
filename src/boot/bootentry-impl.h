// SPDX-License-Identifier: GPL-2.0-or-later
// What bootentry.c and bootplan.c share.
#pragma once

#include "boot/bootentry.h"
#include "boot/bootfile.h"
#include "boot/bootsecure.h"

struct boot {
	const struct loader *loader;
	struct boot_place place;
	struct boot_choice choice; // on the disk
	char **good;               // toplevels that have come up
	char *booted;
	enum boot_firmware firmware;
	bool confirms; // something will run `kernix boot confirm` when the machine has come up
	int lock;      // descriptor, -1: only reading
};

struct boot_plan {
	struct boot *b;
	const struct sysgens *gens; // borrowed
	struct boot_menu menu;
	struct bootfiles files;
	struct bootsecure secure;
	char **changes;
};

// The good systems that still have a generation.
int boot_write_good(struct boot *b, const struct sysgens *gens, struct err *e);
