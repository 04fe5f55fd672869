// SPDX-License-Identifier: GPL-2.0-or-later
// What to say when a module does not exist: names that are near, and kernel options that may provide it.
#pragma once

#include "base/buf.h"

// Adds lines to b, each begun by a newline. dir is TREE/lib/modules/VERSION; kernel_config the kernel's
// .config or NULL.
void modhint_add(struct buf *b, const char *name, const char *dir, const char *kernel_config);
