// SPDX-License-Identifier: GPL-2.0-or-later
// Interned names. A symbol is a 32-bit number, 0 is none; equal names have equal numbers, so attribute lookup
// compares integers. The order of numbers is the order of first use: whatever a user sees in order is sorted
// by text (symbol_cmp).
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "expr/value.h"

struct symbol_table {
	struct string **strings; // by symbol; each is a context-free string value's payload, made once
	uint32_t count, cap;
	uint64_t *index; // hash slots: symbol (0: free) in the low half, the name's hash in the high half
	uint32_t index_cap;
	struct arena arena;
};

void symbol_init(struct symbol_table *t);
void symbol_release(struct symbol_table *t);
uint32_t symbol_intern(struct symbol_table *t, const char *s, size_t len);
uint32_t symbol_of(struct symbol_table *t, const char *s);
// The symbol of a name that was interned before, else 0: for lookups by computed name (getAttr, hasAttr) that
// must not grow the table.
uint32_t symbol_find(const struct symbol_table *t, const char *s, size_t len);

// NUL-terminated text (a name may hold NULs only when quoted: use the length then).
static inline const struct string *symbol_string(const struct symbol_table *t, uint32_t sym)
{
	return t->strings[sym];
}

static inline const char *symbol_text(const struct symbol_table *t, uint32_t sym)
{
	return t->strings[sym]->data;
}

// Byte order of the texts (as Nix sorts attribute names).
int symbol_cmp(const struct symbol_table *t, uint32_t a, uint32_t b);
