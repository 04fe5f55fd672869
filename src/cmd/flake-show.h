// SPDX-License-Identifier: GPL-2.0-or-later
// The outputs of a flake as a tree, and whether they evaluate. Inside the evaluator.
#pragma once

#include <stdbool.h>
#include "glue/flake.h"

void flake_show(struct eval *ev, const struct flake *f, struct value *outputs, const char *system, bool json,
        bool all);
// Throws the first error; says on standard error what is looked at.
void flake_check(struct eval *ev, struct value *outputs, const char *system, bool all);
