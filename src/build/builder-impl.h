// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of the builder share: builder.c (what all builds have in common), build-start.c (everything
// up to the running process), build.c (from there to the registered outputs), build-fail.c (words about
// failures).
#pragma once

#include "base/buf.h"
#include "build/builder.h"
#include "build/keep.h"
#include "build/log.h"
#include "build/output.h"
#include "build/progress.h"
#include "build/uidpool.h"

struct builder {
	struct store *store;
	struct builder_opts opts;
	struct progress *progress;
	struct sandbox_filter *filter;
	struct sandbox_ids ids;
	char *cgroups; // where groups of builds are made; NULL: nowhere
	bool cgroups_sought;
};

// BUILD_STATE_RUN: the builder runs. BUILD_STATE_EXAMINE: the child that reads the outputs runs.
// BUILD_STATE_TIDY: the result stands, that child still removes files. BUILD_STATE_GONE: nothing is left.
enum build_state { BUILD_STATE_RUN, BUILD_STATE_EXAMINE, BUILD_STATE_TIDY, BUILD_STATE_GONE };

// The output 'out' as an overlay over a store path that the derivation names (build-overlay.c).
struct build_overlay {
	char *lower, *dir, *upper, *work; // host paths; NULL: no overlay
	struct sandbox_overlay mount;
};

struct build {
	struct builder *builder;
	const char *drv_path;
	const struct drv *drv;
	bool check;
	const struct builder_builtin *builtin; // NULL: a program
	struct store_locks *locks;
	char *scratch;   // HASH-NAME.drv.chroot beside the store paths
	char *out_dir;   // scratch/store: the builder's store folder
	char *tmp_dir;   // scratch/tmp
	char *build_top; // nix-build-NAME.drv-N, which only we can enter; NULL once removed or left to its
	                 // owner
	char *build_dir; // build_top/build: the builder's, whatever mode it gives it
	struct build_overlay overlay;
	bool dir_stays;  // it could not be removed
	char **inputs;   // closure
	char *tools_dir; // the files of its build root; NULL: the host's
	char **env, **argv;
	struct sandbox_ids ids; // of this build alone
	struct uidpool_slot slot;
	char *cgroup;     // NULL: none
	char **fetch_env; // of a fetcher: what it runs with
	struct builtin_host host;
	bool keep_fresh;   // its objects will be kept
	struct keep *keep; // its kept objects; NULL: it does not ask for them
	struct output_set set;
	struct build_log *log;
	char *log_path;
	struct sandbox_proc proc; // the builder, then the examining child
	int out_fd;               // its output: the log, then the findings; -1 after its end
	struct buf findings;
	enum build_state state;
	enum build_outcome outcome; // from BUILD_STATE_TIDY on
	struct err err;
	bool killed_for_time, silent; // silent: it was max_silent_s
	bool killed_for_log;          // it wrote more than max_log_bytes
	uint64_t log_bytes;
	int64_t started_ms, last_output_ms;
	uint64_t oom_kills; // of the machine, before the build
};

// Everything up to the running process.
int build_prepare(struct build *bd, struct err *e);
// A folder of the builder's.
int build_start_mkdir(struct build *bd, const char *path, mode_t mode, struct err *e);
// overlayBase of the derivation, where an overlay can stand for it; else nothing.
int build_overlay_init(struct build *bd, struct err *e);
void build_overlay_spec(struct build *bd, struct sandbox_spec *spec);
// There can be no overlay here: the builder gets an empty folder, and copies.
int build_overlay_give_up(struct build *bd, struct err *e);
void build_overlay_release(struct build *bd);

// Starts the builder, once more after build_overlay_give_up.
int build_start_process(struct build *bd, struct err *e);
// Runs the builder without the kept objects that could not be shown.
int build_restart_clean(struct build *bd, struct err *e);
// The child that reads the outputs.
int build_start_examine(struct build *bd, struct err *e);
// The build directory goes, or is left for the person to look into.
void build_drop_dir(struct build *bd, bool failed);

uint64_t build_oom_kills(void); // processes that the kernel ended for want of memory, since boot
// Words about a builder that ended with status (of wait(2)), with the last log lines.
int build_fail_status(struct build *bd, int status, struct err *e);
int build_fail_time(struct build *bd, struct err *e);
int build_fail_log_size(struct build *bd, struct err *e);
// Adds what the machine lacks (disk, memory) to an error of a failed build.
void build_fail_hints(struct build *bd, struct err *e);
