// SPDX-License-Identifier: GPL-2.0-or-later
// Finishing the menu tree: dependencies handed down to each property, reverse dependencies, submenus made of
// entries that depend on the one before them, 'if' blocks flattened, choices tied to their members.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "kconfig/kexpr.h"
#include "kconfig/tree.h"

#define TREE_DEPTH_MAX 5000

struct finalize {
	struct kconfig *k;
	unsigned depth;
	bool too_deep;
};

void ktree_set_type(struct kconfig *k, struct kmenu *m, uint8_t type)
{
	struct ksym *s = m->sym;

	if (s->type == type)
		return;
	if (s->type == KCONFIG_UNKNOWN) {
		s->type = type;
		k->tidy_gen++;
		return;
	}
	kwarn(k, "%s:%d:warning: ignoring type redefinition of '%s' from '%s' to '%s'\n", m->file, m->line,
	        kconfig_sym_name(s), ktype_name(s->type), ktype_name(type));
}

struct kprop *ktree_add_prop(
        struct kconfig *k, struct kmenu *m, enum kprop_type type, const char *file, int line)
{
	struct kprop *p = arena_alloc(&k->arena, sizeof(*p));

	p->type = type;
	p->menu = m;
	p->file = file;
	p->line = line;
	if (m->sym) {
		if (m->sym->props_last)
			m->sym->props_last->next = p;
		else
			m->sym->props = p;
		m->sym->props_last = p;
	}
	return p;
}

bool ksym_text_valid(const struct ksym *s, const char *t)
{
	switch (s->type) {
	case KCONFIG_STRING:
		return true;
	case KCONFIG_INT:
		if (*t == '-')
			t++;
		if (!isdigit((unsigned char)*t) || (*t == '0' && t[1]))
			return false;
		return t[strspn(t, "0123456789")] == '\0';
	case KCONFIG_HEX:
		if (t[0] == '0' && (t[1] == 'x' || t[1] == 'X'))
			t += 2;
		return *t && t[strspn(t, "0123456789abcdefABCDEF")] == '\0';
	case KCONFIG_BOOL:
	case KCONFIG_TRISTATE:
		return *t && strchr("yYmMnN", *t);
	default:
		return false;
	}
}

static bool number_like(const struct ksym *s, const struct ksym *v)
{
	return v->type == KCONFIG_INT || v->type == KCONFIG_HEX ||
	       (v->type == KCONFIG_UNKNOWN && ksym_text_valid(s, v->name));
}

#define prop_warn(k, p, fmt, ...) kwarn(k, "%s:%d:warning: " fmt "\n", (p)->file, (p)->line, ##__VA_ARGS__)

static void check_default(struct kconfig *k, struct ksym *s, struct kprop *p)
{
	struct ksym *v = kprop_sym(p);

	if (!v) {
		if (s->type == KCONFIG_STRING || s->type == KCONFIG_INT || s->type == KCONFIG_HEX)
			prop_warn(k, p, "default for config symbol '%s' must be a single symbol",
			        kconfig_sym_name(s));
		return;
	}
	if ((s->type == KCONFIG_HEX || s->type == KCONFIG_INT) && !number_like(s, v))
		prop_warn(k, p, "'%s': number is invalid", kconfig_sym_name(s));
	if (!ksym_is_choice(s))
		return;
	struct kmenu *c = k->dialect.new_choice ? ksym_choice_menu(k, v) : NULL;
	if (k->dialect.new_choice ? !c || c->sym != s : v->choice != s)
		prop_warn(k, p, "choice default symbol '%s' is not contained in the choice", v->name);
}

static void check_select(struct kconfig *k, struct ksym *s, struct kprop *p)
{
	const char *use = p->type == KP_SELECT ? "select" : "imply";
	struct ksym *v = kprop_sym(p);

	if (!ktype_is_tri(s->type))
		prop_warn(k, p, "config symbol '%s' uses %s, but is not bool or tristate",
		        kconfig_sym_name(s), use);
	else if (v->type != KCONFIG_UNKNOWN && !ktype_is_tri(v->type))
		prop_warn(k, p, "'%s' has wrong type. '%s' only accept arguments of bool and tristate type",
		        v->name, use);
}

static void check_props(struct kconfig *k, struct ksym *s)
{
	for (struct kprop *p = s->props; p; p = p->next) {
		if (p->type == KP_DEFAULT) {
			check_default(k, s, p);
		} else if (p->type == KP_SELECT || p->type == KP_IMPLY) {
			check_select(k, s, p);
		} else if (p->type == KP_RANGE) {
			if (s->type != KCONFIG_INT && s->type != KCONFIG_HEX)
				prop_warn(k, p, "range is only allowed for int or hex symbols");
			if (!number_like(s, p->expr->l.s) || !number_like(s, p->expr->r.s))
				prop_warn(k, p, "range is invalid");
		}
	}
}

static struct kexpr *hand_down(struct kconfig *k, struct kexpr *above, struct kexpr *own)
{
	own = kexpr_transform(k, kexpr_rewrite_m(k, own));
	return kexpr_tidy(k, kexpr_and(k, above, own));
}

static void finalize_prop(struct kconfig *k, struct kmenu *m, struct kprop *p)
{
	p->cond = hand_down(k, m->dep, p->cond);
	if (p->type != KP_SELECT && p->type != KP_IMPLY)
		return;
	struct ksym *target = kprop_sym(p);
	struct kexpr **rev = p->type == KP_SELECT ? &target->rev_dep : &target->implied;
	*rev = kexpr_or(k, *rev, kexpr_and(k, kexpr_sym(k, m->sym), p->cond));
}

// Old style choices lend their type to members without one, and take it from the first member that has one.
static void settle_choice_type(struct kconfig *k, struct kmenu *choice)
{
	struct ksym *s = choice->sym;

	for (struct kmenu *m = choice->list; m && s->type == KCONFIG_UNKNOWN; m = m->next)
		if (m->sym && m->sym->type != KCONFIG_UNKNOWN)
			ktree_set_type(k, choice, m->sym->type);
	for (struct kmenu *m = choice->list; m; m = m->next)
		if (m->sym && m->sym->type == KCONFIG_UNKNOWN)
			ktree_set_type(k, m, s->type);
}

static void finalize_menu(struct finalize *f, struct kmenu *parent, bool in_choice);

static void finalize_children(struct finalize *f, struct kmenu *parent)
{
	struct kconfig *k = f->k;
	bool choice = parent->sym && ksym_is_choice(parent->sym);
	struct kexpr *above = parent->dep;

	if (choice && !k->dialect.new_choice) {
		settle_choice_type(k, parent);
		above = kexpr_sym(k, parent->sym);
	}
	for (struct kmenu *m = parent->list; m; m = m->next) {
		m->dep = hand_down(k, above, m->dep);
		if (!m->sym && m->prompt)
			finalize_prop(k, m, m->prompt);
		for (struct kprop *p = m->sym ? m->sym->props : NULL; p; p = p->next)
			if (p->menu == m)
				finalize_prop(k, m, p);
	}
	for (struct kmenu *m = parent->list; m; m = m->next)
		finalize_menu(f, m, choice);
}

// Does m, which comes after an entry of s, belong below it? base: what the entry of s depends on.
static bool belongs_below(struct kconfig *k, const struct kmenu *m, const struct ksym *s, struct kexpr *base)
{
	struct kexpr *dep = m->prompt ? m->prompt->cond : m->dep;

	if (!kexpr_contains(dep, s))
		return false;
	if (kexpr_depends(k, dep, s))
		return true;
	if (k->dialect.submenu_positive && kexpr_wants_off(k, dep, s))
		return false;
	dep = kexpr_tidy(k, kexpr_transform(k, kexpr_compare_no(k, dep)));
	kexpr_cancel(k, &dep, &base);
	return kexpr_is_yes(k, base);
}

static void make_submenu(struct finalize *f, struct kmenu *parent)
{
	struct kconfig *k = f->k;
	struct kexpr *base = kexpr_compare_no(k, parent->prompt ? parent->prompt->cond : NULL);
	struct kmenu *last = NULL;

	base = kexpr_tidy(k, kexpr_transform(k, base));
	for (struct kmenu *m = parent->next; m && belongs_below(k, m, parent->sym, base); m = m->next) {
		finalize_menu(f, m, false);
		m->parent = parent;
		last = m;
	}
	if (last) {
		parent->list = parent->next;
		parent->next = last->next;
		last->next = NULL;
	}
	parent->sym->dir_dep = kexpr_or(k, parent->sym->dir_dep, parent->dep);
}

// Old style: ties the entry m to the choice above it.
static void adopt_member(struct kconfig *k, struct kmenu *choice, struct kmenu *m)
{
	struct ksym *c = choice->sym, *s = m->sym;

	s->flags |= KS_MEMBER;
	if (!m->prompt)
		kwarn(k, "%s:%d:warning: choice value must have a prompt\n", m->file, m->line);
	for (struct kprop *p = s->props; p; p = p->next) {
		if (p->type == KP_DEFAULT)
			prop_warn(k, p, "defaults for choice values not supported");
		if (p->menu != m && p->type == KP_PROMPT && p->menu->parent->sym != c)
			prop_warn(k, p, "choice value used outside its choice group");
	}
	if (c->type == KCONFIG_TRISTATE && s->type != KCONFIG_TRISTATE) {
		struct kexpr *mode = kexpr_comp(k, KE_EQ, c, k->yes);
		m->dep = kexpr_and(k, mode, m->dep);
		for (struct kprop *p = s->props; p; p = p->next)
			if (p->menu == m)
				p->cond = kexpr_and(k, mode, p->cond);
	}
	s->choice = c;
	mem_grow(&c->members, &c->members_cap, c->members_len + 1, sizeof(*c->members));
	c->members[c->members_len++] = s;
}

// Entries below something without a prompt ('if', hidden symbols) move up to its level.
static void flatten(struct kmenu *parent, struct kmenu *m)
{
	struct kmenu *last;

	if (!m->list || (m->prompt && m->prompt->text))
		return;
	for (last = m->list;; last = last->next) {
		last->parent = parent;
		if (!last->next)
			break;
	}
	last->next = m->next;
	m->next = m->list;
	m->list = NULL;
}

static void finalize_menu(struct finalize *f, struct kmenu *parent, bool in_choice)
{
	struct kconfig *k = f->k;
	struct ksym *s = parent->sym;
	bool old = !k->dialect.new_choice;

	if (++f->depth > TREE_DEPTH_MAX) {
		f->too_deep = true;
		f->depth--;
		return;
	}
	if (parent->list)
		finalize_children(f, parent);
	else if (s && (old || !in_choice))
		make_submenu(f, parent);
	for (struct kmenu *m = parent->list; m; m = m->next) {
		if (old && s && ksym_is_choice(s) && m->sym && !(m->sym->flags & KS_MEMBER))
			adopt_member(k, parent, m);
		flatten(parent, m);
	}
	if (s && !(s->flags & KS_WARNED)) {
		if (s->type == KCONFIG_UNKNOWN)
			kwarn(k, "%s:%d:warning: config symbol defined without type\n", parent->file,
			        parent->line);
		if (old && ksym_is_choice(s) && !parent->prompt)
			kwarn(k, "%s:%d:warning: choice must have a prompt\n", parent->file, parent->line);
		check_props(k, s);
		s->flags |= KS_WARNED;
	}
	// A choice that is visible and not optional is at least m: that is how it gets its mode.
	if (old && s && !(s->flags & KS_OPTIONAL) && parent->prompt)
		s->rev_dep =
		        kexpr_or(k, s->rev_dep, kexpr_and(k, parent->prompt->cond, kexpr_sym(k, k->mod)));
	f->depth--;
}

#define fault(k, file, line, fmt) kconfig_complain(k, file, line, "error: " fmt)

static void check_member(struct kconfig *k, struct kmenu *m)
{
	for (struct kprop *p = m->sym->props; p; p = p->next) {
		if (p->type == KP_DEFAULT)
			fault(k, p->file, p->line, "defaults for choice values not supported");
		if (p->menu == m || p->type != KP_PROMPT)
			continue;
		if (k->dialect.member_once)
			fault(k, p->file, p->line, "choice value must not have a prompt in another entry");
		else if (p->menu->parent != m->parent)
			fault(k, p->file, p->line, "choice value has a prompt outside its choice group");
	}
}

// A transitional symbol carries the value of an old .config over to a new name, and nothing else.
static void check_transitional(struct kconfig *k, struct kmenu *m)
{
	const struct kprop *p = m->sym->props;

	if (!kexpr_is_yes(k, m->dep) || !kexpr_is_yes(k, m->visibility))
		fault(k, m->file, m->line, "transitional symbols can only have help sections");
	else if (p)
		fault(k, p->file, p->line, "transitional symbols can only have help sections");
}

static int check_entries(struct kconfig *k, struct err *e)
{
	for (struct kmenu *m = kmenu_next(&k->root, &k->root); m; m = kmenu_next(m, &k->root)) {
		if (m->sym && m->sym->flags & KS_TRANSITIONAL && k->dialect.strict_transitional)
			check_transitional(k, m);
		if (!k->dialect.new_choice || !m->sym || !ksym_is_choice(m->sym))
			continue;
		for (struct kmenu *c = kmenu_next(m, m); c; c = kmenu_next(c, m))
			if (c->sym)
				check_member(k, c);
	}
	return kconfig_complaints(k, e);
}

int ktree_finalize(struct kconfig *k, struct err *e)
{
	struct finalize f = {.k = k};

	finalize_menu(&f, &k->root, false);
	if (f.too_deep)
		return err_set(e, -ELOOP,
		        "%s: entries that depend on each other are nested more than %d deep", k->root.file,
		        TREE_DEPTH_MAX);
	kconfig_order_symbols(k);
	for (size_t i = 0; i < k->syms_len; i++)
		k->syms[i]->choice_menu = ksym_choice_menu(k, k->syms[i]);
	k->finalized = true;
	int r = kcheck_loops(k, e);
	return r < 0 ? r : check_entries(k, e);
}
