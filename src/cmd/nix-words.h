// SPDX-License-Identifier: GPL-2.0-or-later
// What 'nix store', 'nix key', 'nix path-info' and 'nix derivation' share: the words, read by one table of
// options. To add a word: a row in cmd-nix-store.c and a function nix_word_NAME in the nix-*.c that fits.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "cmd/store-cmd.h"

struct nix_cmd;
// Returns an exit status, or a negative errno with e set.
typedef int nix_word_fn(struct nix_cmd *n, struct err *e);

struct nix_cmd {
	struct store_cmd c; // the store, --store and the operands
	const char *called; // "nix store verify", for messages
	bool help, all, recursive, from_stdin, json, long_list, directory;
	bool size, closure_size, human, sigs, dry_run, no_contents, no_trust, no_check_sigs;
	char *key_file, *key_name, *name, *mode, *algo, *max, *to, *from;
	uint64_t json_format; // 0: not said
	uint64_t sigs_needed; // 0: not said
	char **trusted_keys;  // --trusted-public-keys; NULL: nix.conf's
};

// The paths that are meant: operands (also of standard input with --stdin), with --recursive their closures,
// with --all every valid path. Without one of these: an error.
int nix_paths(struct nix_cmd *n, char ***ret, struct err *e);
// Operands only, as they are named: the paths need not be valid here.
int nix_words_paths(struct nix_cmd *n, char ***ret, struct err *e);
// Prints o in one line, unless r is an error already, and lets it go.
int nix_print_json(json_t *o, int r, struct err *e);
// The first line of a key's file; owned.
int nix_read_key(const char *file, char **ret, struct err *e);

nix_word_fn nix_word_path_info, nix_word_copy;
nix_word_fn nix_word_verify, nix_word_sign;
nix_word_fn nix_word_generate_secret, nix_word_public_of;
nix_word_fn nix_word_ls, nix_word_cat;
nix_word_fn nix_word_derivation_show;
