// SPDX-License-Identifier: GPL-2.0-or-later
// Values: what a symbol is, given what the user wants and what all others are. Lazy: a value is computed when
// it is asked for, once an epoch.
#pragma once

#include "kconfig/model.h"

void ksym_calc(struct kconfig *k, struct ksym *s);
void ksolve_clear(struct kconfig *k);        // a new epoch, with MODULES computed first
void ksolve_forget(struct kconfig *k);       // a new epoch, nothing computed
const char *ksym_text(const struct ksym *s); // of the current value, computed before
// Type as it acts: a tristate without MODULES is a bool.
uint8_t ksym_acting_type(const struct kconfig *k, const struct ksym *s);
void ksym_calc_visibility(struct kconfig *k, struct ksym *s);
struct kprop *ksym_default_prop(struct kconfig *k, struct ksym *s);
struct kprop *ksym_range_prop(struct kconfig *k, struct ksym *s);
long long ksym_range_value(struct kconfig *k, struct ksym *s, int base);
// What the symbol would be if the user said nothing; savedefconfig leaves such values out.
const char *ksym_default_text(struct kconfig *k, struct ksym *s);
bool ksym_changeable(const struct kconfig *k, const struct ksym *s);
bool ksym_tri_allowed(const struct kconfig *k, const struct ksym *s, uint8_t tri);
bool ksym_text_allowed(struct kconfig *k, struct ksym *s, const char *text);
// Set the user's value as an answer to a question does; false when it is not allowed. Values are stale
// afterwards.
bool ksym_answer_tri(struct kconfig *k, struct ksym *s, uint8_t tri);
bool ksym_answer(struct kconfig *k, struct ksym *s, const char *text);
bool kmenu_visible(struct kconfig *k, struct kmenu *m);

// choice.c
struct ksym *kchoice_calc(struct kconfig *k, struct kmenu *choice); // new style
struct ksym *kchoice_default(struct kconfig *k, struct ksym *choice);
void kchoice_answer(struct kconfig *k, struct kmenu *choice, struct ksym *s);
void kchoice_promote(struct kmenu *choice, struct ksym *s); // new style: to the head of the members
void kchoice_demote(struct kmenu *choice, struct ksym *s);  // new style: to the end of the members
struct ksym *kchoice_calc_old(struct kconfig *k, struct ksym *choice);
void kchoice_fill_old(struct kconfig *k, struct ksym *choice); // members without a value are n
