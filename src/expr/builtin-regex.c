// SPDX-License-Identifier: GPL-2.0-or-later
// match and split. Patterns are compiled once.
#include <string.h>
#include "expr/builtin-util.h"
#include "expr/regex.h"

enum { SPANS_MAX = 16 }; // more are taken from the heap

static struct regex *compiled(struct eval *ev, const struct string *pattern)
{
	struct builtin_state *st = builtin_state(ev);
	struct regex *re = hmap_getn(&st->patterns, pattern->data, pattern->len);

	if (re)
		return re;
	switch (regex_compile(pattern->data, pattern->len, &re)) {
	case REGEX_OK:
		hmap_putn(&st->patterns, pattern->data, pattern->len, re);
		return re;
	case REGEX_TOO_BIG:
		eval_throw(
		        ev, THROW_EVAL, 0, "memory limit exceeded by regular expression '%s'", pattern->data);
	default:
		eval_throw(ev, THROW_EVAL, 0, "invalid regular expression '%s'", pattern->data);
	}
}

static bool run(struct eval *ev, const struct regex *re, const struct string *pattern, const struct string *s,
        size_t from, int flags, struct regex_span *spans)
{
	switch (regex_match(re, s->data, s->len, from, flags, spans, &ev->interrupted)) {
	case REGEX_OK:
		return true;
	case REGEX_NO_MATCH:
		return false;
	case REGEX_INTERRUPTED:
		eval_throw(ev, THROW_INTERRUPT, 0, "interrupted by the user");
	default:
		eval_throw(
		        ev, THROW_EVAL, 0, "memory limit exceeded by regular expression '%s'", pattern->data);
	}
}

static struct value part(struct eval *ev, const struct string *s, size_t from, size_t to)
{
	return value_string(eval_string(ev, s->data + from, to - from, NULL));
}

// The groups of a match: strings, null for those that took no part.
static struct value groups(
        struct eval *ev, const struct regex *re, const struct string *s, const struct regex_span *spans)
{
	size_t n = regex_groups(re);
	struct value *to = eval_list_alloc(ev, n);

	for (size_t i = 0; i < n; i++) {
		struct regex_span g = spans[i + 1];
		to[i] = g.from <= g.to ? part(ev, s, g.from, g.to) : value_null();
	}
	return value_list(to, n);
}

static void b_match(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *pattern = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.match");
	struct regex *re = compiled(ev, pattern);
	const struct string *s = eval_string_of(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.match");
	struct regex_span few[SPANS_MAX], *spans = few;

	if (regex_groups(re) >= SPANS_MAX)
		spans = eval_alloc(ev, (regex_groups(re) + 1) * sizeof(*spans));
	*ret = run(ev, re, pattern, s, 0, REGEX_WHOLE, spans) ? groups(ev, re, s, spans) : value_null();
}

// Finds the next match behind the last one (spans[0]); after an empty one a match that begins there must not
// be empty too.
static bool next_match(struct eval *ev, const struct regex *re, const struct string *pattern,
        const struct string *s, struct regex_span *spans)
{
	size_t from = spans[0].to;

	if (spans[0].from == spans[0].to) {
		if (from == s->len)
			return false;
		if (run(ev, re, pattern, s, from, REGEX_HERE | REGEX_NOT_EMPTY | REGEX_INSIDE, spans))
			return true;
		from++;
	}
	return run(ev, re, pattern, s, from, REGEX_INSIDE, spans);
}

// Appends to a list that grows; returns the list.
static struct value *grow(struct eval *ev, struct value *list, size_t *cap, size_t len)
{
	if (len + 3 <= *cap)
		return list;
	*cap = *cap ? 2 * *cap : 16;
	struct value *more = eval_list_alloc(ev, *cap);
	if (len)
		memcpy(more, list, len * sizeof(*list));
	return more;
}

static void b_split(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *pattern = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.split");
	struct regex *re = compiled(ev, pattern);
	const struct string *s = eval_string_of(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.split");
	struct regex_span *spans = eval_alloc(ev, (regex_groups(re) + 1) * sizeof(*spans));
	struct value *list = NULL;
	size_t cap = 0, len = 0, done = 0;

	if (!run(ev, re, pattern, s, 0, 0, spans)) {
		list = eval_list_alloc(ev, 1);
		list[0] = value_string(s);
		*ret = value_list(list, 1);
		return;
	}
	do {
		list = grow(ev, list, &cap, len);
		list[len++] = part(ev, s, done, spans[0].from);
		list[len++] = groups(ev, re, s, spans);
		done = spans[0].to;
	} while (next_match(ev, re, pattern, s, spans));
	list = grow(ev, list, &cap, len);
	list[len++] = part(ev, s, done, s->len);
	*ret = value_list(list, len);
}

static const struct builtin rows[] = {
        {"match", 2, 3, false, b_match, "regex str",
                "The groups of an extended POSIX regular expression that matches all of the string, or "
                "null."},
        {"split", 2, 3, false, b_split, "regex str",
                "The parts of the string between matches, with the list of groups of each match between "
                "them."},
};

const struct builtin_table builtin_regexes = {rows, ARRAY_SIZE(rows)};
