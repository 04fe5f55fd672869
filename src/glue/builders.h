// SPDX-License-Identifier: GPL-2.0-or-later
// The builders that only kernix has, next to those of src/build. To add one: write a function as
// build/builder.h says, add its row to builders.c.
#pragma once

#include "build/builder.h"

// For builder_opts.builtins.
extern const struct builder_builtin *const builders_all[];
