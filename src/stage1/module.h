// SPDX-License-Identifier: GPL-2.0-or-later
// Loads kernel modules by the plans of the table, and remembers what became of each.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "stage1/cmdline.h"
#include "stage1/say.h"
#include "stage1/table.h"

enum module_reason { MODULE_BY_LIST, MODULE_BY_DEVICE, MODULE_BY_FILESYSTEM, MODULE_BY_KERNEL };

struct module_status {
	bool tried;
	int error;                 // 0, or the positive errno of the failure
	enum module_reason reason; // of what was being loaded when this one was
};

struct loader {
	const struct table *table;
	const struct cmdline *cmdline;
	const struct say *say;
	struct module_status *status; // owned, one for each module of the table
	// What modules of the list were asked for and are in no table; the message at the end names them.
	size_t loaded_count;
};

void loader_init(struct loader *l, const struct table *t, const struct cmdline *c, const struct say *s);
void loader_release(struct loader *l);
// Inserts the module's plan; what was tried before is not tried again. 0 or the negative errno of the module
// itself.
int loader_load(struct loader *l, uint32_t module, enum module_reason why);
// Loads all modules that have a matching alias (a device's modalias, "fs-ext4"); blacklisted ones are left
// out. Returns how many modules were inserted by this call.
size_t loader_load_alias(struct loader *l, const char *alias, enum module_reason why);
// All of boot.initrd.kernelModules, in order.
void loader_load_list(struct loader *l);
const char *loader_reason_name(enum module_reason why);
// Writes S1_REPORT_PATH below the given root ("" for here).
void loader_report(const struct loader *l, const char *path);
// The program when it is started as modprobe (by the kernel, or by a person in the shell). Returns the exit
// status.
int modprobe_main(int argc, char **argv);
