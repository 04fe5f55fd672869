// SPDX-License-Identifier: GPL-2.0-or-later
// A growing byte buffer. data is always NUL-terminated (the NUL is not in len) once anything was added or
// buf_str was called.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>
#include <string.h>
#include "base/macro.h"

// All zero is a valid empty buffer.
struct buf {
	char *data;
	size_t len, cap;
};

// Room for more_bytes and a NUL.
void buf_reserve(struct buf *b, size_t more_bytes);

// Inline: texts of derivations are put together of a hundred short pieces.
static inline void buf_add(struct buf *b, const void *data, size_t len)
{
	if (UNLIKELY(len >= b->cap - b->len)) // an empty buffer has 0 of both
		buf_reserve(b, len);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

static inline void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addn(struct buf *b, char c, size_t times);
void buf_addf(struct buf *b, const char *fmt, ...) _printf_(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) _printf_(2, 0);
// 64 bits, little-endian: the integers of NAR and of the daemon's protocol.
void buf_add_le64(struct buf *b, uint64_t n);
// Borrowed C string ("" when empty); it is b->data from now on, so the buffer has to be released.
const char *buf_str(struct buf *b);
// Gives the string away (never NULL) and leaves the buffer empty.
char *buf_steal(struct buf *b);
// len = 0, memory kept.
void buf_clear(struct buf *b);
void buf_release(struct buf *b);

#define _cleanup_buf_ _cleanup_(buf_release)
