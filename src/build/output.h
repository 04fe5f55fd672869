// SPDX-License-Identifier: GPL-2.0-or-later
// What a builder left: checked, made canonical, hashed, scanned for references, moved into the store,
// registered. The reading of the contents is done in a child process (output_work), so that other builds go
// on meanwhile; its findings come back as text over a pipe (output_parse). The rest needs the database and is
// the parent's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "build/sandbox.h"
#include "store/drv.h"
#include "store/store.h"

struct output {
	const char *name; // of the derivation's
	const char *path; // logical
	char *made;       // where the builder made it
	char *scratch;    // what is examined and moved: the same, or a copy of ours
	char *real;       // where it belongs
	bool merged;      // it is complete and canonical already
	bool wanted;      // false: it is valid already and stays as it is
	// Findings:
	struct hash nar_hash;
	uint64_t nar_size_bytes;
	char **refs;
	char *ca; // NULL: not fixed
};

struct output_set {
	struct store *store;
	const struct drv *drv;
	const char *drv_path;
	char *const *inputs; // closure: the candidates for references
	uid_t from_uid;      // who the builder was on the host
	char *made_dir;      // the folder that the builder saw as the store
	char *fresh_dir;     // where copies of ours are made; NULL: what the builder made is taken as it is
	const char *lower, *upper; // of an overlay at the output 'out'; NULL: none
	char *log_path;            // compressed by the child as well
	struct output *outputs;
	size_t n_outputs;
};

// dirs: the build's scratch folder, which only we can enter, and in it the one that the builder saw as the
// store. What a builder with network made is copied: it could have passed descriptors on to others, who would
// write to what is registered (a socket reaches processes outside through the network namespace).
struct output_dirs {
	const char *scratch, *made;
	const char *lower, *upper; // of an overlay at the output 'out', NULL: none
	uid_t from_uid;
};
int output_set_init(struct output_set *set, struct store *s, const struct drv *d, const char *drv_path,
        char *const *inputs, const struct output_dirs *dirs, const char *log_path, struct err *e);
void output_set_release(struct output_set *set);

// In the child: ctx is the set. Writes its findings, or why there are none, to standard output. Always 0.
int output_work(void *ctx);
// -EILSEQ: a hash is not the wanted one. Other errors: an output is missing or unfit.
int output_parse(struct output_set *set, struct buf *findings, struct err *e);
// allowedReferences and its kin, maxSize, maxClosureSize; outputChecks with structured attributes.
int output_check_refs(const struct output_set *set, struct err *e);
// Moves the wanted outputs to their places and registers all in one transaction.
int output_install(struct output_set *set, struct err *e);
// Compares with what is in the store. -ENOTUNIQ when an output differs: the message names the first files
// that do, and where the new output was kept (PATH.check).
int output_compare(struct output_set *set, struct err *e);

// Names (relative, at most max) of what differs between two trees, one a line with the reason.
size_t output_diff(const char *a, const char *b, size_t max, struct buf *out);
