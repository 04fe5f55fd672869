// SPDX-License-Identifier: GPL-2.0-or-later
// Errors of evaluation. Whatever can throw owns nothing but the evaluator's own memory (or registers a
// cleanup frame): a throw longjmps to the nearest eval_try. What was going on is kept as a list of frames on
// the C stack: pushing one costs a few stores, and only a throw turns the list into the trace that the user
// sees. The wording is Nix's where people match on it.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/macro.h"
#include "expr/value.h"

struct eval;

enum throw_kind {
	THROW_THROWN,     // throw: tryEval catches
	THROW_ASSERT,     // assert: tryEval catches
	THROW_TYPE,       // wrong type
	THROW_UNDEF,      // undefined variable (parse time)
	THROW_MISSING,    // attribute missing
	THROW_ABORT,      // abort
	THROW_EVAL,       // other errors of evaluation
	THROW_RECURSE,    // infinite recursion, stack overflow
	THROW_PARSE,      // syntax
	THROW_RESTRICTED, // access forbidden in pure or restricted mode
	THROW_HOST,       // files, store, builds
	THROW_INTERRUPT,  // Ctrl-C
	THROW_USAGE,      // a word that names no algorithm or form: commands point to their --help
};

// One level of what is going on. Lives on the C stack between frame_push and frame_pop.
struct frame {
	struct frame *up;
	uint32_t pos;
	uint8_t kind;      // enum frame_kind of throw.c / eval.c: rows of a table that prints them
	const void *a, *b; // what the row's printer needs
};

enum frame_kind {
	FRAME_FORCE, // a: struct value *slot being evaluated, b: saved struct value of it (restored when
	             // thrown through)
	FRAME_TEXT,  // a: const char *: "while evaluating the first argument passed to builtins.add"
	FRAME_CALL_BUILTIN, // a: struct builtin: "while calling the 'add' builtin"
	FRAME_CALL_LAMBDA,  // a: struct expr_lambda: "while calling 'f'" / "while calling anonymous lambda"
	FRAME_ATTR,         // a: symbol as pointer: "while evaluating the attribute 'x'"
	FRAME_CONTEXT,      // a: struct string: addErrorContext
	FRAME_CLEANUP,      // a: void (*)(void *), b: its argument: called when thrown through
	FRAME_SELECT,    // a: struct expr_select, pos: of the attribute (0: no line): "while evaluating the
	                 // attribute 'a.b'"
	FRAME_INDEX,     // a: index as pointer: "while evaluating list element at index 1"
	FRAME_CMP_ATTR,  // a: symbol as pointer: "while comparing attribute 'x'"
	FRAME_CMP_INDEX, // a: index as pointer: "while comparing list element 1"
	FRAME_NONE,      // no line
	FRAME_OTHER,     // a: printer void (*)(struct eval *, const struct frame *, struct buf *):
	                 // evaluator-specific lines
};

// A caught error. Strings belong to the evaluator's memory.
struct thrown {
	enum throw_kind kind;
	const char *message;    // innermost message, may have several lines
	const char *hint;       // "Did you mean x?", or NULL
	uint32_t pos;           // where, or 0
	const char *trace_text; // the whole of what the user sees after "error:" with positions, source lines
	                        // and carets
	int exit_status;        // for host errors such as a failed build (100, 101, 102, 1)
	const void *trace;      // the lines so far (of trace.c), to which eval_rethrow adds those further out
	size_t trace_len;
};

struct try_point {
	jmp_buf jump;
	struct try_point *up;
	bool soft; // catches failed assertions and throws only, and makes no trace
	struct frame *frames;
	uint32_t call_depth;
	struct thrown thrown;
};

// Runs f(ev, arg); true when it ended, false when it threw: then ret holds what was thrown. Delayed values
// that were under evaluation are put back, so that they can be evaluated again.
bool eval_try(struct eval *ev, void (*f)(struct eval *ev, void *arg), void *arg, struct thrown *ret);

// For tryEval: catches THROW_THROWN and THROW_ASSERT only (all others pass through with their whole trace)
// and formats nothing.
bool eval_try_soft(struct eval *ev, void (*f)(struct eval *ev, void *arg), void *arg);
// Whether such a try would catch it.
bool eval_catches_softly(const struct eval *ev, const struct thrown *t);

_noreturn_ void eval_throw(struct eval *ev, enum throw_kind kind, uint32_t pos, const char *fmt, ...)
        _printf_(4, 5) _cold_;
// The same as THROW_HOST for what gives the command an exit status of its own (102: another hash than
// specified).
_noreturn_ void eval_throw_status(struct eval *ev, int exit_status, uint32_t pos, const char *fmt, ...)
        _printf_(4, 5) _cold_;
// The same with candidates: adds the line "Did you mean x, y or z?" of names near to name (names: symbols).
_noreturn_ void eval_throw_near(struct eval *ev, enum throw_kind kind, uint32_t pos, uint32_t name,
        const uint32_t *names, size_t count, const char *fmt, ...) _printf_(7, 8) _cold_;
// That line, in the evaluator's memory; NULL when no name is near.
const char *eval_did_you_mean(struct eval *ev, uint32_t name, const uint32_t *names, size_t count);
// The same with a hint of its own (evaluator memory; NULL: none).
_noreturn_ void eval_throw_hint(struct eval *ev, enum throw_kind kind, uint32_t pos, const char *hint,
        const char *fmt, ...) _printf_(5, 6) _cold_;
// Throws a struct err of the host (message as is) and releases it.
struct err;
_noreturn_ void eval_throw_err(struct eval *ev, uint32_t pos, struct err *e) _cold_;
// Throws again what was caught.
_noreturn_ void eval_rethrow(struct eval *ev, const struct thrown *t) _cold_;
