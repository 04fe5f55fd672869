// SPDX-License-Identifier: GPL-2.0-or-later
// The keyboard's table, as `loadkeys -b` writes it: "bkeymap", 256 bytes that say which tables follow, then
// for each of these 128 entries of two bytes in the machine's order.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "stage1/say.h"

#define KEYMAP_TABLES 256
#define KEYMAP_KEYS   128

struct keymap {
	const uint8_t *has;     // KEYMAP_TABLES bytes, 0 or 1
	const uint8_t *entries; // KEYMAP_KEYS * 2 bytes for each that is there
};

// Checks the size; the pointers are into data.
bool keymap_parse(const void *data, size_t n, struct keymap *ret);
// Loads the file, when there is one, into the kernel's console. What is wrong is told.
void keymap_load(const char *path, const struct say *s);
