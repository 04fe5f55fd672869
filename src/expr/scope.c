// SPDX-License-Identifier: GPL-2.0-or-later
// Static resolution: walks a tree once and turns every variable into (levels up, slot), a global's slot, or a
// list of 'with' sets. The levels are exactly those of the environments that evaluation makes: one for a
// function's arguments, a 'let', a 'rec' set, a 'with', and the sources of 'inherit (x)'.

#include <string.h>
#include "expr/advice.h"
#include "expr/eval-private.h"

static void resolve(struct eval *ev, struct expr *x, const struct scope *sc);

static bool find_name(const uint32_t *names, uint32_t len, uint32_t name, uint32_t *ret)
{
	uint32_t lo = 0, hi = len;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (names[mid] < name)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = lo;
	return lo < len && names[lo] == name;
}

static bool find_def(const struct expr_attrs *a, uint32_t name, uint32_t *ret)
{
	uint32_t lo = 0, hi = a->len;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (a->defs[mid].name < name)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = lo;
	return lo < a->len && a->defs[lo].name == name;
}

static bool find_formal(const struct expr_lambda *l, uint32_t name, uint32_t *ret)
{
	uint32_t first = l->arg != 0, lo = 0, hi = l->len;

	*ret = 0;
	if (l->arg && l->arg == name)
		return true;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (l->elems[mid].name < name)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = first + lo;
	return lo < l->len && l->elems[lo].name == name;
}

static bool scope_find(const struct scope *sc, uint32_t name, uint32_t *ret)
{
	if (sc->attrs)
		return find_def(sc->attrs, name, ret);
	if (sc->lambda)
		return find_formal(sc->lambda, name, ret);
	uint32_t i;
	if (!find_name(sc->names, sc->len, name, &i))
		return false;
	*ret = sc->slots ? sc->slots[i] : i;
	return true;
}

// The 'with' levels around, as a list. It is shared by the variables below the same innermost 'with' only
// through the arena's cheapness.
static struct with_ref *collect_withs(struct eval *ev, const struct scope *sc)
{
	struct with_ref *first = NULL, **tail = &first;
	uint32_t depth = 0;

	for (; sc; sc = sc->up, depth++) {
		if (!sc->with)
			continue;
		struct with_ref *w = arena_alloc(&ev->code, sizeof(*w));
		w->depth = depth;
		w->with = sc->with;
		*tail = w;
		tail = &w->up;
	}
	return first;
}

static void resolve_var(struct eval *ev, struct expr_var *v, const struct scope *sc)
{
	uint32_t depth = 0;
	bool with = false;

	for (const struct scope *s = sc; s; s = s->up, depth++) {
		uint32_t index;
		if (s->with) {
			with = true;
			continue;
		}
		if (!scope_find(s, v->name, &index))
			continue;
		if (s == ev->priv->base_scope) {
			v->x.kind = EXPR_GLOBAL;
			v->slot = &ev->base_env->slots[index];
		} else {
			v->x.kind = EXPR_LOCAL;
			v->depth = depth;
			v->index = index;
		}
		return;
	}
	if (!with)
		eval_throw_hint(ev, THROW_UNDEF, v->x.pos, undefined_hint(ev, v->name, sc),
		        "undefined variable '%s'", eval_show_name(ev, v->name));
	v->x.kind = EXPR_WITHVAR;
	v->withs = collect_withs(ev, sc);
}

static void resolve_var_expr(struct eval *ev, struct expr *x, const struct scope *sc)
{
	resolve_var(ev, (struct expr_var *)x, sc);
}

static void resolve_path(struct eval *ev, const struct attr_path *path, const struct scope *sc)
{
	for (uint32_t i = 0; i < path->len; i++)
		if (path->elems[i].expr)
			resolve(ev, path->elems[i].expr, sc);
}

static void resolve_select(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_select *s = (struct expr_select *)x;

	resolve(ev, s->subject, sc);
	if (s->fallback)
		resolve(ev, s->fallback, sc);
	resolve_path(ev, &s->path, sc);
}

// The bindings of a set or let; inner is the scope of its values, outer that of plain 'inherit'.
static void resolve_bindings(
        struct eval *ev, struct expr_attrs *a, const struct scope *inner, const struct scope *outer)
{
	for (uint32_t i = 0; i < a->from_len; i++)
		resolve(ev, a->froms[i], inner);
	for (uint32_t i = 0; i < a->len; i++) {
		struct attr_def *d = &a->defs[i];
		if (d->kind == ATTR_PLAIN)
			resolve(ev, d->value, inner);
		else if (d->kind == ATTR_INHERIT)
			resolve(ev, d->value, outer);
		// ATTR_INHERIT_FROM: made resolved
	}
	for (uint32_t i = 0; i < a->dyn_len; i++) {
		resolve(ev, a->dyns[i].name, inner);
		resolve(ev, a->dyns[i].value, inner);
	}
}

static void resolve_attrs(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_attrs *a = (struct expr_attrs *)x;
	struct scope inner = {.up = sc, .attrs = a};
	uint32_t index;

	a->overrides = a->rec && find_def(a, ev->sym.overrides, &index);
	resolve_bindings(ev, a, a->rec ? &inner : sc, sc);
}

static void resolve_let(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_let *l = (struct expr_let *)x;
	struct scope inner = {.up = sc, .attrs = l->attrs};

	resolve_bindings(ev, l->attrs, &inner, sc);
	resolve(ev, l->body, &inner);
}

static void resolve_list(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_list *l = (struct expr_list *)x;

	for (uint32_t i = 0; i < l->len; i++)
		resolve(ev, l->elems[i], sc);
}

static void resolve_lambda(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_lambda *l = (struct expr_lambda *)x;
	struct scope inner = {.up = sc, .lambda = l};

	for (uint32_t i = 0; i < l->len; i++)
		if (l->elems[i].fallback)
			resolve(ev, l->elems[i].fallback, &inner);
	resolve(ev, l->body, &inner);
}

static void resolve_call(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_call *c = (struct expr_call *)x;
	struct {
		const char *name;
		enum expr_kind kind;
	} ops[] = {{"__sub", EXPR_SUB}, {"__mul", EXPR_MUL}, {"__div", EXPR_DIV}, {"__lessThan", EXPR_LESS}};

	resolve(ev, c->fn, sc);
	for (uint32_t i = 0; i < c->len; i++)
		resolve(ev, c->args[i], sc);
	if (c->fn->kind != EXPR_GLOBAL || c->len != 2)
		return;
	const char *name = symbol_text(&ev->symbols, ((struct expr_var *)c->fn)->name);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (strcmp(ops[i].name, name) == 0)
			x->kind = (uint8_t)ops[i].kind;
}

static void resolve_with(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_with *w = (struct expr_with *)x;
	struct scope inner = {.up = sc, .with = w};

	resolve(ev, w->head, sc);
	resolve(ev, w->body, &inner);
}

static void resolve_assert(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_with *w = (struct expr_with *)x;

	resolve(ev, w->head, sc);
	resolve(ev, w->body, sc);
}

static void resolve_if(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_if *i = (struct expr_if *)x;

	resolve(ev, i->cond, sc);
	resolve(ev, i->yes, sc);
	resolve(ev, i->no, sc);
}

static void resolve_binary(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_binary *b = (struct expr_binary *)x;

	resolve(ev, b->a, sc);
	if (b->b)
		resolve(ev, b->b, sc);
}

static void resolve_strings(struct eval *ev, struct expr *x, const struct scope *sc)
{
	struct expr_strings *s = (struct expr_strings *)x;

	for (uint32_t i = 0; i < s->len; i++)
		resolve(ev, s->parts[i].expr, sc);
}

static void (*const resolvers[EXPR_KIND_COUNT])(struct eval *, struct expr *, const struct scope *) = {
        [EXPR_VAR] = resolve_var_expr,
        [EXPR_SELECT] = resolve_select,
        [EXPR_HAS] = resolve_select,
        [EXPR_ATTRS] = resolve_attrs,
        [EXPR_LIST] = resolve_list,
        [EXPR_LAMBDA] = resolve_lambda,
        [EXPR_CALL] = resolve_call,
        [EXPR_LET] = resolve_let,
        [EXPR_WITH] = resolve_with,
        [EXPR_IF] = resolve_if,
        [EXPR_ASSERT] = resolve_assert,
        [EXPR_NOT] = resolve_binary,
        [EXPR_EQ] = resolve_binary,
        [EXPR_NE] = resolve_binary,
        [EXPR_AND] = resolve_binary,
        [EXPR_OR] = resolve_binary,
        [EXPR_IMPL] = resolve_binary,
        [EXPR_UPDATE] = resolve_binary,
        [EXPR_CONCAT] = resolve_binary,
        [EXPR_STRINGS] = resolve_strings,
};

static void resolve(struct eval *ev, struct expr *x, const struct scope *sc)
{
	eval_check_stack(ev);
	if (resolvers[x->kind])
		resolvers[x->kind](ev, x, sc);
}

void scope_resolve(struct eval *ev, struct expr *x, const struct scope *top)
{
	resolve(ev, x, top);
}
