// SPDX-License-Identifier: GPL-2.0-or-later
// Proving that requests exclude each other: what each of them makes necessary is followed through
// dependencies, selects and choices until some symbol would have to be two things at once. What is claimed is
// true of every configuration of the tree; what is not found out may still be impossible.
#pragma once

#include "kconfig/fix.h"

struct kproof;

// Finds out what each symbol can be at all. The tree's values are not looked at.
struct kproof *kproof_new(struct kconfig *k);
void kproof_free(struct kproof *p);
// May all items hold at once, as far as is known? False: it is proven that they cannot. far: what is off is
// followed through the whole tree, which takes longer.
bool kproof_possible(struct kproof *p, const struct kfix_item *v, size_t len, bool far);
// After a true answer: what each symbol must be within, as pins of a search.
void kproof_pins(const struct kproof *p, struct kpin *pins);
// After a false answer: does item i take part? And why they exclude each other, step by step, one a line.
bool kproof_takes_part(const struct kproof *p, size_t i);
void kproof_text(struct kproof *p, const char *indent, struct buf *b);
