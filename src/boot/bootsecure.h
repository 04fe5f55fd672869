// SPDX-License-Identifier: GPL-2.0-or-later
// Secure Boot and unified kernel images in a boot plan. What the newest generation's configuration says is
// about the machine, so it holds for the entries of all generations.
#pragma once

#include "boot/bootspec.h"
#include "boot/loader.h"
#include "boot/bootmake.h"

struct boot_plan;

struct bootsecure {
	struct signer *signer; // NULL: nothing is signed
	char *stub;            // NULL: kernel and initrd are files of their own
	struct buf held;       // text of entries that hold their image themselves
};
void bootsecure_release(struct bootsecure *s);

int bootsecure_init(struct boot_plan *p, const struct store *s, const struct bootspec *newest, struct err *e);
bool bootsecure_is_on(const struct bootsecure *s);
// The files of an entry: item->kernel, or item->uki.
int bootsecure_files(struct boot_plan *p, const struct bootspec *spec, struct boot_item *item, struct err *e);
// When all entries are known: can what is new be signed; will the firmware start what is chosen?
// -EKEYREJECTED when not, a warning only where the plan is forced.
int bootsecure_check(struct boot_plan *p, struct err *e);
