// SPDX-License-Identifier: GPL-2.0-or-later
// The table of commands.

#include <stddef.h>
#include "base/str.h"
#include "cmd/cmd.h"

const struct command commands[] = {
	{"help", cmd_help, COMMAND_WORD | COMMAND_NIX, "this list"},
	{"config", cmd_config, COMMAND_WORD, "Kconfig: solve, check, explain, diff, compare, edit, trim"},
	{NULL, NULL, 0, NULL},
};

const struct command *command_find(const char *name, unsigned flags)
{
	for (const struct command *c = commands; c->name; c++)
		if ((c->flags & flags) && str_eq(c->name, name))
			return c;
	return NULL;
}
