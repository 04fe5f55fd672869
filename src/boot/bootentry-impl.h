// SPDX-License-Identifier: GPL-2.0-or-later
// What bootentry.c and bootplan.c share.
#pragma once

#include "base/buf.h"
#include "boot/bootentry.h"
#include "boot/bootfile.h"
#include "boot/bootsecure.h"

// A kernel that panics restarts the machine after so many seconds, in a trial; a unified image says it
// always, for its command line is the same in every role.
#define BOOT_TRIAL_PANIC "panic=10"

struct boot {
	const struct loader *loader;
	struct boot_place place;
	struct boot_choice choice; // on the disk
	char **good;               // toplevels that have come up
	char *booted;
	enum boot_firmware firmware;
	bool confirms; // something will run `kernix boot confirm` when the machine has come up
	char *renewed; // id of the generation whose secrets are read anew
	int lock;      // descriptor, -1: only reading
};

struct boot_plan {
	struct boot *b;
	const struct sysgens *gens; // borrowed
	struct boot_menu menu;
	struct bootfiles files;
	struct bootsecure secure;
	char **changes;
	struct buf text; // entries on the disk
};

struct bootspec;
// The file of the initrd's secrets of one entry of g, if it has any (bootsecrets.c). wanted: the entry has to
// start.
int plan_secrets(struct boot_plan *p, const struct sysgen *g, const struct bootspec *spec, bool wanted,
        struct boot_item *item, struct err *e);

// The good systems that still have a generation.
int boot_write_good(struct boot *b, const struct sysgens *gens, struct err *e);
