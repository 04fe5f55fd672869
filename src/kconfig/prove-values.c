// SPDX-License-Identifier: GPL-2.0-or-later
// Proofs about numbers and strings: may the value that is asked for come from the user, from a default that
// counts or can, or from a limit of a range? Where nothing is known of a value it may be anything.
#include <string.h>
#include "kconfig/prove-inside.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

#define DEPTH_MAX 8

struct value {
	struct kproof *p;
	const struct ksym *of; // whose value is asked for
	const char *text;
	struct kcause *c; // collects why it cannot be
	unsigned depth;
};

static bool may_be(struct value *v, struct ksym *s);

static bool is_nothing(const char *text)
{
	return !*text || !strcmp(text, "0") || !strcmp(text, "0x0");
}

// What lies outside of a range becomes a limit of it.
static bool may_be_limit(struct value *v, const struct kprop *q)
{
	if (kspan_of(v->p, q->cond).hi == KCONFIG_N) {
		kproof_blame(v->p, q->cond, true, KCONFIG_M, v->c);
		return false;
	}
	return may_be(v, q->expr->l.s) || may_be(v, q->expr->r.s);
}

// The first default counts whose condition is met.
static bool may_be_default(struct value *v, const struct ksym *s)
{
	for (const struct kprop *q = s->props; q; q = q->next) {
		if (q->type != KP_DEFAULT)
			continue;
		struct kspan cond = kspan_of(v->p, q->cond);
		if (cond.hi == KCONFIG_N) {
			kproof_blame(v->p, q->cond, true, KCONFIG_M, v->c);
			continue;
		}
		if (!kprop_sym(q) || may_be(v, kprop_sym(q)))
			return true;
		if (cond.lo > KCONFIG_N) {
			kproof_blame(v->p, q->cond, false, KCONFIG_N, v->c);
			return false;
		}
	}
	return is_nothing(v->text);
}

static bool may_be(struct value *v, struct ksym *s)
{
	if ((s->flags & KS_CONST) || !s->menus)
		return kvalue_compare(s->name, v->of->type, v->text, v->of->type) == 0;
	if (ktype_is_tri(s->type) || s->type == KCONFIG_UNKNOWN || (s->flags & KS_TRANSITIONAL) ||
	        v->depth > DEPTH_MAX)
		return true;
	for (const struct kprop *q = s->props; q; q = q->next) {
		if (!q->text)
			continue;
		if (kspan_of(v->p, q->cond).hi > KCONFIG_N)
			return true;
		kproof_blame(v->p, q->cond, true, KCONFIG_M, v->c);
	}
	v->depth++;
	bool may = may_be_default(v, s);
	for (const struct kprop *q = s->props; q && !may; q = q->next)
		may = q->type == KP_RANGE && may_be_limit(v, q);
	v->depth--;
	return may;
}

bool kproof_follow_value(struct kproof *p, struct ksym *s, const char *text, uint32_t asked)
{
	struct kcause c = {.why = KWHY_VALUE, .subject = s, .text = text};
	struct value v = {.p = p, .of = s, .text = text, .c = &c};

	kcause_add(&c, asked);
	return may_be(&v, s) || kproof_clash(p, &c);
}
