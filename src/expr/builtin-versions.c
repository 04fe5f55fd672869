// SPDX-License-Identifier: GPL-2.0-or-later
// Versions as package names have them: splitVersion, compareVersions, parseDrvName.
#include <string.h>
#include "expr/builtin-util.h"

struct part {
	const char *s;
	size_t len;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_separator(char c)
{
	return c == '.' || c == '-';
}

// The next component: digits, or anything else up to a digit or separator. Empty at the end.
static struct part next_part(const char **p, const char *end)
{
	struct part r;

	while (*p < end && is_separator(**p))
		(*p)++;
	r.s = *p;
	if (*p < end && is_digit(**p)) {
		while (*p < end && is_digit(**p))
			(*p)++;
	} else {
		while (*p < end && !is_digit(**p) && !is_separator(**p))
			(*p)++;
	}
	r.len = (size_t)(*p - r.s);
	return r;
}

// Its number where it is one that fits 32 bits; others compare as text, as in Nix.
static bool part_number(struct part c, uint32_t *ret)
{
	uint64_t n = 0;

	if (!c.len)
		return false;
	for (size_t i = 0; i < c.len; i++) {
		if (!is_digit(c.s[i]))
			return false;
		n = n * 10 + (uint64_t)(c.s[i] - '0');
		if (n > INT32_MAX)
			return false;
	}
	*ret = (uint32_t)n;
	return true;
}

static bool part_is(struct part c, const char *text)
{
	return c.len == strlen(text) && !memcmp(c.s, text, c.len);
}

static int part_order(struct part a, struct part b)
{
	int c = memcmp(a.s, b.s, MIN(a.len, b.len));

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

// "pre" comes before everything, then nothing, then text, then numbers.
static bool part_less(struct part a, struct part b)
{
	uint32_t x, y;
	bool a_num = part_number(a, &x), b_num = part_number(b, &y);

	if (a_num && b_num)
		return x < y;
	if (!a.len && b_num)
		return true;
	if (part_is(a, "pre"))
		return !part_is(b, "pre");
	if (part_is(b, "pre"))
		return false;
	if (b_num)
		return true;
	if (a_num)
		return false;
	return part_order(a, b) < 0;
}

static int compare_versions(const struct string *a, const struct string *b)
{
	const char *p = a->data, *p_end = p + a->len, *q = b->data, *q_end = q + b->len;

	while (p < p_end || q < q_end) {
		struct part x = next_part(&p, p_end), y = next_part(&q, q_end);
		if (part_less(x, y))
			return -1;
		if (part_less(y, x))
			return 1;
	}
	return 0;
}

static void b_compare_versions(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *a = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.compareVersions");
	const struct string *b = eval_string_plain(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.compareVersions");

	*ret = value_int(compare_versions(a, b));
}

static void b_split_version(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.splitVersion");
	const char *p = s->data, *end = p + s->len;
	struct value *to = eval_list_alloc(ev, s->len);
	size_t n = 0;

	for (struct part c = next_part(&p, end); c.len; c = next_part(&p, end))
		to[n++] = value_string(eval_string(ev, c.s, c.len, NULL));
	*ret = value_list(to, n);
}

static void b_parse_drv_name(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.parseDrvName");
	size_t dash = s->len, version = s->len;

	// The version begins behind the first dash that no letter follows.
	for (size_t i = 0; i + 1 < s->len; i++) {
		unsigned char c = (unsigned char)s->data[i + 1];
		if (s->data[i] != '-' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
			continue;
		dash = i;
		version = i + 1;
		break;
	}
	struct attrs *a = attrs_new(ev, 2);
	*attrs_push(a, ev->sym.name, 0) = value_string(eval_string(ev, s->data, dash, NULL));
	*attrs_push(a, symbol_of(&ev->symbols, "version"), 0) =
	        value_string(eval_string(ev, s->data + version, s->len - version, NULL));
	attrs_finish(a);
	*ret = value_attrs(a);
}

static const struct builtin rows[] = {
        {"compareVersions", 2, 3, false, b_compare_versions, "s1 s2",
                "-1, 0 or 1: is version s1 older than s2, the same, newer?"},
        {"splitVersion", 1, 1, false, b_split_version, "s",
                "The components of a version, as compareVersions sees them."},
        {"parseDrvName", 1, 1, false, b_parse_drv_name, "s", "A package name split into { name, version }."},
};

const struct builtin_table builtin_versions = {rows, ARRAY_SIZE(rows)};
