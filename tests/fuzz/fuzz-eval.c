// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes the evaluator: the text is evaluated deeply and printed, with a low call depth, no files, and a
// limit of processor time.

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "expr/print.h"
#include "limit.h"

enum { LIMIT_MS = 300, DEPTH = 200, HEAP_BYTES = 64 << 20 };

struct input {
	const char *text;
	size_t len;
};

static int no_type(void *ctx, const char *path, bool follow, enum host_file *ret, struct err *e)
{
	*ret = HOST_MISSING;
	return 0;
}

static int no_file(void *ctx, const char *path, struct buf *ret, struct err *e)
{
	return err_set(e, -ENOENT, "opening file '%s': there are none", path);
}

static int no_dir(void *ctx, const char *path, char ***names, enum host_file **types, struct err *e)
{
	return err_set(e, -ENOENT, "reading folder '%s': there are none", path);
}

static int no_link(void *ctx, const char *path, char **ret, struct err *e)
{
	return err_set(e, -ENOENT, "reading link '%s': there are none", path);
}

static void no_line(void *ctx, const char *line)
{
}

static void evaluate(struct eval *ev, void *arg)
{
	const struct input *in = arg;
	struct print_opts opts = {.max_depth = 20, .max_attrs = 1000, .max_items = 1000};
	static struct buf b; // what throws does not come back to release it
	struct value v;

	eval_top(ev, eval_parse_text(ev, in->text, in->len, "/base", SOURCE_STRING), &v);
	eval_force_deep(ev, &v, 0);
	print_value(ev, &v, &opts, &b);
	buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {(const char *)data, size};
	struct eval_settings s = {.pipe_operators = true,
	        .stack_bytes = 8 << 20,
	        .show_trace = size & 1,
	        .max_call_depth = DEPTH,
	        .max_heap_bytes = HEAP_BYTES};
	struct thrown t;
	struct host h;

	host_init_plain(&h);
	h.file_type = no_type;
	h.read_file = no_file;
	h.read_dir = no_dir;
	h.read_link = no_link;
	h.say = no_line;
	struct eval *ev = eval_new(&h, &s);
	limit_eval(ev, LIMIT_MS);
	if (!eval_run(ev, evaluate, &in, &t) && (!t.message || !t.trace_text))
		abort();
	limit_eval(NULL, 0);
	eval_free(ev);
	return 0;
}
