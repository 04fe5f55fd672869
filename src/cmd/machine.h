// SPDX-License-Identifier: GPL-2.0-or-later
// What a machine is made of, as its kernel tells it in /proc, /sys and /dev: what is mounted, on what it
// lies, its devices with their drivers and firmware, its processor and boot loader.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct machine_mount {
	char *where, *device, *type;
	char **options; // strv: what a configuration has to repeat
	char **layers;  // strv: what it lies on, top first: "lvm", "luks2", "raid1", "partition", "nvme"
	char *folder;   // of the block device in /sys, or NULL
	char *number, *begin; // of its file system, and where in that it begins
};

struct machine_luks {
	char *name, *device;
};

struct machine_device {
	char *folder;                // below /sys/devices
	char *modalias;              // without what tells one machine from another of its kind
	char *bus, *driver, *module; // NULL: none; a driver without a module is built in
	char **firmware;             // strv, sorted: files that its driver asked for
};

struct machine_cpu {
	char *vendor, *family, *model, *stepping, *microcode; // as cpuinfo has them, NULL: not told
};

// All strings and arrays are owned.
struct machine {
	struct machine_mount *mounts; // by mount point
	size_t mount_count, mount_cap;
	struct machine_luks *luks;
	size_t luks_count, luks_cap;
	struct machine_device *devices; // by modalias
	size_t device_count, device_cap;
	struct machine_cpu processor;
	char **swaps;        // strv: devices and files
	char **modules;      // strv, sorted: drivers of disks, of their controllers, and of keyboards
	char **built_in;     // strv, sorted: such drivers that are built into the running kernel
	char **graphics;     // strv, sorted: modules of graphics cards
	char **loaded;       // strv, sorted: modules that the running kernel has loaded
	char **firmware;     // strv, sorted: files that drivers asked for which no device is known of
	char **types;        // strv, sorted: all file systems of devices that are mounted
	char **unclear;      // strv: what could not be found out, or is not supported; one sentence each
	char *resume;        // where the running kernel hibernates to, or NULL
	char *resume_offset; // of a file: where in that device, or NULL
	char *cpu;           // "intel", "amd" or NULL
	char *kvm;           // module of hardware virtualisation, or NULL
	char *platform;      // "x86_64-linux"
	char *model;         // maker and name of the machine, or NULL
	char *guest; // the hypervisor that it runs on ("kvm", "xen", "hyperv", ...), "container", or NULL
	const char *interface; // of the firmware: "uefi", "bios", "devicetree"
	char *loader;          // the boot loader that is there, or NULL
	char *boot_disk;       // the disk that a BIOS starts from, by a lasting name, or NULL
	char *esp;             // where the EFI system partition is mounted, or NULL
	int secure_boot;       // 1, 0, or -1: not told
	bool lvm, raid;        // a file system lies on a logical volume, on an array
	char *host_id;         // of a machine with ZFS: eight hexadecimal digits, or NULL
	bool zram;             // swap is compressed memory
	bool log_read;         // the kernel's log could be read
};

// from: "" for this machine, else a folder with proc, sys and dev of one. root: "" or "/" for the running
// system, else the folder below which a system to be is mounted: its mounts are told without that prefix.
// -ENOENT when no disk is mounted on its root, unless rootless or in a container.
int machine_read(const char *from, const char *root, bool rootless, struct machine *ret, struct err *e);
void machine_release(struct machine *m);

// The report of `kernix hardware`, as text; doc/hardware.md has its form. Owned.
char *machine_report(const struct machine *m);
