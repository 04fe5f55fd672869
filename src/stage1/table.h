// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the module table that the initrd maker wrote (format.h).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "stage1/format.h"

// All zero is an empty table. The arrays point into the map.
struct table {
	const char *map;
	size_t size_bytes;
	const struct s1_header *head;
	const struct s1_module *modules;
	const uint32_t *plan;
	const struct s1_alias *aliases;
	const uint32_t *load;
};

// Checks every offset in these bytes, so that lookups need not; they stay the caller's. -EBADMSG: not a
// table.
int table_read(const void *map, size_t size_bytes, struct table *ret);
// The same with a file, which table_close gives back. -ENOENT: there is none.
int table_open(const char *path, struct table *ret);
void table_close(struct table *t);
const char *table_string(const struct table *t, uint32_t offset);
// Index of the module of that name ('-' and '_' are the same), or -1.
int table_find(const struct table *t, const char *name);
// Indices of the modules that have an alias which matches name, each once, at most ret_max; how many there
// are.
size_t table_match(const struct table *t, const char *name, uint32_t *ret, size_t ret_max);
// Copies s with '-' as '_' outside of brackets; false when it does not fit.
bool table_normalise(const char *s, char *ret, size_t ret_size);
