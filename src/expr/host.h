// SPDX-License-Identifier: GPL-2.0-or-later
// What the evaluator needs of the world, as function pointers, so that src/expr stays pure: files through
// these, the store through src/glue. Functions return 0 or a negative errno and fill err.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

enum host_file { HOST_MISSING, HOST_REGULAR, HOST_DIRECTORY, HOST_SYMLINK, HOST_OTHER };

struct context_elem;

struct host {
	void *ctx;
	const char *store_dir; // "/nix/store"
	const char *system;    // builtins.currentSystem
	char *const *nix_path; // NULL-terminated "prefix=path" or "path" entries: -I first, then NIX_PATH,
	                       // then the embedded <nixpkgs>
	// Logical path (as in the language) to real path: they differ for a chroot store. Owned result.
	char *(*real_path)(void *ctx, const char *path);
	// Type of the file itself (lstat) or of the link's target (follow). HOST_MISSING is no error.
	int (*file_type)(void *ctx, const char *path, bool follow, enum host_file *ret, struct err *e);
	int (*read_file)(void *ctx, const char *path, struct buf *ret, struct err *e);
	// Sorted names and their types (not followed).
	int (*read_dir)(
	        void *ctx, const char *path, char ***ret_names, enum host_file **ret_types, struct err *e);
	int (*read_link)(void *ctx, const char *path, char **ret, struct err *e);
	// Makes the store objects of a context real (builds them): import from derivation. NULL: not allowed.
	int (*realise)(void *ctx, const struct context_elem *elems, size_t count, struct err *e);
	// Copies a file tree into the store (path in string interpolation, path in derivation); returns the
	// owned store path.
	int (*copy_to_store)(void *ctx, const char *path, const char *name, char **ret, struct err *e);
	// A line for the user: trace, warn. Without newline; the evaluator has put "trace: " or "evaluation
	// warning: " before it.
	void (*say)(void *ctx, const char *line);
	const char *(*get_env)(void *ctx, const char *name); // NULL: unset
	int64_t (*now)(void *ctx);                           // seconds since 1970: builtins.currentTime
	// 'http://', 'channel:' entries of the search path and such: fetches and unpacks; owned real path.
	// NULL: says it cannot.
	int (*fetch_tarball)(void *ctx, const char *url, char **ret, struct err *e);
	// References (strv, owned by the caller) of the store path that path is or lies in; *ret stays where
	// there are none. The function may be NULL.
	int (*store_refs)(void *ctx, const char *path, char ***ret, struct err *e);
};

// The plain host: real files, no store, environment of the process. Glue replaces what it has better.
void host_init_plain(struct host *h);
