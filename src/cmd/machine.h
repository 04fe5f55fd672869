// SPDX-License-Identifier: GPL-2.0-or-later
// What a machine is made of, as its kernel tells it in /proc, /sys and /dev: what is mounted, on what it
// lies, which modules that takes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct machine_mount {
	char *where, *device, *type;
	char **options; // strv: what a configuration has to repeat
};

struct machine_luks {
	char *name, *device;
};

// All strings and arrays are owned.
struct machine {
	struct machine_mount *mounts; // by mount point
	size_t mount_count, mount_cap;
	struct machine_luks *luks;
	size_t luks_count, luks_cap;
	char **swaps;    // strv: devices and files
	char **modules;  // strv, sorted: drivers of disks, of their controllers, and of USB for keyboards
	char **built_in; // strv, sorted: such drivers that are built into the running kernel
	char **unclear;  // strv: what could not be found out, or is not supported; one sentence each
	char *resume;    // resume= of the running kernel, or NULL
	char *cpu;       // "intel", "amd" or NULL
	char *kvm;       // module of hardware virtualisation, or NULL
	bool lvm, raid;  // a file system lies on a logical volume, on an array
};

// from: "" for this machine, else a folder with proc, sys and dev of one. root: "" or "/" for the running
// system, else the folder below which a system to be is mounted: its mounts are told without that prefix.
// -ENOENT when no disk is mounted on its root, unless rootless.
int machine_read(const char *from, const char *root, bool rootless, struct machine *ret, struct err *e);
void machine_release(struct machine *m);
