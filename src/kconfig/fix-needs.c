// SPDX-License-Identifier: GPL-2.0-or-later
// Walking conditions backwards. For each node the question is "how does it become at least (or at most) v",
// and the answer a few sets of bounds. What holds now costs nothing. The answers are guesses that the caller
// tries: interactions are not looked at here.
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "kconfig/fix-needs.h"
#include "kconfig/kexpr.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

#define DEPTH_MAX 60
#define GONE      20 // the cost of an option that goes with another one; setting one costs 100

enum question { AT_LEAST_M, AT_LEAST_Y, AT_MOST_N, AT_MOST_M, QUESTIONS };

static const struct kalts nothing, impossible;
static const struct kbounds empty;
static const struct kalts free_of_charge = {.v = {&empty}, .len = 1};

static const struct kalts *ask_expr(struct kneeds *n, struct kexpr *e, enum question q);
static const struct kalts *ask_sym(struct kneeds *n, struct ksym *s, enum question q);

void kneeds_init(struct kneeds *n, struct kconfig *k, const struct kpin *pins, struct kweights *weights,
        unsigned budget)
{
	*n = (struct kneeds){.k = k, .pins = pins, .weights = weights, .budget = budget};
	n->memo = mem_array(k->syms_len * QUESTIONS, sizeof(*n->memo));
}

void kneeds_release(struct kneeds *n)
{
	mem_free(n->memo);
	arena_release(&n->arena);
}

static bool holds(uint8_t v, enum question q)
{
	return q == AT_LEAST_M   ? v >= KCONFIG_M
	       : q == AT_LEAST_Y ? v >= KCONFIG_Y
	       : q == AT_MOST_N  ? v == KCONFIG_N
	                         : v <= KCONFIG_M;
}

// Can it be, with what is asked for?
static bool allowed(const struct kpin *p, enum question q)
{
	return q == AT_LEAST_M   ? p->hi >= KCONFIG_M
	       : q == AT_LEAST_Y ? p->hi >= KCONFIG_Y
	       : q == AT_MOST_N  ? p->lo == KCONFIG_N
	                         : p->lo <= KCONFIG_M;
}

static enum question opposite(enum question q)
{
	static const enum question o[] = {[AT_LEAST_M] = AT_MOST_M,
	        [AT_LEAST_Y] = AT_MOST_N,
	        [AT_MOST_N] = AT_LEAST_Y,
	        [AT_MOST_M] = AT_LEAST_M};

	return o[q];
}

// What people would rather not be told to set, and above all not to turn off, or on: half of their options
// would go with some.
static unsigned penalty(const struct kneeds *n, const struct kbound *b)
{
	static const struct {
		const char *name;
		unsigned cost;
	} dear[] = {{"COMPILE_TEST", 95}, {"BROKEN", 99}, {"EXPERT", 15}, {"STAGING", 10}, {"UML", 99},
	        {"KUNIT", 20}, {"RUST", 60}};
	bool on = b->lo == KCONFIG_Y && !b->text;
	unsigned cost = b->hi == KCONFIG_N ? 12 : 0;

	if (on || b->hi == KCONFIG_N)
		cost += GONE * kweights_of(n->weights, b->sym, on);
	for (size_t i = 0; i < ARRAY_SIZE(dear); i++)
		if (b->sym->name && !strcmp(dear[i].name, b->sym->name))
			cost += dear[i].cost;
	return cost;
}

struct kbounds *kbounds_copy(struct arena *a, const struct kbounds *s)
{
	size_t size = offsetof(struct kbounds, v) + s->len * sizeof(s->v[0]);
	struct kbounds *c = arena_alloc(a, size);

	memcpy(c, s, size);
	return c;
}

// What is asked for already costs nothing.
static unsigned cost_of(const struct kneeds *n, const struct kbound *b)
{
	return n->pins[b->sym->index].given ? 0 : 100 + penalty(n, b);
}

static const struct kbounds *one(struct kneeds *n, struct kbound b)
{
	struct kbounds s = {.len = 1, .cost = cost_of(n, &b), .v = {b}};

	return kbounds_copy(&n->arena, &s);
}

const struct kbounds *kneeds_join(struct kneeds *n, const struct kbounds *a, const struct kbounds *b)
{
	if (!a->len || !b->len)
		return a->len ? a : b;
	struct kbounds s;
	memcpy(&s, a, offsetof(struct kbounds, v) + a->len * sizeof(a->v[0]));
	for (size_t i = 0; i < b->len; i++) {
		const struct kbound *x = &b->v[i];
		size_t j = 0;
		while (j < s.len && s.v[j].sym != x->sym)
			j++;
		if (j == KFIX_MAX)
			return NULL;
		if (j == s.len) {
			s.v[s.len++] = *x;
			s.cost += cost_of(n, x);
			continue;
		}
		if (x->text && (!s.v[j].text || strcmp(x->text, s.v[j].text)))
			return NULL;
		s.v[j].lo = MAX(s.v[j].lo, x->lo);
		s.v[j].hi = MIN(s.v[j].hi, x->hi);
		if (s.v[j].lo > s.v[j].hi)
			return NULL;
	}
	return kbounds_copy(&n->arena, &s);
}

// Keeps the list sorted and short; the same set is not taken twice.
static void offer(struct kalts *a, const struct kbounds *s)
{
	size_t at = a->len;

	if (!s || (a->len == KALTS_MAX && a->v[a->len - 1]->cost <= s->cost))
		return;
	for (size_t i = 0; i < a->len; i++)
		if (a->v[i]->len == s->len && !memcmp(a->v[i]->v, s->v, s->len * sizeof(s->v[0])))
			return;
	if (at == KALTS_MAX)
		at--;
	else
		a->len++;
	for (; at > 0 && a->v[at - 1]->cost > s->cost; at--)
		a->v[at] = a->v[at - 1];
	a->v[at] = s;
}

static const struct kalts *both(struct kneeds *n, const struct kalts *a, const struct kalts *b)
{
	if (!a->len || !b->len)
		return &impossible;
	if (a == &free_of_charge)
		return b;
	if (b == &free_of_charge)
		return a;
	struct kalts *r = arena_alloc(&n->arena, sizeof(*r));
	for (size_t i = 0; i < a->len; i++)
		for (size_t j = 0; j < b->len; j++)
			if (r->len < KALTS_MAX || MAX(a->v[i]->cost, b->v[j]->cost) < r->v[r->len - 1]->cost)
				offer(r, kneeds_join(n, a->v[i], b->v[j]));
	return r;
}

static void offer_all(struct kalts *into, const struct kalts *a)
{
	for (size_t i = 0; i < a->len; i++)
		offer(into, a->v[i]);
}

static const struct kalts *either(struct kneeds *n, const struct kalts *a, const struct kalts *b)
{
	if (!a->len || !b->len || a == &free_of_charge || b == &free_of_charge)
		return b == &free_of_charge || !a->len ? b : a;
	struct kalts *r = arena_alloc(&n->arena, sizeof(*r));
	offer_all(r, a);
	offer_all(r, b);
	return r;
}

static const struct kalts *just(struct kneeds *n, struct kbound b)
{
	struct kalts *r = arena_alloc(&n->arena, sizeof(*r));

	offer(r, one(n, b));
	return r;
}

static bool has_prompt(const struct ksym *s)
{
	for (const struct kprop *p = s->props; p; p = p->next)
		if (p->text)
			return true;
	return false;
}

// Setting it: it must be visible enough, and then the user says so.
static void by_prompt(struct kneeds *n, struct ksym *s, enum question q, struct kalts *r)
{
	bool tristate = s->type == KCONFIG_TRISTATE;
	enum question vis = tristate ? q : AT_LEAST_M;
	struct kbound b = {
	        .sym = s, .lo = q == AT_LEAST_Y || !tristate ? KCONFIG_Y : KCONFIG_M, .hi = KCONFIG_Y};

	for (struct kprop *p = s->props; p; p = p->next) {
		if (!p->text)
			continue;
		const struct kalts *seen = p->cond ? ask_expr(n, p->cond, vis) : &free_of_charge;
		offer_all(r, ksym_is_choice(s) ? seen : both(n, seen, just(n, b)));
	}
}

static void by_default(struct kneeds *n, struct ksym *s, enum question q, struct kalts *r)
{
	enum question cond = s->type == KCONFIG_TRISTATE ? q : AT_LEAST_M;

	for (struct kprop *p = s->props; p; p = p->next) {
		if (p->type != KP_DEFAULT)
			continue;
		const struct kalts *c = p->cond ? ask_expr(n, p->cond, cond) : &free_of_charge;
		offer_all(r, both(n, c, ask_expr(n, p->expr, cond)));
	}
}

// A || B || ...: any of them.
static void by_operands(struct kneeds *n, struct kexpr *e, enum question q, struct kalts *r)
{
	for (; e; e = e->type == KE_OR ? e->l.e : NULL)
		offer_all(r, ask_expr(n, e->type == KE_OR ? e->r.e : e, q));
}

static const struct kalts *raise_sym(struct kneeds *n, struct ksym *s, enum question q)
{
	struct kalts *r = arena_alloc(&n->arena, sizeof(*r));
	enum question rev = s->type == KCONFIG_TRISTATE ? q : AT_LEAST_M;
	bool prompt = has_prompt(s);

	if (prompt)
		by_prompt(n, s, q, r);
	if (s->visible == KCONFIG_N && !ksym_choice_menu(n->k, s) && !ksym_is_choice(s))
		by_default(n, s, q, r);
	if (s->rev_dep && (!prompt || ksym_is_choice(s) || !r->len || r->v[0]->cost > 250))
		by_operands(n, s->rev_dep, rev, r);
	if (s->implied && !prompt) {
		struct kalts *i = arena_alloc(&n->arena, sizeof(*i));
		by_operands(n, s->implied, rev, i);
		offer_all(r, both(n, i, s->dir_dep ? ask_expr(n, s->dir_dep, rev) : &free_of_charge));
	}
	return r;
}

// Another member of its choice instead.
static const struct kalts *other_member(struct kneeds *n, struct ksym *s, struct kmenu *choice)
{
	struct kalts *r = arena_alloc(&n->arena, sizeof(*r));

	for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice))
		if (m->sym && m->sym != s && ksym_choice_menu(n->k, m->sym) == choice &&
		        allowed(&n->pins[m->sym->index], AT_LEAST_Y))
			by_prompt(n, m->sym, AT_LEAST_Y, r);
	return r;
}

// The symbol is not seen and something else turns it on: it is made visible, and then the user says no.
static const struct kalts *by_refusal(struct kneeds *n, struct ksym *s, struct kbound b)
{
	struct kalts *r = arena_alloc(&n->arena, sizeof(*r));

	for (struct kprop *p = s->props; p; p = p->next)
		if (p->text)
			offer_all(r, both(n, ask_expr(n, p->cond, AT_LEAST_M), just(n, b)));
	return r;
}

static const struct kalts *lower_sym(struct kneeds *n, struct ksym *s, enum question q)
{
	enum question rev = s->type == KCONFIG_TRISTATE ? q : AT_MOST_N;
	const struct kalts *r = s->rev_dep ? ask_expr(n, s->rev_dep, rev) : &free_of_charge;
	struct kmenu *choice = ksym_choice_menu(n->k, s);

	if (choice && s->visible != KCONFIG_N)
		return other_member(n, s, choice);
	if (ksym_is_choice(s))
		return &impossible;
	uint8_t hi = q == AT_MOST_N || s->type == KCONFIG_BOOL ? KCONFIG_N : KCONFIG_M;
	struct kbound off = {.sym = s, .lo = KCONFIG_N, .hi = hi};
	if (s->visible != KCONFIG_N)
		return both(n, r, just(n, off));
	const struct kalts *refused = has_prompt(s) ? both(n, r, by_refusal(n, s, off)) : &impossible;
	for (struct kprop *p = s->props; p && r->len; p = p->next)
		if (p->type == KP_DEFAULT)
			r = both(n, r,
			        either(n, p->cond ? ask_expr(n, p->cond, rev) : &impossible,
			                ask_expr(n, p->expr, rev)));
	if (s->implied && r->len)
		r = both(n, r,
		        either(n, ask_expr(n, s->implied, rev),
		                s->dir_dep ? ask_expr(n, s->dir_dep, rev) : &impossible));
	return either(n, r, refused);
}

static const struct kalts *ask_sym(struct kneeds *n, struct ksym *s, enum question q)
{
	struct kalts **memo = &n->memo[s->index * QUESTIONS + q];

	ksym_calc(n->k, s);
	if (!(s->flags & KS_FIXED) && !allowed(&n->pins[s->index], q))
		return &impossible;
	if (holds(s->tri, q))
		return &free_of_charge;
	if ((s->flags & KS_FIXED) || !s->menus || !ktype_is_tri(s->type) || n->depth > DEPTH_MAX ||
	        !n->budget)
		return &impossible;
	if (*memo)
		return *memo;
	n->budget--;
	n->depth++;
	*memo = (struct kalts *)&nothing; // while it is under way: a way through itself is none
	*memo = (struct kalts *)(q == AT_LEAST_M || q == AT_LEAST_Y ? raise_sym(n, s, q)
	                                                            : lower_sym(n, s, q));
	n->depth--;
	return *memo;
}

static const struct kalts *set_text(struct kneeds *n, struct ksym *s, const char *v);

static bool same_text(const struct ksym *s, const char *a, const char *b)
{
	return kvalue_compare(a, s->type, b, s->type) == 0;
}

// A number or string without a prompt: a default that is v, or can be, with the ones before it not counting.
static void text_by_default(struct kneeds *n, struct ksym *s, const char *v, struct kalts *r)
{
	const struct kalts *before = &free_of_charge;

	for (struct kprop *p = s->props; p && before->len && n->depth <= DEPTH_MAX; p = p->next) {
		struct ksym *d = p->type == KP_DEFAULT ? kprop_sym(p) : NULL;
		if (p->type != KP_DEFAULT)
			continue;
		if (d)
			ksym_calc(n->k, d);
		n->depth++;
		const struct kalts *is = !d                              ? &impossible
		                         : same_text(s, ksym_text(d), v) ? &free_of_charge
		                                                         : set_text(n, d, v);
		n->depth--;
		if (is->len)
			offer_all(r, both(n, before, both(n, is, ask_expr(n, p->cond, AT_LEAST_M))));
		before = both(n, before, ask_expr(n, p->cond, AT_MOST_N));
	}
}

// A limit of a range, to let v pass: it can only be moved where defaults give it.
static const struct kalts *move_limit(struct kneeds *n, struct ksym *limit, long long v, bool upper, int base)
{
	struct kalts *r = arena_alloc(&n->arena, sizeof(*r));

	if (limit->flags & KS_CONST || has_prompt(limit) || n->depth > DEPTH_MAX)
		return &impossible;
	for (struct kprop *p = limit->props; p; p = p->next) {
		struct ksym *d = p->type == KP_DEFAULT ? kprop_sym(p) : NULL;
		if (!d)
			continue;
		ksym_calc(n->k, d);
		long long is = strtoll(ksym_text(d), NULL, base);
		if (upper ? is < v : is > v)
			continue;
		n->depth++;
		offer_all(r, set_text(n, limit, ksym_text(d)));
		n->depth--;
	}
	return r;
}

static const struct kalts *within_range(struct kneeds *n, struct ksym *s, const char *text)
{
	int base = s->type == KCONFIG_INT ? 10 : 16;
	struct kprop *p = s->type == KCONFIG_INT || s->type == KCONFIG_HEX ? ksym_range_prop(n->k, s) : NULL;

	if (!p)
		return &free_of_charge;
	long long v = strtoll(text, NULL, base);
	struct ksym *from = p->expr->l.s, *to = p->expr->r.s;
	const struct kalts *low = &free_of_charge, *high = &free_of_charge;
	if (v < ksym_range_value(n->k, from, base))
		low = move_limit(n, from, v, false, base);
	if (v > ksym_range_value(n->k, to, base))
		high = move_limit(n, to, v, true, base);
	return both(n, low, high);
}

// A number or string that the user can set to v, or that gets it by a default.
static const struct kalts *set_text(struct kneeds *n, struct ksym *s, const char *v)
{
	struct kalts *r = arena_alloc(&n->arena, sizeof(*r));
	struct kbound b = {.sym = s, .hi = KCONFIG_Y, .text = arena_strdup(&n->arena, v)};

	if (!s->menus || (s->flags & KS_CONST) || ktype_is_tri(s->type) || s->type == KCONFIG_UNKNOWN ||
	        !ksym_text_valid(s, v))
		return &impossible;
	const struct kpin *pin = &n->pins[s->index];
	if (pin->given && pin->text && !same_text(s, pin->text, v))
		return &impossible;
	if (!has_prompt(s))
		text_by_default(n, s, v, r);
	const struct kalts *range = within_range(n, s, v);
	for (struct kprop *p = s->props; p; p = p->next)
		if (p->text)
			offer_all(r, both(n, range, both(n, ask_expr(n, p->cond, AT_LEAST_M), just(n, b))));
	return r;
}

// sym = y, m or n.
static const struct kalts *be_tri(struct kneeds *n, struct ksym *s, uint8_t v)
{
	if (v == KCONFIG_Y)
		return ask_sym(n, s, AT_LEAST_Y);
	if (v == KCONFIG_N)
		return ask_sym(n, s, AT_MOST_N);
	// Without MODULES all that would be m is y.
	const struct kalts *modules =
	        n->k->modules_val == KCONFIG_N ? ask_sym(n, n->k->modules, AT_LEAST_Y) : &free_of_charge;
	return both(n, modules, both(n, ask_sym(n, s, AT_LEAST_M), ask_sym(n, s, AT_MOST_M)));
}

static const struct kalts *not_tri(struct kneeds *n, struct ksym *s, uint8_t v)
{
	if (v == KCONFIG_Y)
		return ask_sym(n, s, AT_MOST_M);
	if (v == KCONFIG_N)
		return ask_sym(n, s, AT_LEAST_M);
	return either(n, ask_sym(n, s, AT_LEAST_Y), ask_sym(n, s, AT_MOST_N));
}

static uint8_t flip_comp(uint8_t type)
{
	static const uint8_t o[] = {[KE_EQ] = KE_NE,
	        [KE_NE] = KE_EQ,
	        [KE_LT] = KE_GE,
	        [KE_GE] = KE_LT,
	        [KE_GT] = KE_LE,
	        [KE_LE] = KE_GT};

	return o[type];
}

// s TYPE v, where v is a value of n, m, y (0, 1, 2) and may lie outside of them.
static const struct kalts *order_tri(struct kneeds *n, struct ksym *s, uint8_t type, int v)
{
	static const enum question least[] = {[KCONFIG_M] = AT_LEAST_M, [KCONFIG_Y] = AT_LEAST_Y},
	                           most[] = {[KCONFIG_N] = AT_MOST_N, [KCONFIG_M] = AT_MOST_M};
	bool up = type == KE_GE || type == KE_GT;

	v += type == KE_GT ? 1 : type == KE_LT ? -1 : 0;
	if (v < KCONFIG_N || v > KCONFIG_Y)
		return up == (v < KCONFIG_N) ? &free_of_charge : &impossible;
	if (v == (up ? KCONFIG_N : KCONFIG_Y))
		return &free_of_charge;
	return ask_sym(n, s, up ? least[v] : most[v]);
}

static const struct kalts *comp_tri(struct kneeds *n, struct ksym *s, uint8_t type, uint8_t v)
{
	return type == KE_EQ ? be_tri(n, s, v) : type == KE_NE ? not_tri(n, s, v) : order_tri(n, s, type, v);
}

// A TYPE b is b MIRRORED a.
static uint8_t mirror_comp(uint8_t type)
{
	static const uint8_t o[] = {[KE_EQ] = KE_EQ,
	        [KE_NE] = KE_NE,
	        [KE_LT] = KE_GT,
	        [KE_GE] = KE_LE,
	        [KE_GT] = KE_LT,
	        [KE_LE] = KE_GE};

	return o[type];
}

// Either side is moved to where the other is now.
static const struct kalts *comp_of_two(struct kneeds *n, struct ksym *s, uint8_t type, struct ksym *v)
{
	ksym_calc(n->k, s);
	ksym_calc(n->k, v);
	const struct kalts *left = (s->flags & KS_FIXED) ? &impossible : comp_tri(n, s, type, v->tri);

	return (v->flags & KS_FIXED) ? left : either(n, left, comp_tri(n, v, mirror_comp(type), s->tri));
}

static const struct kalts *be_comp(struct kneeds *n, const struct kexpr *e, uint8_t type)
{
	struct ksym *s = e->l.s, *v = e->r.s;
	char text[40];

	if (ktype_is_tri(s->type) && ktype_is_tri(v->type))
		return comp_of_two(n, s, type, v);
	if (ktype_is_tri(s->type) || type == KE_NE)
		return &impossible;
	ksym_calc(n->k, v);
	if (type == KE_EQ || type == KE_GE || type == KE_LE)
		return set_text(n, s, ksym_text(v));
	if (s->type != KCONFIG_INT)
		return &impossible;
	long long next;
	errno = 0;
	long long limit = strtoll(ksym_text(v), NULL, 10);
	if (errno || __builtin_add_overflow(limit, type == KE_GT ? 1 : -1, &next))
		return &impossible; // nothing is beyond the largest number
	snprintf(text, sizeof(text), "%lld", next);
	return set_text(n, s, text);
}

static const struct kalts *ask_expr(struct kneeds *n, struct kexpr *e, enum question q)
{
	bool raise = q == AT_LEAST_M || q == AT_LEAST_Y;
	const struct kalts *l, *r;

	if (!e)
		return raise ? &free_of_charge : &impossible;
	if (holds(kexpr_calc(n->k, e), q))
		return &free_of_charge;
	switch (e->type) {
	case KE_SYM:
		return ask_sym(n, e->l.s, q);
	case KE_NOT:
		return ask_expr(n, e->l.e, opposite(q));
	case KE_AND:
	case KE_OR:
		l = ask_expr(n, e->l.e, q);
		if (!l->len && (e->type == KE_AND) == raise)
			return &impossible;
		r = ask_expr(n, e->r.e, q);
		return (e->type == KE_AND) == raise ? both(n, l, r) : either(n, l, r);
	case KE_NONE:
	case KE_RANGE:
		return &impossible;
	default:
		return be_comp(n, e, raise ? e->type : flip_comp(e->type));
	}
}

const struct kalts *kneeds_item(struct kneeds *n, const struct kfix_item *i)
{
	if (ktype_is_tri(i->sym->type))
		return be_tri(n, i->sym, i->tri);
	return set_text(n, i->sym, i->text);
}

const struct kalts *kneeds_items(struct kneeds *n, const struct kfix_item *v, size_t len)
{
	const struct kalts *all = &free_of_charge;

	for (size_t i = 0; i < len; i++)
		all = both(n, all, kneeds_item(n, &v[i]));
	return all;
}
