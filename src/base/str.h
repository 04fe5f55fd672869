// SPDX-License-Identifier: GPL-2.0-or-later
// C strings and NULL-terminated string lists (strv).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/macro.h"

bool str_eq(const char *a, const char *b);
bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);
// What follows prefix in s, or NULL when s does not begin with it.
const char *str_after(const char *s, const char *prefix);
char *str_printf(const char *fmt, ...) _printf_(1, 2);
// The strings after each other (at most STR_CAT_MAX), up to NULL; owned. For what is made thousands of times.
enum { STR_CAT_MAX = 8 };
char *str_cat(const char *first, ...) __attribute__((sentinel));
// Decimal, the whole string, no sign for u64; 0 or -EINVAL/-ERANGE.
int str_to_u64(const char *s, uint64_t *ret);
int str_to_i64(const char *s, int64_t *ret);
// Levenshtein distance, bounded: returns max + 1 when it is greater than max.
size_t str_distance(const char *a, const char *b, size_t max);
// The nearest of names that are offered one by one; {.below = 3} takes those that differ in fewer than 3
// letters, the first of equals.
struct str_near {
	const char *name; // borrowed; NULL: none yet
	size_t below;
};
void str_near_offer(struct str_near *n, const char *word, const char *name);
// `below` for a mistyped word: at most 3 letters, and at most half of them, since a short word is like
// everything.
size_t str_near_limit(size_t word_len);
// Last component of a path ("" for "/"), borrowed.
const char *str_basename(const char *path);
// Everything before the last '/', "." where there is none; owned by the caller.
char *str_dirname(const char *path);

// strv: char ** that ends with NULL; NULL itself is the empty list. Strings and array are owned together.
size_t strv_len(char *const *v);
void strv_add(char ***v, const char *s);
void strv_take(char ***v, char *s); // takes ownership of s
bool strv_has(char *const *v, const char *s);
// Splits at any character of seps, empty fields left out.
char **strv_split(const char *s, const char *seps);
char *strv_join(char *const *v, const char *sep);
void strv_sort(char **v);
void strv_free(char **v);
static inline void strv_freep(char ***v)
{
	strv_free(*v);
}
#define _cleanup_strv_      _cleanup_(strv_freep)
#define strv_for_each(s, v) for (char *const *s##_ = (v), *s = s##_ ? *s##_ : NULL; s; s = *++s##_)
