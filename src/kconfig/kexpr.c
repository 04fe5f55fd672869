// SPDX-License-Identifier: GPL-2.0-or-later
// Expressions: the shared nodes, their values, their text.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "kconfig/kexpr.h"
#include "kconfig/solve.h"

static size_t node_hash(uint8_t type, const void *l, const void *r)
{
	uint64_t h = ((uintptr_t)l >> 4) * 0x9E3779B97F4A7C15u;

	h = (h ^ (h >> 29) ^ ((uintptr_t)r >> 4)) * 0xBF58476D1CE4E5B9u;
	return (size_t)((h ^ (h >> 32)) + type * 0x9E3779B1u);
}

static void exprs_grow(struct kconfig *k)
{
	size_t cap = k->exprs_cap ? k->exprs_cap * 2 : 262144;
	struct kexpr_slot *t = mem_array(cap, sizeof(*t));

	for (size_t i = 0; i < k->exprs_cap; i++) {
		if (!k->exprs[i].e)
			continue;
		size_t at = k->exprs[i].hash & (cap - 1);
		while (t[at].e)
			at = (at + 1) & (cap - 1);
		t[at] = k->exprs[i];
	}
	mem_free(k->exprs);
	k->exprs = t;
	k->exprs_cap = cap;
}

static struct kexpr *node(struct kconfig *k, uint8_t type, union kterm l, union kterm r)
{
	size_t hash = node_hash(type, l.e, r.e);
	struct kexpr *e;

	if (k->exprs_len * 4 >= k->exprs_cap * 3)
		exprs_grow(k);
	size_t at = hash & (k->exprs_cap - 1);
	for (; (e = k->exprs[at].e); at = (at + 1) & (k->exprs_cap - 1))
		if (k->exprs[at].hash == hash && e->type == type && e->l.e == l.e && e->r.e == r.e)
			return e;
	e = arena_alloc(&k->arena, sizeof(*e));
	e->type = type;
	e->l = l;
	e->r = r;
	k->exprs[at] = (struct kexpr_slot){hash, e};
	k->exprs_len++;
	return e;
}

struct kexpr *kexpr_sym(struct kconfig *k, struct ksym *s)
{
	return node(k, KE_SYM, (union kterm){.s = s}, (union kterm){});
}

struct kexpr *kexpr_one(struct kconfig *k, uint8_t type, struct kexpr *e)
{
	return node(k, type, (union kterm){.e = e}, (union kterm){});
}

struct kexpr *kexpr_two(struct kconfig *k, uint8_t type, struct kexpr *a, struct kexpr *b)
{
	return node(k, type, (union kterm){.e = a}, (union kterm){.e = b});
}

struct kexpr *kexpr_comp(struct kconfig *k, uint8_t type, struct ksym *a, struct ksym *b)
{
	return node(k, type, (union kterm){.s = a}, (union kterm){.s = b});
}

struct kexpr *kexpr_and(struct kconfig *k, struct kexpr *a, struct kexpr *b)
{
	return !a ? b : !b ? a : kexpr_two(k, KE_AND, a, b);
}

struct kexpr *kexpr_or(struct kconfig *k, struct kexpr *a, struct kexpr *b)
{
	return !a ? b : !b ? a : kexpr_two(k, KE_OR, a, b);
}

bool kexpr_is_yes(const struct kconfig *k, const struct kexpr *e)
{
	return !e || (e->type == KE_SYM && e->l.s == k->yes);
}

// A value read for a comparison: a number with or without sign, or only a string.
struct number {
	enum { NUM_NONE, NUM_SIGNED, NUM_UNSIGNED } kind;
	long long s;
	unsigned long long u;
};

static struct number number_parse(const char *str, uint8_t type)
{
	struct number n = {};
	char *tail;

	if (ktype_is_tri(type)) {
		n.kind = NUM_SIGNED;
		n.s = !strcmp(str, "n") ? 0 : !strcmp(str, "m") ? 1 : !strcmp(str, "y") ? 2 : -1;
		n.u = (unsigned long long)n.s;
		return n;
	}
	errno = 0;
	if (type == KCONFIG_HEX) {
		n.u = strtoull(str, &tail, 16);
		n.s = (long long)n.u;
		n.kind = NUM_UNSIGNED;
	} else {
		n.s = strtoll(str, &tail, type == KCONFIG_INT ? 10 : 0);
		n.u = (unsigned long long)n.s;
		n.kind = NUM_SIGNED;
	}
	if (errno || *tail || tail == str || !isxdigit((unsigned char)tail[-1]))
		n.kind = NUM_NONE;
	return n;
}

int kvalue_compare(const char *a, uint8_t a_type, const char *b, uint8_t b_type)
{
	struct number x = {}, y = {};

	if (a_type != KCONFIG_STRING || b_type != KCONFIG_STRING) {
		x = number_parse(a, a_type);
		y = number_parse(b, b_type);
	}
	if (x.kind == NUM_NONE || y.kind == NUM_NONE) {
		int c = strcmp(a, b);
		return (c > 0) - (c < 0);
	}
	if (x.kind == NUM_UNSIGNED || y.kind == NUM_UNSIGNED)
		return (x.u > y.u) - (x.u < y.u);
	return (x.s > y.s) - (x.s < y.s);
}

static uint8_t calc_comp(struct kconfig *k, const struct kexpr *e)
{
	struct ksym *a = e->l.s, *b = e->r.s;

	ksym_calc(k, a);
	ksym_calc(k, b);
	int c = kvalue_compare(ksym_text(a), a->type, ksym_text(b), b->type);
	bool holds = e->type == KE_EQ   ? c == 0
	             : e->type == KE_NE ? c != 0
	             : e->type == KE_LT ? c < 0
	             : e->type == KE_LE ? c <= 0
	             : e->type == KE_GT ? c > 0
	                                : c >= 0;
	return holds ? KCONFIG_Y : KCONFIG_N;
}

static uint8_t calc_node(struct kconfig *k, struct kexpr *e)
{
	uint8_t a, b;

	switch (e->type) {
	case KE_SYM:
		ksym_calc(k, e->l.s);
		return e->l.s->tri;
	case KE_NOT:
		return (uint8_t)(2 - kexpr_calc(k, e->l.e));
	case KE_AND:
	case KE_OR:
		a = kexpr_calc(k, e->l.e);
		// conf always looks at both sides; that shows only in the warnings of what it looks at.
		if (k->quiet && a == (e->type == KE_AND ? KCONFIG_N : KCONFIG_Y))
			return a;
		b = kexpr_calc(k, e->r.e);
		return e->type == KE_AND ? tri_and(a, b) : tri_or(a, b);
	case KE_RANGE:
	case KE_NONE:
		return KCONFIG_N;
	default:
		return calc_comp(k, e);
	}
}

uint8_t kexpr_calc(struct kconfig *k, struct kexpr *e)
{
	if (!e)
		return KCONFIG_Y;
	if (k->dialect.shared_expr && e->epoch == k->epoch)
		return e->val;
	if (++k->depth > KDEPTH_MAX) {
		k->too_deep = true;
		k->depth--;
		return KCONFIG_N;
	}
	uint8_t v = calc_node(k, e);
	k->depth--;
	e->val = v;
	e->epoch = k->epoch;
	return v;
}

// Operators from loosest to tightest; an operand of a looser kind gets parentheses.
static int binding(uint8_t type)
{
	static const int8_t order[] = {[KE_OR] = 1, [KE_AND] = 2, [KE_NOT] = 3, [KE_EQ] = 4, [KE_NE] = 4};

	if (type >= KE_LT && type <= KE_GE)
		return 5;
	return type < ARRAY_SIZE(order) ? order[type] : 0;
}

static void print_sym(struct kconfig *k, struct ksym *s, bool values, struct buf *b)
{
	buf_adds(b, kconfig_sym_name(s));
	if (values && s->name && s->type != KCONFIG_UNKNOWN)
		buf_addf(b, " [=%s]", ksym_text(s));
}

static void print_in(
        struct kconfig *k, const struct kexpr *e, bool values, struct buf *b, uint8_t outer, unsigned depth)
{
	static const char *const ops[] = {
	        [KE_EQ] = "=",
	        [KE_NE] = "!=",
	        [KE_LT] = "<",
	        [KE_LE] = "<=",
	        [KE_GT] = ">",
	        [KE_GE] = ">=",
	        [KE_OR] = " || ",
	        [KE_AND] = " && ",
	        [KE_RANGE] = " ",
	};
	bool paren =
	        outer != KE_NONE && outer != e->type && binding(e->type) && binding(outer) > binding(e->type);

	if (depth > KDEPTH_MAX) {
		buf_adds(b, "...");
		return;
	}
	if (paren)
		buf_addc(b, '(');
	if (e->type == KE_SYM) {
		print_sym(k, e->l.s, values, b);
	} else if (e->type == KE_NOT) {
		buf_addc(b, '!');
		print_in(k, e->l.e, values, b, KE_NOT, depth + 1);
	} else if (e->type == KE_OR || e->type == KE_AND) {
		print_in(k, e->l.e, values, b, e->type, depth + 1);
		buf_adds(b, ops[e->type]);
		print_in(k, e->r.e, values, b, e->type, depth + 1);
	} else {
		if (e->type == KE_RANGE)
			buf_addc(b, '[');
		print_sym(k, e->l.s, values, b);
		buf_adds(b, ops[e->type]);
		print_sym(k, e->r.s, values, b);
		if (e->type == KE_RANGE)
			buf_addc(b, ']');
	}
	if (paren)
		buf_addc(b, ')');
}

void kexpr_print(struct kconfig *k, const struct kexpr *e, bool values, struct buf *b)
{
	if (!e)
		buf_adds(b, "y");
	else
		print_in(k, e, values, b, KE_NONE, 0);
}

void kexpr_print_selectors(struct kconfig *k, struct kexpr *e, uint8_t tri, const char *title, struct buf *b)
{
	// The left spine is long (one link a selector): collect it, then go from its end.
	_cleanup_free_ struct kexpr **spine = NULL;
	size_t n = 0, cap = 0;
	bool titled = false;

	for (;; e = e->l.e) {
		mem_grow(&spine, &cap, n + 1, sizeof(*spine));
		spine[n++] = e->type == KE_OR ? e->r.e : e;
		if (e->type != KE_OR)
			break;
	}
	while (n-- > 0) {
		if (kexpr_calc(k, spine[n]) != tri)
			continue;
		if (!titled)
			buf_adds(b, title);
		titled = true;
		buf_adds(b, "  - ");
		kexpr_print(k, spine[n], true, b);
		buf_addc(b, '\n');
	}
}
