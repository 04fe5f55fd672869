// SPDX-License-Identifier: GPL-2.0-or-later
// Giving memory back after calls that leave nothing behind.
#pragma once

#include <string.h>
#include "expr/eval.h"

// Memory taken since a mark is given back when what was evaluated gave a scalar and nothing older can point
// to it. Whatever stores a pointer to new memory into a place that existed before (a forced slot, a cache)
// counts itself in ev->escapes.
struct region {
	char *next;
	const struct arena_chunk *chunk;
	uint64_t escapes;
};

static inline struct region region_begin(const struct eval *ev)
{
	return (struct region){ev->heap.next, ev->heap.chunk, ev->escapes};
}

static inline bool value_is_scalar(const struct value *v)
{
	return value_type(v) <= VALUE_FLOAT;
}

// Call it where the result is a scalar.
static inline void region_end(struct eval *ev, const struct region *r)
{
	if (r->escapes != ev->escapes || r->chunk != ev->heap.chunk)
		return;
	memset(r->next, 0, (size_t)(ev->heap.next - r->next)); // the arena's memory is zeroed
	ev->heap.next = r->next;
}
