// SPDX-License-Identifier: GPL-2.0-or-later
// The EFI variable LoaderEntryOneShot: the id of the entry that systemd-boot starts at the next boot only. It
// deletes the variable before it obeys. UTF-16, with its NUL, after four bytes of attributes.
#pragma once

#include <stdbool.h>
#include "base/err.h"

#define EFIVARS_DIR "/sys/firmware/efi/efivars"

// Can variables be written through this folder (EFIVARS_DIR)?
bool efi_oneshot_is_usable(const char *dir);
// The id, owned; NULL: none is set.
int efi_oneshot_read(const char *dir, char **ret, struct err *e);
// Sets it (ASCII), or (NULL) takes it away.
int efi_oneshot_write(const char *dir, const char *id, struct err *e);
