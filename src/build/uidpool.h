// SPDX-License-Identifier: GPL-2.0-or-later
// A user and a group of its own for every running build of root, so that no build can trace, signal or read
// another, whatever namespace or folder they come to share. Nix gives its builds 65,536 ids each from
// 872415232 on (settings start-id, id-count, auto-allocate-uids); a slot is taken by a lock on
// STATE/userpool2/slot-N. The same locks are taken here, so that both can build on one machine. Because ids
// are the machine's and not a store's, /run/kernix/userpool2 and the state folder of the machine's Nix are
// honoured beside the store's.
#pragma once

#include "build/sandbox.h"

#define UIDPOOL_START 872415232u
#define UIDPOOL_EACH  65536u
#define UIDPOOL_SLOTS 128u

struct uidpool_slot {
	int fds[3]; // locks, closed to give the slot back; -1: none
};
#define UIDPOOL_NO_SLOT ((struct uidpool_slot){{-1, -1, -1}})

// state_dir: of the store. base: from sandbox_ids; when it is the caller itself, so is *ret, and there is no
// slot to take. -EWOULDBLOCK without a message: all slots are taken, try again later.
int uidpool_take(const char *state_dir, const struct sandbox_ids *base, struct sandbox_ids *ret,
        struct uidpool_slot *slot, struct err *e);
void uidpool_give_back(struct uidpool_slot *slot);
