// SPDX-License-Identifier: GPL-2.0-or-later
// From wanted outputs to built outputs: which derivations must be built and in which order (their inputs
// first), and the one event loop that builds them, several at a time, waiting for other processes that build
// the same paths.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"
#include "build/builder.h"
#include "build/progress.h"
#include "store/drv.h"
#include "store/store.h"

// Asks for all paths at once whether somebody can give them: what cannot be had is false in ret[i].
typedef int plan_find_fn(void *ctx, char *const *paths, bool *ret, struct err *e);

struct plan_opts {
	unsigned max_jobs; // -j: builds at a time; 0: none at all (only what is valid is fine); see
	                   // plan_jobs_auto
	bool check;        // build the wanted derivations once more and compare (they must be valid)
	bool keep_going;   // build what does not need a failed one
	bool no_signals;   // do not watch SIGINT, SIGTERM and SIGHUP (they end the run otherwise)
	plan_find_fn *find; // NULL: everything is built; what is found is not, and is in plan_fetches
	void *find_ctx;
	struct builder_opts build;
};
unsigned plan_jobs_auto(void); // as many as processors

struct plan;
// progress may be NULL.
int plan_new(struct store *s, const struct plan_opts *opts, struct progress *progress, struct plan **ret,
        struct err *e);
void plan_free(struct plan *p);

// Wants outputs (strv; NULL: all) of a derivation, with everything that building them needs. -ELOOP for a
// cycle.
int plan_add_drv(struct plan *p, const char *drv_path, char *const *outputs, struct err *e);
// A derivation that is not in the store, all of whose inputs are sources of it: drv is the plan's from now on,
// also with an error. drv_path is its name in messages, and the deriver.
int plan_add_given(struct plan *p, const char *drv_path, struct drv *drv, struct err *e);
// Wants a plain store path: it must be valid, or found, for nothing can build it.
int plan_add_path(struct plan *p, const char *path, struct err *e);

// Paths that plan_opts.find has and that are not valid: the caller brings them before plan_run. Owned strv.
char **plan_fetches(const struct plan *p);
// How many derivations will be built, and which, inputs first (owned strv).
size_t plan_build_count(const struct plan *p);
char **plan_builds(const struct plan *p);
// "these N derivations will be built:" and their paths, as Nix's --dry-run; nothing when there is nothing to
// do.
void plan_print(const struct plan *p, struct buf *out);

// Builds. 0 when every wanted output is valid. -EINTR: a signal; everything that ran was killed and removed.
// Else e holds the messages of all failed builds, one after the other; plan_errors has them one by one.
int plan_run(struct plan *p, struct err *e);
// The messages of plan_run, in the order in which they came up; strv, borrowed.
char *const *plan_errors(const struct plan *p);
// As Nix: 1, or 100 and more (bit 0 timed out: 101, bit 1 hash mismatch: 102, bit 3 not deterministic: 104)
// when a build failed; 0 when all went well. 1 stands for errors that are not of builds.
int plan_exit_code(const struct plan *p);
