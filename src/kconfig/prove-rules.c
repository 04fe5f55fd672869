// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of proofs: what a symbol's value needs and makes necessary. They say less than solve.c does where
// a value depends on what the user does, never more.
#include <string.h>
#include "base/mem.h"
#include "kconfig/prove-inside.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

#define ROUNDS_MAX 60

static const struct kspan anything = {KCONFIG_N, KCONFIG_Y};

struct kspan kspan_sym(const struct kproof *p, const struct ksym *s)
{
	if (s->flags & KS_FIXED)
		return (struct kspan){s->tri, s->tri};
	if (!ktype_is_tri(s->type))
		return (struct kspan){KCONFIG_N, KCONFIG_N};
	return (struct kspan){p->lo[s->index], p->hi[s->index]};
}

bool kspan_is_tri(const struct ksym *s)
{
	return ktype_is_tri(s->type) || (s->flags & KS_FIXED);
}

// The text of a number or string that is always the same; NULL: that is not known.
static const char *text_ever(struct kproof *p, const struct ksym *s, unsigned depth)
{
	if ((s->flags & KS_CONST) || !s->menus)
		return s->name;
	if (ktype_is_tri(s->type) || s->type == KCONFIG_UNKNOWN || !p->hidden[s->index] || depth > 8)
		return NULL;
	for (const struct kprop *q = s->props; q; q = q->next)
		if (q->type == KP_RANGE)
			return NULL;
	for (const struct kprop *q = s->props; q; q = q->next) {
		struct kspan cond = q->type == KP_DEFAULT ? kspan_of(p, q->cond) : (struct kspan){};
		if (cond.hi == KCONFIG_N)
			continue;
		return cond.lo > KCONFIG_N && kprop_sym(q) ? text_ever(p, kprop_sym(q), depth + 1) : NULL;
	}
	return NULL;
}

static struct kspan span_texts(struct kproof *p, const struct kexpr *e)
{
	const char *a = text_ever(p, e->l.s, 0), *b = text_ever(p, e->r.s, 0);

	if (!a || !b)
		return anything;
	int c = kvalue_compare(a, e->l.s->type, b, e->r.s->type);
	bool is = e->type == KE_EQ   ? c == 0
	          : e->type == KE_NE ? c != 0
	          : e->type == KE_LT ? c < 0
	          : e->type == KE_LE ? c <= 0
	          : e->type == KE_GT ? c > 0
	                             : c >= 0;
	uint8_t v = is ? KCONFIG_Y : KCONFIG_N;
	return (struct kspan){v, v};
}

static struct kspan span_comp(struct kproof *p, const struct kexpr *e)
{
	if (!kspan_is_tri(e->l.s) || !kspan_is_tri(e->r.s))
		return span_texts(p, e);
	struct kspan a = kspan_sym(p, e->l.s), b = kspan_sym(p, e->r.s);
	bool same = a.lo == a.hi && b.lo == b.hi && a.lo == b.lo, apart = a.hi < b.lo || b.hi < a.lo;
	static const struct kspan never = {KCONFIG_N, KCONFIG_N}, always = {KCONFIG_Y, KCONFIG_Y};

	if (e->type == KE_EQ)
		return same ? always : apart ? never : anything;
	if (e->type == KE_NE)
		return same ? never : apart ? always : anything;
	return anything;
}

static struct kspan span_node(struct kproof *p, struct kexpr *e)
{
	struct kspan a, b;

	switch (e->type) {
	case KE_SYM:
		return kspan_sym(p, e->l.s);
	case KE_NOT:
		a = kspan_of(p, e->l.e);
		return (struct kspan){(uint8_t)(KCONFIG_Y - a.hi), (uint8_t)(KCONFIG_Y - a.lo)};
	case KE_AND:
		a = kspan_of(p, e->l.e);
		b = kspan_of(p, e->r.e);
		return (struct kspan){tri_and(a.lo, b.lo), tri_and(a.hi, b.hi)};
	case KE_OR:
		a = kspan_of(p, e->l.e);
		b = kspan_of(p, e->r.e);
		return (struct kspan){tri_or(a.lo, b.lo), tri_or(a.hi, b.hi)};
	default:
		return kexpr_is_comp(e) ? span_comp(p, e) : anything;
	}
}

struct kspan kspan_of(struct kproof *p, struct kexpr *e)
{
	if (!e)
		return (struct kspan){KCONFIG_Y, KCONFIG_Y};
	if (p->depth > KPROOF_DEPTH_MAX)
		return anything;
	p->depth++;
	struct kspan s = span_node(p, e);
	p->depth--;
	return s;
}

static bool is_new_member(const struct kproof *p, const struct ksym *s)
{
	return p->k->dialect.new_choice && s->in_list;
}

// The user has no say, and no old value of another name counts.
static bool is_hidden(struct kproof *p, const struct ksym *s)
{
	if ((s->flags & (KS_TRANSITIONAL | KS_MEMBER)) || is_new_member(p, s) || ksym_is_choice(s))
		return false;
	for (const struct kprop *q = s->props; q; q = q->next) {
		if (q->text && kspan_of(p, q->cond).hi > KCONFIG_N)
			return false;
		if (q->type == KP_DEFAULT && kprop_sym(q) && kprop_sym(q)->flags & KS_TRANSITIONAL)
			return false;
	}
	return true;
}

// What a condition must reach for s to be tri: where m may come out as y, m is enough.
static uint8_t condition_for(const struct kproof *p, const struct ksym *s, uint8_t tri)
{
	bool tristate = s->type == KCONFIG_TRISTATE && !is_new_member(p, s) && !(s->flags & KS_MEMBER) &&
	                p->lo[p->k->modules->index] != KCONFIG_N;

	return tristate ? tri : KCONFIG_M;
}

// One of the ways in which a symbol gets a value: both conditions must be met.
struct source {
	struct kexpr *a, *b;
	const struct kprop *prop;
};

static struct kspan span_source(struct kproof *p, const struct source *s)
{
	struct kspan a = kspan_of(p, s->a), b = kspan_of(p, s->b);

	return (struct kspan){tri_and(a.lo, b.lo), tri_and(a.hi, b.hi)};
}

struct sources {
	struct source *v;
	size_t len, cap;
};

static void add_source(struct sources *l, struct kexpr *a, struct kexpr *b, const struct kprop *prop)
{
	mem_grow(&l->v, &l->cap, l->len + 1, sizeof(*l->v));
	l->v[l->len++] = (struct source){a, b, prop};
}

static void list_sources(const struct kproof *p, struct ksym *s, struct sources *ret)
{
	bool member = is_new_member(p, s);

	for (struct kprop *q = s->props; q; q = q->next) {
		if (q->text)
			add_source(ret, q->cond, NULL, q);
		else if (q->type == KP_DEFAULT && !member && !ksym_is_choice(s))
			add_source(ret, q->cond, q->expr, q);
	}
	if (!member && s->rev_dep)
		add_source(ret, s->rev_dep, NULL, NULL);
	if (!member && s->implied)
		add_source(ret, s->implied, s->dir_dep, NULL);
	if (s->flags & KS_TRANSITIONAL)
		add_source(ret, s->dir_dep, NULL, NULL);
}

// An entry without dependencies does not show in the union of them, as in conf.
bool kproof_has_dependencies(const struct ksym *s)
{
	for (const struct kmenu *m = s->menus; m; m = m->same)
		if (!m->dep)
			return false;
	return s->dir_dep != NULL;
}

// Where nothing can select s its dependencies must be met, by whatever it gets its value.
static bool follow_depends(struct kproof *p, struct ksym *s, uint8_t want, struct kcause *c)
{
	struct kcause with = *c;

	if (is_new_member(p, s) || !kproof_has_dependencies(s))
		return true;
	if (s->rev_dep && kspan_of(p, s->rev_dep).hi >= want)
		return true;
	if (s->rev_dep)
		kproof_blame(p, s->rev_dep, true, want, &with);
	with.why = KWHY_DEPENDS;
	return kproof_need(p, s->dir_dep, true, want, &with);
}

// s is at least tri: where only one way is left for that, it is the one.
static bool follow_least(struct kproof *p, struct ksym *s)
{
	uint8_t want = condition_for(p, s, p->lo[s->index]);
	struct sources l = {};
	struct kcause c = {.why = KWHY_SOURCE, .subject = s};
	size_t left = 0, last = 0;

	kcause_add(&c, kproof_event(p, s, true));
	if (s->type == KCONFIG_TRISTATE && want == KCONFIG_Y)
		kcause_add(&c, kproof_event(p, p->k->modules, true));
	if (!follow_depends(p, s, want, &c))
		return false;
	list_sources(p, s, &l);
	for (size_t i = 0; i < l.len; i++)
		if (span_source(p, &l.v[i]).hi >= want) {
			left++;
			last = i;
		}
	bool good = true;
	if (left <= 1) {
		for (size_t i = 0; i < l.len; i++)
			if (!left || i != last)
				kproof_blame(p, kspan_of(p, l.v[i].a).hi < want ? l.v[i].a : l.v[i].b, true,
				        want, &c);
		c.prop = left ? l.v[last].prop : NULL;
		if (left && c.prop && c.prop->text)
			c.why = KWHY_DEPENDS;
		c.unmet = !left;
		good = left ? kproof_need(p, l.v[last].a, true, want, &c) &&
		                       kproof_need(p, l.v[last].b, true, want, &c)
		            : kproof_clash(p, &c);
	}
	mem_free(l.v);
	return good;
}

static const struct kprop *select_of(const struct kexpr *operand, const struct ksym *s)
{
	while (operand->type == KE_AND)
		operand = operand->l.e;
	if (operand->type != KE_SYM)
		return NULL;
	for (const struct kprop *q = operand->l.s->props; q; q = q->next)
		if (q->type == KP_SELECT && kprop_sym(q) == s)
			return q;
	return NULL;
}

// s is at most hi, so nothing may select it beyond.
static bool follow_selectors(struct kproof *p, struct ksym *s, uint8_t hi)
{
	for (struct kexpr *e = s->rev_dep; e; e = e->type == KE_OR ? e->l.e : NULL) {
		struct kexpr *one = e->type == KE_OR ? e->r.e : e;
		struct kcause c = {.why = KWHY_SELECTED, .subject = s, .prop = select_of(one, s)};
		if (kspan_of(p, one).hi <= hi)
			continue;
		kcause_add(&c, kproof_event(p, s, false));
		if (!kproof_need(p, one, false, hi, &c))
			return false;
	}
	return true;
}

// A hidden symbol is what the first default that counts says, and what is implied.
static bool follow_defaults(struct kproof *p, struct ksym *s, uint8_t hi)
{
	struct kcause c = {.why = KWHY_DEFAULT, .subject = s};

	kcause_add(&c, kproof_event(p, s, false));
	for (struct kprop *q = s->props; q; q = q->next) {
		if (q->type != KP_DEFAULT)
			continue;
		c.prop = q;
		struct kspan cond = kspan_of(p, q->cond), value = kspan_of(p, q->expr);
		bool low_cond = cond.lo > hi, low_value = value.lo > hi;
		struct kcause with = c;
		if (low_value) {
			kproof_blame(p, q->expr, false, hi, &with);
			if (!kproof_need(p, q->cond, false, hi, &with))
				return false;
		} else if (low_cond) {
			kproof_blame(p, q->cond, false, hi, &with);
			if (!kproof_need(p, q->expr, false, hi, &with))
				return false;
		}
		if (cond.hi > KCONFIG_N)
			return true;
		kproof_blame(p, q->cond, true, KCONFIG_M, &c);
	}
	return true;
}

static bool follow_most(struct kproof *p, struct ksym *s)
{
	uint8_t hi = p->hi[s->index];

	if (is_new_member(p, s))
		return true;
	if (!follow_selectors(p, s, hi))
		return false;
	return !p->hidden[s->index] || follow_defaults(p, s, hi);
}

// What s, being at least lo, selects.
static bool follow_selects(struct kproof *p, struct ksym *s)
{
	uint8_t lo = p->lo[s->index];

	for (struct kprop *q = s->props; q; q = q->next) {
		struct ksym *t = q->type == KP_SELECT ? kprop_sym(q) : NULL;
		if (!t || !ktype_is_tri(t->type) || is_new_member(p, t))
			continue;
		uint8_t tri = tri_and(lo, kspan_of(p, q->cond).lo);
		if (tri <= p->lo[t->index])
			continue;
		struct kcause c = {.why = KWHY_SELECTS, .subject = s, .prop = q};
		kcause_add(&c, kproof_event(p, s, true));
		// What s depends on follows from s itself, unless something may select s.
		bool selected = s->rev_dep && kspan_of(p, s->rev_dep).hi > KCONFIG_N;
		kproof_blame(p, selected ? q->cond : q->own, false, tri - 1, &c);
		if (!kproof_bound(p, t, true, tri, &c))
			return false;
	}
	return true;
}

// Two members of a choice are not y; where no member is, none can be visible.
static bool follow_choice(struct kproof *p, struct ksym *s, struct kmenu *choice)
{
	bool simple = p->k->dialect.new_choice || s->type == KCONFIG_BOOL;
	struct kcause c = {.why = KWHY_MEMBER, .subject = s, .choice = choice};

	if (p->lo[s->index] == KCONFIG_Y && simple) {
		kcause_add(&c, kproof_event(p, s, true));
		for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice)) {
			struct ksym *t = m->sym;
			if (!t || t == s || ksym_choice_menu(p->k, t) != choice ||
			        (!p->k->dialect.new_choice && t->type != KCONFIG_BOOL))
				continue;
			if (!kproof_bound(p, t, false, KCONFIG_N, &c))
				return false;
		}
	}
	if (p->hi[s->index] != KCONFIG_N || !p->k->dialect.new_choice)
		return true;
	c = (struct kcause){.why = KWHY_LAST_MEMBER, .subject = s, .choice = choice};
	struct ksym *left = NULL;
	for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice)) {
		struct ksym *t = m->sym;
		if (!t || ksym_choice_menu(p->k, t) != choice)
			continue;
		if (p->hi[t->index] != KCONFIG_N) {
			if (left)
				return true;
			left = t;
			continue;
		}
		kcause_add(&c, kproof_event(p, t, false));
	}
	bool shown = false; // is there a member that is always visible?
	for (struct kmenu *m = kmenu_next(choice, choice); m && !shown; m = kmenu_next(m, choice))
		for (struct kprop *q = m->sym ? m->sym->props : NULL; q && !shown; q = q->next)
			if (q->text && ksym_choice_menu(p->k, m->sym) == choice &&
			        kspan_of(p, q->cond).lo > KCONFIG_N) {
				kproof_blame(p, q->cond, false, KCONFIG_N, &c);
				shown = true;
			}
	if (!shown)
		return true;
	return left ? kproof_bound(p, left, true, KCONFIG_Y, &c) : kproof_clash(p, &c);
}

bool kproof_follow_up(struct kproof *p, struct ksym *s)
{
	uint8_t lo = p->lo[s->index], hi = p->hi[s->index];

	if (lo == KCONFIG_M && hi == KCONFIG_M) {
		struct kcause c = {.why = KWHY_MODULE, .subject = s};
		kcause_add(&c, kproof_event(p, s, true));
		kcause_add(&c, kproof_event(p, s, false));
		if (!kproof_bound(p, p->k->modules, true, KCONFIG_Y, &c))
			return false;
	}
	return lo <= p->lo_ever[s->index] || (follow_least(p, s) && follow_selects(p, s));
}

bool kproof_follow_down(struct kproof *p, struct ksym *s)
{
	struct kmenu *choice = ksym_is_choice(s) ? NULL : ksym_choice_menu(p->k, s);

	if (p->hi[s->index] < p->hi_ever[s->index] && !follow_most(p, s))
		return false;
	return !choice || follow_choice(p, s, choice);
}

void kproof_why_never(struct kproof *p, struct ksym *s, uint8_t hi, struct kcause *c)
{
	uint8_t want = condition_for(p, s, hi + 1);
	struct sources l = {};

	list_sources(p, s, &l);
	c->sources = l.len;
	if (kproof_has_dependencies(s) && !is_new_member(p, s) && kspan_of(p, s->dir_dep).hi < want) {
		c->unmet = true;
		kproof_blame(p, s->dir_dep, true, want, c);
		if (s->rev_dep)
			kproof_blame(p, s->rev_dep, true, want, c);
	} else {
		for (size_t i = 0; i < l.len; i++)
			kproof_blame(p, kspan_of(p, l.v[i].a).hi < want ? l.v[i].a : l.v[i].b, true, want, c);
	}
	mem_free(l.v);
}

static uint8_t highest_of(struct kproof *p, struct ksym *s)
{
	bool member = is_new_member(p, s);
	uint8_t hi = KCONFIG_N;

	for (struct kprop *q = s->props; q && hi < KCONFIG_Y; q = q->next) {
		if (q->text)
			hi = tri_or(hi, kspan_of(p, q->cond).hi);
		else if (q->type == KP_DEFAULT && !member && !ksym_is_choice(s))
			hi = tri_or(hi, tri_and(kspan_of(p, q->cond).hi, kspan_of(p, q->expr).hi));
	}
	if (!member && s->rev_dep && hi < KCONFIG_Y)
		hi = tri_or(hi, kspan_of(p, s->rev_dep).hi);
	if (!member && s->implied && hi < KCONFIG_Y)
		hi = tri_or(hi, tri_and(kspan_of(p, s->implied).hi, kspan_of(p, s->dir_dep).hi));
	if (s->flags & KS_TRANSITIONAL)
		hi = tri_or(hi, kspan_of(p, s->dir_dep).hi);
	return hi;
}

static uint8_t highest(struct kproof *p, struct ksym *s)
{
	uint8_t hi = highest_of(p, s);
	// A bool has no m; a tristate has none without modules, or as the member of a choice.
	bool no_m = s->type == KCONFIG_BOOL || p->lo[p->k->modules->index] == KCONFIG_N ||
	            is_new_member(p, s) || (s->flags & KS_MEMBER);

	return hi == KCONFIG_M && no_m ? KCONFIG_Y : hi;
}

bool kproof_follow_far(struct kproof *p)
{
	for (size_t i = 0; i < p->k->syms_len; i++) {
		struct ksym *s = p->k->syms[i];
		if (!s->menus || !ktype_is_tri(s->type) || (s->flags & KS_FIXED) || p->hi[i] == KCONFIG_N)
			continue;
		uint8_t hi = highest(p, s);
		if (hi >= p->hi[i])
			continue;
		struct kcause c = {.why = KWHY_UNREACHED, .subject = s};
		kproof_why_never(p, s, hi, &c);
		if (!kproof_bound(p, s, false, hi, &c))
			return false;
	}
	return true;
}

static uint8_t lowest(struct kproof *p, struct ksym *s)
{
	uint8_t lo = KCONFIG_N;

	if (is_new_member(p, s) || ksym_is_choice(s) || (s->flags & KS_MEMBER))
		return lo;
	if (s->rev_dep)
		lo = kspan_of(p, s->rev_dep).lo;
	if (p->hidden[s->index]) {
		for (struct kprop *q = s->props; q; q = q->next) {
			if (q->type != KP_DEFAULT)
				continue;
			struct kspan cond = kspan_of(p, q->cond);
			lo = tri_or(lo, tri_and(cond.lo, kspan_of(p, q->expr).lo));
			if (cond.hi > KCONFIG_N)
				break;
		}
	}
	return lo == KCONFIG_M && s->type == KCONFIG_BOOL ? KCONFIG_Y : lo;
}

// Upwards from n (hi) as far as anything leads; then what is never less (lo).
static void climb(struct kproof *p, uint8_t *v, uint8_t (*f)(struct kproof *p, struct ksym *s))
{
	bool changed = true, settled = true;

	for (unsigned round = 0; changed; round++) {
		changed = false;
		settled = round < ROUNDS_MAX;
		for (size_t i = 0; i < p->k->syms_len && settled; i++) {
			struct ksym *s = p->k->syms[i];
			if (!s->menus || !ktype_is_tri(s->type) || (s->flags & KS_FIXED) || v[i] == KCONFIG_Y)
				continue;
			uint8_t now = f(p, s);
			changed = changed || now > v[i];
			v[i] = tri_or(v[i], now);
		}
	}
	if (!settled && f == highest)
		memset(v, KCONFIG_Y, p->k->syms_len); // nothing is known
}

void kproof_ever(struct kproof *p)
{
	climb(p, p->hi, highest);
	for (size_t i = 0; i < p->k->syms_len; i++)
		p->hidden[i] = is_hidden(p, p->k->syms[i]);
	climb(p, p->lo, lowest);
	memset(p->hi, 0, p->k->syms_len);
	climb(p, p->hi, highest);
}
