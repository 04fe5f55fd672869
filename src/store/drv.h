// SPDX-License-Identifier: GPL-2.0-or-later
// Derivations: the .drv file (ATerm "Derive(...)", to the byte as Nix prints it), and the hashes by which
// output paths are named. Experimental kinds (floating content-addressed, impure, dynamic) are parsed and
// printed but get no output paths.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "store/path.h"

struct store;

// Strings of a derivation live in its arena; setters copy. No string holds NUL. NULL is never stored: "" is.
struct drv_output {
	char *name;
	char *path;      // "" when not known
	char *hash_algo; // "" or "sha256", "r:sha256", "text:sha256": only with a fixed (or floating) output
	char *hash;      // base16, "" when not fixed
};

struct drv_input {
	char *path;     // of the .drv
	char **outputs; // strv (in the arena), sorted
};

struct drv_env {
	char *name, *value;
};

// All arrays are sorted by name (bytes) and without doubles once drv_finish was called or drv_parse gave it.
struct drv {
	struct arena mem;
	char *name; // without ".drv"
	struct drv_output *outputs;
	size_t n_outputs, cap_outputs;
	struct drv_input *inputs;
	size_t n_inputs, cap_inputs;
	char **srcs; // inputSrcs; n_srcs of them (NULL-terminated after drv_finish)
	size_t n_srcs, cap_srcs;
	char *system, *builder;
	char **args; // in order, n_args of them (NULL-terminated after drv_finish)
	size_t n_args, cap_args;
	struct drv_env *env;
	size_t n_env, cap_env;
	bool env_sorted; // by name
};

struct drv *drv_new(const char *name);
void drv_free(struct drv *d);
static inline void drv_freep(struct drv **d)
{
	drv_free(*d);
}
#define _cleanup_drv_ _cleanup_(drv_freep)

void drv_add_output(
        struct drv *d, const char *name, const char *path, const char *hash_algo, const char *hash);
// Adds output to the outputs that are wanted of drv_path.
void drv_add_input(struct drv *d, const char *drv_path, const char *output);
void drv_add_src(struct drv *d, const char *path);
void drv_add_arg(struct drv *d, const char *arg);
void drv_set_env(struct drv *d, const char *name, const char *value); // replaces
void drv_set_system(struct drv *d, const char *system);
void drv_set_builder(struct drv *d, const char *builder);
// Sorts everything and removes doubles; call after the last setter.
void drv_finish(struct drv *d);

struct drv_output *drv_output(const struct drv *d, const char *name); // NULL: none
const char *drv_env(const struct drv *d, const char *name);           // NULL: none
// One output "out" with a hash: fixed-output.
bool drv_is_fixed(const struct drv *d);
bool drv_is_builtin(const struct drv *d); // builder begins with "builtin:"

// -EBADMSG on anything malformed. name is that of the derivation (store_drv_name of its path).
int drv_parse(const char *text, size_t len, const char *name, struct drv **ret, struct err *e);
void drv_print(const struct drv *d, struct buf *out);

// Hash of a derivation 'modulo' its fixed-output inputs. The cache belongs to the store (store_drv_hash_*):
// the hash of an input is looked up there, else its .drv is read from the store. For a fixed output it names
// content and method only.
int drv_hash_modulo(struct store *s, const struct drv *d, bool mask_outputs, struct hash *ret, struct err *e);
// Fills path of every output that has none and, for input-addressed ones, the variable of the same name in
// env. (Set those variables to "" before, as the language does; they count in the hash as "".)
int drv_fill_outputs(struct store *s, struct drv *d, struct err *e);
// Are the output paths those that drv_fill_outputs would compute? -EINVAL with Nix's message when not.
int drv_check_outputs(struct store *s, const struct drv *d, struct err *e);
// The path that the .drv gets, without writing it.
int drv_path(struct store *s, const struct drv *d, char **ret, struct err *e);
// Writes the .drv (references: inputs and sources) unless it is valid already, and remembers its hash modulo.
// In a store that is read-only only the path is computed and remembered.
int drv_write(struct store *s, const struct drv *d, char **ret_path, struct err *e);
// Reads a .drv of the store. Valid or not: the file must be there.
int drv_read(struct store *s, const char *drv_path, struct drv **ret, struct err *e);
