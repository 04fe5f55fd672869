// SPDX-License-Identifier: GPL-2.0-or-later
// String contexts: which store objects a string depends on. Immutable, sorted, shared; NULL is the empty
// context.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "expr/value.h"

struct eval;

enum context_kind {
	CONTEXT_OPAQUE,   // a store path as such: "/nix/store/..."
	CONTEXT_DRV_DEEP, // "=/nix/store/x.drv": the derivation with its closure and all outputs
	CONTEXT_BUILT,    // "!out!/nix/store/x.drv": one output of a derivation
};

struct context_elem {
	enum context_kind kind;
	const struct string *path;   // full store path (of the .drv for the latter two)
	const struct string *output; // CONTEXT_BUILT only
};

struct context {
	size_t len;
	struct context_elem elems[]; // sorted by path, kind, output; no duplicates
};

const struct context *context_one(
        struct eval *ev, enum context_kind kind, const struct string *path, const struct string *output);
// The union; either may be NULL; shares an argument where one holds the other.
const struct context *context_join(struct eval *ev, const struct context *a, const struct context *b);
int context_elem_cmp(const struct context_elem *a, const struct context_elem *b);
// From elems in any order.
const struct context *context_of(struct eval *ev, struct context_elem *elems, size_t len);
