// SPDX-License-Identifier: GPL-2.0-or-later
// Source texts and positions. A source_pos is one 32-bit number for file and byte offset: 0 is 'no position',
// else the text's base plus the offset; line and column are counted only when somebody looks.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

enum source_kind { SOURCE_FILE, SOURCE_STRING, SOURCE_STDIN, SOURCE_REPL, SOURCE_INTERNAL };

struct source_file {
	enum source_kind kind;
	const char *path; // absolute file name, or what stands for it: "«string»", "«stdin»"
	const char *text; // len bytes and a NUL
	uint32_t len;
	uint32_t base; // of its positions
};

struct source_table {
	struct source_file **sources;
	uint32_t count, cap;
	uint32_t next_base;
};

// Adds a copy of the text. NULL when the sum of all texts would pass 4 GB.
const struct source_file *source_add(
        struct source_table *t, enum source_kind kind, const char *path, const char *text, size_t len);
const struct source_file *source_of(const struct source_table *t, uint32_t pos);

struct source_place {
	const struct source_file *source;
	uint32_t line, column; // from 1; column in bytes as Nix counts
};

// False for pos 0.
int source_place(const struct source_table *t, uint32_t pos, struct source_place *ret);
// "FILE:LINE:COLUMN" into b.
void source_print(const struct source_table *t, uint32_t pos, struct buf *b);
// The line number 'line' of a text, without its newline: borrowed pointer and length; false when there is
// none.
int source_line(const struct source_file *s, uint32_t line, const char **ret, size_t *ret_len);
void source_release(struct source_table *t);
