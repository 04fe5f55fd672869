// SPDX-License-Identifier: GPL-2.0-or-later
// What the builtins of all families share: trace lines, memory that is freed when an error flies through,
// required attributes. Positions handed to the evaluator are 0 almost everywhere: Nix's builtins report none
// of their own, the call's frame has it.
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "expr/builtin.h"
#include "expr/eval.h"

// A frame for the time of one step: "while evaluating ...". text must outlive it.
static inline void text_push(struct eval *ev, struct frame *f, const char *text)
{
	*f = (struct frame){.up = ev->frames, .kind = FRAME_TEXT, .a = text};
	ev->frames = f;
}

static inline void text_pop(struct eval *ev, struct frame *f)
{
	ev->frames = f->up;
}

// A buffer that is released by a throw too.
struct scratch {
	struct frame frame;
	struct buf buf;
};

void scratch_begin(struct eval *ev, struct scratch *s);
void scratch_end(struct eval *ev, struct scratch *s);
// Ends the scratch; its text as a string of the evaluator.
const struct string *scratch_string(struct eval *ev, struct scratch *s, const struct context *context);

// The attribute, or "attribute 'NAME' missing" with the trace line what (NULL: none).
struct attr *attr_need(struct eval *ev, struct attrs *a, uint32_t name, const char *what);
// A function value in a heap slot, for delayed calls.
static inline struct value *heap_slot(struct eval *ev, const struct value *v)
{
	return eval_cell(ev, *v);
}
// Throws when the string holds a NUL byte, as Nix's strings cannot ("input string '...' cannot be represented
// ...").
void nul_check(struct eval *ev, const char *s, size_t len);
// "experimental Nix feature 'NAME' is disabled; ..." unless it is on.
bool feature_on(const struct eval *ev, const char *name);
void feature_need(struct eval *ev, const char *name);

// A hash as derivations and fetchers take it: SRI, "algo:DIGEST", or DIGEST alone where algo says which.
// Throws Nix's messages.
void parse_hash(struct eval *ev, const char *s, enum hash_algo algo, struct hash *ret);
// Appends the contents of a regular file (links are followed); throws Nix's messages. path: as
// eval_realise_path gave it.
void read_regular(struct eval *ev, const char *path, struct buf *ret);
// path with all symbolic links resolved, of the last component too when last; what is missing stays as it is.
// Owned by the evaluator.
const char *resolve_links(struct eval *ev, const char *path, bool last);
// What the builtins keep between calls; hangs from the evaluator.
struct builtin_state {
	struct hmap patterns; // text -> struct regex *
};
struct builtin_state *builtin_state(struct eval *ev);
void builtin_state_free(struct builtin_state *s);
