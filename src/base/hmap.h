// SPDX-License-Identifier: GPL-2.0-or-later
// Hash map from byte strings to pointers: open addressing, keys copied, insertion order kept for iteration.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/macro.h"

struct hmap_entry {
	char *key; // NUL-terminated copy
	size_t key_len;
	uint64_t hash;
	void *value; // borrowed
};

// All zero is a valid empty map. entries[0..len) are in insertion order; a removed one has key == NULL.
struct hmap {
	struct hmap_entry *entries;
	size_t len, cap, live;
	uint32_t *index; // 0 = empty, else entry + 1
	size_t index_cap;
};

uint64_t hmap_hash(const void *key, size_t len);
void *hmap_get(const struct hmap *m, const char *key);
void *hmap_getn(const struct hmap *m, const void *key, size_t len);
bool hmap_has(const struct hmap *m, const char *key);
// Sets key to value; returns the value that was there before, or NULL.
void *hmap_put(struct hmap *m, const char *key, void *value);
void *hmap_putn(struct hmap *m, const void *key, size_t len, void *value);
// Removes key; returns its value, or NULL.
void *hmap_del(struct hmap *m, const char *key);
void hmap_release(struct hmap *m);
// The same, and f(value) for each value.
void hmap_release_with(struct hmap *m, void (*f)(void *));

#define _cleanup_hmap_ _cleanup_(hmap_release)
#define hmap_for_each(e, m)                                                                                  \
	for (struct hmap_entry *e = (m)->entries, *e##_end = e ? e + (m)->len : e; e < e##_end; e++)         \
		if (e->key)
