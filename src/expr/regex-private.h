// SPDX-License-Identifier: GPL-2.0-or-later
// The program that a regular expression is compiled to: a graph of states.
#pragma once

#include <stdint.h>
#include "expr/regex.h"

enum regex_op {
	OP_SET,    // one byte that is in sets[arg], then next
	OP_BEGIN,  // '^'
	OP_END,    // '$'
	OP_OPEN,   // group arg begins
	OP_CLOSE,  // group arg ends
	OP_ALT,    // alt, or next: the longer match
	OP_REPEAT, // alt (once more, leads back here), or next where that fails
	OP_RUN,    // as many bytes of sets[arg] as can be, then next: a repetition of one byte
	OP_EMPTY,  // next
	OP_ACCEPT,
};

struct regex_state {
	uint8_t op;
	uint32_t arg;
	uint32_t next, alt;
};

struct regex_set {
	uint8_t bits[32];
};

struct regex {
	struct regex_state *states;
	size_t len, cap;
	struct regex_set *sets;
	size_t sets_len, sets_cap;
	uint32_t start;
	size_t groups;
	bool nullable;          // may match nothing
	struct regex_set first; // the bytes that a match can begin with, where it is not nullable
};

static inline bool set_has(const struct regex_set *s, unsigned char c)
{
	return s->bits[c >> 3] >> (c & 7) & 1;
}
