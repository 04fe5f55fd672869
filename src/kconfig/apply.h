// SPDX-License-Identifier: GPL-2.0-or-later
// The inside of applying requests: one application, the pieces that finding fixes needs of it, and the fixes.
#pragma once

#include "kconfig/model.h"
#include "kconfig/request.h"

struct apply {
	struct kconfig *k;
	const struct krequests *r;
	const struct kpolicy *policy;
	struct kreport *rep;
	const struct krequest **wish; // by symbol: which request counts
	struct buf base;              // .config before the requests
	const struct buf *final;      // and with them
};

// Fills wish, and reports names that are asked for twice with different values.
void apply_collect(struct apply *a);
// From the text of a .config to that with the requests, which the tree holds afterwards.
void apply_run(struct apply *a, struct buf *text);
bool apply_holds(struct kconfig *k, const struct krequest *r);
// Does a later request for the same name count instead?
bool apply_replaced(const struct apply *a, const struct krequest *r);

// mend.c: finds further requests with which all hold at once, and says of those that exclude each other why.
// The tree is as before afterwards: it holds a->final.
void kmend(struct apply *a);
