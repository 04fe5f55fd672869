// SPDX-License-Identifier: GPL-2.0-or-later
// Values as JSON: compact, keys sorted, floats as the shortest text that reads back the same (in the layout
// that Nix's library uses).
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "expr/builtin-util.h"
#include "expr/eval-private.h"
#include "expr/print.h"

struct json_printer {
	struct eval *ev;
	bool strict, copy;
	struct buf *out;
	const struct context **context;
	const char *broken; // an error of the text, or NULL
};

// Shortest digits d[0..*ret_n) and exponent so that 0.d * 10^exp == x, x > 0.
static void shortest(double x, char *d, int *ret_n, int *ret_exp)
{
	char text[40];

	for (int prec = 14; prec <= 16; prec++) {
		snprintf(text, sizeof(text), "%.*e", prec, x);
		if (strtod(text, NULL) == x)
			break;
	}
	int n = 0;
	const char *p = text;
	for (; *p && *p != 'e'; p++)
		if (*p != '.')
			d[n++] = *p;
	*ret_exp = (int)strtol(p + 1, NULL, 10) + 1;
	while (n > 1 && d[n - 1] == '0')
		n--;
	*ret_n = n;
}

void print_json_float(double x, struct buf *out)
{
	char d[40];
	int n, exp;

	if (!isfinite(x)) {
		buf_adds(out, "null");
		return;
	}
	if (signbit(x))
		buf_addc(out, '-');
	if (x == 0) {
		buf_adds(out, "0.0");
		return;
	}
	shortest(fabs(x), d, &n, &exp);
	if (n <= exp && exp <= 15) {
		buf_add(out, d, (size_t)n);
		buf_addn(out, '0', (size_t)(exp - n));
		buf_adds(out, ".0");
	} else if (0 < exp && exp <= 15) {
		buf_add(out, d, (size_t)exp);
		buf_addc(out, '.');
		buf_add(out, d + exp, (size_t)(n - exp));
	} else if (-4 < exp && exp <= 0) {
		buf_adds(out, "0.");
		buf_addn(out, '0', (size_t)-exp);
		buf_add(out, d, (size_t)n);
	} else {
		buf_addc(out, d[0]);
		if (n > 1)
			buf_addc(out, '.');
		buf_add(out, d + 1, (size_t)n - 1);
		buf_addf(out, "e%c%02d", exp - 1 < 0 ? '-' : '+', abs(exp - 1));
	}
}

// How many bytes of the UTF-8 sequence at s (of len bytes) are right: all of it (*ret_valid), or those before
// the wrong byte or before the end.
static size_t utf8_len(const unsigned char *s, size_t len, bool *ret_valid)
{
	static const struct {
		unsigned char first, last, second_min, second_max, more;
	} ranges[] = {
	        {0x00, 0x7f, 0, 0, 0},
	        {0xc2, 0xdf, 0x80, 0xbf, 1},
	        {0xe0, 0xe0, 0xa0, 0xbf, 2},
	        {0xe1, 0xec, 0x80, 0xbf, 2},
	        {0xed, 0xed, 0x80, 0x9f, 2},
	        {0xee, 0xef, 0x80, 0xbf, 2},
	        {0xf0, 0xf0, 0x90, 0xbf, 3},
	        {0xf1, 0xf3, 0x80, 0xbf, 3},
	        {0xf4, 0xf4, 0x80, 0x8f, 3},
	};

	*ret_valid = false;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (*s < ranges[i].first || *s > ranges[i].last)
			continue;
		for (size_t k = 1; k <= ranges[i].more; k++) {
			unsigned char min = k == 1 ? ranges[i].second_min : 0x80,
			              max = k == 1 ? ranges[i].second_max : 0xbf;
			if (k == len || s[k] < min || s[k] > max)
				return k;
		}
		*ret_valid = true;
		return ranges[i].more + 1;
	}
	return 0;
}

static void print_json_char(unsigned char c, struct buf *out)
{
	static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *p = c ? strchr(escaped, c) : NULL;

	buf_addc(out, '\\');
	if (p)
		buf_addc(out, letters[p - escaped]);
	else
		buf_addf(out, "u%04x", c);
}

// Text that is no UTF-8 is an error once all is evaluated.
static void note_broken(struct json_printer *p, const unsigned char *s, size_t len, size_t at)
{
	static const char label[] = "JSON serialization error: [json.exception.type_error.316]";

	if (p->broken)
		return;
	p->broken = at == len ? arena_printf(&p->ev->heap, "%s incomplete UTF-8 string; last byte: 0x%02X",
	                                label, s[len - 1])
	                      : arena_printf(&p->ev->heap, "%s invalid UTF-8 byte at index %zu: 0x%02X",
	                                label, at, s[at]);
}

static void print_json_string(struct json_printer *p, const char *s, size_t len)
{
	bool valid;

	buf_addc(p->out, '"');
	for (size_t i = 0, n; i < len; i += n) {
		unsigned char c = (unsigned char)s[i];
		n = utf8_len((const unsigned char *)s + i, len - i, &valid);
		if (!valid) {
			note_broken(p, (const unsigned char *)s, len, i + n);
			return;
		}
		if (n == 1 && (c < 0x20 || c == '"' || c == '\\'))
			print_json_char(c, p->out);
		else
			buf_add(p->out, s + i, n);
	}
	buf_addc(p->out, '"');
}

static void print_text(struct json_printer *p, const struct string *s)
{
	if (p->context && s->context)
		*p->context = context_join(p->ev, *p->context, s->context);
	print_json_string(p, s->data, s->len);
}

static void print_attr_line(struct eval *ev, const struct frame *f, struct buf *out)
{
	const struct attr *at = f->b;

	buf_addf(out, "while evaluating attribute '%s'", eval_show_name(ev, at->name));
}

static void print_elem_line(struct eval *ev, const struct frame *f, struct buf *out)
{
	buf_addf(out, "while evaluating list element at index %zu", (size_t)(uintptr_t)f->b);
}

static void print_any(struct json_printer *p, struct value *v, uint32_t pos);

static void print_attrs(struct json_printer *p, struct value *v, uint32_t pos)
{
	struct eval *ev = p->ev;
	struct attr *at = attrs_get(v->attrs, ev->sym.to_string);
	struct coerce how = {0}; // a path from __toString is not copied
	struct frame f;

	if (at) {
		print_text(p, eval_coerce(ev, v, pos, &how));
		return;
	}
	at = attrs_get(v->attrs, ev->sym.out_path);
	if (at) {
		print_any(p, &at->value, at->pos);
		return;
	}
	struct attrs *a = attrs_flat(ev, v->attrs);
	struct attr **sorted = attrs_sorted(ev, a);
	buf_addc(p->out, '{');
	for (size_t i = 0; i < a->len; i++) {
		const struct string *name = symbol_string(&ev->symbols, sorted[i]->name);
		frame_push(ev, &f, FRAME_OTHER, sorted[i]->pos, (const void *)print_attr_line, sorted[i]);
		if (i)
			buf_addc(p->out, ',');
		print_json_string(p, name->data, name->len);
		buf_addc(p->out, ':');
		print_any(p, &sorted[i]->value, sorted[i]->pos);
		frame_pop(ev, &f);
	}
	buf_addc(p->out, '}');
}

static void print_list(struct json_printer *p, struct value *v, uint32_t pos)
{
	struct frame f;

	buf_addc(p->out, '[');
	for (size_t i = 0; i < list_len(v); i++) {
		frame_push(p->ev, &f, FRAME_OTHER, pos, (const void *)print_elem_line, (const void *)i);
		if (i)
			buf_addc(p->out, ',');
		print_any(p, &v->elems[i], pos);
		frame_pop(p->ev, &f);
	}
	buf_addc(p->out, ']');
}

static void print_path(struct json_printer *p, struct value *v)
{
	struct coerce how = {.copy = p->copy};

	print_text(p, p->copy ? eval_coerce(p->ev, v, 0, &how) : v->string);
}

_noreturn_ _cold_ static void throw_cannot(struct json_printer *p, struct value *v, uint32_t pos)
{
	if (value_type(v) == VALUE_LAMBDA)
		pos = ((const struct expr *)value_meta_ptr(v))->pos;
	eval_throw(p->ev, THROW_TYPE, pos, "cannot convert %s to JSON",
	        value_is_whnf(v) ? eval_phrase(p->ev, v) : "a thunk");
}

static void print_value_at(struct json_printer *p, struct value *slot, uint32_t pos)
{
	struct eval *ev = p->ev;

	if (p->strict)
		eval_force(ev, slot, pos);
	struct value v = value_share(slot);
	switch (value_type(&v)) {
	case VALUE_NULL:
		buf_adds(p->out, "null");
		return;
	case VALUE_BOOL:
		buf_adds(p->out, v.boolean ? "true" : "false");
		return;
	case VALUE_INT:
		buf_addf(p->out, "%lld", (long long)v.integer);
		return;
	case VALUE_FLOAT:
		print_json_float(v.fpoint, p->out);
		return;
	case VALUE_STRING:
		print_text(p, v.string);
		return;
	case VALUE_PATH:
		print_path(p, &v);
		return;
	case VALUE_LIST:
		print_list(p, &v, pos);
		return;
	case VALUE_ATTRS:
		print_attrs(p, &v, pos);
		return;
	default:
		throw_cannot(p, &v, pos);
	}
}

// Each level counts as a call, so that endless values end in an error that tells.
static void print_any(struct json_printer *p, struct value *slot, uint32_t pos)
{
	depth_enter(p->ev, pos);
	eval_check_stack(p->ev);
	print_value_at(p, slot, pos);
	depth_leave(p->ev);
}

void print_json(struct eval *ev, struct value *v, uint32_t pos, bool copy, struct buf *out,
        const struct context **context)
{
	struct json_printer p = {.ev = ev, .strict = true, .copy = copy, .out = out, .context = context};

	print_any(&p, v, pos);
	if (p.broken)
		eval_throw(ev, THROW_EVAL, 0, "%s", p.broken);
}

void print_json_lazy(struct eval *ev, struct value *v, struct buf *out)
{
	struct json_printer p = {.ev = ev, .copy = true, .out = out};

	print_any(&p, v, 0);
	if (p.broken)
		eval_throw(ev, THROW_EVAL, 0, "%s", p.broken);
}
