// SPDX-License-Identifier: GPL-2.0-or-later
// Searching for the smallest set of further settings that makes requests hold, all of them at once.
// Candidates come from walking conditions backwards; each one is tried by solving, so what is found does
// hold.
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

// What a symbol may be, whatever else is set; all that are not given must be { .hi = KCONFIG_Y }.
struct kpin {
	uint8_t lo, hi;
	bool given;       // somebody asks for it: setting it costs nothing, and it cannot be set otherwise
	const char *text; // of numbers and strings that are given
};

struct kfix_goal {
	const struct kfix_item *targets; // do not hold yet
	size_t targets_len;
	const struct kfix_item *kept; // are asked for as well, and have to hold with the fix
	size_t kept_len;
	const struct kpin *pins; // by ksym.index; NULL: only the targets and what is kept are given
	// The last word on a set that holds by trial; NULL: it is taken. The tree must be left as it was.
	bool (*accept)(void *ctx, const struct kfix *f);
	void *ctx;
};

// The values of the tree are those of a .config that was read (all written symbols have a user value). Finds
// settings that, given besides, make targets and what is kept hold. False when none was found. The tree is as
// before afterwards.
bool kfix_search(struct kconfig *k, const struct kfix_goal *goal, struct kfix *ret);

// Trying: settings on top of the user's values, and back. Between both, values are those with the settings.
struct kfix_trial {
	struct kfix_saved *saved;
	size_t len, cap;
};
void kfix_try(struct kconfig *k, struct kfix_trial *t, const struct kfix_item *v, size_t len);
void kfix_undo(struct kconfig *k, struct kfix_trial *t);
bool kfix_holds(struct kconfig *k, const struct kfix_item *i);
