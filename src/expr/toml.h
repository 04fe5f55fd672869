// SPDX-License-Identifier: GPL-2.0-or-later
// TOML 1.0 text (toml.io) to values: a recursive descent over the text in two files, toml.c (tables and what
// may be defined where) and toml-value.c (strings, numbers, dates). Errors are thrown with the line they are
// in.
#pragma once

#include "expr/eval.h"

// dates: dates and times become { _type = "timestamp"; value }, else they are an error.
void toml_parse(struct eval *ev, const char *text, size_t len, bool dates, struct value *ret);

// ---- between the two files

struct toml {
	struct eval *ev;
	const char *text, *p, *end;
	bool dates;
	unsigned depth;
};

enum { TOML_DEPTH_MAX = 1000 };

// at: where in the text; label: what is said there.
_noreturn_ void toml_throw(struct toml *t, const char *at, const char *label, const char *fmt, ...)
        _printf_(4, 5) _cold_;
// A value that begins at t->p and is neither array nor inline table.
struct value toml_scalar(struct toml *t);
// A string in any of its four forms (keys: only the two of one line).
const struct string *toml_string(struct toml *t, bool key);
static inline bool toml_at(const struct toml *t, const char *s, size_t len)
{
	return (size_t)(t->end - t->p) >= len && !__builtin_memcmp(t->p, s, len);
}
