// SPDX-License-Identifier: GPL-2.0-or-later
// What a builder gets besides its inputs: the environment, and the files in the build directory that the
// derivation asks for (passAsFile, __structuredAttrs, exportReferencesGraph), in Nix's forms. Nothing of the
// caller's environment gets in but the impureEnvVars of fixed-output derivations.
#pragma once

#include <sys/types.h>
#include "base/err.h"
#include "build/sandbox.h"
#include "store/drv.h"
#include "store/store.h"

struct env_spec {
	struct store *store;
	const struct drv *drv;
	const char *build_dir;  // on the host: where files are written
	const char *inside_dir; // what the builder calls it
	unsigned cores;         // NIX_BUILD_CORES
	struct sandbox_ids ids; // files are given to them
};

// The environment of the fetchers among the builtins, whatever the derivation says: the caller's variables
// about proxies and certificates (the table in env-fetch.c), a PATH with the host's programs, no home.
int env_fetch_make(const struct env_spec *spec, char ***ret_env, struct err *e);
// The caller's value of a variable as something in the sandbox gets it ("" when it is not set): a file of
// certificates that the sandbox does not show is copied into the build directory.
int env_fetch_value(const struct env_spec *spec, const char *name, char **ret, struct err *e);
// A new file of the builder's in its build directory.
int env_write_file(
        const struct env_spec *spec, const char *name, const void *data, size_t len, struct err *e);

// *ret_env: "NAME=VALUE", sorted, without doubles.
int env_make(const struct env_spec *spec, char ***ret_env, struct err *e);
// The arguments: the builder's file name, then args, with the placeholders of outputs replaced.
char **env_argv(const struct drv *d);
// VALUE of NAME in such a list, or NULL; borrowed.
const char *env_get(char *const *env, const char *name);
// A value of the derivation that is a list: the words of the variable, or the array of strings in __json.
// NULL when there is none; *ret_there says whether it was given at all (an empty list may mean something).
char **env_list(const struct drv *d, const char *name, bool *ret_there);
// A value that is one text, in either form; owned, NULL: there is none.
char *env_text(const struct drv *d, const char *name);
// A value that is true: "1" in the variable, true in __json.
bool env_flag(const struct drv *d, const char *name);
