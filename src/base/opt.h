// SPDX-License-Identifier: GPL-2.0-or-later
// Command-line options from a table: one row an option, so that help text and parsing cannot drift apart.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct opt_row {
	const char *name;  // "--attr"; NULL ends the table
	const char *alias; // "-A", or NULL
	int nargs;         // words that follow
	int id;            // the caller's
	const char *args;  // names of the words for help: "NAME VALUE"
	const char *help;
};

// Called for each option with its words; and with row == NULL for each plain word (args[0]).
typedef int opt_fn(void *ctx, const struct opt_row *row, char **args, struct err *e);

// Reads argv[1..]. "--" ends options; "--name=value" works for rows of one word; "-j4" for one-letter rows of
// one word; "-kQ" for several one-letter rows. An unknown option is -EINVAL with the nearest names.
int opt_parse(const struct opt_row *rows, int argc, char **argv, opt_fn *f, void *ctx, struct err *e);
// Help lines for the table, owned. Rows without help are other spellings, or accepted for compatibility only:
// not shown.
char *opt_help(const struct opt_row *rows);
