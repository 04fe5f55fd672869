// SPDX-License-Identifier: GPL-2.0-or-later
// Sorting of values: stable, O(n log n), with ways of its own for what is compared most.
#pragma once

#include <stddef.h>
#include "expr/eval.h"

// Sorts elems in place. They are in WHNF; fn is a function of two arguments that says whether the first comes
// before the second. Throws what the function throws. A function that is no order gives some order, and
// nothing worse.
void sort_values(struct eval *ev, struct value *fn, struct value *elems, size_t len);
