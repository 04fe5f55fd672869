// SPDX-License-Identifier: GPL-2.0-or-later
// Interned names: an open-addressing hash table of symbol numbers over an array of strings.

#include <string.h>
#include "base/hmap.h"
#include "base/mem.h"
#include "expr/symbol.h"

enum { SYMBOL_SLOTS_MIN = 2048 };

void symbol_init(struct symbol_table *t)
{
	*t = (struct symbol_table){0};
	t->cap = SYMBOL_SLOTS_MIN / 2;
	t->strings = mem_array(t->cap, sizeof(*t->strings));
	t->count = 1; // symbol 0 is 'none'
	t->index_cap = SYMBOL_SLOTS_MIN;
	t->index = mem_array(t->index_cap, sizeof(*t->index));
}

void symbol_release(struct symbol_table *t)
{
	mem_free(t->strings);
	mem_free(t->index);
	arena_release(&t->arena);
	*t = (struct symbol_table){0};
}

// The slot of the index where the name is, or the free one where it belongs.
static uint64_t *slot_of(const struct symbol_table *t, const char *s, size_t len, uint32_t hash)
{
	uint32_t mask = t->index_cap - 1, i = hash & mask;

	for (;; i = (i + 1) & mask) {
		uint64_t slot = t->index[i];
		if (!slot)
			return &t->index[i];
		if (slot >> 32 != hash)
			continue;
		const struct string *have = t->strings[(uint32_t)slot];
		if (have->len == len && memcmp(have->data, s, len) == 0)
			return &t->index[i];
	}
}

static uint32_t hash_of(const char *s, size_t len)
{
	return (uint32_t)hmap_hash(s, len);
}

static void grow(struct symbol_table *t)
{
	mem_free(t->index);
	t->index_cap *= 2;
	t->index = mem_array(t->index_cap, sizeof(*t->index));
	for (uint32_t sym = 1; sym < t->count; sym++) {
		const struct string *str = t->strings[sym];
		uint32_t hash = hash_of(str->data, str->len);
		*slot_of(t, str->data, str->len, hash) = (uint64_t)hash << 32 | sym;
	}
	t->cap = t->index_cap / 2;
	t->strings = mem_realloc(t->strings, t->cap * sizeof(*t->strings));
}

uint32_t symbol_intern(struct symbol_table *t, const char *s, size_t len)
{
	uint32_t hash = hash_of(s, len);
	uint64_t *slot = slot_of(t, s, len, hash);

	if (*slot)
		return (uint32_t)*slot;
	if (t->count + 1 >= t->cap) {
		grow(t);
		slot = slot_of(t, s, len, hash);
	}
	struct string *str = arena_alloc(&t->arena, sizeof(*str) + len + 1);
	str->len = (uint32_t)len;
	str->symbol = t->count;
	if (len)
		memcpy(str->data, s, len);
	t->strings[t->count] = str;
	*slot = (uint64_t)hash << 32 | t->count;
	return t->count++;
}

uint32_t symbol_of(struct symbol_table *t, const char *s)
{
	return symbol_intern(t, s, strlen(s));
}

uint32_t symbol_find(const struct symbol_table *t, const char *s, size_t len)
{
	return (uint32_t)*slot_of(t, s, len, hash_of(s, len));
}

int symbol_cmp(const struct symbol_table *t, uint32_t a, uint32_t b)
{
	const struct string *x = t->strings[a], *y = t->strings[b];
	int c = memcmp(x->data, y->data, MIN(x->len, y->len));

	return c ? c : (x->len > y->len) - (x->len < y->len);
}
