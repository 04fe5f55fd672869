// SPDX-License-Identifier: GPL-2.0-or-later
// The table of commands, and what to type in place of those that are not built.

#include <stddef.h>
#include "base/macro.h"
#include "base/str.h"
#include "cmd/cmd.h"

const struct command commands[] = {
        {"nix-instantiate", cmd_instantiate, COMMAND_LINK, "evaluates expressions, makes derivations"},
        {"nix-build", cmd_build, COMMAND_LINK, "builds derivations, leaves ./result"},
        {"nix-shell", cmd_shell, COMMAND_LINK, "a shell with the environment of a derivation"},
        {"nixos-rebuild", cmd_rebuild, COMMAND_LINK, "builds the system that a configuration.nix declares"},
        {"nixos-generate-config", cmd_generate_config, COMMAND_LINK,
                "writes down this machine as hardware-configuration.nix"},
        {"nix-env", cmd_env, COMMAND_LINK, "generations of a profile: lists, switches, deletes them"},
        {"build", cmd_build, COMMAND_WORD, "the same as nix-build"},
        {"eval", cmd_eval, COMMAND_WORD | COMMAND_NIX, "evaluates an expression and prints its value"},
        {"build", cmd_nix_build, COMMAND_NIX, "builds what a flake has, leaves ./result"},
        {"develop", cmd_nix_develop, COMMAND_WORD | COMMAND_NIX,
                "a shell with the environment of a flake's derivation"},
        {"flake", cmd_flake, COMMAND_WORD | COMMAND_NIX, "metadata, show, lock, update, check of a flake"},
        {"repl", cmd_nix_repl, COMMAND_WORD | COMMAND_NIX, "reads expressions, prints values"},
        {"vm", cmd_vm, COMMAND_WORD, "boots a system in QEMU, the console in this terminal"},
        {"boot", cmd_boot, COMMAND_WORD,
                "boot entries: status, confirm (this start came up), refresh; keys for Secure Boot"},
        {"log", cmd_log, COMMAND_WORD | COMMAND_NIX, "the log of a build"},
        {"help", cmd_help, COMMAND_WORD | COMMAND_NIX, "this list"},
        {"config", cmd_config, COMMAND_WORD, "Kconfig: solve, check, explain, diff, compare, edit, trim"},
        {"hardware", cmd_hardware, COMMAND_WORD,
                "a report of this machine's hardware, to be committed: kernels and initrds are made from it"},
        {"kernels", cmd_kernels, COMMAND_WORD,
                "series of kernels, what is built and runs; update asks kernel.org"},
        {"store", cmd_nix_words, COMMAND_NIX,
                "words on the store: add, cat, delete, gc, info, ls, sign, verify, ..."},
        {"key", cmd_nix_words, COMMAND_NIX, "keys that sign store paths"},
        {"path-info", cmd_nix_words, COMMAND_NIX, "what the store knows of paths"},
        {"derivation", cmd_nix_words, COMMAND_NIX, "derivations as JSON"},
        {"copy", cmd_nix_words, COMMAND_NIX,
                "paths and what they need to or from a binary cache or another store"},
        {"nix-store", cmd_store, COMMAND_LINK, "asks about the store and keeps it"},
        {"nix-hash", cmd_hash, COMMAND_LINK, "hashes of files and trees"},
        {"nix-prefetch-url", cmd_prefetch_url, COMMAND_LINK, "downloads into the store and says the hash"},
        {"nix-collect-garbage", cmd_collect_garbage, COMMAND_LINK,
                "deletes old generations and what nothing needs"},
        {"nix-copy-closure", cmd_copy_closure, COMMAND_LINK, "copies paths to or from another machine"},
        {NULL, NULL, 0, NULL},
};

static const struct {
	const char *word, *instead;
} elsewhere[] = {
        {"bundle", "nix-store --export $(nix-store -qR PATH)"},
        {"collect-garbage", "nix-collect-garbage"},
        {"daemon", "nothing is needed; the commands use the store themselves"},
        {"edit", "nix repl, then ':e EXPR'"},
        {"hash", "nix-hash --type sha256 --sri FILE, nix-hash --to-base32 HASH"},
        {"nar", "nix-store --dump PATH, nix-store --restore PATH"},
        {"print-dev-env", "nix-store --print-env DRV"},
        {"profile", "the distribution's packages; nix-env -p PROFILE --list-generations for generations"},
        {"run", "nix build REFERENCE, then ./result/bin/PROGRAM; nix-shell -p PACKAGE --run COMMAND"},
        {"search", "nix repl, ':l <nixpkgs>', then pkgs. TAB"},
        {"shell", "nix-shell -p PACKAGE..."},
        {"show-derivation", "nix derivation show DRV"},
        {"upgrade-nix", "git pull and make"},
        {"why-depends", "nix-store -q --tree PATH"},
};

const char *command_instead(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (str_eq(elsewhere[i].word, word))
			return elsewhere[i].instead;
	return NULL;
}

const struct command *command_find(const char *name, unsigned flags)
{
	for (const struct command *c = commands; c->name; c++)
		if ((c->flags & flags) && str_eq(c->name, name))
			return c;
	return NULL;
}
