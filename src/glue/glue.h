// SPDX-License-Identifier: GPL-2.0-or-later
// Where the evaluator meets the store: a struct glue makes the host of an evaluator out of a store, adds the
// builtins that need one (derivationStrict, path, filterSource, toFile, storePath, fetchers), and builds what
// evaluation needs through a function that the command sets.
#pragma once

#include <stdbool.h>
#include "base/err.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "build/fetch-limits.h"
#include "expr/eval.h"

struct store;
struct builtin_table;
struct context_elem;

// Builds (or substitutes) store objects: paths are "PATH" or "DRV!OUTPUT". Set by commands that may build;
// NULL: import from derivation is refused.
typedef int glue_build_fn(void *ctx, char *const *wanted, struct err *e);

struct glue {
	struct store *store;
	struct eval *ev;
	struct hmap trees;  // store path of a git tree's source -> its folder here (owned)
	struct hmap copied; // "NAME\nPATH" -> owned store path: what copy_to_store did
	char **nix_path;    // owned; see host.h
	char *system;
	struct fetch_limits fetch_limits; // of what evaluation downloads
	glue_build_fn *build;
	void *build_ctx;
	// Called when evaluation needs a derivation that read_only left unwritten; NULL: that is an error.
	int (*unwritten)(void *ctx, struct err *e);
	struct hmap
	        buildable; // paths of derivations that read_only left unwritten and this machine could build
	struct hmap floating; // paths of derivations whose output paths are not known (content-addressed,
	                      // impure and what needs them)
	const struct flake_options *flake_options; // of the command line (glue/flake.h); NULL: none
	bool read_only;       // only compute the paths of derivations and sources; fetchers still write
};

// Borrows the store. extra_nix_path: -I entries (may be NULL).
struct glue *glue_new(struct store *store, char *const *extra_nix_path);
void glue_free(struct glue *g);
// Fills a host for eval_new; ctx is the glue.
void glue_host(struct glue *g, struct host *ret);
// Adds the builtins and 'derivation' to an evaluator that was made with that host.
void glue_attach(struct glue *g, struct eval *ev);

static inline struct glue *glue_of(struct eval *ev)
{
	return ev->glue;
}

// The folder of the embedded package set: beside the running binary (build tree), else where it was
// installed; owned, NULL when there is none.
char *glue_embedded_nixpkgs(void);

// Splits a context element into what the builder takes: owned "PATH" or "DRV!OUTPUT" (all outputs: "DRV!*").
char *glue_wanted(const struct context_elem *el);
// Copies path (a logical path) into the store under name; owned store path. Cached per evaluator.
int glue_copy(struct glue *g, const char *path, const char *name, char **ret, struct err *e);

// What an attribute of the argument of fetchGit or fetchTree (fetcher) may be; throws Nix's messages.
struct attr;
void glue_check_fetch_attr(struct eval *ev, const char *fetcher, struct attr *at);
// Sources of working trees: what is missing in one may be there, but not be tracked by git. glue_throw_untracked
// throws where that is so; glue_untracked says it of an error's message (owned; NULL: it is not so).
struct ref;
void glue_note_tree(struct eval *ev, const char *path, const struct ref *r);
void glue_throw_untracked(struct eval *ev, const char *folder, const char *name);
char *glue_untracked(struct glue *g, const char *message);
// A store path as a string that depends on it.
struct value glue_store_value(struct eval *ev, const char *path);
// As parse_hash; an empty text is a hash of zeros, with a warning.
void parse_hash_or_empty(struct eval *ev, const char *text, enum hash_algo algo, struct hash *ret);
// Builtins of experimental features that are on.
void glue_add_feature_builtins(struct eval *ev);
// Defines 'derivation'.
void glue_derivation(struct eval *ev);

// The text of a file of <nix/...>, or NULL.
const char *glue_internal_file(const char *path);
// host.fetch_tarball; ctx is the glue.
int glue_fetch_tarball(void *ctx, const char *url, char **ret, struct err *e);
// A folder of the user's cache, made where it is missing; owned, without links. -EPERM with a clear word when
// others could write there.
int glue_cache_dir(const char *part, char **ret, struct err *e);

extern const struct builtin_table builtin_derivations, builtin_stores, builtin_fetches, builtin_gits,
        builtin_flakes, builtin_drv_imports;
