// SPDX-License-Identifier: GPL-2.0-or-later
// Command-line options from a table.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"

static const struct opt_row *row_find(const struct opt_row *rows, const char *word)
{
	for (; rows->name; rows++)
		if (str_eq(rows->name, word) || (rows->alias && str_eq(rows->alias, word)))
			return rows;
	return NULL;
}

// --name=value and -j4: finds the row and where its one word starts.
static const struct opt_row *row_joined(const struct opt_row *rows, const char *word, char **ret_value)
{
	for (; rows->name; rows++) {
		const char *v = str_after(word, rows->name);

		if (rows->nargs == 1 && v && *v == '=') {
			*ret_value = (char *)v + 1;
			return rows;
		}
		if (rows->nargs == 1 && rows->alias && strlen(rows->alias) == 2 &&
		        (v = str_after(word, rows->alias)) && *v) {
			*ret_value = (char *)v;
			return rows;
		}
	}
	return NULL;
}

// -kQ: several one-letter rows in a word, all of them without words of their own but maybe the last.
static bool is_compound(const struct opt_row *rows, const char *word, int n_rest)
{
	for (const char *p = word + 1; *p; p++) {
		const struct opt_row *row = row_find(rows, (char[]){'-', *p, 0});

		if (!row || *p == '-' || row->nargs > (p[1] ? 0 : n_rest))
			return false;
	}
	return true;
}

// Returns how many words the last one took.
static int take_compound(
        const struct opt_row *rows, const char *word, char **rest, opt_fn *f, void *ctx, struct err *e)
{
	int taken = 0;

	for (const char *p = word + 1; *p; p++) {
		const struct opt_row *row = row_find(rows, (char[]){'-', *p, 0});
		int r = f(ctx, row, rest, e);

		if (r < 0)
			return r;
		taken = row->nargs;
	}
	return taken;
}

static int unknown(const struct opt_row *rows, const char *word, struct err *e)
{
	struct str_near near = {.below = str_near_limit(strlen(word) - 1)};

	for (const struct opt_row *r = rows; r->name; r++)
		str_near_offer(&near, word, r->name);
	err_set(e, -EINVAL, "unrecognised flag '%s'", word);
	if (near.name)
		err_hint(e, "Did you mean '%s'?", near.name);
	return -EINVAL;
}

int opt_parse(const struct opt_row *rows, int argc, char **argv, opt_fn *f, void *ctx, struct err *e)
{
	bool plain = false;
	int r;

	for (int i = 1; i < argc; i++) {
		char *word = argv[i], *value = NULL;
		const struct opt_row *row;

		if (plain || word[0] != '-' || !word[1]) {
			if ((r = f(ctx, NULL, &word, e)) < 0)
				return r;
			continue;
		}
		if (str_eq(word, "--")) {
			plain = true;
			continue;
		}
		row = row_find(rows, word);
		if (!row && (row = row_joined(rows, word, &value))) {
			if ((r = f(ctx, row, &value, e)) < 0)
				return r;
			continue;
		}
		if (!row && is_compound(rows, word, argc - i - 1)) {
			if ((r = take_compound(rows, word, argv + i + 1, f, ctx, e)) < 0)
				return r;
			i += r;
			continue;
		}
		if (!row)
			return unknown(rows, word, e);
		if (argc - i - 1 < row->nargs)
			return err_set(e, -EINVAL, "flag '%s' requires %d argument(s): %s", word, row->nargs,
			        row->args ? row->args : "");
		if ((r = f(ctx, row, argv + i + 1, e)) < 0)
			return r;
		i += row->nargs;
	}
	return 0;
}

char *opt_help(const struct opt_row *rows)
{
	struct buf b = {0};

	for (; rows->name; rows++) {
		if (!rows->help) // other spellings, and what is accepted for compatibility only
			continue;
		_cleanup_free_ char *left = str_printf("  %s%s%s %s", rows->name, rows->alias ? ", " : "",
		        rows->alias ? rows->alias : "", rows->args ? rows->args : "");

		buf_addf(&b, "%-34s %s\n", left, rows->help);
	}
	return buf_steal(&b);
}
