// SPDX-License-Identifier: GPL-2.0-or-later
// Kept object trees: a build that make drives begins with the object tree of an earlier one, so that a change
// costs what it changes. A derivation asks for it by
//     keepObjects = "FOLDER SOURCE OPTIONS NAME...";
// FOLDER is where the objects are below /build; SOURCE and OPTIONS are the variables with the source tree and
// the file of options (store paths); the NAMEs are the other variables in which an earlier build may differ.
// Everything else (builder, arguments, tools, flags) must be the same. The source is shown at KEEP_SOURCE,
// always, so that what is made does not depend on whether an earlier tree was used; of it, files that are not
// as the kept objects had them have a newer time.
//
// Trees are in STATE/kernix/objects, a folder of the store's owner that builders see as a read-only lower
// layer at most. A tree is made under a name of its own while its lock is held, sealed by a rename once the
// outputs are registered, and never changed afterwards. What is not sealed and not locked is rubbish. Trust:
// whoever's source was built may have had a say in what its objects are; so a kept tree is as good as that
// source.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "build/sandbox.h"
#include "store/drv.h"
#include "store/store.h"

#define KEEP_SOURCE "/src"

struct keep_limits {
	uint64_t bytes; // of all trees; 0: KEEP_BYTES
	unsigned trees; // 0: KEEP_TREES
};
#define KEEP_BYTES (32ULL << 30)
#define KEEP_TREES 8

struct keep_spec {
	struct store *store;
	const struct drv *drv;
	char *const *inputs; // closure
	struct sandbox_ids ids;
	const char *build_dir; // on the host
	const char *scratch;   // does not exist yet, beside build_dir: what is written over a kept tree
	bool on;               // trees are kept
	bool clean;            // do not begin with one
	struct keep_limits limits;
};

struct keep;
// *ret is NULL when the derivation does not ask. *ret_word: what a person may want to know (which tree, or
// why none), NULL: nothing; owned. All doubts end in a clean build; an error is the derivation's own.
int keep_begin(const struct keep_spec *spec, struct keep **ret, char **ret_word, struct err *e);
void keep_free(struct keep *k);
// Adds what is shown to the sandbox; borrowed from k. With another bind list than NULL it is copied.
void keep_show(struct keep *k, struct sandbox_spec *spec);
bool keep_has_lower(const struct keep *k);
// The kept tree cannot be shown: go on without.
int keep_without_lower(struct keep *k, struct err *e);

// After the builder: takes a name in the place of the trees. False: nothing is kept.
bool keep_open_fresh(struct keep *k);
// In the examining child, whose result is 0: puts the tree there. Words go to k.
int keep_gather(struct keep *k);
// In the parent again: the outputs are registered (or not: good is false) and the child has ended. *ret_word:
// as above.
void keep_seal(struct keep *k, bool good, char **ret_word);

// Gives all trees back that nobody uses. *ret_n: how many.
int keep_drop_all(const char *state_dir, size_t *ret_n, uint64_t *ret_bytes, struct err *e);
