// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of nix.conf (and flags, and --option) that say how builds and downloads run, for every command
// that builds. Names and meanings are Nix's but for those that doc/settings.md says are our own.
#pragma once

#include "build/fetch-limits.h"
#include "build/plan.h"
#include "cmd/cache-settings.h"

// All zero: the defaults. Sizes are bytes; UINT64_MAX: no limit ("0" in a file).
struct build_settings {
	unsigned max_jobs; // 0: as many as processors
	bool no_jobs;      // max-jobs is 0: only what is there is fine
	unsigned cores;    // 0: all
	unsigned timeout_s, max_silent_s, log_lines;
	bool keep_failed, keep_going;
	bool no_cgroups;
	bool incremental;
	unsigned kept_trees;
	uint64_t kept_bytes;
	uint64_t max_log_bytes, max_memory_bytes, max_processes;
	struct fetch_limits fetch;
	struct cache_settings cache;
};

// 1: name is one of these, and is set; 0: it is not; else an error about the value.
int build_settings_set(struct build_settings *b, const char *name, const char *value, struct err *e);
// As a callback of store_conf_each: ctx is the struct; passes other names over.
int build_settings_conf(void *ctx, const char *name, const char *value, struct err *e);
void build_settings_fill(const struct build_settings *b, struct plan_opts *ret);
