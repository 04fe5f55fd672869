// SPDX-License-Identifier: GPL-2.0-or-later
// Dependency expressions: building, simplifying as conf simplifies (the shape shows in warnings and in the
// menu tree), evaluating, printing. A NULL expression is yes.
#pragma once

#include "kconfig/model.h"

struct kexpr *kexpr_sym(struct kconfig *k, struct ksym *s);
struct kexpr *kexpr_one(struct kconfig *k, uint8_t type, struct kexpr *e);
struct kexpr *kexpr_two(struct kconfig *k, uint8_t type, struct kexpr *a, struct kexpr *b);
struct kexpr *kexpr_comp(struct kconfig *k, uint8_t type, struct ksym *a, struct ksym *b);
// NULL operands are dropped.
struct kexpr *kexpr_and(struct kconfig *k, struct kexpr *a, struct kexpr *b);
struct kexpr *kexpr_or(struct kconfig *k, struct kexpr *a, struct kexpr *b);
bool kexpr_is_yes(const struct kconfig *k, const struct kexpr *e);
static inline bool kexpr_is_comp(const struct kexpr *e)
{
	return e->type >= KE_EQ && e->type <= KE_GE;
}

// kexpr-simplify.c
struct kexpr *kexpr_rewrite_m(struct kconfig *k, struct kexpr *e);  // m becomes m && MODULES
struct kexpr *kexpr_transform(struct kconfig *k, struct kexpr *e);  // negations down, bool comparisons away
struct kexpr *kexpr_tidy(struct kconfig *k, struct kexpr *e);       // duplicates and constants away
struct kexpr *kexpr_compare_no(struct kconfig *k, struct kexpr *e); // e as a statement about "!= n"
struct kexpr *kexpr_equals_no(struct kconfig *k, struct kexpr *e);  // e (not NULL) as one about "= n"
void kexpr_cancel(struct kconfig *k, struct kexpr **a, struct kexpr **b); // operands common to both away
bool kexpr_contains(const struct kexpr *e, const struct ksym *s);
bool kexpr_depends(const struct kconfig *k, const struct kexpr *e, const struct ksym *s);
// Does some part of a transformed e ask for s to be off, as in "s != y"?
bool kexpr_wants_off(const struct kconfig *k, const struct kexpr *e, const struct ksym *s);

uint8_t kexpr_calc(struct kconfig *k, struct kexpr *e);
// -1, 0, 1: how a comparison orders two values of these types.
int kvalue_compare(const char *a, uint8_t a_type, const char *b, uint8_t b_type);
// Names and operators as conf prints them; with values: "FOO [=y]" after each known symbol.
void kexpr_print(struct kconfig *k, const struct kexpr *e, bool values, struct buf *b);
// Lines "  - EXPR" for each operand of the top level || that has the value tri; before the first one the
// title.
void kexpr_print_selectors(struct kconfig *k, struct kexpr *e, uint8_t tri, const char *title, struct buf *b);
