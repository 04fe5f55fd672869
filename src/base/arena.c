// SPDX-License-Identifier: GPL-2.0-or-later
// Bump allocation in chunks that grow with the arena.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "base/arena.h"
#include "base/mem.h"

struct arena_chunk {
	struct arena_chunk *older;
	size_t mapped_bytes; // 0: from the heap
	_Alignas(16) char data[];
};

// A chunk of the usual size will be used to its end, so its pages are asked for at once: hundreds of page
// faults less. No huge pages: where the machine is a guest, the host has often taken those back, and gives 2
// MiB in 6 ms where small pages take 0.7.
enum { CHUNK_MIN = 4 * 1024, CHUNK_MAP = 256 * 1024, CHUNK_MAX = 1024 * 1024 };

static void *map_pages(size_t size_bytes)
{
	void *p = mmap(
	        NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		mem_die(size_bytes);
	return p;
}

static struct arena_chunk *chunk_new(struct arena *a, size_t size_bytes)
{
	size_t total = sizeof(struct arena_chunk) + size_bytes;
	struct arena_chunk *c;

	if (size_bytes >= CHUNK_MAP && size_bytes <= CHUNK_MAX) {
		c = map_pages(total);
		c->mapped_bytes = total;
	} else {
		c = mem_alloc0(total);
	}
	a->total_bytes += total;
	return c;
}

void *arena_slow(struct arena *a, size_t n)
{
	size_t want = MIN(MAX((size_t)CHUNK_MIN, a->total_bytes), CHUNK_MAX - sizeof(struct arena_chunk));
	struct arena_chunk *c;

	if (n > want / 4) { // a large object gets a chunk of its own, behind the current one
		c = chunk_new(a, n);
		c->older = a->chunk ? a->chunk->older : NULL;
		if (a->chunk)
			a->chunk->older = c;
		else
			a->chunk = c;
		return c->data;
	}
	c = chunk_new(a, want);
	c->older = a->chunk;
	a->chunk = c;
	a->next = c->data + n;
	a->end = c->data + want;
	return c->data;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	if (len)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, ap2;
	int n;
	char *p;

	va_start(ap, fmt);
	va_copy(ap2, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = arena_alloc(a, (size_t)MAX(n, 0) + 1);
	vsnprintf(p, (size_t)MAX(n, 0) + 1, fmt, ap2);
	va_end(ap2);
	return p;
}

void arena_release(struct arena *a)
{
	struct arena_chunk *c = a->chunk;

	while (c) {
		struct arena_chunk *older = c->older;

		if (c->mapped_bytes)
			munmap(c, c->mapped_bytes);
		else
			mem_free(c);
		c = older;
	}
	*a = (struct arena){0};
}
