// SPDX-License-Identifier: GPL-2.0-or-later
// What the initrd maker (src/boot/initrd) leaves for stage 1 to read: the places of files and the module
// table. Both sides include this header and nothing else of each other. The maker links libkmod and does all
// the thinking; stage 1 maps one file and looks things up in it.
#pragma once

#include <stdint.h>

// Places inside the initrd.
#define S1_TABLE_PATH "/lib/modules/stage1.idx" // the table below; missing when the system has no module tree
// File systems needed for boot, in the order of mounting. What comes before the root is what the root is made
// of: it is mounted below S1_ASIDE_PATH, and moved to its place when the root is there.
#define S1_FSTAB_PATH "/etc/fstab"
#define S1_STORAGE_PATH                                                                                      \
	"/etc/stage1/storage" // arrays, volumes and encrypted devices; its lines are in stage1/storage.h
#define S1_KEYMAP_PATH   "/etc/stage1/keymap" // as `loadkeys -b` writes it
#define S1_FIRMWARE_PATH "/lib/firmware"
#define S1_MODPROBE_PATH "/sbin/modprobe" // a link to /init, so that the kernel's own request_module() works
#define S1_ASKPASS_NAME  "cryptsetup-askpass" // a link to /init of this name asks what stage 1 asks
#define S1_ASK_PATH      "/run/stage1-ask"    // where it connects to
#define S1_NET_MAIN_PATH "/sbin/net-main"     // what network.h starts, if it may be executed
#define S1_ROOT_PATH     "/sysroot"
#define S1_ASIDE_PATH    "/run/kernix/below"
// Left in the new root for stage 2 to read: one line a module, "NAME REASON", REASON as in
// module_reason_names.
#define S1_REPORT_PATH "/run/kernix/stage1-modules"
// The name of the process that stage 1 may leave behind (keeper.h): `kernix boot confirm` looks for it.
#define S1_KEEPER_NAME "kernix-keeper"
// A script that whoever starts a virtual machine adds to the initrd; handed on to stage 2 under the second
// name.
#define S1_SCRIPT_PATH      "/kernix/guest-script"
#define S1_SCRIPT_HANDED_ON "/run/kernix/guest-script"

#define S1_MAGIC "KNXMODS1"

// All numbers are little-endian 32-bit; all offsets are from the start of the file; a string is an offset to
// NUL-terminated bytes. The file is: header, modules, plan, aliases, load list, strings.
struct s1_header {
	char magic[8];
	uint32_t size_bytes; // of the whole file
	uint32_t kernel;     // string: the kernel version that the modules are for
	uint32_t modules, module_count;
	uint32_t plan, plan_count;
	uint32_t aliases, alias_count;
	uint32_t load, load_count; // uint32_t module indices: boot.initrd.kernelModules, in order
	uint32_t strings, strings_bytes;
};

// Sorted by name ('-' written as '_'), strcmp order.
struct s1_module {
	uint32_t name;
	uint32_t path;    // absolute path of the uncompressed .ko inside the initrd
	uint32_t options; // parameters for finit_module, "" when none
	// plan[first .. first + count): module indices to insert, in order; the module itself is one of them
	// (soft dependencies that come after it follow). Complete: nothing else has to be looked up.
	uint32_t plan_first, plan_count;
};

// An fnmatch(3) pattern (flags 0; '-' written as '_' outside of brackets). Sorted by the literal prefix, that
// is the bytes before the first of "*?[", then by its length, then by the whole pattern, then by module. So
// the patterns that can match a name are found by one binary search for each prefix of that name.
struct s1_alias {
	uint32_t pattern;
	uint32_t prefix_bytes;
	uint32_t module;
};
