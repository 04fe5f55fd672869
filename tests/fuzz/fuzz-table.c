// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: the module table of an initrd (stage1/format.h). What is accepted can be looked up in without
// a further check. The first line of an input is the name that is looked for, the rest the table.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "stage1/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t sum; // so that no reading is left out by the compiler

static void use(const struct table *t, const char *name)
{
	uint32_t match[64];
	const struct s1_module *m;

	sum += strlen(table_string(t, t->head->kernel));
	for (uint32_t i = 0; i < t->head->module_count; i++) {
		m = &t->modules[i];
		sum += strlen(table_string(t, m->name)) + strlen(table_string(t, m->path)) +
		       strlen(table_string(t, m->options));
		for (uint32_t k = 0; k < m->plan_count; k++)
			sum += t->modules[t->plan[m->plan_first + k]].name;
	}
	for (uint32_t i = 0; i < t->head->load_count; i++)
		sum += t->modules[t->load[i]].name;
	if (table_find(t, name) >= (int)t->head->module_count)
		abort();
	for (size_t n = table_match(t, name, match, 64); n; n--)
		sum += t->modules[match[n - 1]].name;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
	size_t len = line ? (size_t)(line - data) : 0;
	struct table t = {0};

	if (!line)
		return 0;
	char *name = strndup((const char *)data, len);
	size_t map_len = size - len - 1;
	char *map = malloc(map_len + 1), *exact = realloc(map, map_len ? map_len : 1);
	if (!name || !exact)
		abort();
	memcpy(exact, line + 1, map_len);
	if (table_read(exact, map_len, &t) == 0)
		use(&t, name);
	free(exact);
	free(name);
	return 0;
}
