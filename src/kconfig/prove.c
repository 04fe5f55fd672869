// SPDX-License-Identifier: GPL-2.0-or-later
// Lower and upper bounds of symbols, and their propagation. Each bound remembers what it follows from, so
// that a contradiction can be told as a chain of steps with their places in the Kconfig files.
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/prove.h"
#include "kconfig/prove-inside.h"
#include "kconfig/solve.h"

#define EVENTS_MAX 20000

static bool set_bound(struct kproof *p, struct ksym *s, bool least, uint8_t tri, const struct kcause *c);

void kcause_add(struct kcause *c, uint32_t event)
{
	for (size_t i = 0; i < c->parents; i++)
		if (c->parent[i] == event)
			return;
	if (c->parents < KCAUSE_PARENTS_MAX)
		c->parent[c->parents++] = event;
	else
		c->too_many = true;
}

static uint32_t add_event(struct kproof *p, struct ksym *s, bool least, uint8_t tri, const struct kcause *c)
{
	mem_grow(&p->events, &p->events_cap, p->events_len + 1, sizeof(*p->events));
	p->events[p->events_len] = (struct kevent){.sym = s, .least = least, .tri = tri, .cause = *c};
	return (uint32_t)++p->events_len; // 0 is none
}

// The event behind a bound; for one that the tree itself gives it is made now.
static uint32_t event_of(struct kproof *p, struct ksym *s, bool least)
{
	uint32_t *ev = least ? &p->lo_event[s->index] : &p->hi_event[s->index];
	struct kcause c = {.why = KWHY_TREE, .subject = s};

	if (!*ev && !least && s->menus && ktype_is_tri(s->type) && p->never_depth < KPROOF_NEVER_MAX &&
	        p->hi[s->index] < KCONFIG_Y) {
		p->never_depth++;
		kproof_why_never(p, s, p->hi[s->index], &c);
		p->never_depth--;
	}
	if (!*ev)
		*ev = add_event(p, s, least, least ? p->lo[s->index] : p->hi[s->index], &c);
	return *ev;
}

// Adds to c why e is below (upper) or above (not upper) what it would have to be.
static void blame(struct kproof *p, struct kexpr *e, bool upper, uint8_t tri, struct kcause *c)
{
	if (!e)
		return;
	switch (e->type) {
	case KE_SYM:
		if (!(e->l.s->flags & KS_FIXED))
			kcause_add(c, event_of(p, e->l.s, !upper));
		return;
	case KE_NOT:
		blame(p, e->l.e, !upper, (uint8_t)(KCONFIG_Y - tri), c);
		return;
	case KE_AND:
	case KE_OR:
		if ((e->type == KE_AND) != upper) { // both are to blame
			blame(p, e->l.e, upper, tri, c);
			blame(p, e->r.e, upper, tri, c);
			return;
		}
		struct kspan l = kspan_of(p, e->l.e);
		blame(p, (upper ? l.hi < tri : l.lo > tri) ? e->l.e : e->r.e, upper, tri, c);
		return;
	default:
		for (int i = 0; kexpr_is_comp(e) && i < 4; i++) {
			struct ksym *s = i < 2 ? e->l.s : e->r.s;
			if (ktype_is_tri(s->type) && !(s->flags & KS_FIXED))
				kcause_add(c, event_of(p, s, i % 2));
		}
	}
}

static bool clash(struct kproof *p, const struct kcause *c)
{
	p->clash = add_event(p, NULL, true, KCONFIG_N, c);
	return false;
}

// One side of a comparison is known: the other has to be (or must not be) the same.
static bool need_equal(struct kproof *p, struct kexpr *e, bool equal, const struct kcause *c)
{
	for (int i = 0; i < 2; i++) {
		struct ksym *s = i ? e->r.s : e->l.s, *v = i ? e->l.s : e->r.s;
		struct kspan is = kspan_sym(p, v), may = kspan_sym(p, s);
		struct kcause with = *c;
		if (!ktype_is_tri(s->type) || (s->flags & KS_FIXED) || is.lo != is.hi || !kspan_is_tri(v))
			continue;
		if (!(v->flags & KS_FIXED)) {
			kcause_add(&with, event_of(p, v, true));
			kcause_add(&with, event_of(p, v, false));
		}
		if (equal)
			return set_bound(p, s, true, is.lo, &with) && set_bound(p, s, false, is.lo, &with);
		if (may.lo == is.lo && may.lo < KCONFIG_Y)
			return set_bound(p, s, true, may.lo + 1, &with);
		if (may.hi == is.lo && may.hi > KCONFIG_N)
			return set_bound(p, s, false, may.hi - 1, &with);
	}
	return true;
}

static bool need_deeper(struct kproof *p, struct kexpr *e, bool least, uint8_t tri, const struct kcause *c);

// e must be at least (at most) tri. False: that is a contradiction.
static bool need(struct kproof *p, struct kexpr *e, bool least, uint8_t tri, const struct kcause *c)
{
	struct kspan is = kspan_of(p, e);
	struct kcause with = *c;

	if (p->depth > KPROOF_DEPTH_MAX)
		return true;
	if (least ? is.lo >= tri : is.hi <= tri)
		return true;
	if (least ? is.hi < tri : is.lo > tri) {
		blame(p, e, least, tri, &with);
		with.expr = e;
		return clash(p, &with);
	}
	switch (e->type) {
	case KE_SYM:
		return set_bound(p, e->l.s, least, tri, c);
	case KE_NOT:
		return need_deeper(p, e->l.e, !least, (uint8_t)(KCONFIG_Y - tri), c);
	case KE_EQ:
	case KE_NE:
		return need_equal(p, e, (e->type == KE_EQ) == least, c);
	case KE_AND:
	case KE_OR:
		break;
	default:
		return true;
	}
	if ((e->type == KE_AND) == least)
		return need_deeper(p, e->l.e, least, tri, c) && need_deeper(p, e->r.e, least, tri, c);
	struct kspan l = kspan_of(p, e->l.e), r = kspan_of(p, e->r.e);
	bool no_l = least ? l.hi < tri : l.lo > tri, no_r = least ? r.hi < tri : r.lo > tri;
	if (!no_l && !no_r)
		return true; // either will do
	blame(p, no_l ? e->l.e : e->r.e, least, tri, &with);
	return need_deeper(p, no_l ? e->r.e : e->l.e, least, tri, &with);
}

static bool need_deeper(struct kproof *p, struct kexpr *e, bool least, uint8_t tri, const struct kcause *c)
{
	p->depth++;
	bool good = need(p, e, least, tri, c);
	p->depth--;
	return good;
}

bool kproof_need(struct kproof *p, struct kexpr *e, bool least, uint8_t tri, const struct kcause *c)
{
	return need(p, e, least, tri, c);
}

// What a bound means for the type: a bool has no m, nor has a tristate without modules.
static uint8_t sharpen(struct kproof *p, const struct ksym *s, bool least, uint8_t tri, struct kcause *c)
{
	bool no_m = s->type == KCONFIG_BOOL || (p->k->dialect.new_choice && s->in_list);

	if (tri != KCONFIG_M || s == p->k->modules)
		return tri == KCONFIG_M ? (least ? KCONFIG_Y : KCONFIG_N) : tri;
	if (!no_m && p->hi[p->k->modules->index] == KCONFIG_N) {
		no_m = true;
		kcause_add(c, event_of(p, p->k->modules, false));
	}
	return !no_m ? tri : least ? KCONFIG_Y : KCONFIG_N;
}

static bool set_bound(struct kproof *p, struct ksym *s, bool least, uint8_t tri, const struct kcause *c)
{
	uint8_t *lo = &p->lo[s->index], *hi = &p->hi[s->index];
	struct kcause with = *c;

	if ((s->flags & KS_FIXED) || !ktype_is_tri(s->type))
		return true; // the caller has compared it with what it is
	tri = sharpen(p, s, least, tri, &with);
	if (least ? tri <= *lo : tri >= *hi)
		return true;
	if (p->events_len > EVENTS_MAX)
		return true;
	if (least ? tri > *hi : tri < *lo) {
		struct kcause both = {.why = KWHY_CLASH, .subject = s};
		kcause_add(&both, add_event(p, s, least, tri, &with));
		kcause_add(&both, event_of(p, s, !least));
		return clash(p, &both);
	}
	*(least ? lo : hi) = tri;
	*(least ? &p->lo_event[s->index] : &p->hi_event[s->index]) = add_event(p, s, least, tri, &with);
	p->changed = true;
	if (!p->active[s->index]) {
		p->active[s->index] = true;
		p->queue[p->queue_len++] = s;
	}
	return true;
}

bool kproof_bound(struct kproof *p, struct ksym *s, bool least, uint8_t tri, const struct kcause *c)
{
	return set_bound(p, s, least, tri, c);
}

uint32_t kproof_event(struct kproof *p, struct ksym *s, bool least)
{
	return event_of(p, s, least);
}

void kproof_blame(struct kproof *p, struct kexpr *e, bool upper, uint8_t tri, struct kcause *c)
{
	blame(p, e, upper, tri, c);
}

bool kproof_clash(struct kproof *p, const struct kcause *c)
{
	return clash(p, c);
}

static void reset(struct kproof *p)
{
	size_t n = p->k->syms_len;

	memcpy(p->lo, p->lo_ever, n);
	memcpy(p->hi, p->hi_ever, n);
	memset(p->lo_event, 0, n * sizeof(*p->lo_event));
	memset(p->hi_event, 0, n * sizeof(*p->hi_event));
	memset(p->active, 0, n);
	p->queue_len = p->events_len = 0;
	p->clash = 0;
}

static bool ask(struct kproof *p, const struct kfix_item *it, size_t i)
{
	struct kcause c = {.why = KWHY_ASKED, .subject = it->sym, .item = i, .text = it->text};

	if (ktype_is_tri(it->sym->type))
		return set_bound(p, it->sym, true, it->tri, &c) && set_bound(p, it->sym, false, it->tri, &c);
	uint32_t asked = add_event(p, it->sym, true, KCONFIG_N, &c);
	struct kcause needs = {.why = KWHY_DEPENDS, .subject = it->sym};
	kcause_add(&needs, asked);
	return !kproof_has_dependencies(it->sym) || kproof_need(p, it->sym->dir_dep, true, KCONFIG_M, &needs);
}

static bool follow_all(struct kproof *p, bool (*rule)(struct kproof *p, struct ksym *s))
{
	p->changed = false;
	for (size_t i = 0; i < p->queue_len; i++)
		if (!rule(p, p->queue[i]))
			return false;
	return true;
}

static bool follow_values(struct kproof *p, const struct kfix_item *v)
{
	for (size_t i = 0; i < p->events_len; i++) {
		const struct kcause *c = &p->events[i].cause;
		if (c->why == KWHY_ASKED && c->text &&
		        !kproof_follow_value(p, v[c->item].sym, v[c->item].text, (uint32_t)i + 1))
			return false;
	}
	return true;
}

// First everything that is needed and selected, then what is kept off: that is how people look at it.
static bool follow(struct kproof *p, const struct kfix_item *v, size_t len, bool far)
{
	reset(p);
	for (size_t i = 0; i < len; i++)
		if (!ask(p, &v[i], i))
			return false;
	do {
		do {
			if (!follow_all(p, kproof_follow_up))
				return false;
		} while (p->changed && p->events_len <= EVENTS_MAX);
		if (!follow_all(p, kproof_follow_down) || !follow_values(p, v))
			return false;
		if (!p->changed && far && !kproof_follow_far(p))
			return false;
	} while (p->changed && p->events_len <= EVENTS_MAX);
	return true;
}

bool kproof_possible(struct kproof *p, const struct kfix_item *v, size_t len, bool far)
{
	bool possible = follow(p, v, len, far);

	if (!possible)
		kproof_mark(p);
	return possible;
}

void kproof_pins(const struct kproof *p, struct kpin *pins)
{
	for (size_t i = 0; i < p->k->syms_len; i++)
		pins[i] = (struct kpin){.lo = p->lo[i], .hi = p->hi[i]};
}

struct kproof *kproof_new(struct kconfig *k)
{
	struct kproof *p = mem_alloc0(sizeof(*p));
	size_t n = k->syms_len;

	*p = (struct kproof){.k = k,
	        .lo = mem_array(n, 1),
	        .hi = mem_array(n, 1),
	        .lo_ever = mem_array(n, 1),
	        .hi_ever = mem_array(n, 1),
	        .active = mem_array(n, sizeof(*p->active)),
	        .hidden = mem_array(n, sizeof(*p->hidden)),
	        .lo_event = mem_array(n, sizeof(*p->lo_event)),
	        .hi_event = mem_array(n, sizeof(*p->hi_event)),
	        .queue = mem_array(n, sizeof(*p->queue))};
	kproof_ever(p);
	memcpy(p->lo_ever, p->lo, n);
	memcpy(p->hi_ever, p->hi, n);
	return p;
}

void kproof_free(struct kproof *p)
{
	if (!p)
		return;
	mem_free(p->lo);
	mem_free(p->hi);
	mem_free(p->lo_ever);
	mem_free(p->hi_ever);
	mem_free(p->active);
	mem_free(p->hidden);
	mem_free(p->lo_event);
	mem_free(p->hi_event);
	mem_free(p->queue);
	mem_free(p->events);
	mem_free(p);
}
