// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of systemd-boot that are unified kernel images (Boot Loader Specification, type 2): files in
// EFI/Linux. loader-systemd.c calls these beside what it does for entries of type 1.
#pragma once

#include "boot/loader.h"

int uki_entries_read(const struct boot_place *p, struct boot_choice *c, struct err *e);
// Appends their os-release, which has the line "# kernix-entry ID".
int uki_entries_text(const struct boot_place *p, struct buf *b, struct err *e);
// Moves the image from kernix/ to its place, or gives the one that is there the name of its role.
int uki_entry_write(
        const struct boot_place *p, const struct boot_menu *m, const struct boot_item *item, struct err *e);
// Removes those that are not in `keep` (NULL: all).
int uki_entries_remove(const struct boot_place *p, const struct boot_menu *keep, struct err *e);
