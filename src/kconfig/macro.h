// SPDX-License-Identifier: GPL-2.0-or-later
// The macro language of Kconfig files: variables, user functions, $(shell) and its kin. Text is expanded
// while it is lexed.
#pragma once

#include "kconfig/model.h"

enum kassign { KASSIGN_RECURSIVE, KASSIGN_SIMPLE, KASSIGN_APPEND };

// Where an expansion happens, for $(filename), $(lineno) and messages; and how much work it may still do.
struct kmacro {
	struct kconfig *k;
	const char *file;
	int line;
	unsigned depth;
	size_t budget_bytes;
	struct err *err;
};

// *p points behind a '$'; appends what the reference stands for and moves *p behind it. Not followed by '('
// it is a plain '$'.
int kmacro_dollar(struct kmacro *m, const char **p, const char *end, struct buf *out);
// Expands *p up to the first character that is not of a word (letters, digits, _ and -) and moves *p there.
int kmacro_word(struct kmacro *m, const char **p, const char *end, struct buf *out);
int kmacro_assign(
        struct kmacro *m, const char *name, size_t name_len, enum kassign how, const char *value, size_t len);
void kmacro_forget(struct kconfig *k); // all variables; they are not used after parsing

// probe.c: results of $(shell) by toolchain and command text.
struct kprobe_cache *kprobe_open(const struct kconfig *k, const char *path);
// The result as $(shell) gives it (newlines are spaces); borrowed.
int kprobe_get(struct kconfig *k, const char *cmd, const char **ret, struct err *e);
void kprobe_save(struct kprobe_cache *c); // in silence: a cache that cannot be written is only slower
void kprobe_free(struct kprobe_cache *c);
