// SPDX-License-Identifier: GPL-2.0-or-later
// SYSLINUX's auxiliary data vector: the last two sectors of ldlinux.sys, each a copy of the same records,
// which the loader itself can write. It has the command that EXTLINUX runs at the next start only: the loader
// takes it out before it obeys. Format: head and tail words, a checksum of what is between, records TAG
// LENGTH BYTES.
#pragma once

#include <stdbool.h>
#include "base/err.h"

// Can the loader use the one in this ldlinux.sys? On btrfs and XFS it keeps it outside of the file system.
// *ret_there: there is such a file at all, so the loader is EXTLINUX.
bool extlinux_adv_is_usable(const char *file, bool *ret_there);
// The command of the next start, owned; NULL: none.
int extlinux_adv_read(const char *file, char **ret, struct err *e);
// Sets it (NULL: none); all other records stay. Durable on return. -EINVAL: the file does not end with a vector.
int extlinux_adv_write(const char *file, const char *command, struct err *e);
