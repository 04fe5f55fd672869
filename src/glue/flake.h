// SPDX-License-Identifier: GPL-2.0-or-later
// Flakes: what references (flake-ref.h) stand for in the store (struct fetched), the inputs that a
// flake.nix names, and its lock file. Everything lives in the evaluator's memory and everything throws.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "expr/eval.h"
#include "glue/flake-ref.h"

// ---- what they stand for (fetch-tree.c, fetch-forge.c)

struct fetched {
	const char *path;   // in the store
	struct ref *locked; // with narHash, and whatever else is known
};

// input: its name in the flake, for errors; NULL: it has none.
void tree_fetch(struct eval *ev, const struct ref *want, const char *input, struct fetched *ret);
// The set that describes it: outPath, narHash, rev, lastModified, ... dirty: says nothing of a revision.
struct value tree_value(struct eval *ev, const struct fetched *f, bool dirty);
// github, gitlab, sourcehut: the address of the archive; locked gets the revision.
const char *forge_archive(struct eval *ev, struct ref *locked);
// What a name of the registry stands for, at its end; throws where none has it.
struct ref *registry_find(struct eval *ev, const struct ref *want);
// The same; everything else is itself.
const struct ref *registry_resolve(struct eval *ev, const struct ref *r);

// ---- the package set in the place of nixpkgs (flake-nixpkgs.c)

bool nixpkgs_is(const struct ref *r);
#define NIXPKGS_DIR "nixpkgs" // where in its source the package set is
void nixpkgs_fetch(struct eval *ev, const char *input, const struct ref *instead, struct fetched *ret);

// ---- lock files (flake-lock.c, flake-lock-write.c)

struct input_path {
	const char **parts;
	size_t len;
};

struct lock_node;

struct lock_edge {
	const char *id;
	struct lock_node *node;    // NULL: it follows another input
	struct input_path follows; // from the root
	struct lock_node *found;   // by lock_find, where that leads
	enum { LOCK_UNKNOWN, LOCK_OPEN, LOCK_FOUND } state;
};

struct lock_node {
	struct ref *locked, *original; // NULL: the root
	bool is_flake, has_parent;
	struct input_path parent; // of a relative path
	struct lock_edge *edges;  // sorted by id
	size_t len, cap;
	const char *key;       // in the file; of lock_keys
	bool embedded;         // the package set stands for it
	struct fetched source; // path NULL: it was not fetched yet
};

const struct input_path *input_path_add(struct eval *ev, const struct input_path *p, const char *id);
bool input_path_equal(const struct input_path *a, const struct input_path *b);
int input_path_compare(const struct input_path *a, const struct input_path *b);
const char *input_path_show(struct eval *ev, const struct input_path *p);
struct input_path input_path_parse(struct eval *ev, const char *text, const struct input_path *before);

struct lock_node *lock_node_new(struct eval *ev);
struct lock_edge *lock_edge_get(struct lock_node *n, const char *id);
struct lock_edge *lock_edge_put(struct eval *ev, struct lock_node *n, const char *id);
// The node that a path leads to, following what follows; NULL: none. Of a complete tree only: it is
// remembered.
struct lock_node *lock_find(struct lock_node *root, const struct input_path *p);
// Of FOLDER/flake.lock: an empty root where there is none.
struct lock_node *lock_read(struct eval *ev, const char *file);
// The set that the file describes; every node gets its key. without_embedded: leaves out what is not locked
// because the package set stands for it.
struct value lock_value(struct eval *ev, struct lock_node *root, bool without_embedded);
const char *lock_text(struct eval *ev, const struct value *lock);
bool lock_equal(struct eval *ev, struct lock_node *a, struct lock_node *b);
const char *lock_diff(struct eval *ev, struct lock_node *before, struct lock_node *after);

// ---- flakes (flake-inputs.c, flake-lock-make.c, flake-call.c)

struct flake_input {
	const char *id;
	struct ref *ref; // NULL where it only follows, or only has overrides
	bool has_follows, is_flake;
	struct input_path follows;
	struct flake_input *inputs; // overrides of its own inputs
	size_t len;
};

// The folder on this machine that a flake is taken from (flake-place.c), as it was before that.
struct flake_place {
	const char *path; // NULL: there is none that can be written
	dev_t dev;
	ino_t ino;
};

struct flake {
	struct ref *original, *resolved, *locked; // resolved: the registry asked
	struct fetched source;
	struct flake_place place; // of the outermost flake
	const char *folder;       // of flake.nix, in the store
	const char *description;
	struct flake_input *inputs; // sorted by id
	size_t len;
	bool dirty; // its lock file is not written: it is not what its revision says
};

// What the command line says of locking.
struct flake_options {
	char **updates;   // strv of input paths
	char **overrides; // strv: input path, reference, ...
	bool recreate, no_write, no_update;
	bool own_nixpkgs; // an input that is nixpkgs is taken as it is locked
	bool locked_only; // pure evaluation: an input that is new must say what it is
};

// Reads the flake.nix below folder, which follows from the root are counted from.
void flake_read(struct eval *ev, struct flake *f, const struct input_path *at);
void flake_fetch(struct eval *ev, const struct ref *want, const struct input_path *at, struct flake *ret);
// The complete lock: old (of the lock file) and what is new.
struct lock_node *flake_lock_make(
        struct eval *ev, const struct flake *f, const struct flake_options *options, struct lock_node *old);
// Its lock, made complete, and written unless options forbid.
struct lock_node *flake_lock(struct eval *ev, struct flake *f, const struct flake_options *options);
struct flake_place flake_place_of(struct eval *ev, const struct ref *r);
// Writes its flake.lock, unless it is another folder by now or another user's. *ret_file: where, without
// links.
int flake_place_write(const struct flake_place *p, const char *text, char **ret_file, struct err *e);
// The flake's outputs, as its inputs are given them.
void flake_call(struct eval *ev, const struct flake *f, struct lock_node *root, struct value *ret);
// All of it.
void flake_get(struct eval *ev, const struct ref *want, const struct flake_options *options,
        struct flake *ret_flake, struct value *ret);
