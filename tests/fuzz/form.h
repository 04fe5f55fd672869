// SPDX-License-Identifier: GPL-2.0-or-later
// For targets of builtins that read texts of another form than the language: a function is called with the
// text (or its first line and the rest), and what it gives is printed in every form that there is.
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "expr/print.h"
#include "limit.h"

enum { FORM_LIMIT_MS = 500, FORM_HEAP_BYTES = 256 << 20 };

struct form {
	const char *function; // s: t: ...
	const char *text, *rest;
	size_t len, rest_len;
};

static void form_evaluate(struct eval *ev, void *arg)
{
	const struct form *in = arg;
	struct print_opts opts = {.max_depth = 20, .max_attrs = 1000, .max_items = 1000};
	struct value fn, args[2], v;
	static struct buf b; // what throws does not come back to release it

	eval_top(ev, eval_parse_text(ev, in->function, strlen(in->function), "/", SOURCE_STRING), &fn);
	args[0] = value_string(eval_string(ev, in->text, in->len, NULL));
	args[1] = value_string(eval_string(ev, in->rest, in->rest_len, NULL));
	eval_call(ev, &fn, 2, args, &v, 0);
	eval_force_deep(ev, &v, 0);
	print_value(ev, &v, &opts, &b);
	buf_clear(&b);
}

static void form_run(struct form *in)
{
	struct eval_settings s = {.stack_bytes = 8 << 20, .max_heap_bytes = FORM_HEAP_BYTES};
	struct thrown t;
	struct host h;

	host_init_plain(&h);
	struct eval *ev = eval_new(&h, &s);
	limit_eval(ev, FORM_LIMIT_MS);
	if (!eval_run(ev, form_evaluate, in, &t) && (!t.message || !t.trace_text))
		abort();
	limit_eval(NULL, 0);
	eval_free(ev);
}

// two: the second argument is what follows the first line; else it is the same text. A string of the language
// holds no NUL.
static int form_text(const char *function, const char *text, size_t len, int two)
{
	const char *line = two && len ? memchr(text, '\n', len) : NULL;
	struct form in = {function, text, text, len, len};

	if (len && memchr(text, 0, len))
		return 0;
	if (line) {
		in.len = (size_t)(line - text);
		in.rest = line + 1;
		in.rest_len = len - in.len - 1;
	}
	form_run(&in);
	return 0;
}
