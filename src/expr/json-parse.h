// SPDX-License-Identifier: GPL-2.0-or-later
// JSON text (RFC 8259) to values. Depth is bounded by memory only.
#pragma once

#include "expr/eval.h"

// Integers beyond 64 bits become floats, those between 2^63 and 2^64 are errors, a key that comes twice has
// its last value. Throws errors in the wording of the library that Nix uses.
void json_parse(struct eval *ev, const char *text, size_t len, struct value *ret);
