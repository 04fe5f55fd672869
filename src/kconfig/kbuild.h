// SPDX-License-Identifier: GPL-2.0-or-later
// What the tree's Makefiles build, and which options decide it: every object, the module or library that it
// is a part of, and the folders on the way to it.
//
// Read are Kbuild or Makefile of each folder that the top one leads to. What a Makefile asks a compiler or
// the shell is taken as yes.
#pragma once

#include "kconfig/kmake.h"

// A folder that make goes into: by one of several ways.
struct kbdir {
	const char *path; // below the tree; "" is the top
	struct kbway {
		struct kbway *next;
		struct kbdir *from; // NULL: make begins there
		const struct kcond *cond;
	} * ways;
	int value; // -1: not computed
	bool busy;
};

enum kbkind { KB_OBJECT, KB_PART, KB_LIBRARY, KB_TREE }; // in obj-*, in a composite, in lib-*, a device tree

struct kbobj {
	const char *path; // without suffix, below the tree
	struct kbdir *dir;
	const struct kcond *cond; // beyond those of the folder
	enum kbkind kind;
	bool module;         // in obj-m by name
	struct kbobj *whole; // of a part: the composite
	bool composite;
	struct kbobj *next; // another way to the same path
	struct kbobj *same; // another object of the same module name
};

struct kbuild {
	struct kconfig *k;
	struct arena arena;
	struct hmap dirs;  // path -> struct kbdir
	struct hmap paths; // path -> struct kbobj
	struct hmap names; // base name, with _ for -, of whole objects -> struct kbobj
	struct kbobj **all;
	size_t len, cap, files;
};

// -E2BIG: the Makefiles ask for more than any tree does. To be released in any case.
int kbuild_read(struct kbuild *b, struct kconfig *k, struct err *e);
void kbuild_release(struct kbuild *b);
#define _cleanup_kbuild_ _cleanup_(kbuild_release)

// What the configuration makes of it: n, m or y.
int kbuild_value(struct kbuild *b, const struct kbobj *o);
int kbuild_dir_value(struct kbuild *b, struct kbdir *d);
// May it be a module: is it in obj-m, or in obj-$(CONFIG_X) with a tristate X?
bool kbuild_is_module(const struct kbobj *o);
// "net/core.c", "net/core.o", "net/core" -> "net/core"; also of a packed module. In the arena.
const char *kbuild_stem(struct kbuild *b, const char *path);
char *kbuild_module_name(const char *path); // base name, with _ for -; owned
// The option that decides about this object: of its own line, or else of the nearest folder; NULL: none.
const struct kcond *kbuild_option(const struct kbobj *o);
void kcond_print(const struct kcond *c, struct buf *b); // "X", "X=y", "!X"; only this link
