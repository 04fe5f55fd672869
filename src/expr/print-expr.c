// SPDX-License-Identifier: GPL-2.0-or-later
// Syntax trees as text, the way 'nix-instantiate --parse' writes them.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "expr/eval-private.h"

static void show(struct eval *ev, const struct expr *x, struct buf *b)
{
	print_expr(ev, x, b);
}

static void show_symbol(struct eval *ev, uint32_t name, struct buf *b)
{
	const struct string *s = symbol_string(&ev->symbols, name);

	print_attr_name(s->data, s->len, b);
}

static void show_const(struct eval *ev, const struct expr *x, struct buf *b)
{
	static const struct print_opts opts = {.classic = true};
	struct value v = ((const struct expr_const *)x)->value;

	print_value(ev, &v, &opts, b);
}

static void show_var(struct eval *ev, const struct expr *x, struct buf *b)
{
	show_symbol(ev, ((const struct expr_var *)x)->name, b);
}

static void show_select(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_select *s = (const struct expr_select *)x;

	buf_adds(b, x->kind == EXPR_HAS ? "((" : "(");
	show(ev, s->subject, b);
	buf_adds(b, x->kind == EXPR_HAS ? ") ? " : ").");
	eval_print_path(ev, s, b);
	if (x->kind == EXPR_HAS)
		buf_addc(b, ')');
	if (s->fallback) {
		buf_adds(b, " or (");
		show(ev, s->fallback, b);
		buf_addc(b, ')');
	}
}

static int def_by_text(const void *x, const void *y, void *symbols)
{
	return symbol_cmp(symbols, (*(const struct attr_def *const *)x)->name,
	        (*(const struct attr_def *const *)y)->name);
}

static void show_bindings(struct eval *ev, const struct expr_attrs *a, struct buf *b)
{
	const struct attr_def **sorted = arena_alloc(&ev->heap, (a->len + 1) * sizeof(*sorted));
	bool any = false;

	for (uint32_t i = 0; i < a->len; i++)
		sorted[i] = &a->defs[i];
	qsort_r(sorted, a->len, sizeof(*sorted), def_by_text, &ev->symbols);
	for (uint32_t i = 0; i < a->len; i++) {
		if (sorted[i]->kind != ATTR_INHERIT)
			continue;
		buf_adds(b, any ? " " : "inherit ");
		show_symbol(ev, sorted[i]->name, b);
		any = true;
	}
	if (any)
		buf_adds(b, "; ");
	for (uint32_t from = 0; from < a->from_len; from++) {
		bool begun = false;
		for (uint32_t i = 0; i < a->len; i++) {
			if (sorted[i]->kind != ATTR_INHERIT_FROM || sorted[i]->from != from)
				continue;
			if (!begun) {
				buf_adds(b, "inherit (");
				show(ev, a->froms[from], b);
				buf_addc(b, ')');
				begun = true;
			}
			buf_addc(b, ' ');
			show_symbol(ev, sorted[i]->name, b);
		}
		if (begun)
			buf_adds(b, "; ");
	}
	for (uint32_t i = 0; i < a->len; i++) {
		if (sorted[i]->kind != ATTR_PLAIN)
			continue;
		show_symbol(ev, sorted[i]->name, b);
		buf_adds(b, " = ");
		show(ev, sorted[i]->value, b);
		buf_adds(b, "; ");
	}
	for (uint32_t i = 0; i < a->dyn_len; i++) {
		buf_adds(b, "\"${");
		show(ev, a->dyns[i].name, b);
		buf_adds(b, "}\" = ");
		show(ev, a->dyns[i].value, b);
		buf_adds(b, "; ");
	}
}

static void show_attrs(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_attrs *a = (const struct expr_attrs *)x;

	buf_adds(b, a->rec ? "rec { " : "{ ");
	show_bindings(ev, a, b);
	buf_addc(b, '}');
}

static void show_let(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_let *l = (const struct expr_let *)x;

	buf_adds(b, "(let ");
	show_bindings(ev, l->attrs, b);
	buf_adds(b, "in ");
	show(ev, l->body, b);
	buf_addc(b, ')');
}

static void show_list(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_list *l = (const struct expr_list *)x;

	buf_adds(b, "[ ");
	for (uint32_t i = 0; i < l->len; i++) {
		buf_addc(b, '(');
		show(ev, l->elems[i], b);
		buf_adds(b, ") ");
	}
	buf_addc(b, ']');
}

static int formal_by_text(const void *x, const void *y, void *symbols)
{
	return symbol_cmp(
	        symbols, (*(const struct formal *const *)x)->name, (*(const struct formal *const *)y)->name);
}

static void show_formals(struct eval *ev, const struct expr_lambda *l, struct buf *b)
{
	const struct formal **sorted = arena_alloc(&ev->heap, (l->len + 1) * sizeof(*sorted));

	for (uint32_t i = 0; i < l->len; i++)
		sorted[i] = &l->elems[i];
	qsort_r(sorted, l->len, sizeof(*sorted), formal_by_text, &ev->symbols);
	buf_adds(b, "{ ");
	for (uint32_t i = 0; i < l->len; i++) {
		buf_adds(b, i ? ", " : "");
		show_symbol(ev, sorted[i]->name, b);
		if (sorted[i]->fallback) {
			buf_adds(b, " ? ");
			show(ev, sorted[i]->fallback, b);
		}
	}
	if (l->ellipsis)
		buf_adds(b, l->len ? ", ..." : "...");
	buf_adds(b, " }");
}

static void show_lambda(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_lambda *l = (const struct expr_lambda *)x;

	buf_addc(b, '(');
	if (l->formals)
		show_formals(ev, l, b);
	if (l->formals && l->arg)
		buf_adds(b, " @ ");
	if (l->arg)
		show_symbol(ev, l->arg, b);
	buf_adds(b, ": ");
	show(ev, l->body, b);
	buf_addc(b, ')');
}

static void show_call(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_call *c = (const struct expr_call *)x;

	buf_addc(b, '(');
	show(ev, c->fn, b);
	for (uint32_t i = 0; i < c->len; i++) {
		buf_addc(b, ' ');
		show(ev, c->args[i], b);
	}
	buf_addc(b, ')');
}

static void show_with(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_with *w = (const struct expr_with *)x;
	bool with = x->kind == EXPR_WITH;

	buf_adds(b, with ? "(with " : "assert ");
	show(ev, w->head, b);
	buf_adds(b, "; ");
	show(ev, w->body, b);
	buf_adds(b, with ? ")" : "");
}

static void show_if(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_if *i = (const struct expr_if *)x;

	buf_adds(b, "(if ");
	show(ev, i->cond, b);
	buf_adds(b, " then ");
	show(ev, i->yes, b);
	buf_adds(b, " else ");
	show(ev, i->no, b);
	buf_addc(b, ')');
}

static void show_binary(struct eval *ev, const struct expr *x, struct buf *b)
{
	static const char *const signs[EXPR_KIND_COUNT] = {[EXPR_EQ] = " == ",
	        [EXPR_NE] = " != ",
	        [EXPR_AND] = " && ",
	        [EXPR_OR] = " || ",
	        [EXPR_IMPL] = " -> ",
	        [EXPR_UPDATE] = " // ",
	        [EXPR_CONCAT] = " ++ "};
	const struct expr_binary *o = (const struct expr_binary *)x;

	buf_adds(b, x->kind == EXPR_NOT ? "(! " : "(");
	show(ev, o->a, b);
	if (x->kind != EXPR_NOT) {
		buf_adds(b, signs[x->kind]);
		show(ev, o->b, b);
	}
	buf_addc(b, ')');
}

static void show_strings(struct eval *ev, const struct expr *x, struct buf *b)
{
	const struct expr_strings *s = (const struct expr_strings *)x;

	buf_addc(b, '(');
	for (uint32_t i = 0; i < s->len; i++) {
		buf_adds(b, i ? " + " : "");
		show(ev, s->parts[i].expr, b);
	}
	buf_addc(b, ')');
}

static void show_pos(struct eval *ev, const struct expr *x, struct buf *b)
{
	buf_adds(b, "__curPos");
}

static void (*const printers[EXPR_KIND_COUNT])(struct eval *, const struct expr *, struct buf *) = {
        [EXPR_CONST] = show_const,
        [EXPR_VAR] = show_var,
        [EXPR_LOCAL] = show_var,
        [EXPR_GLOBAL] = show_var,
        [EXPR_WITHVAR] = show_var,
        [EXPR_SELECT] = show_select,
        [EXPR_HAS] = show_select,
        [EXPR_ATTRS] = show_attrs,
        [EXPR_LIST] = show_list,
        [EXPR_LAMBDA] = show_lambda,
        [EXPR_CALL] = show_call,
        [EXPR_SUB] = show_call,
        [EXPR_MUL] = show_call,
        [EXPR_DIV] = show_call,
        [EXPR_LESS] = show_call,
        [EXPR_LET] = show_let,
        [EXPR_WITH] = show_with,
        [EXPR_IF] = show_if,
        [EXPR_ASSERT] = show_with,
        [EXPR_NOT] = show_binary,
        [EXPR_EQ] = show_binary,
        [EXPR_NE] = show_binary,
        [EXPR_AND] = show_binary,
        [EXPR_OR] = show_binary,
        [EXPR_IMPL] = show_binary,
        [EXPR_UPDATE] = show_binary,
        [EXPR_CONCAT] = show_binary,
        [EXPR_STRINGS] = show_strings,
        [EXPR_POS] = show_pos,
};

void print_expr(struct eval *ev, const struct expr *x, struct buf *b)
{
	eval_check_stack(ev);
	printers[x->kind](ev, x, b);
}
