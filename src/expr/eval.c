// SPDX-License-Identifier: GPL-2.0-or-later
// The evaluator's heart: what each kind of expression gives, and how delayed values are forced.

#include <string.h>
#include "expr/advice.h"
#include "expr/eval-private.h"

static inline struct env *env_up(struct env *env, uint32_t depth)
{
	while (depth--)
		env = env->up;
	return env;
}

// ---- variables and constants

static void eval_const(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	*ret = ((struct expr_const *)x)->value;
}

static void eval_local(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_var *v = (struct expr_var *)x;
	struct value *slot = &env_up(env, v->depth)->slots[v->index];

	if (UNLIKELY(!value_is_whnf(slot)))
		eval_force_slow(ev, slot, x->pos);
	*ret = *slot;
}

static void eval_global(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	struct value *slot = ((struct expr_var *)x)->slot;

	eval_force(ev, slot, x->pos);
	*ret = *slot;
}

_noinline_ static void force_with(struct eval *ev, struct value *slot, uint32_t pos)
{
	eval_attrs(ev, slot, pos, "while evaluating the first subexpression of a with expression");
}

// The attribute that an enclosing 'with' gives for the variable; throws where none does.
static struct attr *find_in_withs(struct eval *ev, struct env *env, const struct expr_var *v)
{
	for (const struct with_ref *w = v->withs; w; w = w->up) {
		struct value *slot = &env_up(env, w->depth)->slots[0];
		if (UNLIKELY(value_type(slot) != VALUE_ATTRS))
			force_with(ev, slot, w->with->x.pos);
		struct attr *a = attrs_get(slot->attrs, v->name);
		if (a)
			return a;
	}
	eval_throw_hint(ev, THROW_UNDEF, v->x.pos, undefined_with_hint(ev, env, v), "undefined variable '%s'",
	        eval_show_name(ev, v->name));
}

static void eval_withvar(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	struct attr *a = find_in_withs(ev, env, (struct expr_var *)x);

	eval_force(ev, &a->value, x->pos);
	*ret = a->value;
}

static void eval_lambda(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	*ret = value_lambda((struct expr_lambda *)x, env);
}

static void eval_list_expr(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_list *l = (struct expr_list *)x;
	struct value *elems = eval_list_alloc(ev, l->len);

	for (uint32_t i = 0; i < l->len; i++)
		eval_delay(ev, env, l->elems[i], &elems[i], ALL_FILLED);
	*ret = value_list(elems, l->len);
}

// ---- control

bool eval_expr_bool(struct eval *ev, struct env *env, struct expr *x, uint32_t pos, const char *what)
{
	struct frame f;
	struct value v;

	frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
	eval_expr(ev, env, x, &v);
	if (UNLIKELY(value_type(&v) != VALUE_BOOL))
		eval_throw_expected(ev, "a Boolean", &v, pos);
	frame_pop(ev, &f);
	return v.boolean;
}

static void eval_if(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_if *i = (struct expr_if *)x;
	bool yes = eval_expr_bool(ev, env, i->cond, x->pos, "while evaluating a branch condition");

	eval_expr(ev, env, yes ? i->yes : i->no, ret);
}

static void assertion_failed(struct eval *ev, struct env *env, const struct expr_with *w)
{
	struct buf b = {0};
	struct frame f;

	print_expr(ev, w->head, &b);
	const char *text = arena_strndup(&ev->heap, buf_str(&b), b.len);
	buf_release(&b);
	if (w->head->kind == EXPR_EQ) { // says what differs
		const struct expr_binary *eq = (struct expr_binary *)w->head;
		const char *line =
		        arena_printf(&ev->heap, "while evaluating the condition of the assertion '%s'", text);
		frame_push(ev, &f, FRAME_TEXT, w->x.pos, line, NULL);
		struct value a, c;
		eval_expr(ev, env, eq->a, &a);
		eval_expr(ev, env, eq->b, &c);
		eval_assert_equal(ev, &a, &c, eq->x.pos);
		frame_pop(ev, &f);
	}
	eval_throw(ev, THROW_ASSERT, w->x.pos, "assertion '%s' failed", text);
}

static void eval_assert(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_with *w = (struct expr_with *)x;

	if (!eval_expr_bool(ev, env, w->head, x->pos, "in the condition of the assert statement"))
		assertion_failed(ev, env, w);
	eval_expr(ev, env, w->body, ret);
}

static void eval_with(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_with *w = (struct expr_with *)x;
	struct env *inner = env_new(ev, env, 1);

	eval_delay(ev, env, w->head, &inner->slots[0], ALL_FILLED);
	eval_expr(ev, inner, w->body, ret);
}

static void eval_not(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	struct expr *a = ((struct expr_binary *)x)->a;

	*ret = value_bool(!eval_expr_bool(ev, env, a, expr_pos(a), "in the argument of the not operator"));
}

static bool operands_equal(struct eval *ev, struct env *env, const struct expr_binary *b)
{
	struct value v, w;

	eval_expr(ev, env, b->a, &v);
	eval_expr(ev, env, b->b, &w);
	if (value_type(&v) == VALUE_INT && value_type(&w) == VALUE_INT)
		return v.integer == w.integer;
	return eval_equal(ev, &v, &w, b->x.pos, "while testing two values for equality");
}

static void eval_eq(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	*ret = value_bool(operands_equal(ev, env, (struct expr_binary *)x));
}

static void eval_ne(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	*ret = value_bool(!operands_equal(ev, env, (struct expr_binary *)x));
}

static void eval_and(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_binary *b = (struct expr_binary *)x;

	*ret = value_bool(
	        eval_expr_bool(ev, env, b->a, x->pos, "in the left operand of the AND (&&) operator") &&
	        eval_expr_bool(ev, env, b->b, x->pos, "in the right operand of the AND (&&) operator"));
}

static void eval_or(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_binary *b = (struct expr_binary *)x;

	*ret = value_bool(
	        eval_expr_bool(ev, env, b->a, x->pos, "in the left operand of the OR (||) operator") ||
	        eval_expr_bool(ev, env, b->b, x->pos, "in the right operand of the OR (||) operator"));
}

static void eval_impl(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_binary *b = (struct expr_binary *)x;

	*ret = value_bool(
	        !eval_expr_bool(ev, env, b->a, x->pos, "in the left operand of the IMPL (->) operator") ||
	        eval_expr_bool(ev, env, b->b, x->pos, "in the right operand of the IMPL (->) operator"));
}

static void eval_pos(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	eval_pos_value(ev, x->pos, ret);
}

static void eval_unresolved(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	eval_throw(ev, THROW_EVAL, x->pos, "internal error: expression was not resolved");
}

static void (*const evaluators[EXPR_KIND_COUNT])(
        struct eval *, struct env *, struct expr *, struct value *) = {
        [EXPR_CONST] = eval_const,
        [EXPR_VAR] = eval_unresolved,
        [EXPR_LOCAL] = eval_local,
        [EXPR_GLOBAL] = eval_global,
        [EXPR_WITHVAR] = eval_withvar,
        [EXPR_SELECT] = eval_select,
        [EXPR_HAS] = eval_has,
        [EXPR_ATTRS] = eval_attrs_expr,
        [EXPR_LIST] = eval_list_expr,
        [EXPR_LAMBDA] = eval_lambda,
        [EXPR_CALL] = eval_call_expr,
        [EXPR_SUB] = eval_arith,
        [EXPR_MUL] = eval_arith,
        [EXPR_DIV] = eval_arith,
        [EXPR_LESS] = eval_arith,
        [EXPR_LET] = eval_let,
        [EXPR_WITH] = eval_with,
        [EXPR_IF] = eval_if,
        [EXPR_ASSERT] = eval_assert,
        [EXPR_NOT] = eval_not,
        [EXPR_EQ] = eval_eq,
        [EXPR_NE] = eval_ne,
        [EXPR_AND] = eval_and,
        [EXPR_OR] = eval_or,
        [EXPR_IMPL] = eval_impl,
        [EXPR_UPDATE] = eval_update,
        [EXPR_CONCAT] = eval_concat,
        [EXPR_STRINGS] = eval_strings,
        [EXPR_POS] = eval_pos,
};

_hot_ void eval_expr(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	eval_check_stack(ev);
	evaluators[x->kind](ev, env, x, ret);
}

uint32_t expr_pos(const struct expr *x)
{
	switch (x->kind) {
	case EXPR_CONST:
	case EXPR_LET:
		return 0;
	case EXPR_LIST: {
		const struct expr_list *l = (const struct expr_list *)x;
		return l->len ? expr_pos(l->elems[0]) : 0;
	}
	case EXPR_HAS:
		return expr_pos(((const struct expr_select *)x)->subject);
	default:
		return x->pos;
	}
}

void eval_too_deep(struct eval *ev, uint32_t pos)
{
	eval_throw(ev, THROW_RECURSE, pos, "stack overflow; max-call-depth exceeded");
}

void eval_overflow(struct eval *ev)
{
	// Throwing needs some stack of its own: the limit is well above the end.
	eval_throw(ev, THROW_RECURSE, 0, "stack overflow (possible infinite recursion)");
}

// ---- delaying

void eval_delay(struct eval *ev, struct env *env, struct expr *x, struct value *slot, uint32_t filled)
{
	const struct expr_var *v = (struct expr_var *)x;

	switch (x->kind) {
	case EXPR_CONST:
		*slot = ((struct expr_const *)x)->value;
		return;
	case EXPR_GLOBAL:
		*slot = value_share(v->slot);
		return;
	case EXPR_LOCAL:
		if (v->depth == 0 && v->index >= filled)
			break;
		*slot = value_share(&env_up(env, v->depth)->slots[v->index]);
		return;
	case EXPR_LIST:
		if (((struct expr_list *)x)->len)
			break;
		*slot = value_list(NULL, 0);
		return;
	default:
		break;
	}
	*slot = value_pending(x, env);
}

void eval_delay_arg(struct eval *ev, struct env *env, struct expr *x, struct value *slot)
{
	switch (x->kind) {
	case EXPR_LAMBDA:
		*slot = value_lambda((struct expr_lambda *)x, env);
		return;
	case EXPR_SUB:
	case EXPR_MUL:
	case EXPR_LESS:
	case EXPR_STRINGS:
		if (eval_try_arith(ev, env, x, slot))
			return;
		break;
	default:
		break;
	}
	eval_delay(ev, env, x, slot, ALL_FILLED);
}

// ---- forcing

// A value that failed before fails again. Where the error will be shown it is evaluated anew, for its trace.
static struct value again(struct eval *ev, const struct failed *f)
{
	if (eval_catches_softly(ev, &f->thrown))
		eval_rethrow(ev, &f->thrown);
	return f->delayed;
}

// Evaluates what a delayed slot holds. The slot is a black hole meanwhile; a throw puts the old value back.
static void force_slot(struct eval *ev, struct value *slot, uint32_t pos)
{
	struct value saved = *slot, result, arg;
	struct frame f;

	if (value_type(slot) == VALUE_BLACKHOLE)
		eval_throw(ev, THROW_RECURSE, pos, "infinite recursion encountered");
	if (value_type(slot) == VALUE_FAILED)
		saved = *slot = again(ev, value_meta_ptr(slot));
	struct region region = region_begin(ev);
	frame_push(ev, &f, FRAME_FORCE, pos, slot, &saved);
	slot->meta = VALUE_BLACKHOLE;
	void *p = value_meta_ptr(&saved);
	switch (value_type(&saved)) {
	case VALUE_PENDING:
		eval_expr(ev, saved.env, p, &result);
		break;
	case VALUE_APP:
		arg = value_share(saved.ref);
		eval_call(ev, p, 1, &arg, &result, pos);
		break;
	case VALUE_APP_INT:
		arg = value_int(saved.integer);
		eval_call(ev, p, 1, &arg, &result, pos);
		break;
	case VALUE_APP2:
		if (value_type((struct value *)p) == VALUE_REF)
			((struct value *)p)->ref[1] = value_bool(true);
		__attribute__((fallthrough));
	case VALUE_APP2_PLACED: {
		struct value *v = p, args[2] = {value_share(&v[1]), value_share(&v[2])};
		eval_call2(ev, &v[0], args, &result, pos);
		break;
	}
	default:
		result = saved;
		break;
	}
	frame_pop(ev, &f);
	if (value_is_scalar(&result))
		region_end(ev, &region);
	else
		ev->escapes++;
	*slot = result;
}

void eval_force_slow(struct eval *ev, struct value *v, uint32_t pos)
{
	struct value *slot = v;

	eval_check_stack(ev);
	while (value_type(slot) == VALUE_REF)
		slot = slot->ref;
	if (!value_is_whnf(slot))
		force_slot(ev, slot, pos);
	if (slot != v)
		*v = *slot;
}
