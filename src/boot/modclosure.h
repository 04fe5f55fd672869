// SPDX-License-Identifier: GPL-2.0-or-later
// Which kernel modules an initrd needs: the named ones, what they depend on (hard, soft and weak), their
// device aliases and firmware, and for each the order in which to insert. Reads a module tree that depmod has
// indexed, through libkmod.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "boot/modconf.h"

// A module that is asked for.
struct modroot {
	const char *name;     // or an alias ("fs-ext4"); '-' and '_' are the same
	const char *asked_by; // "boot.initrd.kernelModules": said in errors
	bool optional;        // not there: left out without an error
};

struct modclosure_spec {
	const char *tree;    // has lib/modules/VERSION
	const char *version; // NULL: the only one that is there
	const struct modroot *roots;
	size_t root_count;
	const struct modconf *conf; // its softdeps and aliases count; NULL: none
	const char *kernel_config;  // the kernel's .config for hints in errors, or NULL
};

struct closure_module {
	char *name; // with '_' for '-'
	char *path; // below lib/modules/VERSION: "kernel/fs/ext4/ext4.ko.xz"
	char **aliases, **firmware;
	// Indices of modules in the order of insertion: dependencies, soft dependencies before, itself, soft
	// dependencies after.
	size_t *plan;
	size_t plan_len;
	// Names; used while the closure is made.
	char **deps, **pre, **post, **weak;
	int mark;
};

struct modclosure {
	char *version;                  // VERSION of lib/modules/VERSION
	char *dir;                      // TREE/lib/modules/VERSION
	struct closure_module *modules; // sorted by name
	size_t count, cap;
	char **builtin; // roots that are built into this kernel: nothing to load
	char **builtin_firmware;
	char **absent; // optional roots that are not there
	// What names mean, pairs of strings: name of a root or soft dependency (it may be an alias), module
	// name.
	char **resolved;
};

// -ENOENT: a module does not exist; the message names it, who asked for it, the kernel, near names and the
// kernel option that may provide it. -EINVAL: the tree is not usable (no lib/modules, no depmod index).
int modclosure_build(const struct modclosure_spec *spec, struct modclosure *ret, struct err *e);
void modclosure_release(struct modclosure *c);
// The module of that (normalised) name, or NULL.
struct closure_module *modclosure_find(const struct modclosure *c, const char *name);
