// SPDX-License-Identifier: GPL-2.0-or-later
// Attribute sets: arrays of (symbol, position, value) sorted by symbol number. Immutable once finished.
//
// An update ('//') of a large set by a small one makes a layer over the large one instead of copying it, in
// the manner of a log-structured merge: a layer is merged with the one below it as long as that is not much
// larger, so that n updates of a growing set cost O(n log n) and a lookup visits O(log n) layers. Whoever
// walks all attributes calls attrs_flat() first, which merges once and remembers the result in the set.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "expr/value.h"

struct eval;

struct attr {
	uint32_t name;      // symbol
	uint32_t pos;       // source_pos of the definition, 0: none
	struct value value; // a heap slot: may be delayed
};

struct attrs {
	struct attrs *base;   // the layer below, or NULL; attributes of this layer hide those of the base
	uint32_t len;         // of entries
	uint32_t total;       // distinct attributes with all layers
	uint32_t pos;         // where the set was written
	uint32_t depth;       // layers below
	struct attr *entries; // sorted by name
};

extern struct attrs attrs_empty;

// Room for cap attributes: fill with attrs_push, then attrs_finish.
struct attrs *attrs_new(struct eval *ev, size_t cap);
// Appends; returns the slot of the value (a heap slot, so delayed values may be built in it). Caller keeps
// within cap.
struct value *attrs_push(struct attrs *a, uint32_t name, uint32_t pos);
// Sorts by symbol. Names must be distinct (attrs_finish_unique drops later duplicates: first one wins, as
// listToAttrs needs).
void attrs_finish(struct attrs *a);
void attrs_finish_unique(struct attrs *a);
// The attribute, or NULL.
struct attr *attrs_get(const struct attrs *a, uint32_t name);
// a // b. Neither is changed (but may be flattened).
struct attrs *attrs_update(struct eval *ev, struct attrs *a, struct attrs *b);
// The same set with one layer: entries[0..len) are all attributes. Cheap when it is so already.
struct attrs *attrs_flat(struct eval *ev, struct attrs *a);
// Attributes of a flat set in the order of their names' texts: a heap array of len pointers.
struct attr **attrs_sorted(struct eval *ev, struct attrs *a);

#define attrs_for_each(at, flat)                                                                             \
	for (struct attr *at = (flat)->entries, *at##_end = at + (flat)->len; at < at##_end; at++)
