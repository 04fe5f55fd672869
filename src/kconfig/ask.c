// SPDX-License-Identifier: GPL-2.0-or-later
// Walking the menu as 'conf --oldaskconfig' does, with answers from the requests. The order of questions
// matters: an answer may show or hide later ones, and new ones are asked in further rounds.
#include <string.h>
#include "kconfig/ask.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

#define ASK_DEPTH_MAX 2000
#define RESTARTS_MAX  20000

static void ask_menu(struct kask *a, struct kmenu *m);

const char *kask_text(struct kconfig *k, const struct ksym *s, const struct krequest *r)
{
	if (!r->value || !ksym_text_valid(s, r->value) || strchr(r->value, '\n'))
		return NULL;
	if (ktype_is_tri(s->type)) {
		if (r->value[1] || !strchr("ymn", r->value[0]))
			return NULL;
		return s->type == KCONFIG_BOOL && r->value[0] == 'm' ? NULL : r->value;
	}
	// A hex number is written with 0x, or cannot be meant otherwise: 4096 would be taken for 0x4096.
	if (s->type == KCONFIG_HEX && strncmp(r->value, "0x", 2) && strncmp(r->value, "0X", 2) &&
	        !strpbrk(r->value, "abcdefABCDEF") && strcmp(r->value, "0"))
		return NULL;
	return r->value;
}

static const struct krequest *wish(const struct kask *a, const struct ksym *s)
{
	return a->wish[s->index];
}

// A question is put only for what can be changed; when only new ones are asked, only for what has no value
// yet.
static bool put(struct kask *a, struct ksym *s)
{
	if (!ksym_changeable(a->k, s) || (!a->asking_all && ksym_has_user(s)))
		return false;
	a->questions++;
	return true;
}

static void ask_text(struct kask *a, struct ksym *s)
{
	const struct krequest *r = wish(a, s);
	const char *text = r ? kask_text(a->k, s, r) : NULL, *now = ksym_text(s);

	if (!put(a, s))
		return;
	if (text && ksym_answer(a->k, s, text))
		return;
	// The default as the answer: when it is out of range it stays what it is.
	ksym_answer(a->k, s, now);
}

static void ask_tri(struct kask *a, struct ksym *s)
{
	const struct krequest *r = s->name ? wish(a, s) : NULL;
	const char *text = r ? kask_text(a->k, s, r) : NULL;
	uint8_t now = s->tri;

	if (!put(a, s))
		return;
	if (text && ksym_answer(a->k, s, text))
		return;
	bool module = !text && s->name && a->policy->auto_modules && now != KCONFIG_M &&
	              ksym_tri_allowed(a->k, s, KCONFIG_M) &&
	              !(a->policy->prefer_builtin && now == KCONFIG_Y);
	ksym_answer_tri(a->k, s, module ? KCONFIG_M : now);
}

// Requests that must hold come before optional ones, then earlier ones before later ones.
static bool comes_before(const struct krequest *a, const struct krequest *b)
{
	return a->optional != b->optional ? b->optional : a < b;
}

// The member that a request wants, among those that can be picked.
static struct ksym *wanted_member(struct kask *a, struct kmenu *choice)
{
	const struct krequest *best = NULL;
	struct ksym *member = NULL;

	for (struct kmenu *c = choice->list; c; c = c->next) {
		if (!c->sym || !kmenu_visible(a->k, c))
			continue;
		const struct krequest *r = wish(a, c->sym);
		if (r && r->value && !strcmp(r->value, "y") && (!best || comes_before(r, best))) {
			best = r;
			member = c->sym;
		}
	}
	return member;
}

static bool is_refused(const struct kask *a, const struct ksym *s)
{
	const struct krequest *r = s->name ? wish(a, s) : NULL;

	return r && r->value && !strcmp(r->value, "n");
}

// Members that are asked to be n are refused as a line of a .config refuses them; who is y then, conf's rules
// say. Returns that member.
static struct ksym *refuse_members(struct kask *a, struct kmenu *choice, struct ksym *now)
{
	struct kconfig *k = a->k;
	struct ksym *s = choice->sym;

	if (!now || !is_refused(a, now))
		return now;
	if (!k->dialect.new_choice) {
		s->user_pick = NULL;
		ksolve_clear(k);
		ksym_calc(k, s);
		return s->pick;
	}
	for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice)) {
		if (!m->sym || m->sym->visible == KCONFIG_N || !is_refused(a, m->sym))
			continue;
		m->sym->user_tri = KCONFIG_N;
		m->sym->flags |= KS_USER;
		kchoice_promote(choice, m->sym);
	}
	ksolve_clear(k);
	return kchoice_calc(k, choice);
}

static struct kmenu *entry_of(struct kmenu *choice, const struct ksym *s)
{
	for (struct kmenu *c = choice->list; c; c = c->next)
		if (c->sym == s)
			return c;
	return NULL;
}

static void ask_choice(struct kask *a, struct kmenu *m)
{
	struct kconfig *k = a->k;
	struct ksym *s = m->sym, *def = NULL;
	bool is_new = !ksym_has_user(s);
	size_t visible = 0;

	if (!k->dialect.new_choice) {
		if (ksym_changeable(k, s)) {
			ask_tri(a, s);
			ksym_calc(k, s);
		}
		if (s->tri != KCONFIG_Y)
			return;
		def = s->pick;
	} else {
		def = kchoice_calc(k, m);
		is_new = false;
	}
	for (struct kmenu *c = m->list; c; c = c->next) {
		if (!c->sym || !kmenu_visible(k, c))
			continue;
		visible++;
		if (k->dialect.new_choice && !ksym_has_user(c->sym))
			is_new = true;
	}
	if (visible > 1 && (a->asking_all || is_new)) {
		struct ksym *w = wanted_member(a, m);
		a->questions++;
		def = w ? w : refuse_members(a, m, def);
	}
	if (!def)
		return;
	kchoice_answer(k, m, def);
	struct kmenu *entry = k->dialect.new_choice ? NULL : entry_of(m, def);
	for (struct kmenu *c = entry ? entry->list : NULL; c; c = c->next)
		ask_menu(a, c);
}

static void check_new(struct kask *a, struct kmenu *m)
{
	struct ksym *s = m->sym;
	bool old_choice = !a->k->dialect.new_choice && s && ksym_is_choice(s);

	if (a->depth > ASK_DEPTH_MAX || a->restarts > RESTARTS_MAX || !kmenu_visible(a->k, m))
		return;
	if (s && !ksym_has_user(s) && !(s->flags & KS_SEEN) &&
	        (ksym_changeable(a->k, s) || (old_choice && s->tri == KCONFIG_Y))) {
		struct kmenu *top = m;
		a->restarts++;
		a->changes++;
		while (top != &a->k->root && !(top->prompt && top->prompt->type == KP_MENU))
			top = top->parent;
		a->root = top;
		ask_menu(a, top);
		if (!ksym_has_user(s))
			s->flags |= KS_SEEN; // it takes no answer: conf would ask for ever
	}
	a->depth++;
	for (struct kmenu *c = m->list; c; c = c->next)
		check_new(a, c);
	a->depth--;
}

static void ask_menu(struct kask *a, struct kmenu *m)
{
	struct ksym *s = m->sym;

	if (a->depth > ASK_DEPTH_MAX || !kmenu_visible(a->k, m))
		return;
	if (m->prompt && m->prompt->type == KP_MENU && !a->asking_all && a->root != m) {
		check_new(a, m);
		return;
	}
	if (s && ksym_is_choice(s)) {
		ask_choice(a, m);
		if (a->k->dialect.new_choice || s->tri != KCONFIG_M)
			return;
	} else if (s && ktype_is_tri(s->type)) {
		ask_tri(a, s);
	} else if (s) {
		ask_text(a, s);
	}
	a->depth++;
	for (struct kmenu *c = m->list; c; c = c->next)
		ask_menu(a, c);
	a->depth--;
}

void kask_run(struct kask *a)
{
	for (size_t i = 0; i < a->k->syms_len; i++)
		a->k->syms[i]->flags &= ~KS_SEEN;
	a->asking_all = true;
	a->root = &a->k->root;
	ask_menu(a, a->root);
	a->asking_all = false;
	do {
		a->changes = 0;
		check_new(a, &a->k->root);
	} while (a->changes && a->restarts < RESTARTS_MAX);
}
