// SPDX-License-Identifier: GPL-2.0-or-later
// Searching for the smallest set of further settings that makes a request hold. Candidates come from walking
// conditions backwards; each one is tried by solving, so what is found does hold.
#pragma once

#include "kconfig/model.h"

#define KFIX_MAX 24

struct kfix_item {
	struct ksym *sym;
	uint8_t tri;      // of a bool or tristate
	const char *text; // of others
};

struct kfix {
	struct kfix_item v[KFIX_MAX];
	size_t len;
};

// The values of the tree are those of a .config that was read (all written symbols have a user value). Finds
// settings that, given besides target, make target hold. False when none was found. The tree is as before
// afterwards.
bool kfix_search(struct kconfig *k, const struct kfix_item *target, struct kfix *ret);

// Trying: settings on top of the user's values, and back. Between both, values are those with the settings.
struct kfix_trial {
	struct kfix_saved *saved;
	size_t len, cap;
};
void kfix_try(struct kconfig *k, struct kfix_trial *t, const struct kfix_item *v, size_t len);
void kfix_undo(struct kconfig *k, struct kfix_trial *t);
bool kfix_holds(struct kconfig *k, const struct kfix_item *i);
