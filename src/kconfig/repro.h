// SPDX-License-Identifier: GPL-2.0-or-later
// Where reproducibility ends: options with which two builds of one kernel differ, and what is done about
// them.
#pragma once

#include <jansson.h>
#include "kconfig/kconfig.h"

enum krepro_how {
	KREPRO_HANDLED, // fixed, mapped or seeded by how kernels are built here
	KREPRO_NAMED,   // nothing is done: two builds differ
};

struct krepro {
	const char *option;
	enum krepro_how how;
	const char *why;    // what differs, or how it is handled
	const char *advice; // of KREPRO_NAMED: what to do
};

#define KREPRO_MAX 32

// Of the configuration that is solved now, at most KREPRO_MAX; returns how many.
size_t krepro_find(struct kconfig *k, struct krepro *ret);
// For people: what is named, and with all what is handled, too. Nothing where there is nothing.
void krepro_text(struct kconfig *k, bool all, struct buf *b);
// [ { option, handled, why, advice } ]; owned.
json_t *krepro_json(struct kconfig *k);
