// SPDX-License-Identifier: GPL-2.0-or-later
// Trimming a configuration to the modules that are needed: what is named stays, and what that needs.
//
// All candidates are turned off but those; whatever was to stay and is gone then gets what stands in its
// dependencies back, until all of it is there.
#include <fnmatch.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kexpr.h"
#include "kconfig/reason.h"
#include "kconfig/solve.h"
#include "kconfig/trim.h"
#include "kconfig/walk.h"

#define ROUNDS_MAX 50

enum { // why a symbol stays
	STAY_MACHINE = 1,
	STAY_ASKED = 2,
	STAY_NEEDED = 4,
	STAY_DECLARED = 8,
};

struct trim {
	struct kconfig *k;
	struct kmodmap map;
	uint8_t *keep;          // by symbol
	const char **why;       // by symbol: of the first that named it
	const struct ksym **by; // by symbol: of STAY_NEEDED
	bool *candidate;
	uint8_t *before;
};

static void mark(struct trim *t, const struct ksym *s, uint8_t bit, const char *why)
{
	if (!t->why[s->index])
		t->why[s->index] = why;
	t->keep[s->index] |= bit;
}

static bool mark_module(struct trim *t, const struct krequest *w)
{
	_cleanup_free_ char *name = mem_strdup(w->name);
	uint8_t bit = w->optional ? STAY_MACHINE : STAY_DECLARED;
	const struct ksym *s;

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	s = hmap_get(&t->map.first, name);
	if (!s)
		return false;
	mark(t, s, bit, w->why);
	for (size_t i = 0; i < t->map.more_len; i++)
		if (str_eq(t->map.more_names[i], name))
			mark(t, t->map.more[i], bit, w->why);
	return true;
}

static void mark_option(struct trim *t, const struct krequest *w)
{
	uint8_t bit = w->optional ? STAY_MACHINE : STAY_DECLARED;
	const struct ksym *s = strpbrk(w->name, "*?[") ? NULL : kconfig_find(t->k, w->name);

	if (s)
		mark(t, s, bit, w->why);
	for (size_t i = 0; !s && strpbrk(w->name, "*?[") && i < t->k->syms_len; i++)
		if (t->candidate[i] && fnmatch(w->name, t->k->syms[i]->name, 0) == 0)
			mark(t, t->k->syms[i], bit, w->why);
}

static void mark_asked(struct trim *t, const struct ktrim_wish *w, const struct krequests *asked)
{
	for (size_t i = 0; asked && i < asked->len; i++) {
		const struct krequest *r = &asked->v[i];
		const struct ksym *s = kconfig_find(t->k, r->name);
		if (s && r->value && !str_eq(r->value, "n") &&
		        !(r->optional && w->weak && str_eq(r->why, w->weak)))
			mark(t, s, STAY_ASKED, r->why);
	}
}

// The symbols of e that were m and are candidates stay, since something that stays needs them.
static bool need(struct trim *t, const struct kexpr *e, const struct ksym *by)
{
	bool any = false;

	if (!e)
		return false;
	if (e->type == KE_AND || e->type == KE_OR) { // both sides, whatever the first one says
		any = need(t, e->l.e, by);
		return need(t, e->r.e, by) || any;
	}
	if (e->type == KE_NOT)
		return false;
	for (int i = 0; i < 2; i++) {
		const struct ksym *s = i ? (e->type == KE_SYM ? NULL : e->r.s) : e->l.s;
		if (s && t->candidate[s->index] && !t->keep[s->index]) {
			t->keep[s->index] |= STAY_NEEDED;
			t->by[s->index] = by;
			any = true;
		}
	}
	return any;
}

static void set_all(struct trim *t)
{
	for (size_t i = 0; i < t->k->syms_len; i++)
		if (t->candidate[i])
			t->k->syms[i]->user_tri = t->keep[i] ? KCONFIG_M : KCONFIG_N;
	ksolve_clear(t->k);
}

// Is it as it was? A number or text must still be in the file.
static bool is_there(struct trim *t, struct ksym *s)
{
	ksym_calc(t->k, s);
	return ktype_is_tri(s->type) ? s->tri >= t->before[s->index]
	                             : (s->flags & KS_WRITE) || !t->before[s->index];
}

static void settle(struct trim *t)
{
	bool again = true;

	for (int round = 0; again && round < ROUNDS_MAX; round++) {
		again = false;
		set_all(t);
		for (size_t i = 0; i < t->k->syms_len; i++) {
			struct ksym *s = t->k->syms[i];
			if (!t->keep[i] || is_there(t, s))
				continue;
			again |= need(t, s->dir_dep, s);
			for (struct kprop *p = s->props; p; p = p->next)
				again |= need(t, p->cond, s);
		}
	}
	set_all(t);
}

static void say_stays(struct trim *t, const struct ksym *s, struct ktrim *ret)
{
	uint8_t keep = t->keep[s->index];
	const char *why = t->why[s->index];
	const struct ksym *by = t->by[s->index];
	_cleanup_free_ char *text = NULL;

	if (why && (keep & STAY_ASKED))
		text = str_printf("asked for by %s", why);
	else if (!why && by)
		text = str_printf("needed by %s", by->name);
	krequests_add(&ret->stay, s->name, "m", keep & STAY_MACHINE,
	        text                  ? text
	        : why                 ? why
	        : keep & STAY_ASKED   ? "asked for"
	        : keep & STAY_MACHINE ? "a machine has it"
	        : keep                ? "the configuration names it"
	                              : "selected by what stays");
}

// Something that it needs, and that goes, too.
static const struct ksym *gone(struct trim *t, const struct kexpr *e)
{
	const struct ksym *s = NULL;

	if (!e || e->type == KE_NOT)
		return NULL;
	if (e->type == KE_AND || e->type == KE_OR) {
		s = gone(t, e->l.e);
		return s ? s : gone(t, e->r.e);
	}
	if (e->type != KE_SYM || !t->candidate[e->l.s->index])
		return NULL;
	ksym_calc(t->k, e->l.s);
	return e->l.s->tri == KCONFIG_N ? e->l.s : NULL;
}

static void say_goes(struct trim *t, struct ksym *s, struct ktrim *ret)
{
	const struct ksym *with = gone(t, s->dir_dep);
	const char *module = t->map.module[s->index];
	_cleanup_free_ char *why = str_printf("%s%s%s%s%s", module ? module : "", module ? ": " : "",
	        with ? "needs " : "nothing that is there, declared or plugged in needs it",
	        with ? with->name : "", with ? ", which goes" : "");

	krequests_add(&ret->go, s->name, "n", false, why);
}

static void report(struct trim *t, struct ktrim *ret)
{
	for (struct kmenu *m = kmenu_next(&t->k->root, &t->k->root); m; m = kmenu_next(m, &t->k->root)) {
		struct ksym *s = m->sym;
		if (!s || !t->candidate[s->index] || m != s->menus)
			continue;
		ksym_calc(t->k, s);
		if (s->tri == KCONFIG_N)
			say_goes(t, s, ret);
		else
			say_stays(t, s, ret);
	}
}

static void look(struct trim *t)
{
	for (size_t i = 0; i < t->k->syms_len; i++) {
		struct ksym *s = t->k->syms[i];
		ksym_calc(t->k, s);
		t->before[i] = ktype_is_tri(s->type) ? s->tri : (s->flags & KS_WRITE) != 0;
		t->candidate[i] = s->name && s->menus && !ksym_is_choice(s) && s->type == KCONFIG_TRISTATE &&
		                  s->tri == KCONFIG_M && ksym_has_user(s);
	}
}

// The first that names one is the reason that is told: whoever wrote something down before what a machine
// has, and that before what is kept in general.
static void mark_all(
        struct trim *t, const struct ktrim_wish *w, const struct krequests *asked, struct ktrim *ret)
{
	mark_asked(t, w, asked);
	for (size_t i = 0; i < w->modules.len; i++)
		if (!w->modules.v[i].optional)
			mark_module(t, &w->modules.v[i]);
	for (int machine = 1; machine >= 0; machine--)
		for (size_t i = 0; i < w->options.len; i++)
			if (w->options.v[i].optional == machine)
				mark_option(t, &w->options.v[i]);
	for (size_t i = 0; i < w->modules.len; i++) {
		if (!w->modules.v[i].optional)
			continue;
		ret->loaded++;
		ret->known += mark_module(t, &w->modules.v[i]);
	}
}

void kconfig_trim(
        struct kconfig *k, const struct ktrim_wish *w, const struct krequests *asked, struct ktrim *ret)
{
	struct trim t = {.k = k,
	        .keep = mem_array(k->syms_len, 1),
	        .before = mem_array(k->syms_len, 1),
	        .why = mem_array(k->syms_len, sizeof(*t.why)),
	        .by = mem_array(k->syms_len, sizeof(*t.by)),
	        .candidate = mem_array(k->syms_len, sizeof(*t.candidate))};
	bool quiet = k->quiet;

	k->quiet = true;
	kmodmap_read(&t.map, k);
	look(&t);
	mark_all(&t, w, asked, ret);
	settle(&t);
	report(&t, ret);
	k->quiet = quiet;
	kmodmap_release(&t.map);
	mem_free(t.keep);
	mem_free(t.before);
	mem_free(t.why);
	mem_free(t.by);
	mem_free(t.candidate);
}

void ktrim_release(struct ktrim *t)
{
	krequests_release(&t->go);
	krequests_release(&t->stay);
}

void ktrim_wish_release(struct ktrim_wish *w)
{
	krequests_release(&w->modules);
	krequests_release(&w->options);
}
