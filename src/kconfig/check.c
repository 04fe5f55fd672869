// SPDX-License-Identifier: GPL-2.0-or-later
// Dependency loops: a symbol whose value depends on itself. The same walk as conf's, with the places where
// each link is written.
#include <errno.h>
#include "base/mem.h"
#include "kconfig/kexpr.h"
#include "kconfig/tree.h"

#define LOOP_DEPTH_MAX 4000

enum link { LINK_DEP, LINK_SELECTED, LINK_IMPLIED, LINK_PROP_COND, LINK_PROP_VALUE, LINK_CHOICE };

struct frame {
	struct ksym *sym;
	enum link link;
	struct kprop *prop;
};

struct loops {
	struct kconfig *k;
	struct frame *stack;
	size_t len, cap;
	struct buf text; // the first loop
	unsigned found;
	bool too_deep;
};

static struct ksym *check_sym(struct loops *l, struct ksym *s);

static struct frame *push(struct loops *l, struct ksym *s)
{
	mem_grow(&l->stack, &l->cap, l->len + 1, sizeof(*l->stack));
	l->stack[l->len] = (struct frame){.sym = s};
	return &l->stack[l->len++];
}

static void say_link(struct loops *l, const struct frame *f, const struct ksym *to)
{
	static const char *const prop_names[] = {[KP_PROMPT] = "prompt",
	        [KP_COMMENT] = "comment",
	        [KP_MENU] = "menu",
	        [KP_DEFAULT] = "default",
	        [KP_SELECT] = "select",
	        [KP_IMPLY] = "imply",
	        [KP_RANGE] = "range"};
	const struct kmenu *m = f->sym->menus;
	const char *file = f->prop ? f->prop->file
	                   : m     ? m->file
	                           : "?",
	           *from = kconfig_sym_name(f->sym), *name = kconfig_sym_name(to);
	int line = f->prop ? f->prop->line : m ? m->line : 0;

	buf_addf(&l->text, "\n%s:%d:\t", file, line);
	if (ksym_is_choice(to) && to->menus)
		buf_addf(&l->text, "symbol %s is part of choice block at %s:%d", from, to->menus->file,
		        to->menus->line);
	else if (f->link == LINK_CHOICE)
		buf_addf(&l->text, "choice %s contains symbol %s", from, name);
	else if (f->link == LINK_DEP)
		buf_addf(&l->text, "symbol %s depends on %s", from, name);
	else if (f->link == LINK_SELECTED)
		buf_addf(&l->text, "symbol %s is selected by %s", from, name);
	else if (f->link == LINK_IMPLIED)
		buf_addf(&l->text, "symbol %s is implied by %s", from, name);
	else if (f->link == LINK_PROP_VALUE)
		buf_addf(&l->text, "symbol %s %s value contains %s", from, prop_names[f->prop->type], name);
	else
		buf_addf(&l->text, "symbol %s %s is visible depending on %s", from,
		        f->prop ? prop_names[f->prop->type] : "choice", name);
}

// The stack holds the loop: from the frame of last up to the top, and back to last.
static void report(struct loops *l, struct ksym *last)
{
	struct kmenu *choice = ksym_choice_menu(l->k, last);
	bool pushed = false;
	size_t at;

	if (choice) {
		push(l, last)->link = LINK_CHOICE;
		pushed = true;
		last = choice->sym;
	}
	for (at = l->len; at > 0 && l->stack[at - 1].sym != last; at--)
		;
	if (at > 0 && l->found++ == 0) {
		const struct kmenu *m = last->menus;
		buf_addf(&l->text, "%s:%d: error: recursive dependency detected!", m ? m->file : "?",
		        m ? m->line : 0);
		for (size_t i = at - 1; i < l->len; i++)
			say_link(l, &l->stack[i], i + 1 < l->len ? l->stack[i + 1].sym : last);
	}
	if (pushed)
		l->len--;
}

static struct ksym *check_expr(struct loops *l, const struct kexpr *e)
{
	struct ksym *r = NULL;

	if (!e)
		return NULL;
	switch (e->type) {
	case KE_OR:
	case KE_AND:
		r = check_expr(l, e->l.e);
		return r ? r : check_expr(l, e->r.e);
	case KE_NOT:
		return check_expr(l, e->l.e);
	case KE_SYM:
		return check_sym(l, e->l.s);
	default:
		r = check_sym(l, e->l.s);
		return r ? r : check_sym(l, e->r.s);
	}
}

// The frame may move while deeper ones are pushed, so it is found by index each time.
static struct ksym *check_link(
        struct loops *l, size_t at, enum link link, struct kprop *p, const struct kexpr *e)
{
	l->stack[at].link = link;
	l->stack[at].prop = p;
	return check_expr(l, e);
}

static struct ksym *check_parts(struct loops *l, struct ksym *s)
{
	size_t at = l->len;
	struct ksym *r;

	push(l, s);
	r = check_link(l, at, LINK_DEP, NULL, s->dir_dep);
	if (!r)
		r = check_link(l, at, LINK_SELECTED, NULL, s->rev_dep);
	if (!r)
		r = check_link(l, at, LINK_IMPLIED, NULL, s->implied);
	for (struct kprop *p = s->props; p && !r; p = p->next) {
		if (p->type == KP_SELECT || p->type == KP_IMPLY)
			continue;
		r = check_link(l, at, LINK_PROP_COND, p, p->cond);
		if (!r && p->type == KP_DEFAULT && !ksym_is_choice(s))
			r = check_link(l, at, LINK_PROP_VALUE, p, p->expr);
	}
	l->len--;
	return r;
}

static void mark_members(struct loops *l, struct ksym *choice, bool on)
{
	struct kmenu *top = choice->menus;

	if (!l->k->dialect.new_choice) {
		for (size_t i = 0; i < choice->members_len; i++)
			choice->members[i]->flags = on ? choice->members[i]->flags | KS_CHECK | KS_CHECKED
			                               : choice->members[i]->flags & ~KS_CHECK;
		return;
	}
	for (struct kmenu *m = kmenu_next(top, top); m; m = kmenu_next(m, top))
		if (m->sym)
			m->sym->flags =
			        on ? m->sym->flags | KS_CHECK | KS_CHECKED : m->sym->flags & ~KS_CHECK;
}

static struct ksym *check_choice(struct loops *l, struct ksym *choice)
{
	struct kmenu *top = choice->menus;
	struct ksym *r;

	push(l, choice)->link = LINK_CHOICE;
	mark_members(l, choice, true);
	choice->flags |= KS_CHECK | KS_CHECKED;
	r = check_parts(l, choice);
	choice->flags &= ~KS_CHECK;
	if (l->k->dialect.new_choice) {
		for (struct kmenu *m = kmenu_next(top, top); m && !r; m = kmenu_next(m, top))
			r = m->sym ? check_parts(l, m->sym) : NULL;
	} else {
		for (size_t i = 0; i < choice->members_len && !r; i++)
			r = check_parts(l, choice->members[i]);
	}
	mark_members(l, choice, false);
	if (r && (l->k->dialect.new_choice ? ksym_choice_menu(l->k, r) == top : r->choice == choice))
		r = choice;
	l->len--;
	return r;
}

static struct ksym *check_sym(struct loops *l, struct ksym *s)
{
	struct ksym *r;

	if (s->flags & KS_CHECK) {
		report(l, s);
		return s;
	}
	if (s->flags & KS_CHECKED)
		return NULL;
	if (l->len > LOOP_DEPTH_MAX) {
		l->too_deep = true;
		return NULL;
	}
	struct kmenu *cm = l->k->dialect.new_choice ? ksym_choice_menu(l->k, s) : NULL;
	struct ksym *choice = cm ? cm->sym : s->choice;
	if (choice) {
		push(l, s)->link = LINK_CHOICE;
		r = check_sym(l, choice);
		l->len--;
	} else if (ksym_is_choice(s) && s->menus) {
		r = check_choice(l, s);
	} else {
		s->flags |= KS_CHECK | KS_CHECKED;
		r = check_parts(l, s);
		s->flags &= ~KS_CHECK;
	}
	return r;
}

int kcheck_loops(struct kconfig *k, struct err *e)
{
	struct loops l = {.k = k};
	int r = 0;

	if (k->dialect.new_choice) {
		for (struct kmenu *m = kmenu_next(&k->root, &k->root); m; m = kmenu_next(m, &k->root))
			if (m->sym)
				check_sym(&l, m->sym);
	} else {
		for (struct ksym **s = k->walk; *s; s++)
			check_sym(&l, *s);
	}
	if (l.found > 1)
		buf_addf(&l.text, "\n(and %u more)", l.found - 1);
	if (l.found)
		r = err_set(e, -ELOOP, "%s", buf_str(&l.text));
	else if (l.too_deep)
		r = err_set(e, -ELOOP, "%s: a chain of dependencies is longer than %d symbols", k->root.file,
		        LOOP_DEPTH_MAX);
	mem_free(l.stack);
	buf_release(&l.text);
	return r;
}
