// SPDX-License-Identifier: GPL-2.0-or-later
// From files to the finished menu tree: parsing, then handing dependencies down, submenus, choices, and the
// check for dependency loops.
#pragma once

#include "kconfig/model.h"

// Reads the root file and all that it includes. On errors in the text all are reported together.
int kparse(struct kconfig *k, const char *name, struct err *e);
// An error in the text, collected; kconfig_complaints makes one of all of them (0 when there are none).
_printf_(4, 5) void kconfig_complain(struct kconfig *k, const char *file, int line, const char *fmt, ...);
int kconfig_complaints(struct kconfig *k, struct err *e);
// Finishes the tree that kparse built.
int ktree_finalize(struct kconfig *k, struct err *e);
// Reports the first dependency loop, with each link and its file:line.
int kcheck_loops(struct kconfig *k, struct err *e);

void ktree_set_type(struct kconfig *k, struct kmenu *m, uint8_t type);
struct kprop *ktree_add_prop(
        struct kconfig *k, struct kmenu *m, enum kprop_type type, const char *file, int line);
bool ksym_text_valid(const struct ksym *s, const char *text); // is text a value of its type
static inline struct ksym *kprop_sym(const struct kprop *p)
{
	return p->expr && p->expr->type == KE_SYM ? p->expr->l.s : NULL;
}
