// SPDX-License-Identifier: GPL-2.0-or-later
// Heap memory. Out of memory aborts here, in one place, with a message; callers never see NULL.
#pragma once

#include <stddef.h>
#include "base/macro.h"

void *mem_alloc(size_t size_bytes) __attribute__((malloc));
void *mem_alloc0(size_t size_bytes) __attribute__((malloc));
// count * size_bytes with overflow check; zeroed.
void *mem_array(size_t count, size_t size_bytes);
void *mem_realloc(void *p, size_t size_bytes);
// Grows array *p of elements of size_bytes so that it holds at least want; doubles *cap. Use: mem_grow(&a,
// &cap, n + 1, sizeof(*a)).
void mem_grow(void *p, size_t *cap, size_t want, size_t size_bytes);
void *mem_dup(const void *p, size_t size_bytes);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);
void mem_free(void *p);
// Ends the program for want of memory.
_noreturn_ void mem_die(size_t size_bytes);

#define NEW(type) ((type *)mem_alloc0(sizeof(type)))

// For _cleanup_(mem_freep) char *x = NULL;
static inline void mem_freep(void *p)
{
	mem_free(*(void **)p);
}
#define _cleanup_free_ _cleanup_(mem_freep)
