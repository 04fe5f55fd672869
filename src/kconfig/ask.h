// SPDX-License-Identifier: GPL-2.0-or-later
// The questions of 'make config' and their answers, without the program: the way in which NixOS applies
// requests.
#pragma once

#include "kconfig/model.h"
#include "kconfig/request.h"

struct kask {
	struct kconfig *k;
	const struct kpolicy *policy;
	const struct krequest **wish; // by ksym.index; NULL where nothing is asked
	bool asking_all;              // first walk: all questions, not only the new ones
	struct kmenu *root;
	size_t questions, restarts, changes;
	unsigned depth;
};

// One run over all questions, until no new ones appear.
void kask_run(struct kask *a);
// The text to set s to for this request: what conf would take; NULL when it is no value of s.
const char *kask_text(struct kconfig *k, const struct ksym *s, const struct krequest *r);
