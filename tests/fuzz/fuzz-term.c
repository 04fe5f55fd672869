// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: what is taken out of text before a terminal sees it: no control character is left but tab,
// newline and, where they may stay, the sequences of colours.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/codec.h"
#include "base/mem.h"
#include "base/term.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Behind an escape character: "[", numbers, "m".
static size_t colour(const char *s)
{
	size_t n = *s == '[' ? 1 + strspn(s + 1, "0123456789;:") : 0;

	return n && s[n] == 'm' ? n + 1 : 0;
}

static void check(const char *s, int flags)
{
	if (!codec_is_utf8(s, strlen(s)))
		abort();
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == 27 && (flags & TERM_COLOURS) && colour(s + 1))
			s += colour(s + 1);
		else if ((c < ' ' && c != '\t' && (c != '\n' || (flags & TERM_ONE_LINE))) || c == 127)
			abort();
		else if (c == 0xc2 && (unsigned char)s[1] < 0xa0) // C1
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int flags = 0; flags < 4; flags++) {
		_cleanup_buf_ struct buf out = {0};
		term_clean(&out, (const char *)data, size, flags);
		check(buf_str(&out), flags);
		if (out.len != strlen(buf_str(&out)))
			abort();
	}
	return 0;
}
