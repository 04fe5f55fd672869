// SPDX-License-Identifier: GPL-2.0-or-later
// What the parts of nix-store share: what was asked on its command line. To add an operation: a row in the
// tables of cmd-store.c and a function store_op_NAME in the store-*.c that fits.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/opt.h"
#include "cmd/build-settings.h"
#include "store/gc.h"
#include "store/store.h"

struct store_cmd;

// Returns an exit status, or a negative errno with e set.
typedef int store_op_fn(struct store_cmd *c, struct err *e);

enum store_query {
	QUERY_DEFAULT,
	QUERY_OUTPUTS,
	QUERY_REQUISITES,
	QUERY_REFERENCES,
	QUERY_REFERRERS,
	QUERY_REFERRERS_CLOSURE,
	QUERY_DERIVER,
	QUERY_VALID_DERIVERS,
	QUERY_BINDING,
	QUERY_HASH,
	QUERY_SIZE,
	QUERY_TREE,
	QUERY_GRAPH,
	QUERY_GRAPHML,
	QUERY_RESOLVE,
	QUERY_ROOTS,
};

struct store_cmd {
	store_op_fn *op; // NULL: none given yet
	bool needs_store;
	char *uri;    // --store
	char **words; // operands
	struct store *store;
	enum store_query query;
	char *binding;
	bool use_output, include_outputs, force_realise;
	bool recursive, flat, check_contents, repair, print_invalid, ignore_liveness, reregister, hash_given;
	bool dry_run, check, quiet_builds, keep_outputs, no_keep_derivations;
	struct build_settings build;
	enum gc_action gc_action;
	bool print_roots, serve_write;
	uint64_t max_freed_bytes;
	char **add_roots; // --add-root
};

// The store path that a word names: itself, or what links lead to; owned.
int store_cmd_follow(struct store_cmd *c, const char *word, char **ret, struct err *e);
// All words, followed; strv.
int store_cmd_follow_all(struct store_cmd *c, char ***ret, struct err *e);
// Writes to stdout, in full.
int store_cmd_print(const char *text, size_t len, struct err *e);
// "N store paths deleted, X MiB freed"
void store_cmd_print_freed(size_t count, uint64_t bytes);
// Links of --add-root for paths, in order; prints the links or the paths.
int store_cmd_print_rooted(struct store_cmd *c, char *const *paths, struct err *e);

store_op_fn store_op_query;
store_op_fn store_op_add, store_op_add_fixed, store_op_print_fixed_path, store_op_dump, store_op_restore,
        store_op_export, store_op_import;
store_op_fn store_op_verify, store_op_verify_path, store_op_check_validity, store_op_delete, store_op_gc,
        store_op_optimise;
store_op_fn store_op_read_log, store_op_print_env, store_op_generate_key, store_op_dump_db, store_op_load_db,
        store_op_register_validity, store_op_init;
// Prints trees and graphs of references.
int store_print_tree(struct store *s, const char *path, struct err *e);
int store_print_graph(struct store *s, char *const *paths, bool graphml, struct err *e);
// Builds what the words name, or only says what would be built.
store_op_fn store_op_realise;
store_op_fn store_op_serve;
