// SPDX-License-Identifier: GPL-2.0-or-later
// The commands. To add one: write 'int cmd_NAME(int argc, char **argv)' in a file cmd-NAME.c of its own,
// declare it below, add a row to commands.c and the file to src/cmd/meson.build. The function returns the
// exit status; argv[0] is the name that the user typed.
#pragma once

#include <stdbool.h>
#include "base/err.h"

enum command_flags {
	COMMAND_LINK = 1, // gets a link of its name in build/bin and in $prefix/bin
	COMMAND_WORD = 2, // 'kernix NAME ...'
	COMMAND_NIX = 4,  // 'nix NAME ...'
};

struct command {
	const char *name;
	int (*fn)(int argc, char **argv);
	unsigned flags;
	const char *help; // one line
};

extern const struct command commands[]; // ends with name == NULL

const struct command *command_find(const char *name, unsigned flags);
// What to type in place of 'nix WORD', which is not built; NULL when the word is none of Nix's.
const char *command_instead(const char *word);

int cmd_help(int argc, char **argv);
int cmd_instantiate(int argc, char **argv);
int cmd_eval(int argc, char **argv);
int cmd_build(int argc, char **argv);
int cmd_shell(int argc, char **argv);
// Is what these words of 'nix' name evaluated purely: an expression, without --impure?
bool nix_words_are_pure(int argc, char **argv);
int cmd_nix_build(int argc, char **argv);
int cmd_nix_develop(int argc, char **argv);
int cmd_nix_repl(int argc, char **argv);
int cmd_nix_words(int argc, char **argv);
int cmd_flake(int argc, char **argv);
int cmd_rebuild(int argc, char **argv);
int cmd_vm(int argc, char **argv);
int cmd_repl(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_kernels(int argc, char **argv);
int cmd_store(int argc, char **argv);
int cmd_hardware(int argc, char **argv);
int cmd_hash(int argc, char **argv);
int cmd_generate_config(int argc, char **argv);
int cmd_prefetch_url(int argc, char **argv);
int cmd_collect_garbage(int argc, char **argv);
int cmd_env(int argc, char **argv);
int cmd_boot(int argc, char **argv);
int cmd_copy_closure(int argc, char **argv);

// Prints "error: MESSAGE" to stderr, in red on a terminal, and gives exit status 1.
int cmd_fail(struct err *e);

// Waits for a child; its exit status, or 128 + signal.
int cmd_wait(int pid, int *ret_status);

// Runs a command; *ret (owned) is the first line that it prints. Its exit status.
int cmd_first_line(int (*cmd)(int argc, char **argv), char **argv, char **ret);
