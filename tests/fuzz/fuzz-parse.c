// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes lexer, grammar, scopes and the printer of trees. Built with -fsanitize=fuzzer, or with replay.c as a
// plain program over files.

#include <stdint.h>
#include <stdlib.h>
#include "expr/eval.h"
#include "expr/print.h"

struct input {
	const char *text;
	size_t len;
};

static void parse(struct eval *ev, void *arg)
{
	const struct input *in = arg;
	static struct buf b; // what throws does not come back to release it

	print_expr(ev, eval_parse_text(ev, in->text, in->len, "/base", SOURCE_STRING), &b);
	buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {(const char *)data, size};
	struct eval_settings s = {.pipe_operators = true, .stack_bytes = 8 << 20};
	struct thrown t;
	struct host h;

	host_init_plain(&h);
	struct eval *ev = eval_new(&h, &s);
	if (!eval_run(ev, parse, &in, &t) && (!t.message || !t.trace_text))
		abort();
	eval_free(ev);
	return 0;
}
