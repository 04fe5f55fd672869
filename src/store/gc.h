// SPDX-License-Identifier: GPL-2.0-or-later
// Garbage collection: everything that no root reaches is removed, under gc.lock, while other processes may go
// on adding (they hold temporary roots).
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct store;

enum gc_action { GC_RETURN_LIVE, GC_RETURN_DEAD, GC_DELETE_DEAD, GC_DELETE_SPECIFIC };

struct gc_opts {
	enum gc_action action;
	char *const *paths;       // of GC_DELETE_SPECIFIC
	bool ignore_liveness;     // of GC_DELETE_SPECIFIC
	bool keep_outputs;        // outputs of live derivations live (nix.conf keep-outputs)
	bool keep_derivations;    // derivers of live paths live (nix.conf keep-derivations; Nix's default is
	                          // true)
	uint64_t max_freed_bytes; // stop after that; UINT64_MAX: no limit
	void (*deleted)(void *ctx, const char *path); // may be NULL
	// Files without a row that are about to go, by where they really are; may be NULL.
	void (*leftover)(void *ctx, const char *real_path);
	void *ctx;
};

struct gc_result {
	char **paths; // live, dead or deleted ones; strv
	uint64_t freed_bytes;
};

int gc_run(struct store *s, const struct gc_opts *opts, struct gc_result *ret, struct err *e);
void gc_result_release(struct gc_result *r);
