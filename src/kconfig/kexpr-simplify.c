// SPDX-License-Identifier: GPL-2.0-or-later
// Simplifying expressions. The results must have the shape that this tree's conf gives them: the menu tree is
// built from it, and the warnings show it. Two schools exist (struct kdialect.shared_expr): bottom up over
// shared nodes, and top down over one tree.
#include <string.h>
#include "base/mem.h"
#include "kconfig/kexpr.h"

// e with other operands; the same node without a look-up when they are the same.
static struct kexpr *with_operands(struct kconfig *k, struct kexpr *e, struct kexpr *l, struct kexpr *r)
{
	return l == e->l.e && r == e->r.e ? e : kexpr_two(k, e->type, l, r);
}

struct kexpr *kexpr_rewrite_m(struct kconfig *k, struct kexpr *e)
{
	if (!e)
		return e;
	switch (e->type) {
	case KE_NOT:
		return with_operands(k, e, kexpr_rewrite_m(k, e->l.e), NULL);
	case KE_OR:
	case KE_AND:
		return with_operands(k, e, kexpr_rewrite_m(k, e->l.e), kexpr_rewrite_m(k, e->r.e));
	case KE_SYM:
		return e->l.s == k->mod ? kexpr_and(k, e, kexpr_sym(k, k->modules)) : e;
	default:
		return e;
	}
}

static struct kexpr *transform_not(struct kconfig *k, struct kexpr *e)
{
	static const uint8_t opposite[] = {
	        [KE_EQ] = KE_NE,
	        [KE_NE] = KE_EQ,
	        [KE_LE] = KE_GT,
	        [KE_GE] = KE_LT,
	        [KE_LT] = KE_GE,
	        [KE_GT] = KE_LE,
	};
	struct kexpr *in = e->l.e;

	if (in->type == KE_NOT)
		return in->l.e;
	if (kexpr_is_comp(in))
		return kexpr_comp(k, opposite[in->type], in->l.s, in->r.s);
	if (in->type == KE_OR || in->type == KE_AND)
		return kexpr_transform(
		        k, kexpr_two(k, in->type == KE_OR ? KE_AND : KE_OR, kexpr_one(k, KE_NOT, in->l.e),
		                   kexpr_one(k, KE_NOT, in->r.e)));
	if (in->type == KE_SYM && in->l.s == k->yes)
		return kexpr_sym(k, k->no);
	if (in->type == KE_SYM && in->l.s == k->mod)
		return kexpr_sym(k, k->mod);
	if (in->type == KE_SYM && in->l.s == k->no)
		return kexpr_sym(k, k->yes);
	return e;
}

// A bool compared with y, m or n is that bool, its negation, or a constant.
static struct kexpr *transform_comp(struct kconfig *k, struct kexpr *e)
{
	bool equal = e->type == KE_EQ;
	struct ksym *s = e->l.s, *v = e->r.s;

	if ((e->type != KE_EQ && e->type != KE_NE) || s->type != KCONFIG_BOOL)
		return e;
	if (v == k->mod)
		return kexpr_sym(k, equal ? k->no : k->yes);
	if (v != k->yes && v != k->no)
		return e;
	struct kexpr *self = kexpr_sym(k, s);
	return equal == (v == k->yes) ? self : kexpr_one(k, KE_NOT, self);
}

struct kexpr *kexpr_transform(struct kconfig *k, struct kexpr *e)
{
	if (!e || e->type == KE_SYM || e->type == KE_RANGE)
		return e;
	if (kexpr_is_comp(e))
		return transform_comp(k, e);
	if (e->type == KE_NOT)
		return transform_not(k, with_operands(k, e, kexpr_transform(k, e->l.e), NULL));
	return with_operands(k, e, kexpr_transform(k, e->l.e), kexpr_transform(k, e->r.e));
}

// Constants away: x && y is x, x || y is y, ...
static struct kexpr *drop_constants(struct kconfig *k, struct kexpr *e)
{
	if (!e || (e->type != KE_AND && e->type != KE_OR))
		return e;
	struct ksym *absorbs = e->type == KE_AND ? k->no : k->yes,
	            *vanishes = e->type == KE_AND ? k->yes : k->no;
	struct kexpr *l = drop_constants(k, e->l.e), *r = drop_constants(k, e->r.e);
	struct ksym *ls = l->type == KE_SYM ? l->l.s : NULL, *rs = r->type == KE_SYM ? r->l.s : NULL;
	if (ls && ls == absorbs)
		return l;
	if (ls && ls == vanishes)
		return r;
	if (rs && rs == absorbs)
		return r;
	if (rs && rs == vanishes)
		return l;
	return k->dialect.shared_expr ? e : with_operands(k, e, l, r);
}

// The operands of one level of && or ||, in order, as slots that can be replaced.
struct leaves {
	struct kexpr **v;
	size_t len, cap;
};

static void leaves_collect(struct leaves *s, struct kexpr *e, uint8_t type)
{
	if (e->type == type) {
		leaves_collect(s, e->l.e, type);
		leaves_collect(s, e->r.e, type);
		return;
	}
	mem_grow(&s->v, &s->cap, s->len + 1, sizeof(*s->v));
	s->v[s->len++] = e;
}

// The tree e again with the slots in the places of its leaves.
static struct kexpr *leaves_put(
        struct kconfig *k, const struct leaves *s, size_t *at, struct kexpr *e, uint8_t type)
{
	if (e->type != type)
		return s->v[(*at)++];
	struct kexpr *l = leaves_put(k, s, at, e->l.e, type);
	struct kexpr *r = leaves_put(k, s, at, e->r.e, type);
	return l == e->l.e && r == e->r.e ? e : kexpr_two(k, type, l, r);
}

static bool expr_equal(struct kconfig *k, struct kexpr *a, struct kexpr *b);

// Operands of one level that are equal on both sides become neutral on both.
static void cancel_level(struct kconfig *k, uint8_t type, struct kexpr **a, struct kexpr **b)
{
	struct leaves x = {}, y = {};
	struct kexpr *neutral = kexpr_sym(k, type == KE_OR ? k->no : k->yes);
	size_t at = 0;

	leaves_collect(&x, *a, type);
	leaves_collect(&y, *b, type);
	for (size_t i = 0; i < x.len; i++) {
		for (size_t j = 0; j < y.len; j++) {
			struct kexpr *l = x.v[i], *r = y.v[j];
			if (l == r && l->type == KE_SYM && (l->l.s == k->yes || l->l.s == k->no))
				continue;
			if (!expr_equal(k, l, r))
				continue;
			k->tidy_count++;
			x.v[i] = y.v[j] = neutral;
		}
	}
	*a = leaves_put(k, &x, &at, *a, type);
	at = 0;
	*b = leaves_put(k, &y, &at, *b, type);
	mem_free(x.v);
	mem_free(y.v);
}

void kexpr_cancel(struct kconfig *k, struct kexpr **a, struct kexpr **b)
{
	if (!*a || !*b)
		return;
	if ((*a)->type == KE_OR || (*a)->type == KE_AND)
		cancel_level(k, (*a)->type, a, b);
	if ((*a)->type != (*b)->type && ((*b)->type == KE_OR || (*b)->type == KE_AND))
		cancel_level(k, (*b)->type, a, b);
	*a = drop_constants(k, *a);
	*b = drop_constants(k, *b);
}

static bool expr_equal(struct kconfig *k, struct kexpr *a, struct kexpr *b)
{
	if (a == b)
		return true;
	if (!a || !b)
		return kexpr_is_yes(k, a) && kexpr_is_yes(k, b);
	if (a->type != b->type)
		return false;
	if (a->type == KE_NOT)
		return expr_equal(k, a->l.e, b->l.e);
	if (a->type != KE_AND && a->type != KE_OR)
		return false;
	unsigned count = k->tidy_count;
	kexpr_cancel(k, &a, &b);
	k->tidy_count = count;
	return a->type == KE_SYM && b->type == KE_SYM && a->l.s == b->l.s;
}

// The one symbol that both a and b are about in a form that can be joined, or NULL.
static struct ksym *join_subject(struct kexpr *a, struct kexpr *b)
{
	const struct kexpr *x = a->type == KE_NOT ? a->l.e : a, *y = b->type == KE_NOT ? b->l.e : b;

	if (x->type != KE_EQ && x->type != KE_NE && x->type != KE_SYM)
		return NULL;
	if (y->type != KE_SYM && (b->type == KE_NOT || (y->type != KE_EQ && y->type != KE_NE)))
		return NULL;
	return x->l.s == y->l.s && ktype_is_tri(x->l.s->type) ? x->l.s : NULL;
}

// Of y, m, n the one that is neither a nor b; NULL unless a and b are two different ones of them.
static struct ksym *third_value(struct kconfig *k, const struct ksym *a, const struct ksym *b)
{
	struct ksym *v[] = {k->yes, k->mod, k->no};
	struct ksym *rest = NULL;
	unsigned hits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		if (v[i] == a || v[i] == b)
			hits++;
		else
			rest = v[i];
	}
	return hits == 2 ? rest : NULL;
}

static struct kexpr *join_or(struct kconfig *k, struct kexpr *a, struct kexpr *b)
{
	if (expr_equal(k, a, b))
		return a;
	struct ksym *s = join_subject(a, b);
	if (!s)
		return NULL;
	if (s->type == KCONFIG_TRISTATE && a->type == KE_EQ && b->type == KE_EQ) {
		struct ksym *rest = third_value(k, a->r.s, b->r.s);
		if (rest)
			return kexpr_comp(k, KE_NE, s, rest);
	}
	if (s->type == KCONFIG_BOOL) {
		bool a_not = a->type == KE_NOT && a->l.e->type == KE_SYM,
		     b_not = b->type == KE_NOT && b->l.e->type == KE_SYM;
		if ((a_not && b->type == KE_SYM) || (b_not && a->type == KE_SYM))
			return kexpr_sym(k, k->yes);
	}
	return NULL;
}

// s && (s op v), and two comparisons of a tristate.
static struct kexpr *join_and_comp(struct kconfig *k, struct ksym *s, struct kexpr *a, struct kexpr *b)
{
	if (a->type == KE_SYM || b->type == KE_SYM) {
		const struct kexpr *c = a->type == KE_SYM ? b : a;
		if (c->type == KE_EQ && c->r.s == k->yes)
			return kexpr_comp(k, KE_EQ, s, k->yes);
		if (c->type == KE_NE && c->r.s == k->no)
			return kexpr_sym(k, s);
		if (c->type == KE_NE && c->r.s == k->mod)
			return kexpr_comp(k, KE_EQ, s, k->yes);
		return NULL;
	}
	if (s->type != KCONFIG_TRISTATE)
		return NULL;
	if ((a->type == KE_EQ && b->type == KE_NE) || (a->type == KE_NE && b->type == KE_EQ)) {
		struct ksym *is = a->type == KE_EQ ? a->r.s : b->r.s,
		            *is_not = a->type == KE_EQ ? b->r.s : a->r.s;
		if ((is->flags & KS_CONST) && (is_not->flags & KS_CONST))
			return is != is_not ? kexpr_comp(k, KE_EQ, s, is) : kexpr_sym(k, k->no);
	}
	if (a->type == KE_NE && b->type == KE_NE) {
		struct ksym *rest = third_value(k, a->r.s, b->r.s);
		if (rest)
			return kexpr_comp(k, KE_EQ, s, rest);
	}
	return NULL;
}

static struct kexpr *join_and(struct kconfig *k, struct kexpr *a, struct kexpr *b)
{
	if (expr_equal(k, a, b))
		return a;
	struct ksym *s = join_subject(a, b);
	if (!s || a->type == KE_NOT || b->type == KE_NOT)
		return NULL;
	return join_and_comp(k, s, a, b);
}

// Tries to join slot i of x with slot j of y: then x[i] is neutral and y[j] is both.
static void join_slots(struct kconfig *k, uint8_t type, struct kexpr **x, struct kexpr **y)
{
	struct kexpr *both = type == KE_OR ? join_or(k, *x, *y) : join_and(k, *x, *y);

	if (!both)
		return;
	*x = kexpr_sym(k, type == KE_OR ? k->no : k->yes);
	*y = both;
	k->tidy_count++;
}

// Top down school: each operand of a level against all others of the same level, operands first tidied
// inside.
static struct kexpr *tidy_level(struct kconfig *k, struct kexpr *e)
{
	struct leaves s = {};
	size_t at = 0;

	leaves_collect(&s, e, e->type);
	for (size_t i = 0; i < s.len; i++) {
		for (size_t j = 0; j < s.len; j++) {
			if (i == j)
				continue;
			if (s.v[i]->type == KE_OR || s.v[i]->type == KE_AND)
				s.v[i] = tidy_level(k, s.v[i]);
			join_slots(k, e->type, &s.v[i], &s.v[j]);
		}
	}
	e = leaves_put(k, &s, &at, e, e->type);
	mem_free(s.v);
	return e;
}

static struct kexpr *tidy_top_down(struct kconfig *k, struct kexpr *e)
{
	for (;;) {
		k->tidy_count = 0;
		if (e->type == KE_OR || e->type == KE_AND)
			e = tidy_level(k, e);
		if (!k->tidy_count)
			return e;
		e = drop_constants(k, e);
	}
}

// Bottom up school: both sides tidied, then each operand of the left against each of the right.
static struct kexpr *tidy_two(struct kconfig *k, struct kexpr *e)
{
	struct kexpr *l = kexpr_tidy(k, e->l.e), *r = kexpr_tidy(k, e->r.e);
	struct leaves x = {}, y = {};
	size_t at = 0;

	leaves_collect(&x, l, e->type);
	leaves_collect(&y, r, e->type);
	for (size_t i = 0; i < x.len; i++)
		for (size_t j = 0; j < y.len; j++)
			join_slots(k, e->type, &x.v[i], &y.v[j]);
	l = leaves_put(k, &x, &at, l, e->type);
	at = 0;
	r = leaves_put(k, &y, &at, r, e->type);
	mem_free(x.v);
	mem_free(y.v);
	return with_operands(k, e, l, r);
}

static struct kexpr *tidy_bottom_up(struct kconfig *k, struct kexpr *e)
{
	do {
		k->tidy_count = 0;
		if (e->type == KE_OR || e->type == KE_AND)
			e = tidy_two(k, e);
		e = drop_constants(k, e);
	} while (k->tidy_count);
	return e;
}

struct kexpr *kexpr_tidy(struct kconfig *k, struct kexpr *e)
{
	if (!e)
		return e;
	if (e->tidy && e->tidy_gen == k->tidy_gen)
		return e->tidy;
	unsigned count = k->tidy_count;
	struct kexpr *r = k->dialect.shared_expr ? tidy_bottom_up(k, e) : tidy_top_down(k, e);
	k->tidy_count = count;
	e->tidy = r;
	e->tidy_gen = k->tidy_gen;
	return r;
}

static struct kexpr *compare_no(struct kconfig *k, struct kexpr *e, bool equal)
{
	struct kexpr *r;

	switch (e->type) {
	case KE_AND:
	case KE_OR:
		r = kexpr_two(k, e->type == KE_AND ? KE_OR : KE_AND, compare_no(k, e->l.e, true),
		        compare_no(k, e->r.e, true));
		return equal ? r : kexpr_one(k, KE_NOT, r);
	case KE_NOT:
		return compare_no(k, e->l.e, !equal);
	case KE_SYM:
		return kexpr_comp(k, equal ? KE_EQ : KE_NE, e->l.s, k->no);
	default:
		return equal ? kexpr_one(k, KE_NOT, e) : e;
	}
}

struct kexpr *kexpr_compare_no(struct kconfig *k, struct kexpr *e)
{
	return e ? compare_no(k, e, false) : kexpr_one(k, KE_NOT, kexpr_sym(k, k->no));
}

struct kexpr *kexpr_equals_no(struct kconfig *k, struct kexpr *e)
{
	return compare_no(k, e, true);
}

bool kexpr_contains(const struct kexpr *e, const struct ksym *s)
{
	for (; e && (e->type == KE_AND || e->type == KE_OR); e = e->l.e)
		if (kexpr_contains(e->r.e, s))
			return true;
	if (!e)
		return false;
	if (e->type == KE_NOT)
		return kexpr_contains(e->l.e, s);
	return e->l.s == s || (kexpr_is_comp(e) && e->r.s == s);
}

bool kexpr_depends(const struct kconfig *k, const struct kexpr *e, const struct ksym *s)
{
	for (; e && e->type == KE_AND; e = e->l.e)
		if (kexpr_depends(k, e->r.e, s))
			return true;
	if (!e || e->l.s != s)
		return false;
	return e->type == KE_SYM || (e->type == KE_EQ && (e->r.s == k->yes || e->r.s == k->mod)) ||
	       (e->type == KE_NE && e->r.s == k->no);
}

bool kexpr_wants_off(const struct kconfig *k, const struct kexpr *e, const struct ksym *s)
{
	for (; e && (e->type == KE_AND || e->type == KE_OR); e = e->l.e)
		if (kexpr_wants_off(k, e->r.e, s))
			return true;
	if (!e)
		return false;
	if (e->type == KE_NOT)
		return e->l.e->type == KE_SYM && e->l.e->l.s == s;
	return e->l.s == s && ((e->type == KE_EQ && e->r.s == k->no) ||
	                              (e->type == KE_NE && (e->r.s == k->yes || e->r.s == k->mod)));
}
