// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins that steer evaluation and errors: seq, throw, tryEval, trace, addErrorContext, ..., and the
// constants.
#include <string.h>
#include "expr/builtin-util.h"
#include "expr/advice.h"
#include "expr/eval-private.h"
#include "expr/print.h"

static void b_seq(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	eval_force(ev, &args[1], 0);
	*ret = args[1];
}

static void b_deep_seq(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force_deep(ev, &args[0], 0);
	eval_force(ev, &args[1], 0);
	*ret = args[1];
}

static void b_throw(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {
	        .copy = true, .what = "while evaluating the error message passed to builtin.throw"};
	const struct string *s = eval_coerce(ev, &args[0], 0, &how);

	eval_throw(ev, THROW_THROWN, 0, "%s", s->data);
}

static void b_abort(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {
	        .copy = true, .what = "while evaluating the error message passed to builtins.abort"};
	const struct string *s = eval_coerce(ev, &args[0], 0, &how);

	eval_throw(ev, THROW_ABORT, 0, "evaluation aborted with the following error message: '%s'", s->data);
}

static void force_arg(struct eval *ev, void *arg)
{
	eval_force(ev, arg, 0);
}

// { success; value; } with further attributes to come.
static struct attrs *tried(struct eval *ev, bool ok, const struct value *v)
{
	struct attrs *a = attrs_new(ev, 3);

	*attrs_push(a, symbol_of(&ev->symbols, "success"), 0) = value_bool(ok);
	*attrs_push(a, ev->sym.value, 0) = ok ? *v : value_bool(false);
	return a;
}

// Of a set { __catchAll = e; } all errors of e are caught, for what a configuration may well do without: the
// result has the error's text as its message. (To Nix it is a set like others, which does not fail.)
static struct attrs *try_all(struct eval *ev, struct value *v)
{
	struct thrown t = {.message = ""};
	bool ok = eval_try(ev, force_arg, v, &t);
	struct attrs *a;

	if (!ok && (t.kind == THROW_INTERRUPT || t.kind == THROW_RECURSE || t.kind == THROW_PARSE))
		eval_rethrow(ev, &t);
	a = tried(ev, ok, v);
	*attrs_push(a, symbol_of(&ev->symbols, "message"), 0) =
	        value_string(eval_string(ev, t.message, strlen(t.message), NULL));
	return a;
}

static void b_try_eval(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	bool ok = eval_try_soft(ev, force_arg, &args[0]);
	struct attr *all = NULL;

	if (ok && value_type(&args[0]) == VALUE_ATTRS)
		all = attrs_get(args[0].attrs, symbol_of(&ev->symbols, "__catchAll"));
	struct attrs *a = all ? try_all(ev, &all->value) : tried(ev, ok, &args[0]);

	attrs_finish(a);
	*ret = value_attrs(a);
}

// The message is evaluated only when it is needed, unless it is there already: then a frame is all there is
// to do.
static void b_add_error_context(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {.what = "while evaluating the error message passed to builtins.addErrorContext"};
	struct frame f = {.up = ev->frames, .kind = FRAME_CONTEXT};
	struct thrown t;

	if (value_type(&args[0]) == VALUE_STRING) {
		f.a = args[0].string;
		ev->frames = &f;
		eval_force(ev, &args[1], 0);
		ev->frames = f.up;
	} else if (!eval_try(ev, force_arg, &args[1], &t)) {
		const struct string *s = eval_coerce(ev, &args[0], 0, &how);

		const char *words = t.kind == THROW_RECURSE ? recursion_words(ev, &t, s->data) : NULL;

		if (words) {
			t.message = words;
			t.pos = 0;
		}
		f.a = s;
		ev->frames = &f;
		eval_rethrow(ev, &t);
	}
	*ret = args[1];
}

static void say(struct eval *ev, struct buf *line)
{
	struct buf shown = {0};

	trace_tidy(buf_str(line), line->len, &shown);
	ev->host.say(ev->host.ctx, buf_str(&shown));
	buf_release(&shown);
}

static void b_trace(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct print_opts opts = {.top_is_shared = true};
	struct scratch s;

	eval_force(ev, &args[0], 0);
	scratch_begin(ev, &s);
	buf_adds(&s.buf, "trace: ");
	if (value_type(&args[0]) == VALUE_STRING)
		buf_add(&s.buf, args[0].string->data, args[0].string->len);
	else
		print_value(ev, &args[0], &opts, &s.buf);
	say(ev, &s.buf);
	scratch_end(ev, &s);
	eval_force(ev, &args[1], 0);
	*ret = args[1];
}

static void b_trace_verbose(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	if (ev->settings.trace_verbose) {
		b_trace(ev, args, ret, pos);
		return;
	}
	eval_force(ev, &args[1], 0);
	*ret = args[1];
}

static void b_warn(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	static const char label[] = "evaluation warning: ";
	const struct string *msg = eval_string_of(
	        ev, &args[0], 0, "while evaluating the first argument; the message passed to builtins.warn");
	struct scratch s;

	scratch_begin(ev, &s);
	buf_adds(&s.buf, label);
	for (size_t i = 0; i < msg->len; i++) {
		buf_addc(&s.buf, msg->data[i]);
		if (msg->data[i] == '\n')
			buf_addn(&s.buf, ' ', strlen(label));
	}
	say(ev, &s.buf);
	scratch_end(ev, &s);
	if (ev->settings.abort_on_warn)
		eval_throw(ev, THROW_ABORT, 0,
		        "aborting to reveal stack trace of warning, as abort-on-warn is set");
	eval_force(ev, &args[1], 0);
	*ret = args[1];
}

static void b_break(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	*ret = args[0];
}

static void b_true(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(true);
}

static void b_false(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(false);
}

static void b_null(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_null();
}

static void b_lang_version(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_int(6);
}

static void b_nix_version(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = eval_str(ev, "2.35.2");
}

static const struct builtin rows[] = {
        {"true", 0, 0, true, b_true, "", "The Boolean that is true."},
        {"false", 0, 0, true, b_false, "", "The Boolean that is false."},
        {"null", 0, 0, true, b_null, "", "The value null."},
        {"langVersion", 0, 0, false, b_lang_version, "", "The version of the Nix language."},
        {"nixVersion", 0, 0, false, b_nix_version, "", "The version of Nix whose language this is."},
        {"seq", 2, 1, false, b_seq, "e1 e2", "e2, after e1 was evaluated."},
        {"deepSeq", 2, 0, false, b_deep_seq, "e1 e2", "e2, after e1 and all that is in it was evaluated."},
        {"throw", 1, 1, true, b_throw, "s", "An error with the message s, which tryEval catches."},
        {"abort", 1, 1, true, b_abort, "s", "An error with the message s, which nothing catches."},
        {"tryEval", 1, 0, false, b_try_eval, "e",
                "{ success = true; value = e; }, or { success = false; value = false; } when e throws or "
                "fails an assertion."},
        {"addErrorContext", 2, 0, false, b_add_error_context, "s e",
                "e; when its evaluation fails, s is a line of the trace.", .no_trace = true},
        {"trace", 2, 1, false, b_trace, "e1 e2", "e2, after e1 was printed to standard error."},
        {"traceVerbose", 2, 0, false, b_trace_verbose, "e1 e2",
                "As trace where --trace-verbose is on; else e2."},
        {"warn", 2, 1, false, b_warn, "s e", "e, after the warning s was printed to standard error."},
        {"break", 1, 1, true, b_break, "v", "v. (In Nix's debugger, a place to stop.)", .no_trace = true},
};

const struct builtin_table builtin_control = {rows, ARRAY_SIZE(rows)};
