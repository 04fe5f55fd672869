// SPDX-License-Identifier: GPL-2.0-or-later
// The table of commands.

#include <stddef.h>
#include "base/str.h"
#include "cmd/cmd.h"

const struct command commands[] = {
        {"nix-instantiate", cmd_instantiate, COMMAND_LINK, "evaluates expressions, makes derivations"},
        {"nix-build", cmd_build, COMMAND_LINK, "builds derivations, leaves ./result"},
        {"nix-shell", cmd_shell, COMMAND_LINK, "a shell with the environment of a derivation"},
        {"nixos-rebuild", cmd_rebuild, COMMAND_LINK, "builds the system that a configuration.nix declares"},
        {"nix-env", cmd_env, COMMAND_LINK, "generations of a profile: lists, switches, deletes them"},
        {"build", cmd_build, COMMAND_WORD, "the same as nix-build"},
        {"eval", cmd_eval, COMMAND_WORD | COMMAND_NIX, "evaluates an expression and prints its value"},
        {"repl", cmd_repl, COMMAND_WORD | COMMAND_NIX, "reads expressions, prints values"},
        {"vm", cmd_vm, COMMAND_WORD, "boots a system in QEMU, the console in this terminal"},
        {"boot", cmd_boot, COMMAND_WORD, "boot entries: status, confirm (this start came up), refresh"},
        {"log", cmd_log, COMMAND_WORD | COMMAND_NIX, "the log of a build"},
        {"help", cmd_help, COMMAND_WORD | COMMAND_NIX, "this list"},
        {"config", cmd_config, COMMAND_WORD, "Kconfig: solve, check, explain, diff, compare, edit, trim"},
        {"nix-store", cmd_store, COMMAND_LINK, "asks about the store and keeps it"},
        {"nix-hash", cmd_hash, COMMAND_LINK, "hashes of files and trees"},
        {"nix-prefetch-url", cmd_prefetch_url, COMMAND_LINK, "downloads into the store and says the hash"},
        {"nix-collect-garbage", cmd_collect_garbage, COMMAND_LINK,
                "deletes old generations and what nothing needs"},
        {"nix-copy-closure", cmd_copy_closure, COMMAND_LINK, "copies paths to or from another machine"},
        {NULL, NULL, 0, NULL},
};

const struct command *command_find(const char *name, unsigned flags)
{
	for (const struct command *c = commands; c->name; c++)
		if ((c->flags & flags) && str_eq(c->name, name))
			return c;
	return NULL;
}
