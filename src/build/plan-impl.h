// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of the plan share: plan.c (the graph), plan-run.c (the event loop).
#pragma once

#include "base/hmap.h"
#include "build/plan.h"
#include "store/drv.h"

// NODE_VALID: what is wanted of it is there. NODE_WAITING: inputs must be built first. NODE_LOCKED: another
// process holds its locks. The last two are final.
enum node_state { NODE_VALID, NODE_WAITING, NODE_READY, NODE_LOCKED, NODE_BUILDING, NODE_DONE, NODE_FAILED };

struct plan_node {
	char *drv_path;
	struct drv *drv;
	char **wanted; // outputs
	bool top;      // asked for by the caller
	enum node_state state;
	size_t missing_inputs; // nodes that it waits for
	size_t failed_inputs;
	struct plan_node **dependents;
	size_t n_dependents, cap_dependents;
	int64_t retry_ms; // of NODE_LOCKED
	bool said_locked;
};

struct plan {
	struct store *store;
	struct plan_opts opts;
	struct builder *builder;
	struct progress *progress;
	struct hmap nodes; // drv path -> struct plan_node
	char **paths;      // plain ones that must be valid
	struct hmap found; // path -> the plan where opts.find has it, or the map where it has not
	char **fetches;
	char **errors;
	unsigned outcomes; // bit set of enum build_outcome
};

// Nodes that must be built, inputs before those that need them. *ret_n < the number of such nodes: there is a
// cycle.
struct plan_node **plan_order(const struct plan *p, size_t *ret_n);
