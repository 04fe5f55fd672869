// SPDX-License-Identifier: GPL-2.0-or-later
// The .config format: reading what the user wants, writing what came out.
#pragma once

#include "kconfig/model.h"

// Where a line of a merged text comes from. k->conf_origins has one for each line of the text that is read.
struct kdot_origin {
	const char *file;
	int line;
};

// Replaces all user values with those of the text. Warnings have name:line.
void kdot_read_simple(struct kconfig *k, const char *text, size_t len, const char *name);
// The same, then everything is computed and values that cannot stand are forgotten, as when conf reads a
// .config.
void kdot_read(struct kconfig *k, const char *text, size_t len, const char *name);
// Forgets all user values and reads nothing: conf without a .config.
void kdot_reset(struct kconfig *k);
// "CONFIG_X=value" or "# CONFIG_X is not set", with newline. plain_n: "CONFIG_X=n".
void kdot_print(struct kconfig *k, struct ksym *s, bool plain_n, struct buf *b);

// One line of a .config: its kind, and name and value as slices of it.
enum kdot_kind { KDOT_OTHER, KDOT_SET, KDOT_UNSET };
enum kdot_kind kdot_line(const char *line, size_t len, const char **name, size_t *name_len,
        const char **value, size_t *value_len);
