// SPDX-License-Identifier: GPL-2.0-or-later
// Applying requests: two runs over all questions (as NixOS does, since an answer may show further questions),
// the check of each request, and for those that do not hold reasons and fixes, which are solved again all
// together.
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/ask.h"
#include "kconfig/dotconfig.h"
#include "kconfig/fix.h"
#include "kconfig/reason.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

#define RUNS 2

struct apply {
	struct kconfig *k;
	const struct krequests *r;
	const struct kpolicy *policy;
	struct kreport *rep;
	const struct krequest **wish; // by symbol
	struct buf base;              // .config before the requests
	struct err *err;
};

static bool same_value(const struct krequest *a, const struct krequest *b)
{
	return a->value && b->value && !strcmp(a->value, b->value);
}

static void add_failure(struct apply *a, const struct krequest *r, const struct krequest *other)
{
	struct kreport *rep = a->rep;

	bool fatal = !other && !r->optional && !a->policy->ignore_errors;
	mem_grow(&rep->v, &rep->cap, rep->len + 1, sizeof(*rep->v));
	rep->v[rep->len++] = (struct kfailure){.request = r, .other = other, .fatal = fatal};
	rep->fatal += rep->v[rep->len - 1].fatal;
}

// Which request each symbol gets: the last one, as generate-config.pl does it, unless that is optional and
// the one before is not. Of two that differ the user is told.
static void collect(struct apply *a)
{
	for (size_t i = 0; i < a->r->len; i++) {
		const struct krequest *r = &a->r->v[i];
		struct ksym *s = r->value ? kconfig_find(a->k, r->name) : NULL;
		const struct krequest *have = s ? a->wish[s->index] : NULL;
		if (!s)
			continue;
		bool keep = have && r->optional && !have->optional;
		if (have && !same_value(have, r) && have->optional == r->optional)
			add_failure(a, have, r);
		if (!keep)
			a->wish[s->index] = r;
	}
}

static void run_questions(struct apply *a, struct buf *text)
{
	struct kask ask = {.k = a->k, .policy = a->policy, .wish = a->wish};
	bool quiet = a->k->quiet;

	a->k->quiet = true;
	for (int i = 0; i < RUNS; i++) {
		kdot_read(a->k, buf_str(text), text->len, ".config");
		kask_run(&ask);
		buf_clear(text);
		kconfig_write(a->k, text);
	}
	a->rep->questions += ask.questions;
	a->k->quiet = quiet;
	kdot_read(a->k, buf_str(text), text->len, ".config");
}

// Does what came out be what was asked for? A symbol that is not written is n.
static bool holds(struct kconfig *k, const struct krequest *r)
{
	struct ksym *s = kconfig_find(k, r->name);

	if (!r->value)
		return true;
	if (!s)
		return false;
	ksym_calc(k, s);
	if (ktype_is_tri(s->type))
		return !strcmp(s->flags & KS_WRITE ? ksym_text(s) : "n", r->value);
	if (!(s->flags & KS_WRITE) || !kask_text(k, s, r))
		return false;
	if (s->type == KCONFIG_HEX || s->type == KCONFIG_INT)
		return kvalue_compare(ksym_text(s), s->type, r->value, s->type) == 0;
	return !strcmp(ksym_text(s), r->value);
}

// A request that a later one replaced is not checked.
static bool replaced(const struct apply *a, const struct krequest *r)
{
	const struct ksym *s = kconfig_find(a->k, r->name);

	return s && a->wish[s->index] && a->wish[s->index] != r && !same_value(a->wish[s->index], r);
}

static void check_all(struct apply *a)
{
	for (size_t i = 0; i < a->r->len; i++) {
		const struct krequest *r = &a->r->v[i];
		if (r->value && !replaced(a, r) && !holds(a->k, r))
			add_failure(a, r, NULL);
	}
}

static struct kfix_item item_of(struct kconfig *k, struct ksym *s, const char *value)
{
	struct kfix_item i = {.sym = s};

	if (ktype_is_tri(s->type))
		i.tri = *value == 'y' ? KCONFIG_Y : *value == 'm' ? KCONFIG_M : KCONFIG_N;
	else
		i.text = value;
	return i;
}

// A fix may undo what somebody else asked for: the reader has to know that both cannot be had.
static void say_contradictions(struct apply *a, struct kfailure *f)
{
	_cleanup_buf_ struct buf b = {};

	buf_adds(&b, f->text);
	for (size_t i = 0; i < f->fix_len; i++) {
		const struct ksym *s = kconfig_find(a->k, f->fix[i].name);
		const struct krequest *r = s ? a->wish[s->index] : NULL;

		if (!r || r->optional || same_value(r, &f->fix[i]))
			continue;
		buf_addf(&b, "\n%s is asked for too, as %s%s%s: only one of the two requests can hold",
		        r->name, r->value, r->why ? " by " : "", r->why ? r->why : "");
	}
	f->text = arena_strdup(&a->rep->arena, buf_str(&b));
}

static void keep_fix(struct apply *a, struct kfailure *f, const struct kfix *fix)
{
	f->fix = arena_alloc(&a->rep->arena, fix->len * sizeof(*f->fix));
	f->fix_len = fix->len;
	for (size_t i = 0; i < fix->len; i++) {
		const struct kfix_item *it = &fix->v[i];
		bool tri = ktype_is_tri(it->sym->type);
		f->fix[i] = (struct krequest){
		        .name = it->sym->name,
		        .value = arena_strdup(&a->rep->arena, !tri                   ? it->text
		                                              : it->tri == KCONFIG_Y ? "y"
		                                              : it->tri == KCONFIG_M ? "m"
		                                                                     : "n"),
		        .freeform = !tri,
		};
	}
	say_contradictions(a, f);
}

// Other members of the choice that are y because they were asked for: they have to give way. Optional ones do
// so by themselves to what must hold.
static void find_rivals(struct apply *a, struct ksym *s, bool must, struct kfix *fix)
{
	struct kmenu *c = ksym_choice_menu(a->k, s);

	if (c)
		kconfig_settle(a->k);
	for (struct kmenu *m = c ? kmenu_next(c, c) : NULL; m; m = kmenu_next(m, c))
		if (m->sym && m->sym != s && a->wish[m->sym->index] && m->sym->tri == KCONFIG_Y &&
		        !(must && a->wish[m->sym->index]->optional) && fix->len < KFIX_MAX)
			fix->v[fix->len++] = (struct kfix_item){.sym = m->sym, .tri = KCONFIG_N};
}

static void find_fix(struct apply *a, struct kfailure *f)
{
	struct ksym *s = kconfig_find(a->k, f->request->name);
	struct kfix fix = {};

	if (!s || f->kind == KFAIL_VALUE || f->kind == KFAIL_RANGE || f->kind == KFAIL_CONFLICT ||
	        !kask_text(a->k, s, f->request))
		return;
	struct kfix_item target = item_of(a->k, s, f->request->value);
	if (!kfix_search(a->k, &target, &fix))
		return;
	if (f->kind == KFAIL_CHOICE)
		find_rivals(a, s, !f->request->optional, &fix);
	for (size_t i = 0, n = fix.len; i < n; i++)
		if (ktype_is_tri(fix.v[i].sym->type) && fix.v[i].tri == KCONFIG_Y)
			find_rivals(a, fix.v[i].sym, true, &fix);
	if (fix.len)
		keep_fix(a, f, &fix);
}

// Adds what the fix of f sets to the list, where the list does not have the name.
static void add_fix(struct krequests *all, const struct kfailure *f)
{
	for (size_t i = 0; i < f->fix_len; i++) {
		bool have = false;
		for (size_t j = 0; j < all->len && !have; j++)
			if (!strcmp(all->v[j].name, f->fix[i].name)) {
				all->v[j].value = f->fix[i].value;
				have = true;
			}
		if (have)
			continue;
		mem_grow(&all->v, &all->cap, all->len + 1, sizeof(*all->v));
		all->v[all->len++] = f->fix[i];
	}
}

// Solves from the base again with the requests and the fixes of failures [from, to); marks those that hold
// then.
static void verify(struct apply *a, size_t from, size_t to)
{
	struct kreport scratch = {};
	struct krequests all = {};
	struct apply again = {.k = a->k, .policy = a->policy, .rep = &scratch, .r = &all};
	_cleanup_buf_ struct buf text = {};

	for (size_t i = 0; i < a->r->len; i++) {
		mem_grow(&all.v, &all.cap, all.len + 1, sizeof(*all.v));
		all.v[all.len++] = a->r->v[i];
	}
	for (size_t i = from; i < to; i++)
		add_fix(&all, &a->rep->v[i]);
	again.wish = mem_array(a->k->syms_len, sizeof(*again.wish));
	collect(&again);
	buf_add(&text, a->base.data, a->base.len);
	run_questions(&again, &text);
	for (size_t i = from; i < to; i++)
		if (a->rep->v[i].fix_len && holds(a->k, a->rep->v[i].request))
			a->rep->v[i].fix_verified = true;
	mem_free(again.wish);
	mem_free(all.v);
	kreport_release(&scratch);
}

#define VERIFY_ALONE_MAX 20

static void verify_fixes(struct apply *a)
{
	size_t open = 0, alone = 0;
	bool quiet = a->k->quiet;

	for (size_t i = 0; i < a->rep->len; i++)
		open += a->rep->v[i].fix_len > 0;
	if (!open)
		return;
	a->k->quiet = true;
	verify(a, 0, a->rep->len);
	for (size_t i = 0; i < a->rep->len && alone < VERIFY_ALONE_MAX; i++) {
		if (!a->rep->v[i].fix_len || a->rep->v[i].fix_verified)
			continue;
		alone++;
		verify(a, i, i + 1);
	}
	a->k->quiet = quiet;
}

// What is most often the cause of others comes first: names, then conflicts, then values, then dependencies;
// fatal ones before others.
static int by_likelihood(const void *x, const void *y)
{
	static const uint8_t rank[] = {
	        [KFAIL_UNKNOWN] = 0,
	        [KFAIL_CONFLICT] = 1,
	        [KFAIL_VALUE] = 2,
	        [KFAIL_RANGE] = 3,
	        [KFAIL_CHOICE] = 4,
	        [KFAIL_SELECTED] = 5,
	        [KFAIL_LIMITED] = 6,
	        [KFAIL_DEPENDS] = 7,
	        [KFAIL_HIDDEN] = 8,
	};
	const struct kfailure *a = x, *b = y;

	if (a->fatal != b->fatal)
		return a->fatal ? -1 : 1;
	if (rank[a->kind] != rank[b->kind])
		return rank[a->kind] < rank[b->kind] ? -1 : 1;
	if (a->fix_len != b->fix_len)
		return a->fix_len < b->fix_len ? -1 : 1;
	return a->request < b->request ? -1 : 1;
}

static void explain_failures(struct apply *a, const struct buf *final)
{
	for (size_t i = 0; i < a->rep->len; i++)
		kreason_failure(a->k, a->rep, &a->rep->v[i]);
	if (!a->policy->no_fixes) {
		bool quiet = a->k->quiet;
		a->k->quiet = true;
		for (size_t i = 0; i < a->rep->len; i++)
			find_fix(a, &a->rep->v[i]);
		a->k->quiet = quiet;
		verify_fixes(a);
		quiet = a->k->quiet;
		a->k->quiet = true;
		kdot_read(a->k, final->data, final->len, ".config");
		a->k->quiet = quiet;
	}
	qsort(a->rep->v, a->rep->len, sizeof(*a->rep->v), by_likelihood);
}

int krequests_apply(struct kconfig *k, const struct krequests *r, const struct kpolicy *policy,
        struct kreport *ret, struct err *e)
{
	struct apply a = {.k = k, .r = r, .policy = policy, .rep = ret, .err = e};
	_cleanup_buf_ struct buf text = {};
	bool quiet = k->quiet;

	k->quiet = true;
	kconfig_write(k, &a.base);
	k->quiet = quiet;
	buf_add(&text, a.base.data, a.base.len);
	a.wish = mem_array(k->syms_len, sizeof(*a.wish));
	collect(&a);
	if (r->len || policy->auto_modules)
		run_questions(&a, &text);
	else
		kdot_read(k, buf_str(&text), text.len, ".config");
	check_all(&a);
	if (ret->len)
		explain_failures(&a, &text);
	mem_free(a.wish);
	buf_release(&a.base);
	return 0;
}
