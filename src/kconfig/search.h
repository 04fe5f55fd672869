// SPDX-License-Identifier: GPL-2.0-or-later
// Questions about the options of a tree: which ones speak of something, and all that the tree says of one.
// Answers are JSON, from which the commands print their text.
#pragma once

#include <jansson.h>
#include "kconfig/kconfig.h"

// Options (and choices) of which each regex (POSIX extended, strv) matches the name, a prompt or the help;
// those by name first, then by prompt, then by help, each in menu order. A regex without capitals ignores
// case. A list of {name, type, prompt, file, line, by: "name", "prompt" or "help", text: the line of the
// help, value where values is set}; name is null for a choice. Owned; an empty list when nothing matches.
// -EINVAL for a regex that is none.
int kconfig_search(struct kconfig *k, char *const *regexes, bool values, json_t **ret, struct err *e);

// All that the tree says of one option: prompt, type, definitions with menu path, help, defaults, ranges,
// dependencies, and who depends on, selects and implies it. -ENOENT with the nearest names for an unknown
// one.
int kconfig_show(struct kconfig *k, const char *name, bool values, json_t **ret, struct err *e);

// Helpers of both.
json_t *ksearch_text(const char *s, size_t len); // bytes that are no UTF-8 become '?'
json_t *ksearch_symbol(
        struct kconfig *k, struct ksym *s, bool values); // {name, type, prompt, file, line, value}
// Help as it is shown: without the indentation that the file has. Appends.
void ksearch_help(const char *raw, size_t len, struct buf *b);
// No Kconfig file defines it: -ENOENT, where else it occurs, and names like it.
int kconfig_unknown(struct kconfig *k, const char *name, struct err *e);
