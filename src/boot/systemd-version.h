// SPDX-License-Identifier: GPL-2.0-or-later
// Which systemd-boot is installed, since not all count tries as they should: 258 starts an entry again whose
// tries are used up, and 259 does not count entries with `efi` lines (ours have `linux`, or are unified
// kernel images in EFI/Linux).
#pragma once

#include <stdbool.h>
#include "base/err.h"
#include "boot/loader.h"

// The number that the program in EFI/systemd says of itself; 0: it does not say.
int systemd_boot_version(const struct boot_place *p, unsigned *ret, struct err *e);
// Its counting cannot be relied on.
static inline bool systemd_boot_miscounts(unsigned version)
{
	return version == 258;
}
