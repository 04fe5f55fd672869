// SPDX-License-Identifier: GPL-2.0-or-later
// What roots, runtime roots and the garbage collector share; src/store only.
#pragma once

#include "base/hmap.h"
#include "store/roots.h"

// Takes path.
void root_list_add(struct root_list *l, const char *link, char *path);
// Adds the store path that target is or lies in, when it is valid.
int roots_found(struct store *s, const char *link, const char *target, struct root_list *ret, struct err *e);
// Temporary roots of living processes: all of them, valid or not, to ret, the valid ones to list; each may be
// NULL.
int roots_find_temp(struct store *s, struct hmap *ret, struct root_list *list, struct err *e);
// What running processes execute, have mapped, open, as working folder or in their environment.
int roots_find_runtime(struct store *s, struct root_list *ret, struct err *e);
