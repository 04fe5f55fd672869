// SPDX-License-Identifier: GPL-2.0-or-later
// What the evaluator tells a reader beside an error itself: what a name may have meant, what a recursion
// means, and traces.
#pragma once

#include "expr/eval-private.h"

// What the reader may have meant by a name that no scope has, or none of the variable's 'with' sets (which
// are evaluated); a line for eval_throw_hint.
const char *undefined_hint(struct eval *ev, uint32_t name, const struct scope *sc);
const char *undefined_with_hint(struct eval *ev, struct env *env, const struct expr_var *v);
// The same for an attribute that the set a (of these names) does not have. A set may say something of its own
// about such a name: by a function __missing from it to a text or null, which is called for the message only.
const char *missing_hint(
        struct eval *ev, uint32_t name, const uint32_t *names, size_t count, const struct attrs *a);
// What an infinite recursion below this line of a trace means; NULL: nothing.
const char *recursion_words(struct eval *ev, const struct thrown *t, const char *context);
// The trace of frames down to 'until' as lines, and the whole text of an error. In the evaluator's memory.
// "at FILE:L:C:" and the source around it, indented as below a warning; empty where there is nothing to show.
const char *trace_place(struct eval *ev, uint32_t pos);
// Tabs, carriage returns and bells of a message as Nix shows them.
void trace_tidy(const char *text, size_t len, struct buf *out);
const char *trace_format(
        struct eval *ev, const struct frame *frames, const struct frame *until, struct thrown *t);
