// SPDX-License-Identifier: GPL-2.0-or-later
// Computing values. The order of steps follows conf's, since a value that is asked for while it is being
// computed shows (choices do that), and so does the order of warnings.
#include <stdlib.h>
#include <string.h>
#include "kconfig/kexpr.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

static const char *const tri_text[] = {"n", "m", "y"};

void ksolve_forget(struct kconfig *k)
{
	k->epoch++;
}

void ksolve_clear(struct kconfig *k)
{
	ksolve_forget(k);
	k->changed = true;
	ksym_calc(k, k->modules);
}

const char *ksym_text(const struct ksym *s)
{
	if (ktype_is_tri(s->type))
		return tri_text[s->tri < 3 ? s->tri : 2];
	return s->str ? s->str : "";
}

uint8_t ksym_acting_type(const struct kconfig *k, const struct ksym *s)
{
	if (s->type != KCONFIG_TRISTATE)
		return s->type;
	if (!k->dialect.new_choice && (s->flags & KS_MEMBER) && s->visible == KCONFIG_Y)
		return KCONFIG_BOOL;
	return k->modules_val == KCONFIG_N ? KCONFIG_BOOL : KCONFIG_TRISTATE;
}

static struct kprop *first_prop(struct kconfig *k, struct ksym *s, enum kprop_type type)
{
	for (struct kprop *p = s->props; p; p = p->next) {
		if (p->type != type)
			continue;
		p->tri = kexpr_calc(k, p->cond);
		if (p->tri != KCONFIG_N)
			return p;
	}
	return NULL;
}

struct kprop *ksym_default_prop(struct kconfig *k, struct ksym *s)
{
	return first_prop(k, s, KP_DEFAULT);
}

struct kprop *ksym_range_prop(struct kconfig *k, struct ksym *s)
{
	return first_prop(k, s, KP_RANGE);
}

long long ksym_range_value(struct kconfig *k, struct ksym *s, int base)
{
	ksym_calc(k, s);
	if (s->type == KCONFIG_INT)
		base = 10;
	else if (s->type == KCONFIG_HEX)
		base = 16;
	return strtoll(ksym_text(s), NULL, base);
}

// A number out of its range becomes the limit that it crossed.
static void clamp(struct kconfig *k, struct ksym *s)
{
	int base = s->type == KCONFIG_INT ? 10 : s->type == KCONFIG_HEX ? 16 : 0;
	struct kprop *p = base ? ksym_range_prop(k, s) : NULL;

	if (!p)
		return;
	long long v = strtoll(ksym_text(s), NULL, base);
	struct ksym *limit = p->expr->l.s;
	if (v >= ksym_range_value(k, limit, base)) {
		limit = p->expr->r.s;
		if (v <= ksym_range_value(k, limit, base))
			return;
	}
	s->str = ksym_text(limit);
}

static uint8_t promote(const struct kconfig *k, const struct ksym *s, uint8_t tri)
{
	return tri == KCONFIG_M && ksym_acting_type(k, s) == KCONFIG_BOOL ? KCONFIG_Y : tri;
}

void ksym_calc_visibility(struct kconfig *k, struct ksym *s)
{
	bool member = ksym_is_member(k, s);
	struct ksym *choice = !k->dialect.new_choice && member ? s->choice : NULL;
	uint8_t tri = KCONFIG_N;

	for (struct kprop *p = s->props; p; p = p->next) {
		if (!p->text)
			continue;
		p->tri = kexpr_calc(k, p->cond);
		if (choice && s->type == KCONFIG_TRISTATE && p->tri == KCONFIG_M && choice->tri == KCONFIG_Y)
			p->tri = KCONFIG_N;
		tri = tri_or(tri, p->tri);
	}
	if (tri == KCONFIG_M && (s->type != KCONFIG_TRISTATE || k->modules_val == KCONFIG_N))
		tri = KCONFIG_Y;
	s->visible = tri;
	if (member)
		return;
	tri = s->dir_dep ? kexpr_calc(k, s->dir_dep) : KCONFIG_Y;
	s->dir_tri = promote(k, s, tri);
	tri = s->rev_dep ? kexpr_calc(k, s->rev_dep) : KCONFIG_N;
	s->rev_tri = promote(k, s, tri);
	tri = s->implied ? kexpr_calc(k, s->implied) : KCONFIG_N;
	s->imp_tri = promote(k, s, tri);
}

static void warn_unmet(struct kconfig *k, struct ksym *s)
{
	_cleanup_buf_ struct buf b = {};

	if (!k->warn || k->quiet)
		return;
	buf_addf(&b, "\nWARNING: unmet direct dependencies detected for %s\n  Depends on [%c]: ",
	        kconfig_sym_name(s), s->dir_tri == KCONFIG_M ? 'm' : 'n');
	kexpr_print(k, s->dir_dep, true, &b);
	buf_addc(&b, '\n');
	kexpr_print_selectors(k, s->rev_dep, KCONFIG_Y, "  Selected by [y]:\n", &b);
	kexpr_print_selectors(k, s->rev_dep, KCONFIG_M, "  Selected by [m]:\n", &b);
	k->warn(k->warn_ctx, buf_str(&b));
}

// Default, select and imply of a bool or tristate for which the user's value does not count.
static uint8_t calc_hidden(struct kconfig *k, struct ksym *s)
{
	uint8_t tri = KCONFIG_N;

	if (s->rev_tri != KCONFIG_N)
		s->flags |= KS_WRITE;
	if (ksym_is_choice(s))
		return tri;
	struct kprop *p = ksym_default_prop(k, s);
	if (p) {
		tri = tri_and(kexpr_calc(k, p->expr), p->tri);
		if (tri != KCONFIG_N)
			s->flags |= KS_WRITE;
	}
	if (s->imp_tri != KCONFIG_N) {
		s->flags |= KS_WRITE;
		tri = tri_and(tri_or(tri, s->imp_tri), s->dir_tri);
	}
	return tri;
}

// An attribute of newer trees: the user's old value counts although there is no prompt, and is never written.
static bool usable(const struct ksym *s)
{
	return s->visible != KCONFIG_N || (s->flags & KS_TRANSITIONAL);
}

static uint8_t calc_tri(struct kconfig *k, struct ksym *s)
{
	struct kmenu *choice = k->dialect.new_choice ? ksym_choice_menu(k, s) : NULL;
	uint8_t tri;

	if (choice) {
		kchoice_calc(k, choice);
		tri = s->tri;
	} else if (!k->dialect.new_choice && (s->flags & KS_MEMBER) && s->visible == KCONFIG_Y) {
		tri = s->choice->pick == s ? KCONFIG_Y : KCONFIG_N;
	} else {
		if (usable(s) && ksym_has_user(s))
			tri = s->visible != KCONFIG_N ? tri_and(s->user_tri, s->visible)
			                              : tri_and(s->user_tri, s->dir_tri);
		else
			tri = calc_hidden(k, s);
		if (s->dir_tri < s->rev_tri)
			warn_unmet(k, s);
		tri = tri_or(tri, s->rev_tri);
	}
	return promote(k, s, tri);
}

static const char *calc_str(struct kconfig *k, struct ksym *s, const char *empty)
{
	if (usable(s) && ksym_has_user(s))
		return s->user_str;
	struct kprop *p = ksym_default_prop(k, s);
	struct ksym *v = p ? kprop_sym(p) : NULL;
	if (!v)
		return empty;
	s->flags |= KS_WRITE;
	ksym_calc(k, v);
	return ksym_text(v);
}

// A default that is the user's value under an old name is the user's value: nobody is asked for it again.
static void adopt_transitional(struct kconfig *k, struct ksym *s)
{
	bool any = false;

	if (ksym_has_user(s) || ksym_is_choice(s) || ksym_is_member(k, s))
		return;
	for (struct kprop *p = s->props; p && !any; p = p->next)
		any = p->type == KP_DEFAULT && kprop_sym(p) && (kprop_sym(p)->flags & KS_TRANSITIONAL);
	struct kprop *p = any ? ksym_default_prop(k, s) : NULL;
	struct ksym *old = p ? kprop_sym(p) : NULL;
	if (!old || !(old->flags & KS_TRANSITIONAL) || !ksym_has_user(old))
		return;
	s->user_tri = s->tri;
	s->user_str = s->str;
	s->flags |= KS_USER;
}

// Old style choices, after their own value: who is picked, and members that must be written although they are
// n.
static void calc_choice_after(struct kconfig *k, struct ksym *s)
{
	if (!ksym_is_choice(s))
		return;
	if (!k->dialect.new_choice)
		for (size_t i = 0; i < s->members_len; i++)
			if ((s->flags & KS_WRITE) && s->members[i]->visible != KCONFIG_N)
				s->members[i]->flags |= KS_WRITE;
	s->flags &= ~KS_WRITE;
	if (s->flags & KS_FILL)
		kchoice_fill_old(k, s);
}

static void calc(struct kconfig *k, struct ksym *s)
{
	bool numbers = k->dialect.number_default;
	const char *empty = s->type == KCONFIG_INT && numbers   ? "0"
	                    : s->type == KCONFIG_HEX && numbers ? "0x0"
	                                                        : "";
	uint8_t tri = KCONFIG_N;

	if (s->type == KCONFIG_UNKNOWN) {
		s->str = s->name;
		s->tri = KCONFIG_N;
		return;
	}
	s->flags &= ~KS_WRITE;
	ksym_calc_visibility(k, s);
	if (s->visible != KCONFIG_N)
		s->flags |= KS_WRITE;
	s->tri = KCONFIG_N; // what a reader sees who comes back here while this is computed
	s->str = empty;
	s->pick = NULL;
	if (ktype_is_tri(s->type)) {
		tri = calc_tri(k, s);
		s->tri = tri;
		adopt_transitional(k, s);
		if (ksym_is_choice(s) && !k->dialect.new_choice && tri == KCONFIG_Y)
			s->pick = kchoice_calc_old(k, s);
	} else {
		s->str = calc_str(k, s, empty);
		adopt_transitional(k, s);
		clamp(k, s);
	}
	if (s == k->modules)
		k->modules_val = s->tri;
	calc_choice_after(k, s);
	if (s->flags & KS_TRANSITIONAL)
		s->flags &= ~KS_WRITE;
}

void ksym_calc(struct kconfig *k, struct ksym *s)
{
	if (s->valid == k->epoch || (s->flags & KS_FIXED))
		return;
	if (s->flags & KS_FILL && (s->flags & KS_MEMBER)) {
		s->flags &= ~KS_FILL;
		ksym_calc(k, s->choice);
	}
	s->valid = k->epoch;
	if (++k->depth > KDEPTH_MAX)
		k->too_deep = true;
	else
		calc(k, s);
	k->depth--;
}

const char *ksym_default_text(struct kconfig *k, struct ksym *s)
{
	const char *str = "";
	uint8_t tri = KCONFIG_N;

	ksym_calc_visibility(k, s);
	ksym_calc(k, k->modules);
	struct kprop *p = ksym_default_prop(k, s);
	if (p && ktype_is_tri(s->type)) {
		tri = tri_and(kexpr_calc(k, p->expr), p->tri);
	} else if (p && kprop_sym(p)) {
		ksym_calc(k, kprop_sym(p));
		str = ksym_text(kprop_sym(p));
	}
	tri = tri_or(tri, s->rev_tri);
	if (tri == KCONFIG_M &&
	        ((!ksym_is_member(k, s) && k->modules->tri == KCONFIG_N) || s->type == KCONFIG_BOOL))
		tri = KCONFIG_Y;
	tri = tri_or(tri, s->imp_tri);
	if (ktype_is_tri(s->type))
		return tri_text[tri];
	if (!*str && k->dialect.number_default)
		return s->type == KCONFIG_INT ? "0" : s->type == KCONFIG_HEX ? "0x0" : str;
	return str;
}

bool ksym_changeable(const struct kconfig *k, const struct ksym *s)
{
	return s->visible > s->rev_tri && !(k->dialect.new_choice && ksym_is_choice(s));
}

bool ksym_tri_allowed(const struct kconfig *k, const struct ksym *s, uint8_t tri)
{
	uint8_t type = ksym_acting_type(k, s);

	if (s->visible == KCONFIG_N || !ktype_is_tri(type) || (type == KCONFIG_BOOL && tri == KCONFIG_M))
		return false;
	if (s->visible <= s->rev_tri)
		return false;
	if (!k->dialect.new_choice && (s->flags & KS_MEMBER) && s->visible == KCONFIG_Y)
		return tri == KCONFIG_Y;
	return tri >= s->rev_tri && tri <= s->visible;
}

static int tri_of(const char *text)
{
	return strchr("yY", *text) && *text   ? KCONFIG_Y
	       : strchr("mM", *text) && *text ? KCONFIG_M
	       : strchr("nN", *text) && *text ? KCONFIG_N
	                                      : -1;
}

bool ksym_text_allowed(struct kconfig *k, struct ksym *s, const char *text)
{
	if (ktype_is_tri(s->type))
		return tri_of(text) >= 0 && ksym_tri_allowed(k, s, (uint8_t)tri_of(text));
	if (!ksym_text_valid(s, text))
		return false;
	if (s->type == KCONFIG_STRING)
		return true;
	int base = s->type == KCONFIG_INT ? 10 : 16;
	struct kprop *p = ksym_range_prop(k, s);
	if (!p)
		return true;
	long long v = strtoll(text, NULL, base);
	return v >= ksym_range_value(k, p->expr->l.s, base) && v <= ksym_range_value(k, p->expr->r.s, base);
}

bool ksym_answer_tri(struct kconfig *k, struct ksym *s, uint8_t tri)
{
	uint8_t before = s->tri;

	if ((k->dialect.new_choice || before != tri) && !ksym_tri_allowed(k, s, tri))
		return false;
	if (!k->dialect.new_choice && (s->flags & KS_MEMBER) && tri == KCONFIG_Y) {
		struct ksym *c = s->choice;
		c->user_pick = s;
		c->flags |= KS_USER;
		for (size_t i = 0; i < c->members_len; i++)
			if (c->members[i]->visible != KCONFIG_N)
				c->members[i]->flags |= KS_USER;
	}
	s->user_tri = tri;
	s->flags |= KS_USER;
	if (before != tri)
		ksolve_clear(k);
	return true;
}

bool ksym_answer(struct kconfig *k, struct ksym *s, const char *text)
{
	if (ktype_is_tri(s->type))
		return tri_of(text) >= 0 && ksym_answer_tri(k, s, (uint8_t)tri_of(text));
	if (!ksym_text_allowed(k, s, text))
		return false;
	s->flags |= KS_USER;
	bool prefix = s->type == KCONFIG_HEX && !(text[0] == '0' && (text[1] == 'x' || text[1] == 'X'));
	if (!prefix && s->user_str && !strcmp(s->user_str, text))
		return true;
	s->user_str = arena_printf(&k->arena, "%s%s", prefix ? "0x" : "", text);
	ksolve_clear(k);
	return true;
}

bool kmenu_visible(struct kconfig *k, struct kmenu *m)
{
	uint8_t visible;

	if (!m->prompt || (m->visibility && kexpr_calc(k, m->visibility) == KCONFIG_N))
		return false;
	if (m->sym) {
		ksym_calc(k, m->sym);
		visible = m->prompt->tri;
	} else {
		visible = m->prompt->tri = kexpr_calc(k, m->prompt->cond);
	}
	if (visible != KCONFIG_N)
		return true;
	if (!m->sym || m->sym->tri == KCONFIG_N)
		return false;
	for (struct kmenu *c = m->list; c; c = c->next) {
		if (!kmenu_visible(k, c))
			continue;
		if (!k->dialect.new_choice)
			m->sym->flags |= KS_USER;
		return true;
	}
	return false;
}
