// SPDX-License-Identifier: GPL-2.0-or-later
// Building one derivation whose inputs are there: lock the outputs, run the builder in the sandbox (or a
// builtin), keep its log, examine and register what it made. A build is a little state machine that never
// blocks for long: plan.c polls the descriptors of many of them.
//
// Builtins ("builtin:NAME") are functions in a child process. How to add one: write
// `int x_run(void *ctx, const struct builtin_args *a, struct err *e)`, put a row into the table that the
// command passes in builder_opts. They run in the sandbox like every builder. BUILTIN_FETCHER gives one the
// network and the environment of env_fetch_make, and refuses derivations whose output is not fixed; what it
// needs to know of the host is found out before, by the row's `prepare`. BUILTIN_PINNED beside it is for one
// whose inputs say the hash of every file that it takes from the network: then its output is fixed by content
// without a hash of its own, since no code but ours makes it.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "build/sandbox.h"
#include "store/drv.h"
#include "store/store.h"

struct progress;

// What a builtin gets. Standard output and error are the build's log.
struct builtin_args {
	const struct drv *drv;
	const char *drv_path;
	char *const *env;      // "NAME=VALUE", as a builder would get it; builtin_env reads it
	const char *build_dir; // an empty folder to work in, and the working directory
	const char *store_dir; // where store paths are read and outputs are made
	const struct builtin_host *host;
};
// What a fetcher gets of the host.
struct builtin_host {
	struct sandbox_shown *files; // of the derivation's file:// addresses; paths are owned
	size_t n_files;
	char **words; // what else prepare found
};
const char *builtin_env(const struct builtin_args *a, const char *name); // NULL: not set
// Where the output is to be made; borrowed, NULL when the derivation has no such output.
const char *builtin_out(const struct builtin_args *a, const char *output);

enum builtin_flags { BUILTIN_FETCHER = 1, BUILTIN_PINNED = 2 };

struct builder_builtin {
	const char *name; // "builtin:fetchurl"
	int (*run)(void *ctx, const struct builtin_args *args, struct err *e);
	int flags;
	void *ctx;
	// In the caller's process, before the sandbox: says what of the host run needs. The words of the
	// derivation are not checked yet, and may lead to nothing but a look at files of a fixed name. May be
	// NULL.
	int (*prepare)(const struct builtin_args *args, struct builtin_host *ret, struct err *e);
};

// The builtins of src/build itself: fetchurl, fetch-deb, debian-root, buildenv, unpack-channel. The table ends with name
// == NULL.
extern const struct builder_builtin builder_own_builtins[];

// All zero is fine.
struct builder_opts {
	unsigned cores;         // NIX_BUILD_CORES; 0: all
	unsigned timeout_s;     // of the whole build; 0: none
	unsigned max_silent_s;  // without output; 0: none
	unsigned log_lines;     // shown when a build fails; 0: 25
	uint64_t max_log_bytes; // a builder that writes more is ended; 0: no limit
	struct sandbox_limits limits;
	bool keep_failed;                 // leave the build directory of a failed build
	const char *build_parent;         // where build directories are made; NULL: $TMPDIR, else /tmp
	const char *system;               // NULL: this machine's
	char *const *extra_systems;       // that it can run as well
	char *const *features;            // requiredSystemFeatures that it has; NULL: the usual ones
	const struct sandbox_bind *binds; // host paths shown to every builder
	size_t n_binds;
	const struct builder_builtin *const
	        *builtins; // tables (each ends with name == NULL), NULL at the end
};

// How a build ended. Nix's exit code of a failed build is 1 + the sum of what happened, see plan_exit_code.
enum build_outcome {
	BUILD_DONE,
	BUILD_VALID, // another process was faster
	BUILD_FAILED,
	BUILD_TIMED_OUT,
	BUILD_HASH_MISMATCH,
	BUILD_NOT_DETERMINISTIC,
	BUILD_LOG_LIMIT, // it wrote more than max_log_bytes; 1 as an exit status, as in Nix
	BUILD_CANCELLED,
};

// What all builds of a run share.
struct builder;
int builder_new(struct store *s, const struct builder_opts *opts, struct progress *p, struct builder **ret,
        struct err *e);
void builder_free(struct builder *b);
const char *builder_system(const struct builder *b);
// Can this machine build it (system and features)? -ENOTSUP with Nix's message when not.
int builder_check_platform(const struct builder *b, const struct drv *d, const char *drv_path, struct err *e);

// Removes what builds of a killed kernix left, of derivations that nobody builds now.
void build_sweep(struct builder *b);
// For gc_opts.leftover: when scratch is what such a build left in the store's folder, its build directory
// goes, too.
void build_leftover(void *ctx, const char *scratch);

struct build;
// Starts. -EWOULDBLOCK without a message: another process builds the same outputs, try again later. Other
// errors: the build cannot even start. drv and drv_path stay borrowed until build_free. When all outputs have
// come to be valid meanwhile, the build is over at once (BUILD_VALID). check: the outputs are valid; build
// them once more and compare.
int build_start(struct builder *b, const char *drv_path, const struct drv *d, bool check, struct build **ret,
        struct err *e);
// The result stands. gone: its last helper process has ended too; step it until then, then free it.
bool build_ended(const struct build *bd);
bool build_gone(const struct build *bd);
// Descriptors to wait for (at most 2) and the time at which build_step must be called anyway (monotonic ms,
// -1: none).
size_t build_poll(const struct build *bd, struct pollfd ret[2], int64_t *ret_deadline_ms);
// Does what can be done without waiting.
void build_step(struct build *bd);
// Of one that ended; for outcomes that are failures the error is moved into e.
enum build_outcome build_result(struct build *bd, struct err *e);
// Kills what still runs, removes everything that was half made.
void build_free(struct build *bd);

int64_t build_now_ms(void); // monotonic
