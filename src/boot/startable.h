// SPDX-License-Identifier: GPL-2.0-or-later
// What is known not to boot. Only what is certain counts: the same kernel and initrd fail on every machine.
// What may go well (a device that is not here now, a warning of the configuration) is none of it.
#pragma once

#include <stdbool.h>
#include "base/err.h"

struct bootspec;
struct store;

// Reasons why this system cannot start, a sentence each with what to do: a strv, owned; NULL where none is
// known. They are what the configuration found (the system's file `cannot-start`) and what its kernel, initrd
// and init show.
int startable_reasons(const struct store *s, const struct bootspec *spec, char ***ret, struct err *e);

// The names of what is built into the system's kernel that could be a module ('-' written as '_'); owned, a
// strv. *ret_known is false when the system does not say.
int startable_builtin(
        const struct store *s, const char *toplevel, char ***ret_names, bool *ret_known, struct err *e);
