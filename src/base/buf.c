// SPDX-License-Identifier: GPL-2.0-or-later
// A growing byte buffer.

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/macro.h"
#include "base/mem.h"

enum { BUF_MIN = 120 }; // what grows from nothing soon has more than eight bytes

void buf_reserve(struct buf *b, size_t more_bytes)
{
	size_t want;

	if (LIKELY(more_bytes < b->cap - b->len)) // most of the time; an empty buffer has 0 of both
		return;
	if (__builtin_add_overflow(b->len, more_bytes, &want) || __builtin_add_overflow(want, 1, &want))
		mem_die(SIZE_MAX);
	mem_grow(&b->data, &b->cap, b->cap ? want : MAX(want, (size_t)BUF_MIN), 1);
}

void buf_addn(struct buf *b, char c, size_t times)
{
	buf_reserve(b, times);
	memset(b->data + b->len, c, times);
	b->len += times;
	b->data[b->len] = '\0';
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list ap2;
	int n;

	buf_reserve(b, 127); // most texts fit at the first try
	va_copy(ap2, ap);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap2);
	va_end(ap2);
	if (n < 0) {
		b->data[b->len] = '\0';
		return;
	}
	if ((size_t)n >= b->cap - b->len) {
		buf_reserve(b, (size_t)n);
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	}
	b->len += (size_t)n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void buf_add_le64(struct buf *b, uint64_t n)
{
	n = htole64(n);
	buf_add(b, &n, sizeof(n));
}

const char *buf_str(struct buf *b)
{
	buf_reserve(b, 0);
	b->data[b->len] = '\0';
	return b->data;
}

char *buf_steal(struct buf *b)
{
	char *s = b->data ? b->data : mem_strdup("");

	*b = (struct buf){0};
	return s;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_release(struct buf *b)
{
	mem_free(b->data);
	*b = (struct buf){0};
}
