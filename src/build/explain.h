// SPDX-License-Identifier: GPL-2.0-or-later
// Why something is built: in what its derivation differs from the last one of that name.
#pragma once

#include "base/buf.h"
#include "build/history.h"

// Appends lines for people. Derivations that are gone are no error: then it is said that they are.
int explain_build(
        struct store *s, const struct history *h, const char *drv_path, struct buf *b, struct err *e);
