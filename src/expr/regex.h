// SPDX-License-Identifier: GPL-2.0-or-later
// Regular expressions of builtins.match and builtins.split: POSIX extended syntax over bytes, as strict as
// the C++ library that Nix uses (no back references, no classes like \d, no escapes of ordinary characters).
// Which of several ways to match is taken follows it too: repetitions take as much as lets the rest match, of
// alternatives the longest match counts and then the first. The matcher keeps its own stack, and remembers
// failures once a match takes long, so that time is polynomial and no input overflows anything.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct regex;

enum regex_status { REGEX_OK, REGEX_NO_MATCH, REGEX_INVALID, REGEX_TOO_BIG, REGEX_INTERRUPTED };

// REGEX_OK, REGEX_INVALID or REGEX_TOO_BIG. Free with regex_free.
enum regex_status regex_compile(const char *pattern, size_t len, struct regex **ret);
void regex_free(struct regex *re);
// Groups in parentheses, without the whole match.
size_t regex_groups(const struct regex *re);

enum regex_flags {
	REGEX_WHOLE = 1,     // the match must be all of text[from..len)
	REGEX_HERE = 2,      // the match must begin at from
	REGEX_NOT_EMPTY = 4, // and not be empty there
	REGEX_INSIDE = 8,    // from is not the start of the text: '^' does not match there
};

// Where a group is in the text; from > to: it took no part.
struct regex_span {
	size_t from, to;
};

// spans: 1 + regex_groups() of them, the whole match first. interrupted: looked at from time to time, may be
// NULL.
enum regex_status regex_match(const struct regex *re, const char *text, size_t len, size_t from, int flags,
        struct regex_span *spans, const volatile int *interrupted);
