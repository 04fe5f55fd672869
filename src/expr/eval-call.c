// SPDX-License-Identifier: GPL-2.0-or-later
// Calls: functions of the language, with their formals, builtins, partial applications and functors; from an
// expression's arguments (built straight into the callee's environment) or from values.

#include <string.h>
#include "expr/eval-private.h"

// The arguments of one call: expressions of an environment, or values.
struct call_args {
	struct env *env;
	struct expr **exprs; // or NULL
	struct value *values;
	size_t len, next;
};

// Takes the next argument into a slot of the heap.
static inline void take_arg(struct eval *ev, struct call_args *c, struct value *slot)
{
	size_t i = c->next++;

	if (c->exprs)
		eval_delay_arg(ev, c->env, c->exprs[i], slot);
	else
		*slot = value_share(&c->values[i]);
}

// Takes the next argument into a C variable: delayed ones get a cell of their own unless the callee forces
// them first.
static inline void take_c_arg(struct eval *ev, struct call_args *c, struct value *v, bool forced_first)
{
	take_arg(ev, c, v);
	if (UNLIKELY(!value_is_whnf(v) && value_type(v) != VALUE_REF) && !forced_first) {
		struct value *cell = eval_cell(ev, *v);
		*v = (struct value){.meta = VALUE_REF, .ref = cell};
	}
}

// ---- functions with formals

static const char *lambda_name(struct eval *ev, const struct expr_lambda *l)
{
	return l->name ? symbol_text(&ev->symbols, l->name) : "anonymous lambda";
}

_noreturn_ _cold_ static void missing_formal(struct eval *ev, const struct expr_lambda *l, uint32_t name)
{
	eval_throw(ev, THROW_TYPE, l->x.pos, "function '%s' called without required argument '%s'",
	        lambda_name(ev, l), eval_show_name(ev, name));
}

_noreturn_ _cold_ static void unexpected_args(
        struct eval *ev, const struct expr_lambda *l, const struct attrs *a)
{
	uint32_t *names = eval_alloc(ev, (l->len + 1) * sizeof(*names));

	for (uint32_t i = 0; i < l->len; i++)
		names[i] = l->elems[i].name;
	for (uint32_t i = 0, j = 0; i < a->len; i++) {
		while (j < l->len && l->elems[j].name < a->entries[i].name)
			j++;
		if (j < l->len && l->elems[j].name == a->entries[i].name)
			continue;
		uint32_t name = a->entries[i].name;
		eval_throw_near(ev, THROW_TYPE, l->x.pos, name, names, l->len,
		        "function '%s' called with unexpected argument '%s'", lambda_name(ev, l),
		        eval_show_name(ev, name));
	}
	eval_throw(ev, THROW_TYPE, l->x.pos, "function '%s' called with an unexpected argument",
	        lambda_name(ev, l));
}

// Fills the slots of the formals from a set: both are sorted by symbol. A set much larger than the formals is
// searched instead.
static void match_formals(struct eval *ev, const struct expr_lambda *l, struct env *env, struct attrs *a)
{
	struct value *slot = &env->slots[l->arg != 0];
	uint32_t used = 0;
	bool search = a->base || a->len > l->len * 8;
	const struct attr *at = a->entries, *end = at + a->len;

	for (uint32_t i = 0; i < l->len; i++, slot++) {
		const struct formal *f = &l->elems[i];
		struct attr *found = NULL;
		if (search) {
			found = attrs_get(a, f->name);
		} else {
			while (at < end && at->name < f->name)
				at++;
			if (at < end && at->name == f->name)
				found = (struct attr *)at++;
		}
		if (found) {
			*slot = value_share(&found->value);
			used++;
		} else if (f->fallback) {
			eval_delay(ev, env, f->fallback, slot, i + (l->arg != 0));
		} else {
			missing_formal(ev, l, f->name);
		}
	}
	if (UNLIKELY(!l->ellipsis && used != a->total))
		unexpected_args(ev, l, attrs_flat(ev, a));
}

// The environment of one application.
static struct env *bind_lambda(
        struct eval *ev, const struct expr_lambda *l, struct env *up, struct call_args *c, uint32_t pos)
{
	struct env *env = env_new(ev, up, l->slots);
	struct value arg;
	struct frame f;

	if (!l->formals) {
		take_arg(ev, c, &env->slots[0]);
		return env;
	}
	frame_push(ev, &f, pos ? FRAME_TEXT : FRAME_NONE, pos, "from call site", NULL);
	take_arg(ev, c, &arg);
	eval_attrs(ev, &arg, l->x.pos, "while evaluating the value passed for the lambda argument");
	if (l->arg)
		env->slots[0] = arg;
	f.kind = FRAME_TEXT; // for wrong arguments it is said even where nobody knows the site
	match_formals(ev, l, env, arg.attrs);
	frame_pop(ev, &f);
	return env;
}

// Applies one function to its next argument; f becomes the result. A function that gives a function is not
// evaluated for it.
static void apply_lambda(struct eval *ev, struct value *f, struct call_args *c, uint32_t pos)
{
	const struct expr_lambda *l = value_meta_ptr(f);
	struct frame frame;

	if (UNLIKELY(ev->settings.show_trace) && l->body->kind != EXPR_LAMBDA) {
		struct env *env = bind_lambda(ev, l, f->env, c, pos);
		frame_push(ev, &frame, FRAME_CALL_LAMBDA, pos, l, NULL);
		eval_expr(ev, env, l->body, f);
		frame_pop(ev, &frame);
		return;
	}
	struct env *env = bind_lambda(ev, l, f->env, c, pos);
	if (l->body->kind == EXPR_LAMBDA)
		*f = value_lambda((struct expr_lambda *)l->body, env);
	else
		eval_expr(ev, env, l->body, f);
}

// ---- builtins

void eval_call_builtin(
        struct eval *ev, const struct builtin *b, struct value *args, struct value *ret, uint32_t pos)
{
	struct frame f;

	ev->escapes++; // builtins may keep what they make
	frame_push(ev, &f, b->no_trace ? FRAME_NONE : FRAME_CALL_BUILTIN, pos, b, NULL);
	b->fn(ev, args, ret, pos);
	frame_pop(ev, &f);
}

static void apply_builtin(struct eval *ev, struct value *f, struct call_args *c, uint32_t pos)
{
	const struct builtin *b = f->builtin;
	struct value args[BUILTIN_MAX_ARGS];

	if (UNLIKELY(c->len - c->next < b->arity)) {
		struct papp *p = eval_alloc(ev, sizeof(*p));
		p->builtin = b;
		while (c->next < c->len)
			take_arg(ev, c, &p->args[p->count++]);
		*f = (struct value){.meta = VALUE_PAPP, .papp = p};
		return;
	}
	for (uint8_t i = 0; i < b->arity; i++)
		take_c_arg(ev, c, &args[i], b->strict >> i & 1);
	eval_call_builtin(ev, b, args, f, pos);
}

static void apply_papp(struct eval *ev, struct value *f, struct call_args *c, uint32_t pos)
{
	struct papp *have = f->papp;
	const struct builtin *b = have->builtin;
	struct value args[BUILTIN_MAX_ARGS];
	uint8_t n = have->count;

	if (UNLIKELY(c->len - c->next < (size_t)(b->arity - n))) {
		struct papp *p = eval_alloc(ev, sizeof(*p));
		p->builtin = b;
		for (; p->count < n; p->count++)
			p->args[p->count] = value_share(&have->args[p->count]);
		while (c->next < c->len)
			take_arg(ev, c, &p->args[p->count++]);
		*f = (struct value){.meta = VALUE_PAPP, .papp = p};
		return;
	}
	for (uint8_t i = 0; i < n; i++)
		args[i] = value_share(&have->args[i]);
	for (; n < b->arity; n++)
		take_c_arg(ev, c, &args[n], b->strict >> n & 1);
	eval_call_builtin(ev, b, args, f, pos);
}

// ---- everything that can be called

static void apply_functor(struct eval *ev, struct value *f, struct call_args *c, uint32_t pos)
{
	struct attr *a = attrs_get(f->attrs, ev->sym.functor);
	struct frame frame;

	if (!a)
		eval_throw(ev, THROW_TYPE, pos,
		        "attempt to call something which is not a function but %s: %s", value_type_phrase(f),
		        eval_show(ev, f));
	struct value args[2] = {*f};
	take_c_arg(ev, c, &args[1], false);
	frame_push(ev, &frame, FRAME_TEXT, pos,
	        "while calling a functor (an attribute set with a '__functor' attribute)", NULL);
	eval_call(ev, &a->value, 2, args, f, a->pos);
	frame_pop(ev, &frame);
}

static void call_all(struct eval *ev, struct value *f, struct call_args *c, uint32_t pos)
{
	struct region region = region_begin(ev);

	depth_enter(ev, pos);
	if (UNLIKELY(ev->interrupted))
		eval_throw(ev, THROW_INTERRUPT, 0, "interrupted by the user");
	eval_force(ev, f, pos);
	while (c->next < c->len) {
		switch (value_type(f)) {
		case VALUE_LAMBDA:
			apply_lambda(ev, f, c, pos);
			break;
		case VALUE_BUILTIN:
			apply_builtin(ev, f, c, pos);
			break;
		case VALUE_PAPP:
			apply_papp(ev, f, c, pos);
			break;
		case VALUE_ATTRS:
			apply_functor(ev, f, c, pos);
			break;
		default:
			eval_throw(ev, THROW_TYPE, pos,
			        "attempt to call something which is not a function but %s: %s",
			        value_type_phrase(f), eval_show(ev, f));
		}
	}
	depth_leave(ev);
	if (value_is_scalar(f))
		region_end(ev, &region);
}

void eval_call_expr(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_call *call = (struct expr_call *)x;
	struct call_args c = {.env = env, .exprs = call->args, .len = call->len};
	struct value f;

	eval_expr(ev, env, call->fn, &f);
	call_all(ev, &f, &c, x->pos);
	*ret = f;
}

void eval_call(
        struct eval *ev, struct value *fn, size_t argc, struct value *args, struct value *ret, uint32_t pos)
{
	struct call_args c = {.values = args, .len = argc};
	struct value f = value_is_whnf(fn) ? *fn : value_share(fn);

	eval_check_stack(ev);
	call_all(ev, &f, &c, pos);
	*ret = f;
}

void eval_call2(struct eval *ev, struct value *fn, struct value *args, struct value *ret, uint32_t pos)
{
	eval_call(ev, fn, 2, args, ret, pos);
}

struct value eval_delay_call(struct value *fn_slot, struct value *arg_slot)
{
	return (struct value){.meta = value_meta(VALUE_APP, fn_slot), .ref = arg_slot};
}

void eval_auto_call(struct eval *ev, struct attrs *args, struct value *v, struct value *ret)
{
	struct value f = value_share(v);

	eval_force(ev, &f, 0);
	if (value_type(&f) == VALUE_ATTRS) {
		struct attr *functor = attrs_get(f.attrs, ev->sym.functor);
		if (functor) {
			struct value fn = value_share(&functor->value), self = f;
			eval_call(ev, &fn, 1, &self, &f, functor->pos);
			eval_auto_call(ev, args, &f, ret);
			return;
		}
	}
	const struct expr_lambda *l = value_type(&f) == VALUE_LAMBDA ? value_meta_ptr(&f) : NULL;
	if (!l || !l->formals) {
		*ret = f;
		return;
	}
	struct attrs *given = args ? attrs_flat(ev, args) : &attrs_empty;
	struct attrs *use = attrs_new(ev, MAX(l->len, given->len));
	if (l->ellipsis) {
		attrs_for_each (a, given)
			*attrs_push(use, a->name, a->pos) = value_share(&a->value);
	} else {
		for (uint32_t i = 0; i < l->len; i++) {
			struct attr *a = attrs_get(given, l->elems[i].name);
			if (a)
				*attrs_push(use, a->name, a->pos) = value_share(&a->value);
		}
	}
	attrs_finish(use);
	for (uint32_t i = 0; i < l->len; i++)
		if (!l->elems[i].fallback && !attrs_get(use, l->elems[i].name))
			eval_throw(ev, THROW_TYPE, l->elems[i].pos,
			        "cannot evaluate a function that has an argument without a value ('%s')\n"
			        "Nix attempted to evaluate a function as a top level expression; in\n"
			        "this case it must have its arguments supplied either by default\n"
			        "values, or passed explicitly with '--arg' or '--argstr'. See\n"
			        "https://nix.dev/manual/nix/stable/language/syntax.html#functions.",
			        symbol_text(&ev->symbols, l->elems[i].name));
	struct value arg = value_attrs(use);
	eval_call(ev, &f, 1, &arg, ret, l->x.pos);
}
