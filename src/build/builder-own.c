// SPDX-License-Identifier: GPL-2.0-or-later
// The table of builtins that src/build itself has. To add one, see builder.h.
#include "build/builder.h"

const struct builder_builtin builder_own_builtins[] = {
        {NULL},
};
