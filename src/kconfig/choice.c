// SPDX-License-Identifier: GPL-2.0-or-later
// Choices: which member is y. Two generations: since 6.11 members have a priority (the last one that the user
// set is first); before, the choice itself is a symbol whose value is the mode, and which remembers the
// member that the user wants.
#include "kconfig/kexpr.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

static void unlink_member(struct ksym *s)
{
	struct kmenu *c = s->in_list;

	if (s->prev)
		s->prev->next = s->next;
	else
		c->first = s->next;
	if (s->next)
		s->next->prev = s->prev;
	else
		c->last = s->prev;
	s->prev = s->next = NULL;
}

void kchoice_promote(struct kmenu *choice, struct ksym *s)
{
	if (s->in_list)
		unlink_member(s);
	s->in_list = choice;
	s->next = choice->first;
	if (choice->first)
		choice->first->prev = s;
	else
		choice->last = s;
	choice->first = s;
}

void kchoice_demote(struct kmenu *choice, struct ksym *s)
{
	if (s->in_list)
		unlink_member(s);
	s->in_list = choice;
	s->next = NULL;
	s->prev = choice->last;
	if (choice->last)
		choice->last->next = s;
	else
		choice->first = s;
	choice->last = s;
}

struct ksym *kchoice_default(struct kconfig *k, struct ksym *choice)
{
	for (struct kprop *p = choice->props; p; p = p->next) {
		if (p->type != KP_DEFAULT)
			continue;
		p->tri = kexpr_calc(k, p->cond);
		if (p->tri != KCONFIG_N && kprop_sym(p)->visible != KCONFIG_N)
			return kprop_sym(p);
	}
	if (!k->dialect.new_choice) {
		for (size_t i = 0; i < choice->members_len; i++)
			if (choice->members[i]->visible != KCONFIG_N)
				return choice->members[i];
		return NULL;
	}
	struct kmenu *top = choice->menus;
	for (struct kmenu *m = kmenu_next(top, top); m; m = kmenu_next(m, top))
		if (m->sym && m->sym->visible != KCONFIG_N)
			return m->sym;
	return NULL;
}

// In this order: what the user said y to, the default unless the user said n, one that the user said nothing
// about, the least unwanted.
static struct ksym *pick(struct kconfig *k, struct kmenu *choice)
{
	for (struct ksym *s = choice->first; s; s = s->next) {
		ksym_calc_visibility(k, s);
		if (s->visible != KCONFIG_N && ksym_has_user(s) && s->user_tri == KCONFIG_Y)
			return s;
	}
	struct ksym *def = kchoice_default(k, choice->sym);
	if (def && !(ksym_has_user(def) && def->user_tri == KCONFIG_N))
		return def;
	for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice))
		if (m->sym && m->sym->visible != KCONFIG_N && !ksym_has_user(m->sym))
			return m->sym;
	for (struct ksym *s = choice->last; s; s = s->prev)
		if (s->visible != KCONFIG_N)
			return s;
	return NULL;
}

struct ksym *kchoice_calc(struct kconfig *k, struct kmenu *choice)
{
	struct ksym *picked = pick(k, choice);

	for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice)) {
		struct ksym *s = m->sym;
		if (!s || s->visible == KCONFIG_N)
			continue;
		s->tri = s == picked ? KCONFIG_Y : KCONFIG_N;
		s->valid = k->epoch;
		s->flags |= KS_WRITE;
	}
	return picked;
}

void kchoice_answer(struct kconfig *k, struct kmenu *choice, struct ksym *s)
{
	bool changed = false;

	if (!k->dialect.new_choice) {
		ksym_answer_tri(k, s, KCONFIG_Y);
		return;
	}
	for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice)) {
		if (!m->sym || m->sym->visible == KCONFIG_N)
			continue;
		uint8_t tri = m->sym == s ? KCONFIG_Y : KCONFIG_N;
		changed |= m->sym->tri != tri;
		m->sym->user_tri = tri;
		m->sym->flags |= KS_USER;
		kchoice_promote(choice, m->sym);
	}
	if (changed)
		ksolve_clear(k);
}

struct ksym *kchoice_calc_old(struct kconfig *k, struct ksym *choice)
{
	uint16_t flags = choice->flags;

	for (size_t i = 0; i < choice->members_len; i++) {
		struct ksym *s = choice->members[i];
		ksym_calc_visibility(k, s);
		if (s->visible != KCONFIG_N)
			flags &= s->flags;
	}
	choice->flags &= flags | (uint16_t)~KS_USER;
	if (choice->user_pick && choice->user_pick->visible != KCONFIG_N)
		return choice->user_pick;
	struct ksym *def = kchoice_default(k, choice);
	if (!def)
		choice->tri = KCONFIG_N;
	return def;
}

void kchoice_fill_old(struct kconfig *k, struct ksym *choice)
{
	for (size_t i = 0; i < choice->members_len; i++)
		if (!ksym_has_user(choice->members[i]))
			choice->members[i]->user_tri = KCONFIG_N;
	choice->flags |= KS_USER;
	choice->flags &= ~KS_FILL;
	choice->valid = 0;
}
