// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: builtins that need a store and read what strangers write, with a store that is in no place.
// The first letter of an input says which: d a derivation (as JSON), f a flake reference, c a context (as
// JSON), p a name for toFile and placeholder.
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/macro.h"
#include "expr/print.h"
#include "glue/glue.h"
#include "limit.h"
#include "store/store.h"

enum { LIMIT_MS = 500, HEAP_BYTES = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	char letter;
	const char *function;
} forms[] = {
        {'d', "s: let d = derivationStrict ({ name = \"n\"; system = \"x\"; builder = \"/b\"; } // "
              "builtins.fromJSON s); in "
              "builtins.attrValues d ++ map builtins.getContext (builtins.attrValues d)"},
        {'f', "s: let r = builtins.parseFlakeRef s; in [ r (builtins.flakeRefToString r) ]"},
        {'c', "s: let x = builtins.appendContext \"a\" (builtins.fromJSON s); in [ x (builtins.getContext x) "
              "(builtins.unsafeDiscardOutputDependency x) ]"},
        {'p', "s: [ (builtins.placeholder s) (builtins.toFile s s) ]"},
};

struct input {
	const char *function, *text;
	size_t len;
};

static void evaluate(struct eval *ev, void *arg)
{
	const struct input *in = arg;
	struct print_opts opts = {.max_depth = 20, .max_attrs = 1000, .max_items = 1000};
	static struct buf b; // what throws does not come back to release it
	struct value fn, text, v;

	eval_top(ev, eval_parse_text(ev, in->function, strlen(in->function), "/", SOURCE_STRING), &fn);
	text = value_string(eval_string(ev, in->text, in->len, NULL));
	eval_call(ev, &fn, 1, &text, &v, 0);
	eval_force_deep(ev, &v, 0);
	print_value(ev, &v, &opts, &b);
	buf_clear(&b);
}

static void run(struct store *s, struct input *in)
{
	static char *features[] = {
	        (char *)"flakes", (char *)"ca-derivations", (char *)"impure-derivations", NULL};
	struct eval_settings settings = {
	        .stack_bytes = 8 << 20, .max_heap_bytes = HEAP_BYTES, .features = features};
	struct glue *g = glue_new(s, NULL);
	struct thrown t;
	struct host h;

	glue_host(g, &h);
	struct eval *ev = eval_new(&h, &settings);
	glue_attach(g, ev);
	limit_eval(ev, LIMIT_MS);
	if (!eval_run(ev, evaluate, in, &t) && (!t.message || !t.trace_text))
		abort();
	limit_eval(NULL, 0);
	eval_free(ev);
	glue_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_err_ struct err e = {0};
	struct store *s = NULL;

	if (!size || memchr(data, 0, size) || store_open("dummy://", 0, &s, &e) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (forms[i].letter == (char)data[0])
			run(s, &(struct input){forms[i].function, (const char *)data + 1, size - 1});
	store_close(s);
	return 0;
}
