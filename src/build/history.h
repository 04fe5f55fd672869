// SPDX-License-Identifier: GPL-2.0-or-later
// What builds took the last time, by name: STATE/kernix/builds, a line of text each: "NAME OBJECTS
// MILLISECONDS DRV". It only feeds what people are told; a file that is damaged or cannot be written costs a
// word at the most.
#pragma once

#include <stdint.h>
#include "base/arena.h"
#include "base/hmap.h"
#include "store/store.h"

struct history_row {
	const char *name, *drv_path;
	uint64_t objects; // lines of kbuild that make one; 0: not counted
	uint64_t took_ms;
};

struct history {
	char *path;
	struct history_row *rows; // the oldest first
	size_t len, cap;
	struct arena arena;
	bool changed;
};

void history_open(struct history *h, struct store *s);
// The last build of that name ("linux-6.12.1"); else, with similar, of one that is called so up to its
// version. NULL: none.
const struct history_row *history_find(const struct history *h, const char *name, bool similar);
void history_note(struct history *h, const char *drv_path, uint64_t objects, uint64_t took_ms);
// Writes what was noted; of others that write at the same time the last one stays.
void history_close(struct history *h);
