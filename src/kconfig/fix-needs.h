// SPDX-License-Identifier: GPL-2.0-or-later
// What would have to be set for a condition to have a value: sets of bounds on symbols, cheapest first, a few
// of many.
#pragma once

#include "kconfig/fix.h"
#include "kconfig/fix-weight.h"

#define KALTS_MAX 14

// A symbol that must be at least lo and at most hi; or a text for numbers and strings.
struct kbound {
	struct ksym *sym;
	uint8_t lo, hi;
	const char *text;
};

// Only the first len of v are allocated.
struct kbounds {
	size_t len;
	unsigned cost;
	struct kbound v[KFIX_MAX];
};

// Alternatives, cheapest first; no set at all: there is no way that was seen.
struct kalts {
	const struct kbounds *v[KALTS_MAX];
	size_t len;
};

struct kneeds {
	struct kconfig *k;
	const struct kpin *pins;  // by symbol
	struct kweights *weights; // NULL: nothing is asked
	struct arena arena;
	struct kalts **memo; // by symbol and question
	unsigned budget;     // steps that are left
	unsigned depth;
};

void kneeds_init(struct kneeds *n, struct kconfig *k, const struct kpin *pins, struct kweights *weights,
        unsigned budget);
void kneeds_release(struct kneeds *n);
// Ways to make the symbol exactly what the item says.
const struct kalts *kneeds_item(struct kneeds *n, const struct kfix_item *i);
// Ways to do it for all of them.
const struct kalts *kneeds_items(struct kneeds *n, const struct kfix_item *v, size_t len);
// a and b together; NULL when they contradict each other or are too many. In the arena of n.
const struct kbounds *kneeds_join(struct kneeds *n, const struct kbounds *a, const struct kbounds *b);
// A copy of len bounds in arena a.
struct kbounds *kbounds_copy(struct arena *a, const struct kbounds *s);
