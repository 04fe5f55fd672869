// SPDX-License-Identifier: GPL-2.0-or-later
// Bump allocation: many small objects that die together. Memory comes zeroed and 16-byte aligned.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/macro.h"

struct arena_chunk;

// Embedded by its owners; all zero is a valid empty arena.
struct arena {
	struct arena_chunk *chunk; // newest first
	char *next;
	char *end;
	size_t total_bytes; // taken from the heap so far
};

void *arena_slow(struct arena *a, size_t size_bytes);

// size_bytes rounded up to 16; never NULL.
static inline void *arena_alloc(struct arena *a, size_t size_bytes)
{
	size_t n = (size_bytes + 15) & ~(size_t)15;

	if (UNLIKELY((size_t)(a->end - a->next) < n))
		return arena_slow(a, n);
	void *p = a->next;
	a->next += n;
	return p;
}

// Makes the object that was allocated last larger, where it is; false when p is another one or there is no
// room.
static inline bool arena_extend(struct arena *a, void *p, size_t size_bytes, size_t want_bytes)
{
	size_t n = (size_bytes + 15) & ~(size_t)15, more = ((want_bytes + 15) & ~(size_t)15) - n;

	if (!p || (char *)p + n != a->next || (size_t)(a->end - a->next) < more)
		return false;
	a->next += more;
	return true;
}

char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) _printf_(2, 3);
// Gives all memory back; the arena is empty and usable afterwards.
void arena_release(struct arena *a);
