// SPDX-License-Identifier: GPL-2.0-or-later
// What one asks about configurations: why a symbol is what it is, how two files differ, what was changed.
#pragma once

#include "kconfig/request.h"
#include "kconfig/trim.h"

// Why the symbol has its value, who wants otherwise, and what would change it. The tree holds a solved base.
// -ENOENT with the nearest names for an unknown one. search: also look for what would have to be set to get
// each other value.
int kconfig_explain(
        struct kconfig *k, const char *name, bool search, bool json, struct buf *b, struct err *e);

// One name whose value differs; NULL: not in that file.
struct kdiff {
	const char *name, *a, *b;
};

// All zero is a valid empty list; strings live in the arena. Values are as in the file, "n" for what is not
// set.
struct kdiffs {
	struct kdiff *v;
	size_t len, cap, same;
	struct arena arena;
};

// Differences of two .config texts, sorted by name. ignore_n: a name that is missing is the same as n.
void kconfig_diff(
        const char *a, size_t a_len, const char *b, size_t b_len, bool ignore_n, struct kdiffs *ret);
void kdiffs_release(struct kdiffs *d);
#define _cleanup_kdiffs_ _cleanup_(kdiffs_release)

// The requests that lead from one .config to another: what the user of menuconfig must have changed, without
// what follows from it. The tree is left at the new configuration. Appends to ret.
int kconfig_changes(struct kconfig *k, const char *from, size_t from_len, const char *to, size_t to_len,
        struct krequests *ret, struct err *e);
