// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins on strings: bytes, with the contexts of what went into them.
#include <string.h>
#include "expr/builtin-util.h"

static void b_to_string(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {
	        .more = true, .what = "while evaluating the first argument passed to builtins.toString"};

	*ret = value_string(eval_coerce(ev, &args[0], 0, &how));
}

static void b_string_length(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {
	        .copy = true, .what = "while evaluating the argument passed to builtins.stringLength"};

	*ret = value_int(eval_coerce(ev, &args[0], 0, &how)->len);
}

static void b_substring(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {.copy = true,
	        .what = "while evaluating the third argument (the string) passed to builtins.substring"};
	int64_t start = eval_int(ev, &args[0], 0,
	        "while evaluating the first argument (the start offset) passed to builtins.substring");

	if (start < 0)
		eval_throw(ev, THROW_EVAL, 0, "negative start position in 'substring'");
	int64_t len = eval_int(ev, &args[1], 0,
	        "while evaluating the second argument (the substring length) passed to builtins.substring");
	// Of a string with length 0 only the context is wanted: no copy to the store then.
	if (len == 0) {
		eval_force(ev, &args[2], 0);
		if (value_type(&args[2]) == VALUE_STRING) {
			*ret = value_string(eval_string(ev, "", 0, args[2].string->context));
			return;
		}
	}
	const struct string *s = eval_coerce(ev, &args[2], 0, &how);
	size_t from = MIN((uint64_t)start, s->len), n = s->len - from;

	if (len >= 0 && (uint64_t)len < n)
		n = (size_t)len;
	if (n == s->len) {
		*ret = value_string(s);
		return;
	}
	*ret = value_string(eval_string(ev, s->data + from, n, s->context));
}

static void b_concat_strings_sep(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {.copy = true,
	        .what = "while evaluating one element of the list of strings to concat passed to "
	                "builtins.concatStringsSep"};
	const struct string *sep = eval_string_of(ev, &args[0], 0,
	        "while evaluating the first argument (the separator string) passed to "
	        "builtins.concatStringsSep");

	eval_list(ev, &args[1], 0,
	        "while evaluating the second argument (the list of strings to concat) passed to "
	        "builtins.concatStringsSep");
	const struct context *context = sep->context;
	struct scratch s;

	scratch_begin(ev, &s);
	for (size_t i = 0; i < list_len(&args[1]); i++) {
		struct value v = value_share(&args[1].elems[i]);
		const struct string *part = eval_coerce(ev, &v, 0, &how);
		if (i)
			buf_add(&s.buf, sep->data, sep->len);
		buf_add(&s.buf, part->data, part->len);
		if (part->context)
			context = context_join(ev, context, part->context);
	}
	*ret = value_string(scratch_string(ev, &s, context));
}

// What replaceStrings searches for; texts of 'to' are evaluated when they are first needed.
struct replacer {
	struct eval *ev;
	size_t n;
	const struct string **from;
	struct value *to;
	const struct context *context;
};

static void replacer_init(struct replacer *r, struct value *from, struct value *to)
{
	size_t n = list_len(from);

	r->n = n;
	r->from = eval_alloc(r->ev, n * sizeof(*r->from));
	r->to = to->elems;
	for (size_t i = 0; i < n; i++)
		r->from[i] = eval_string_of(r->ev, &from->elems[i], 0,
		        "while evaluating one of the strings to replace passed to builtins.replaceStrings");
}

// Index of the first row that matches at p, or n.
static size_t replacer_find(const struct replacer *r, const char *p, size_t left)
{
	for (size_t i = 0; i < r->n; i++) {
		size_t len = r->from[i]->len;
		if (!len || (len <= left && *p == r->from[i]->data[0] && !memcmp(p, r->from[i]->data, len)))
			return i;
	}
	return r->n;
}

static const struct string *replacer_text(struct replacer *r, size_t i)
{
	const struct string *s = eval_string_of(r->ev, &r->to[i], 0,
	        "while evaluating one of the replacement strings passed to builtins.replaceStrings");

	if (s->context)
		r->context = context_join(r->ev, r->context, s->context);
	return s;
}

// Bytes with which no row begins are copied in one go.
static void replace_all(struct replacer *r, const struct string *s, struct buf *out)
{
	bool begins[256] = {false};

	for (size_t i = 0; i < r->n; i++) {
		if (r->from[i]->len)
			begins[(uint8_t)r->from[i]->data[0]] = true;
		else
			memset(begins, true, sizeof(begins));
	}
	for (size_t p = 0; p <= s->len;) {
		size_t plain = p;
		while (plain < s->len && !begins[(uint8_t)s->data[plain]])
			plain++;
		buf_add(out, s->data + p, plain - p);
		p = plain;
		size_t i = replacer_find(r, s->data + p, s->len - p);
		if (i < r->n) {
			const struct string *text = replacer_text(r, i);
			buf_add(out, text->data, text->len);
			p += r->from[i]->len;
			if (r->from[i]->len)
				continue;
		}
		if (p < s->len)
			buf_addc(out, s->data[p]);
		p++;
	}
}

static void b_replace_strings(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct replacer r = {.ev = ev};
	struct scratch out;

	eval_list(ev, &args[0], 0, "while evaluating the first argument passed to builtins.replaceStrings");
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.replaceStrings");
	if (list_len(&args[0]) != list_len(&args[1]))
		eval_throw(ev, THROW_EVAL, 0,
		        "'from' and 'to' arguments passed to builtins.replaceStrings have different lengths");
	replacer_init(&r, &args[0], &args[1]);
	const struct string *s = eval_string_of(
	        ev, &args[2], 0, "while evaluating the third argument passed to builtins.replaceStrings");
	r.context = s->context;
	scratch_begin(ev, &out);
	replace_all(&r, s, &out.buf);
	*ret = value_string(scratch_string(ev, &out, r.context));
}

static const struct builtin rows[] = {
        {"toString", 1, 1, true, b_to_string, "e",
                "e as a string: also numbers, Booleans (\"1\" and \"\"), null (\"\") and lists (joined by "
                "spaces). Paths are not copied."},
        {"stringLength", 1, 1, false, b_string_length, "e", "The length of the string in bytes."},
        {"substring", 3, 7, false, b_substring, "start len s",
                "The bytes of s from start on, at most len of them (all for a negative len)."},
        {"concatStringsSep", 2, 3, false, b_concat_strings_sep, "separator list",
                "The strings of the list with the separator between them."},
        {"replaceStrings", 3, 7, false, b_replace_strings, "from to s",
                "s with each string of 'from' replaced by its partner in 'to', the first that matches at "
                "each place."},
};

const struct builtin_table builtin_strings = {rows, ARRAY_SIZE(rows)};
