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

// at: where in the text; label: what is said there; hints: lines below, each with its newline, or NULL. The
// form is that of toml11 4, which Nix uses.
_noreturn_ void toml_throw_hints(
        struct toml *t, const char *at, const char *label, const char *hints, const char *message) _cold_;
_noreturn_ static inline void toml_throw(
        struct toml *t, const char *at, const char *label, const char *message)
{
	toml_throw_hints(t, at, label, NULL, message);
}
// A value that begins at t->p and is neither array nor inline table.
struct value toml_scalar(struct toml *t);
// A string in any of its four forms (keys: only the two of one line).
const struct string *toml_string(struct toml *t, bool key);
static inline bool toml_at(const struct toml *t, const char *s, size_t len)
{
	return (size_t)(t->end - t->p) >= len && !__builtin_memcmp(t->p, s, len);
}
