// SPDX-License-Identifier: GPL-2.0-or-later
// The search for a fix: cheapest candidate first; each is tried by solving, and where it does not do, what it
// still lacks is added.
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "kconfig/fix-needs.h"
#include "kconfig/kexpr.h"
#include "kconfig/solve.h"

#define TRIES_MAX      160
#define REFUSALS_MAX   12 // sets that hold by trial and that the last word refuses
#define CANDIDATES_MAX 600
#define BUDGET         12000

struct kfix_saved {
	struct ksym *sym;
	uint16_t flags;
	uint8_t tri;
	const char *str;
	struct ksym *pick;
	struct kmenu *list; // new style choice: whose member order is saved
	struct ksym **order;
	size_t order_len;
};

static struct kfix_saved *save(struct kfix_trial *t, struct ksym *s)
{
	mem_grow(&t->saved, &t->cap, t->len + 1, sizeof(*t->saved));
	struct kfix_saved *v = &t->saved[t->len++];
	*v = (struct kfix_saved){
	        .sym = s, .flags = s->flags, .tri = s->user_tri, .str = s->user_str, .pick = s->user_pick};
	return v;
}

static void save_order(struct kfix_trial *t, struct ksym *s)
{
	struct kfix_saved *v = save(t, s);
	size_t n = 0;

	for (struct ksym *m = s->in_list->first; m; m = m->next)
		n++;
	v->list = s->in_list;
	v->order = mem_array(n, sizeof(*v->order));
	for (struct ksym *m = s->in_list->first; m; m = m->next)
		v->order[v->order_len++] = m;
}

static void set_item(struct kconfig *k, struct kfix_trial *t, const struct kfix_item *i)
{
	struct ksym *s = i->sym;
	struct kmenu *choice = k->dialect.new_choice ? ksym_choice_menu(k, s) : NULL;

	if (choice && s->in_list)
		save_order(t, s);
	else
		save(t, s);
	s->user_tri = i->tri;
	if (i->text)
		s->user_str = i->text;
	s->flags |= KS_USER;
	if (choice)
		kchoice_promote(choice, s);
	if (!k->dialect.new_choice && (s->flags & KS_MEMBER) && i->tri == KCONFIG_N &&
	        s->choice->user_pick == s) {
		save(t, s->choice);
		s->choice->user_pick = NULL;
	}
	if (!k->dialect.new_choice && (s->flags & KS_MEMBER) && i->tri != KCONFIG_N) {
		save(t, s->choice);
		if (i->tri == KCONFIG_Y)
			s->choice->user_pick = s;
		s->choice->user_tri = tri_or(s->choice->user_tri, i->tri);
	}
}

void kfix_try(struct kconfig *k, struct kfix_trial *t, const struct kfix_item *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		set_item(k, t, &v[i]);
	ksolve_clear(k);
}

static void restore(const struct kfix_saved *v)
{
	const uint16_t kept = KS_WRITE | KS_SEEN;
	struct ksym *s = v->sym;

	s->flags = (uint16_t)((v->flags & ~kept) | (s->flags & kept));
	s->user_tri = v->tri;
	s->user_str = v->str;
	s->user_pick = v->pick;
	for (size_t i = v->order_len; i-- > 0;)
		kchoice_promote(v->list, v->order[i]);
	mem_free(v->order);
}

void kfix_undo(struct kconfig *k, struct kfix_trial *t)
{
	while (t->len > 0)
		restore(&t->saved[--t->len]);
	mem_free(t->saved);
	*t = (struct kfix_trial){};
	ksolve_clear(k);
}

bool kfix_holds(struct kconfig *k, const struct kfix_item *i)
{
	ksym_calc(k, i->sym);
	if (ktype_is_tri(i->sym->type))
		return (i->sym->flags & KS_WRITE ? i->sym->tri : KCONFIG_N) == i->tri;
	return (i->sym->flags & KS_WRITE) &&
	       kvalue_compare(ksym_text(i->sym), i->sym->type, i->text, i->sym->type) == 0;
}

// Candidates: sets of bounds, in a heap by cost.
struct search {
	struct kconfig *k;
	const struct kfix_goal *goal;
	const struct kpin *pins;
	struct kweights *weights;
	struct kneeds store; // owner of all sets
	const struct kbounds **heap;
	size_t len, cap, seen_len, seen_cap, tries, refusals;
	const struct kbounds **seen;
	struct kfix *ret;
};

static bool same_set(const struct kbounds *a, const struct kbounds *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		size_t j = 0;
		while (j < b->len &&
		        (a->v[i].sym != b->v[j].sym || a->v[i].lo != b->v[j].lo || a->v[i].hi != b->v[j].hi))
			j++;
		if (j == b->len)
			return false;
	}
	return true;
}

static void push(struct search *x, const struct kbounds *s)
{
	if (!s || x->seen_len >= CANDIDATES_MAX)
		return;
	for (size_t i = 0; i < x->seen_len; i++)
		if (x->seen[i]->cost == s->cost && same_set(x->seen[i], s))
			return;
	mem_grow(&x->seen, &x->seen_cap, x->seen_len + 1, sizeof(*x->seen));
	x->seen[x->seen_len++] = s;
	mem_grow(&x->heap, &x->cap, x->len + 1, sizeof(*x->heap));
	size_t at = x->len++;
	for (; at > 0 && x->heap[at - 1]->cost <= s->cost; at--)
		x->heap[at] = x->heap[at - 1];
	x->heap[at] = s; // dearest first; of equals what came first is tried first: it is nearer
}

// Copies a set into the store, since those of kneeds_item die with their own arena.
static const struct kbounds *keep(struct search *x, const struct kbounds *s)
{
	struct kbounds *c = s ? kbounds_copy(&x->store.arena, s) : NULL;

	for (size_t i = 0; c && i < c->len; i++)
		if (c->v[i].text)
			c->v[i].text = arena_strdup(&x->k->arena, c->v[i].text);
	return c;
}

// Values for the bounds: as little as needed (m before y), or all y where strong. What is asked for is not
// named again.
static void choose(const struct search *x, const struct kbounds *s, bool strong, struct kfix *f)
{
	f->len = 0;
	for (size_t i = 0; i < s->len; i++) {
		const struct kbound *b = &s->v[i];
		struct kfix_item it = {.sym = b->sym, .text = b->text};
		if (x->pins[b->sym->index].given)
			continue;
		if (!b->text)
			it.tri = b->lo > KCONFIG_N ? (strong ? b->hi : b->lo) : b->hi;
		if (!b->text && b->sym->type == KCONFIG_BOOL && it.tri == KCONFIG_M)
			it.tri = b->lo > KCONFIG_N ? KCONFIG_Y : KCONFIG_N;
		f->v[f->len++] = it;
	}
}

static const struct kfix_item *first_open_of(struct search *x, const struct kfix_item *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!kfix_holds(x->k, &v[i]))
			return &v[i];
	return NULL;
}

// The first thing that does not hold now, of the targets, the settings and what is kept; NULL: all do.
static const struct kfix_item *first_open(struct search *x, const struct kfix *f)
{
	const struct kfix_goal *g = x->goal;
	const struct kfix_item *open = first_open_of(x, g->targets, g->targets_len);

	if (!open)
		open = first_open_of(x, f->v, f->len);
	return open ? open : first_open_of(x, g->kept, g->kept_len);
}

static void set_all(struct search *x, struct kfix_trial *t, const struct kfix *f)
{
	kfix_try(x->k, t, x->goal->kept, x->goal->kept_len);
	kfix_try(x->k, t, f->v, f->len);
	kfix_try(x->k, t, x->goal->targets, x->goal->targets_len);
}

static bool all_hold(struct search *x, const struct kfix *f)
{
	struct kfix_trial t = {};

	set_all(x, &t, f);
	bool open = first_open(x, f) != NULL;
	kfix_undo(x->k, &t);
	return !open;
}

// Leaves out what is not needed.
static void shrink(struct search *x, struct kfix *f)
{
	for (size_t i = f->len; i-- > 0;) {
		struct kfix less = *f;
		memmove(&less.v[i], &less.v[i + 1], (less.len - i - 1) * sizeof(less.v[0]));
		less.len--;
		if (all_hold(x, &less))
			*f = less;
	}
}

static bool accepted(struct search *x, const struct kfix *f)
{
	if (x->goal->accept && !x->goal->accept(x->goal->ctx, f)) {
		x->refusals++;
		return false;
	}
	*x->ret = *f;
	return true;
}

// The smallest part of f that does, or f itself where only the whole of it is accepted.
static bool take(struct search *x, const struct kfix *f)
{
	struct kfix less = *f;

	shrink(x, &less);
	return accepted(x, &less) || (less.len < f->len && accepted(x, f));
}

// Tries s; true when it does. Else the state with s tells what more is needed, and those sets are pushed.
static bool attempt(struct search *x, const struct kbounds *s, bool strong)
{
	struct kfix_trial t = {};
	struct kfix f;

	choose(x, s, strong, &f);
	set_all(x, &t, &f);
	const struct kfix_item *open = first_open(x, &f);
	if (open && !strong) {
		struct kneeds n;
		kneeds_init(&n, x->k, x->pins, x->weights, BUDGET);
		const struct kalts *a = kneeds_item(&n, open);
		for (size_t i = 0; i < a->len; i++)
			push(x, keep(x, kneeds_join(&n, s, a->v[i])));
		kneeds_release(&n);
	}
	kfix_undo(x->k, &t);
	return !open && take(x, &f);
}

static bool has_choice_of_strength(const struct kbounds *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (!s->v[i].text && s->v[i].lo == KCONFIG_M && s->v[i].hi == KCONFIG_Y)
			return true;
	return false;
}

// What is asked for is what it is asked to be.
static struct kpin *pins_of(const struct kconfig *k, const struct kfix_goal *g)
{
	struct kpin *pins = mem_array(k->syms_len, sizeof(*pins));

	for (size_t i = 0; i < k->syms_len; i++)
		pins[i] = g->pins ? g->pins[i] : (struct kpin){.hi = KCONFIG_Y};
	for (size_t i = 0; i < g->targets_len + g->kept_len; i++) {
		const struct kfix_item *it =
		        i < g->targets_len ? &g->targets[i] : &g->kept[i - g->targets_len];
		struct kpin *p = &pins[it->sym->index];
		p->given = true;
		p->text = it->text;
		if (ktype_is_tri(it->sym->type))
			p->lo = p->hi = it->tri;
	}
	return pins;
}

static void push_first(struct search *x)
{
	static const struct kbounds empty;
	struct kneeds n;

	kneeds_init(&n, x->k, x->pins, x->weights, BUDGET);
	ksolve_clear(x->k);
	push(x, keep(x, &empty));
	const struct kalts *a = kneeds_items(&n, x->goal->targets, x->goal->targets_len);
	for (size_t i = 0; i < a->len; i++)
		push(x, keep(x, a->v[i]));
	kneeds_release(&n);
}

bool kfix_search(struct kconfig *k, const struct kfix_goal *goal, struct kfix *ret)
{
	_cleanup_free_ struct kpin *pins = pins_of(k, goal);
	struct search x = {.k = k, .goal = goal, .pins = pins, .weights = kweights_new(k), .ret = ret};
	bool found = false;

	kneeds_init(&x.store, k, pins, x.weights, 0);
	push_first(&x);
	while (x.len > 0 && !found && x.tries++ < TRIES_MAX && x.refusals < REFUSALS_MAX) {
		const struct kbounds *s = x.heap[--x.len];
		found = attempt(&x, s, false);
		if (!found && has_choice_of_strength(s))
			found = attempt(&x, s, true);
	}
	kneeds_release(&x.store);
	kweights_free(x.weights);
	mem_free(x.heap);
	mem_free(x.seen);
	return found;
}
