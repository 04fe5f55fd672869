// SPDX-License-Identifier: GPL-2.0-or-later
// Heap allocation that never returns NULL.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"

void mem_die(size_t size_bytes)
{
	fprintf(stderr, "error: out of memory (wanted %zu bytes)\n", size_bytes);
	_exit(1); // an answer, not a crash: no core file, no handlers that would want memory
}

void *mem_alloc(size_t size_bytes)
{
	void *p = malloc(size_bytes ? size_bytes : 1);

	if (!p)
		mem_die(size_bytes);
	return p;
}

void *mem_alloc0(size_t size_bytes)
{
	void *p = calloc(1, size_bytes ? size_bytes : 1);

	if (!p)
		mem_die(size_bytes);
	return p;
}

void *mem_array(size_t count, size_t size_bytes)
{
	size_t total;

	if (__builtin_mul_overflow(count, size_bytes, &total))
		mem_die(SIZE_MAX);
	return mem_alloc0(total);
}

void *mem_realloc(void *p, size_t size_bytes)
{
	void *q = realloc(p, size_bytes ? size_bytes : 1);

	if (!q)
		mem_die(size_bytes);
	return q;
}

void mem_grow(void *p, size_t *cap, size_t want, size_t size_bytes)
{
	void **array = p;
	size_t n = *cap ? *cap : 8, total;

	if (want <= *cap)
		return;
	while (n < want)
		n = n > SIZE_MAX / 2 ? want : n * 2;
	if (__builtin_mul_overflow(n, size_bytes, &total))
		mem_die(SIZE_MAX);
	*array = mem_realloc(*array, total);
	*cap = n;
}

void *mem_dup(const void *p, size_t size_bytes)
{
	void *q = mem_alloc(size_bytes);

	if (size_bytes)
		memcpy(q, p, size_bytes);
	return q;
}

char *mem_strdup(const char *s)
{
	return mem_dup(s, strlen(s) + 1);
}

char *mem_strndup(const char *s, size_t len)
{
	char *q = mem_alloc(len + 1);

	if (len)
		memcpy(q, s, len);
	q[len] = '\0';
	return q;
}

void mem_free(void *p)
{
	free(p);
}
