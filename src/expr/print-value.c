// SPDX-License-Identifier: GPL-2.0-or-later
// Values as text: the way nix-instantiate --eval prints them ('classic') and the way the REPL and error
// messages do.

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "expr/eval-private.h"

// ---- atoms

void print_string(const char *s, size_t len, struct buf *out)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		if (c == '"' || c == '\\' || (c == '$' && i + 1 < len && s[i + 1] == '{'))
			buf_addc(out, '\\');
		if (c == '\n' || c == '\r' || c == '\t')
			buf_adds(out, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
		else
			buf_addc(out, c);
	}
	buf_addc(out, '"');
}

static bool is_plain_name(const char *s, size_t len)
{
	static const char *const reserved[] = {
	        "if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"};

	if (!len || !(s[0] == '_' || (s[0] >= 'a' && s[0] <= 'z') || (s[0] >= 'A' && s[0] <= 'Z')))
		return false;
	for (size_t i = 1; i < len; i++) {
		char c = s[i];
		if (!(c == '_' || c == '\'' || c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		            (c >= '0' && c <= '9')))
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (strlen(reserved[i]) == len && memcmp(reserved[i], s, len) == 0)
			return false;
	return true;
}

void print_attr_name(const char *s, size_t len, struct buf *out)
{
	if (is_plain_name(s, len))
		buf_add(out, s, len);
	else
		print_string(s, len, out);
}

void print_float(double d, struct buf *out)
{
	buf_addf(out, "%g", d);
}

// ---- values

struct printing {
	struct eval *ev;
	const struct print_opts *opts;
	struct buf *out;
	struct hmap seen;    // sets and lists printed
	size_t attrs, items; // printed so far, of all sets and lists
};

static void print(struct printing *p, struct value *v, size_t depth);

static void colour(struct printing *p, const char *code)
{
	if (p->opts->colour)
		buf_adds(p->out, code);
}

static void print_special(struct printing *p, const char *code, const char *text)
{
	colour(p, code);
	buf_adds(p->out, text);
	colour(p, "\033[0m");
}

static void print_text(struct printing *p, const struct string *s)
{
	size_t max = p->opts->max_string, len = s->len;

	colour(p, "\033[35;1m");
	if (max && len > max) {
		print_string(s->data, max, p->out);
		colour(p, "\033[0m");
		buf_addf(p->out, " «%zu byte%s elided»", len - max, len - max == 1 ? "" : "s");
		return;
	}
	print_string(s->data, len, p->out);
	colour(p, "\033[0m");
}

// True where the thing was printed before (and says so). A list at the top is a copy, as far as Nix is
// concerned.
static bool repeated(struct printing *p, const void *thing, const struct value *v, size_t depth)
{
	if (depth == 0 && value_type(v) == VALUE_LIST && !p->opts->top_is_shared)
		return false;
	if (p->opts->show_repeated || !hmap_putn(&p->seen, &thing, sizeof(thing), p))
		return false;
	print_special(p, "\033[35m", "«repeated»");
	return true;
}

static void newline(struct printing *p, size_t depth)
{
	buf_addc(p->out, '\n');
	buf_addn(p->out, ' ', depth * 2);
}

// Whether a container's elements go on lines of their own: more than one, or one that is a container itself.
static bool spread(struct printing *p, size_t n, const struct value *only)
{
	if (!p->opts->multi_line || !n)
		return false;
	if (n > 1)
		return true;
	while (value_type(only) == VALUE_REF)
		only = only->ref;
	enum value_type t = value_type(only);
	return t == VALUE_ATTRS || t == VALUE_LIST || !value_is_whnf(only);
}

static void print_derivation(struct printing *p, struct value *v)
{
	struct attr *a = attrs_get(v->attrs, p->ev->sym.drv_path);
	struct coerce how = {0};

	colour(p, "\033[32;1m");
	buf_adds(p->out, "«derivation");
	if (a) {
		const struct string *s = eval_coerce(p->ev, &a->value, a->pos, &how);
		buf_addf(p->out, " %s", s->data);
	}
	buf_adds(p->out, "»");
	colour(p, "\033[0m");
}

// Where not all may be shown, the attribute that tells most comes first.
static void types_first(struct eval *ev, struct attr **sorted, size_t n)
{
	static const char *const first[] = {"_type", "type"};

	for (size_t k = 0; k < ARRAY_SIZE(first); k++) {
		for (size_t i = 0; i < n; i++) {
			if (strcmp(symbol_text(&ev->symbols, sorted[i]->name), first[k]) != 0)
				continue;
			struct attr *a = sorted[i];
			memmove(&sorted[1], &sorted[0], i * sizeof(*sorted));
			sorted[0] = a;
		}
	}
}

static void print_attrs(struct printing *p, struct value *v, size_t depth)
{
	struct eval *ev = p->ev;
	size_t shown = 0;

	if (!v->attrs->total) { // in messages all empty sets are one
		if (p->opts->classic || !repeated(p, &attrs_empty, v, depth))
			buf_adds(p->out, "{ }");
		return;
	}
	if (!p->opts->classic && p->opts->derivation_paths && eval_is_derivation(ev, v)) {
		print_derivation(p, v);
		return;
	}
	if (repeated(p, v->attrs, v, depth))
		return;
	if (p->opts->max_depth && depth >= p->opts->max_depth) {
		buf_adds(p->out, "{ ... }");
		return;
	}
	struct attrs *a = attrs_flat(ev, v->attrs);
	struct attr **sorted = attrs_sorted(ev, a);
	if (p->opts->max_attrs)
		types_first(ev, sorted, a->len);
	bool lines = spread(p, a->len, &sorted[0]->value);
	buf_addc(p->out, '{');
	for (uint32_t i = 0; i < a->len; i++, shown++) {
		if (p->opts->max_attrs && p->attrs >= p->opts->max_attrs)
			break;
		const struct string *name = symbol_string(&ev->symbols, sorted[i]->name);
		if (lines)
			newline(p, depth + 1);
		else
			buf_addc(p->out, ' ');
		print_attr_name(name->data, name->len, p->out);
		buf_adds(p->out, " = ");
		print(p, &sorted[i]->value, depth + 1);
		buf_addc(p->out, ';');
		p->attrs++;
	}
	if (shown < a->len)
		buf_addf(p->out, " «%zu attribute%s elided»", a->len - shown, a->len - shown == 1 ? "" : "s");
	if (lines)
		newline(p, depth);
	else
		buf_addc(p->out, ' ');
	buf_addc(p->out, '}');
}

static void print_list(struct printing *p, struct value *v, size_t depth)
{
	size_t n = list_len(v), shown = 0;

	if (!n) {
		buf_adds(p->out, "[ ]");
		return;
	}
	if (repeated(p, v->elems, v, depth))
		return;
	if (p->opts->max_depth && depth >= p->opts->max_depth) {
		buf_adds(p->out, "[ ... ]");
		return;
	}
	bool lines = spread(p, n, &v->elems[0]);
	buf_addc(p->out, '[');
	for (; shown < n; shown++) {
		if (p->opts->max_items && p->items >= p->opts->max_items)
			break;
		if (lines)
			newline(p, depth + 1);
		else
			buf_addc(p->out, ' ');
		print(p, &v->elems[shown], depth + 1);
		p->items++;
	}
	if (shown < n)
		buf_addf(p->out, " «%zu item%s elided»", n - shown, n - shown == 1 ? "" : "s");
	if (lines)
		newline(p, depth);
	else
		buf_addc(p->out, ' ');
	buf_addc(p->out, ']');
}

static void print_function(struct printing *p, const struct value *v)
{
	struct eval *ev = p->ev;

	if (p->opts->classic) {
		buf_adds(p->out, value_type(v) == VALUE_LAMBDA    ? "<LAMBDA>"
		                 : value_type(v) == VALUE_BUILTIN ? "<PRIMOP>"
		                                                  : "<PRIMOP-APP>");
		return;
	}
	colour(p, "\033[34;1m");
	if (value_type(v) == VALUE_LAMBDA) {
		const struct expr_lambda *l = value_meta_ptr(v);
		buf_adds(p->out, "«lambda");
		if (l->name) {
			const struct string *name = symbol_string(&ev->symbols, l->name);
			buf_addc(p->out, ' ');
			print_attr_name(name->data, name->len, p->out);
		}
		buf_adds(p->out, " @ ");
		source_print(&ev->sources, l->x.pos, p->out);
	} else if (value_type(v) == VALUE_BUILTIN) {
		buf_addf(p->out, "«primop %s", v->builtin->name);
	} else {
		buf_addf(p->out, "«partially applied primop %s", v->papp->builtin->name);
	}
	buf_adds(p->out, "»");
	colour(p, "\033[0m");
}

static void print_delayed(struct printing *p, const struct value *v)
{
	if (value_type(v) == VALUE_BLACKHOLE)
		print_special(p, "\033[31m", "«potential infinite recursion»");
	else
		print_special(p, "\033[35m", p->opts->classic ? "<CODE>" : "«thunk»");
}

static void print_atom(struct printing *p, const struct value *v)
{
	switch (value_type(v)) {
	case VALUE_INT:
		colour(p, "\033[36m");
		buf_addf(p->out, "%" PRId64, v->integer);
		break;
	case VALUE_FLOAT:
		colour(p, "\033[36m");
		print_float(v->fpoint, p->out);
		break;
	case VALUE_BOOL:
		colour(p, "\033[36m");
		buf_adds(p->out, v->boolean ? "true" : "false");
		break;
	case VALUE_PATH:
		colour(p, "\033[32;1m");
		buf_add(p->out, v->string->data, v->string->len);
		break;
	default:
		colour(p, "\033[36;1m");
		buf_adds(p->out, "null");
		break;
	}
	colour(p, "\033[0m");
}

static void print_error(struct printing *p, const char *message)
{
	colour(p, "\033[31m");
	buf_adds(p->out, "«error: ");
	buf_adds(p->out, message);
	buf_adds(p->out, "»");
	colour(p, "\033[0m");
}

struct force_job {
	struct value *v;
};

static void force_job(struct eval *ev, void *arg)
{
	eval_force(ev, ((struct force_job *)arg)->v, 0);
}

static void print(struct printing *p, struct value *slot, size_t depth)
{
	struct value *v = slot;
	struct thrown t;

	eval_check_stack(p->ev);
	if (p->opts->force && !value_is_whnf(v)) {
		struct force_job job = {v};
		if (depth == 0 || p->opts->classic || p->opts->errors_throw) {
			eval_force(p->ev, v, 0);
		} else if (!eval_try(p->ev, force_job, &job, &t)) {
			print_error(p, t.message);
			return;
		}
	}
	while (value_type(v) == VALUE_REF)
		v = v->ref;
	enum value_type t0 = value_type(v);
	if (!value_is_whnf(v))
		print_delayed(p, v);
	else if (t0 == VALUE_STRING)
		print_text(p, v->string);
	else if (t0 == VALUE_ATTRS)
		print_attrs(p, v, depth);
	else if (t0 == VALUE_LIST)
		print_list(p, v, depth);
	else if (t0 == VALUE_LAMBDA || t0 == VALUE_BUILTIN || t0 == VALUE_PAPP)
		print_function(p, v);
	else
		print_atom(p, v);
}

static void printing_cleanup(void *arg)
{
	hmap_release(&((struct printing *)arg)->seen);
}

void print_value(struct eval *ev, struct value *v, const struct print_opts *opts, struct buf *out)
{
	struct printing p = {.ev = ev, .opts = opts, .out = out};
	struct frame f;

	frame_push(ev, &f, FRAME_CLEANUP, 0, (void *)printing_cleanup, &p);
	print(&p, v, 0);
	frame_pop(ev, &f);
	printing_cleanup(&p);
}
