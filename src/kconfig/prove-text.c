// SPDX-License-Identifier: GPL-2.0-or-later
// A proof in words: the steps that lead to the contradiction, each with the place in the Kconfig files that
// it rests on.
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/prove-inside.h"
#include "kconfig/reason.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

#define STEPS_MAX 24

// Parents are older than what follows from them.
void kproof_mark(struct kproof *p)
{
	for (size_t i = 0; i < p->events_len; i++)
		p->events[i].told = i + 1 == p->clash;
	for (size_t i = p->events_len; i-- > 0;)
		for (size_t j = 0; p->events[i].told && j < p->events[i].cause.parents; j++)
			p->events[p->events[i].cause.parent[j] - 1].told = true;
}

bool kproof_takes_part(const struct kproof *p, size_t item)
{
	for (size_t i = 0; i < p->events_len; i++) {
		const struct kevent *e = &p->events[i];
		if (e->told && e->cause.why == KWHY_ASKED && e->cause.item == item)
			return true;
	}
	return false;
}

static const char *range_text(const struct ksym *s, bool least, uint8_t tri)
{
	bool tristate = s->type == KCONFIG_TRISTATE;

	if (least)
		return tri == KCONFIG_Y ? "y" : tristate ? "m or y" : "y";
	return tri == KCONFIG_N ? "n" : "at most m";
}

static void place(const struct kprop *q, const struct ksym *s, struct buf *b)
{
	if (q)
		buf_addf(b, " (%s:%d)", q->file, q->line);
	else if (s->menus)
		buf_addf(b, " (%s:%d)", s->menus->file, s->menus->line);
}

static void choice_name(const struct kmenu *c, struct buf *b)
{
	buf_addf(b, "the choice \"%s\" (%s:%d)", c->prompt ? c->prompt->text : "", c->file, c->line);
}

static void condition(struct kproof *p, const struct kprop *q, struct buf *b)
{
	if (!q || !q->own)
		return;
	buf_adds(b, " if ");
	kexpr_print(p->k, q->own, false, b);
}

// Nothing is left that turns the subject on, or gives it the text: what its prompt would need.
static void no_source(struct kproof *p, const struct kcause *c, struct buf *b)
{
	const struct kprop *prompt = c->subject->props;
	bool others = c->text != NULL || c->subject->rev_dep || c->subject->implied;

	while (prompt && !prompt->text)
		prompt = prompt->next;
	for (const struct kprop *q = c->subject->props; q; q = q->next)
		others = others || q->type == KP_DEFAULT || (q->text && q != prompt);
	buf_adds(b, kconfig_sym_name(c->subject));
	if (prompt) {
		buf_addf(b, " can be set only if ");
		kexpr_print(p->k, prompt->cond, false, b);
		place(prompt, c->subject, b);
	} else {
		buf_adds(b, " has no prompt");
		place(NULL, c->subject, b);
	}
	if (c->text)
		buf_addf(b, ", and no default that counts is %s", c->text);
	else if (others || !prompt)
		buf_adds(b, ", and nothing else turns it on");
}

// "SUBJECT depends on ..., " and the like.
static void rule(struct kproof *p, const struct kcause *c, struct buf *b)
{
	const char *name = c->subject ? kconfig_sym_name(c->subject) : "";
	struct kexpr *dep = c->prop && c->prop->text ? c->prop->cond : c->subject->dir_dep;

	switch (c->why) {
	case KWHY_DEPENDS:
		buf_addf(b, "%s depends on ", name);
		kexpr_print(p->k, dep, false, b);
		place(NULL, c->subject, b);
		return;
	case KWHY_VALUE:
		no_source(p, c, b);
		return;
	case KWHY_SOURCE:
		if (c->unmet) {
			no_source(p, c, b);
			return;
		}
		buf_addf(b, "%s has no prompt that can be seen: it is set by ", name);
		if (!c->prop)
			buf_adds(b, "what selects or implies it");
		else
			kexpr_print(p->k, c->prop->expr, false, b);
		condition(p, c->prop, b);
		place(c->prop, c->subject, b);
		return;
	case KWHY_SELECTS:
		buf_addf(b, "%s selects %s", name, kprop_sym(c->prop)->name);
		condition(p, c->prop, b);
		place(c->prop, c->subject, b);
		return;
	case KWHY_SELECTED:
		buf_addf(b, "%s is selected", name);
		if (c->prop && c->prop->menu->sym)
			buf_addf(b, " by %s", kconfig_sym_name(c->prop->menu->sym));
		condition(p, c->prop, b);
		place(c->prop, c->subject, b);
		return;
	case KWHY_DEFAULT:
		buf_addf(b, "%s has no prompt, its default is ", name);
		kexpr_print(p->k, c->prop->expr, false, b);
		condition(p, c->prop, b);
		place(c->prop, c->subject, b);
		return;
	case KWHY_MEMBER:
		buf_addf(b, "only one member of ");
		choice_name(c->choice, b);
		buf_addf(b, " is y, and that is %s", name);
		return;
	case KWHY_LAST_MEMBER:
		buf_adds(b, "one member of ");
		choice_name(c->choice, b);
		buf_adds(b, " is always y");
		return;
	case KWHY_UNREACHED:
		if (!c->unmet) {
			buf_addf(b, "nothing is left that turns %s on (%s:%d)", name, c->subject->menus->file,
			        c->subject->menus->line);
			return;
		}
		buf_addf(b, "%s depends on ", name);
		kexpr_print(p->k, c->subject->dir_dep, false, b);
		place(NULL, c->subject, b);
		return;
	case KWHY_MODULE:
		buf_addf(b, "%s is m", name);
		return;
	default:
		return;
	}
}

static void say_tree(struct kproof *p, const struct kevent *e, struct buf *b)
{
	const char *name = kconfig_sym_name(e->sym);
	_cleanup_buf_ struct buf test = {};

	if (!e->sym->menus) {
		buf_addf(b, "%s is not defined for this architecture", name);
		return;
	}
	buf_addf(b, "%s is never %s", name,
	        e->least              ? (e->tri == KCONFIG_Y ? "below y" : "n")
	        : e->tri == KCONFIG_N ? (e->sym->type == KCONFIG_TRISTATE ? "m or y" : "y")
	                              : "y");
	if (e->cause.unmet) {
		buf_adds(b, ": it depends on ");
		kexpr_print(p->k, e->sym->dir_dep, false, b);
	}
	if (kreason_tests(p->k, e->sym, &test))
		buf_addf(b, "; what decides is a test: %s", buf_str(&test));
	else if (!e->least && e->cause.why == KWHY_TREE && !e->cause.sources)
		buf_adds(b, ": nothing sets or selects it");
	place(NULL, e->sym, b);
}

static void say(struct kproof *p, const struct kevent *e, struct buf *b)
{
	static const char *const tri_text[] = {"n", "m", "y"};
	const struct kcause *c = &e->cause;

	if (c->why == KWHY_ASKED)
		buf_addf(b, "%s=%s is asked for", c->subject->name, c->text ? c->text : tri_text[e->tri]);
	else if (c->why == KWHY_TREE)
		say_tree(p, e, b);
	else if (c->why == KWHY_CLASH)
		buf_addf(b, "%s cannot be both", kconfig_sym_name(c->subject));
	else
		rule(p, c, b);
}

// Steps by the same rule are one line: "A depends on B && C: B must be y, C must be y".
static bool same_rule(const struct kevent *a, const struct kevent *b)
{
	const struct kcause *x = &a->cause, *y = &b->cause;

	return x->why == y->why && x->subject == y->subject && x->prop == y->prop && x->choice == y->choice &&
	       x->why != KWHY_TREE && x->why != KWHY_ASKED && x->why != KWHY_CLASH;
}

static void say_bound(const struct kevent *e, const char *before, struct buf *b)
{
	if (e->sym)
		buf_addf(b, "%s%s must be %s", before, kconfig_sym_name(e->sym),
		        range_text(e->sym, e->least, e->tri));
	else
		buf_addf(b, "%sthat cannot be", before);
}

// A request has two bounds and is told once.
static bool is_repeated(const struct kproof *p, size_t at)
{
	const struct kevent *e = &p->events[at];

	for (size_t i = 0; i < at; i++)
		if (p->events[i].told && p->events[i].cause.why == KWHY_ASKED &&
		        p->events[i].cause.item == e->cause.item)
			return e->cause.why == KWHY_ASKED;
	return false;
}

// That something is always there needs no words, unless it is what stands in the way.
static bool is_plain(const struct kproof *p, size_t at)
{
	const struct kcause *end = &p->events[p->clash - 1].cause;
	const struct kevent *e = &p->events[at];
	bool direct = false;

	for (size_t i = 0; i < end->parents; i++)
		direct = direct || end->parent[i] == at + 1;
	return e->cause.why == KWHY_TREE && e->least && !direct;
}

static bool is_said(const struct kproof *p, size_t at)
{
	const struct kevent *e = &p->events[at];

	if (!e->told || is_repeated(p, at) || is_plain(p, at))
		return false;
	if (e->cause.why != KWHY_CLASH)
		return true;
	for (size_t i = 0; i < e->cause.parents; i++) { // what can never be has been said already
		const struct kevent *of = &p->events[e->cause.parent[i] - 1];
		if (of->sym == e->cause.subject && (of->cause.why == KWHY_TREE))
			return false;
	}
	return at + 1 == p->clash;
}

void kproof_text(struct kproof *p, const char *indent, struct buf *b)
{
	const struct kevent *last = NULL;
	unsigned said = 0, more = 0;

	for (size_t i = 0; i < p->events_len; i++) {
		const struct kevent *e = &p->events[i];
		bool end = i + 1 == p->clash, plain = e->cause.why == KWHY_ASKED ||
		                                      e->cause.why == KWHY_TREE || e->cause.why == KWHY_CLASH;
		if (!is_said(p, i))
			continue;
		if (!end && ++said > STEPS_MAX) {
			more++;
			continue;
		}
		if (last && same_rule(last, e)) {
			say_bound(e, ", ", b);
			continue;
		}
		if (last)
			buf_addc(b, '\n');
		buf_adds(b, indent);
		say(p, e, b);
		if (!plain)
			say_bound(e, ": ", b);
		last = e;
	}
	buf_addc(b, '\n');
	if (more)
		buf_addf(b, "%s(%u more steps are not shown)\n", indent, more);
}
