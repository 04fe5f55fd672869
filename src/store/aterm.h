// SPDX-License-Identifier: GPL-2.0-or-later
// The text of .drv files, "Derive(...)": internals shared by printing and hashing. Source of the format: what
// Nix prints.
#pragma once

#include "store/drv.h"

enum { ATERM_HASH_BYTES = 32 }; // SHA-256

// An input as it is hashed: the base16 hash modulo of its derivation in place of its path.
struct aterm_input {
	char name[2 * ATERM_HASH_BYTES + 1];
	char **outputs; // borrowed; sorted, without doubles
};

// Makes room for want elements in a list of d, in its arena.
void drv_grow(struct drv *d, void *list, size_t *cap, size_t want, size_t size_bytes);
// Prints d. mask_outputs: paths of outputs, and variables named like an output, are printed as "". inputs (n
// of them, sorted by name) take the place of d->inputs when not NULL.
void aterm_print(
        const struct drv *d, bool mask_outputs, const struct aterm_input *inputs, size_t n, struct buf *out);
