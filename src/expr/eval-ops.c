// SPDX-License-Identifier: GPL-2.0-or-later
// Operators: arithmetic, comparison, '+' and interpolation, equality.

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "expr/eval-private.h"

// The rows that traces name; the tables of builtins have them with their functions.
static const struct builtin row_sub = {.name = "sub"}, row_mul = {.name = "mul"}, row_div = {.name = "div"},
                            row_less = {.name = "lessThan"};

static const struct arith {
	const struct builtin *row;
	const char *first, *second;
} ariths[] = {
        [EXPR_SUB] = {&row_sub, "while evaluating the first argument of the subtraction",
                "while evaluating the second argument of the subtraction"},
        [EXPR_MUL] = {&row_mul, "while evaluating the first argument of the multiplication",
                "while evaluating the second argument of the multiplication"},
        [EXPR_DIV] = {&row_div, "while evaluating the first operand of the division",
                "while evaluating the second operand of the division"},
        [EXPR_LESS] = {&row_less, NULL, NULL},
};

static bool arith_int(enum expr_kind kind, int64_t a, int64_t b, struct value *ret)
{
	int64_t r;

	if (kind == EXPR_LESS) {
		*ret = value_bool(a < b);
		return true;
	}
	if (kind == EXPR_SUB ? __builtin_sub_overflow(a, b, &r) : __builtin_mul_overflow(a, b, &r))
		return false;
	*ret = value_int(r);
	return true;
}

static void arith_slow(struct eval *ev, enum expr_kind kind, struct value *a, struct value *b,
        struct value *ret, uint32_t pos)
{
	const struct arith *op = &ariths[kind];
	static const char *const words[] = {
	        [EXPR_SUB] = "subtracting", [EXPR_MUL] = "multiplying", [EXPR_DIV] = "dividing"};
	static const char signs[] = {[EXPR_SUB] = '-', [EXPR_MUL] = '*', [EXPR_DIV] = '/'};

	if (kind == EXPR_LESS) {
		*ret = value_bool(eval_less(ev, a, b, pos, NULL));
		return;
	}
	if (kind == EXPR_DIV && eval_number(ev, b, 0, op->second) == 0)
		eval_throw(ev, THROW_EVAL, 0, "division by zero");
	if (value_type(a) == VALUE_FLOAT || value_type(b) == VALUE_FLOAT) {
		double x = eval_number(ev, a, 0, op->first), y = eval_number(ev, b, 0, op->second);
		*ret = value_float(kind == EXPR_SUB ? x - y : kind == EXPR_MUL ? x * y : x / y);
		return;
	}
	int64_t x = eval_int(ev, a, 0, op->first), y = eval_int(ev, b, 0, op->second);
	bool overflow = kind == EXPR_DIV ? x == INT64_MIN && y == -1 : !arith_int(kind, x, y, ret);
	if (overflow)
		eval_throw(ev, THROW_EVAL, 0, "integer overflow in %s %ld %c %ld", words[kind], (long)x,
		        signs[kind], (long)y);
	if (kind == EXPR_DIV)
		*ret = value_int(x / y);
}

void eval_arith(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_call *c = (struct expr_call *)x;
	struct value a, b;
	struct frame f;

	depth_enter(ev, x->pos);
	frame_push(ev, &f, FRAME_CALL_BUILTIN, x->pos, ariths[x->kind].row, NULL);
	eval_expr(ev, env, c->args[0], &a);
	eval_expr(ev, env, c->args[1], &b);
	if (value_type(&a) != VALUE_INT || value_type(&b) != VALUE_INT || x->kind == EXPR_DIV ||
	        !arith_int(x->kind, a.integer, b.integer, ret))
		arith_slow(ev, x->kind, &a, &b, ret, x->pos);
	frame_pop(ev, &f);
	depth_leave(ev);
}

// The integer that an expression is already: a constant or an evaluated variable.
static const struct value *ready_int(struct env *env, const struct expr *x)
{
	const struct value *v;

	if (x->kind == EXPR_CONST) {
		v = &((struct expr_const *)x)->value;
	} else if (x->kind == EXPR_LOCAL) {
		const struct expr_var *var = (struct expr_var *)x;
		for (uint32_t d = var->depth; d; d--)
			env = env->up;
		v = &env->slots[var->index];
	} else {
		return NULL;
	}
	return value_type(v) == VALUE_INT ? v : NULL;
}

bool eval_try_arith(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct value *a, *b;
	int64_t r;

	if (UNLIKELY(ev->call_depth >=
	             ev->settings.max_call_depth)) // delayed, it may overflow later, where Nix says so
		return false;
	if (x->kind == EXPR_STRINGS) {
		const struct expr_strings *s = (struct expr_strings *)x;
		if (s->interpolation || s->len != 2 || !(a = ready_int(env, s->parts[0].expr)) ||
		        !(b = ready_int(env, s->parts[1].expr)) ||
		        __builtin_add_overflow(a->integer, b->integer, &r))
			return false;
		*ret = value_int(r);
		return true;
	}
	const struct expr_call *c = (struct expr_call *)x;
	a = ready_int(env, c->args[0]);
	b = a ? ready_int(env, c->args[1]) : NULL;
	return b && arith_int(x->kind, a->integer, b->integer, ret);
}

// ---- comparison

static bool less_strings(const struct string *a, const struct string *b)
{
	int c = memcmp(a->data, b->data, MIN(a->len, b->len));

	return c ? c < 0 : a->len < b->len;
}

static bool less_paths(
        const char *a, const char *b) // component by component: '/' sorts before every other byte
{
	while (*a && *a == *b)
		a++, b++;
	unsigned char x = *a == '/' ? 1 : (unsigned char)*a, y = *b == '/' ? 1 : (unsigned char)*b;
	return x < y;
}

bool eval_less(struct eval *ev, struct value *a, struct value *b, uint32_t pos, const char *what)
{
	struct frame f;

	eval_check_stack(ev);
	eval_force(ev, a, pos);
	eval_force(ev, b, pos);
	enum value_type s = value_type(a), t = value_type(b);
	if (s == VALUE_INT && t == VALUE_INT)
		return a->integer < b->integer;
	if ((s == VALUE_INT || s == VALUE_FLOAT) && (t == VALUE_INT || t == VALUE_FLOAT))
		return (s == VALUE_INT ? (double)a->integer : a->fpoint) <
		       (t == VALUE_INT ? (double)b->integer : b->fpoint);
	if (s == VALUE_STRING && t == VALUE_STRING)
		return less_strings(a->string, b->string);
	if (s == VALUE_PATH && t == VALUE_PATH)
		return less_paths(a->string->data, b->string->data);
	if (s == VALUE_LIST && t == VALUE_LIST) {
		frame_push(ev, &f, FRAME_TEXT, pos, what ? what : "while comparing two list elements", NULL);
		f.kind = FRAME_NONE;
		for (size_t i = 0; i < list_len(a) && i < list_len(b); i++) {
			if (eval_equal_nested(ev, &a->elems[i], &b->elems[i], pos))
				continue;
			f.kind = FRAME_TEXT;
			f.pos = 0;
			bool r = eval_less(ev, &a->elems[i], &b->elems[i], pos, what);
			frame_pop(ev, &f);
			return r;
		}
		frame_pop(ev, &f);
		return list_len(a) < list_len(b);
	}
	if (what)
		frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
	if (s == t)
		eval_throw(ev, THROW_TYPE, 0,
		        "cannot compare %s with %s; values of that type are incomparable (values are %s and "
		        "%s)",
		        eval_phrase(ev, a), eval_phrase(ev, b), eval_show(ev, a), eval_show(ev, b));
	eval_throw(ev, THROW_TYPE, 0, "cannot compare %s with %s; values are %s and %s", eval_phrase(ev, a),
	        eval_phrase(ev, b), eval_show(ev, a), eval_show(ev, b));
}

// ---- equality

static bool equal_attrs(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	if (eval_is_derivation(ev, a) && eval_is_derivation(ev, b)) {
		struct attr *x = attrs_get(a->attrs, ev->sym.out_path),
		            *y = attrs_get(b->attrs, ev->sym.out_path);
		if (x && y)
			return eval_equal_nested(ev, &x->value, &y->value, pos);
	}
	if (a->attrs->total != b->attrs->total)
		return false;
	struct attrs *p = attrs_flat(ev, a->attrs), *q = attrs_flat(ev, b->attrs);
	for (uint32_t i = 0; i < p->len; i++) {
		if (p->entries[i].name != q->entries[i].name)
			return false;
		if (!eval_equal_nested(ev, &p->entries[i].value, &q->entries[i].value, pos))
			return false;
	}
	return true;
}

static bool equal_lists(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	if (list_len(a) != list_len(b))
		return false;
	for (size_t i = 0; i < list_len(a); i++)
		if (!eval_equal_nested(ev, &a->elems[i], &b->elems[i], pos))
			return false;
	return true;
}

static bool equal_forced(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	enum value_type s = value_type(a), t = value_type(b);

	if (s == VALUE_INT && t == VALUE_FLOAT)
		return (double)a->integer == b->fpoint;
	if (s == VALUE_FLOAT && t == VALUE_INT)
		return a->fpoint == (double)b->integer;
	if (s != t)
		return false;
	switch (s) {
	case VALUE_NULL:
		return true;
	case VALUE_BOOL:
		return a->boolean == b->boolean;
	case VALUE_INT:
		return a->integer == b->integer;
	case VALUE_FLOAT:
		return a->fpoint == b->fpoint;
	case VALUE_STRING:
	case VALUE_PATH:
		return a->string == b->string ||
		       (a->string->len == b->string->len &&
		               memcmp(a->string->data, b->string->data, a->string->len) == 0);
	case VALUE_LIST:
		return equal_lists(ev, a, b, pos);
	case VALUE_ATTRS:
		return equal_attrs(ev, a, b, pos);
	default:
		return false; // functions
	}
}

// Values inside of lists and sets: the very same function or set is equal to itself.
bool eval_equal_nested(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	eval_check_stack(ev);
	eval_force(ev, a, pos);
	eval_force(ev, b, pos);
	if (a == b || (a->meta == b->meta && a->raw == b->raw))
		return true;
	if (value_type(a) != VALUE_LIST && value_type(a) != VALUE_ATTRS)
		return equal_forced(ev, a, b, pos);
	depth_enter(ev, 0);
	bool r = equal_forced(ev, a, b, pos);
	depth_leave(ev);
	return r;
}

bool eval_equal(struct eval *ev, struct value *a, struct value *b, uint32_t pos, const char *what)
{
	eval_check_stack(ev);
	eval_force(ev, a, pos);
	eval_force(ev, b, pos);
	return equal_forced(ev, a, b, pos);
}

// ---- '+' and interpolation

static void add_numbers(struct eval *ev, const struct expr_strings *s, struct env *env, struct value *acc)
{
	struct value v;

	for (uint32_t i = 1; i < s->len; i++) {
		eval_expr(ev, env, s->parts[i].expr, &v);
		enum value_type t = value_type(&v);
		int64_t sum;
		if (value_type(acc) == VALUE_INT && t == VALUE_INT) {
			if (__builtin_add_overflow(acc->integer, v.integer, &sum))
				eval_throw(ev, THROW_EVAL, s->parts[i].pos,
				        "integer overflow in adding %ld + %ld", (long)acc->integer,
				        (long)v.integer);
			*acc = value_int(sum);
		} else if (t == VALUE_INT || t == VALUE_FLOAT) {
			double x = value_type(acc) == VALUE_INT ? (double)acc->integer : acc->fpoint;
			*acc = value_float(x + (t == VALUE_INT ? (double)v.integer : v.fpoint));
		} else {
			eval_throw(ev, THROW_TYPE, s->parts[i].pos, "cannot add %s to %s",
			        eval_phrase(ev, &v), value_type(acc) == VALUE_INT ? "an integer" : "a float");
		}
	}
}

enum { PARTS_INLINE = 16 };

static void concat_parts(struct eval *ev, const struct expr_strings *s, struct env *env, struct value *first,
        bool path, bool copy, struct value *ret)
{
	const struct string *inline_parts[PARTS_INLINE], **parts = inline_parts;
	const struct context *context = NULL;
	struct coerce how = {.copy = copy, .what = "while evaluating a path segment"};
	uint64_t total = 0;
	struct value v = *first;

	if (s->len > PARTS_INLINE)
		parts = eval_alloc(ev, s->len * sizeof(*parts));
	for (uint32_t i = 0; i < s->len; i++) {
		if (i || s->interpolation)
			eval_expr(ev, env, s->parts[i].expr, &v);
		if (LIKELY(value_type(&v) == VALUE_STRING) || (path && value_type(&v) == VALUE_PATH))
			parts[i] = v.string;
		else
			parts[i] = eval_coerce(ev, &v, s->parts[i].pos, &how);
		total += parts[i]->len;
		if (UNLIKELY(parts[i]->context != NULL))
			context = context_join(ev, context, parts[i]->context);
	}
	if (path && context)
		eval_throw(ev, THROW_EVAL, s->x.pos,
		        "a string that refers to a store path cannot be appended to a path");
	if (UNLIKELY(total >= EVAL_STRING_MAX))
		eval_throw(ev, THROW_EVAL, s->x.pos, "string of %" PRIu64 " bytes is too long", total);
	struct string *str = eval_alloc(ev, sizeof(*str) + (size_t)total + 1);
	str->context = context;
	str->len = (uint32_t)total;
	char *to = str->data;
	for (uint32_t i = 0; i < s->len; i++) {
		memcpy(to, parts[i]->data, parts[i]->len);
		to += parts[i]->len;
	}
	*ret = path ? value_path(eval_canonical_path(ev, str->data, str->len)) : value_string(str);
}

void eval_strings(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_strings *s = (struct expr_strings *)x;
	struct value first = {0};

	if (s->interpolation) {
		concat_parts(ev, s, env, &first, false, true, ret);
		return;
	}
	eval_expr(ev, env, s->parts[0].expr, &first);
	if (value_type(&first) == VALUE_INT || value_type(&first) == VALUE_FLOAT) {
		add_numbers(ev, s, env, &first);
		*ret = first;
		return;
	}
	concat_parts(ev, s, env, &first, value_type(&first) == VALUE_PATH, value_type(&first) == VALUE_STRING,
	        ret);
}
