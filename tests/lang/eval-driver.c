// SPDX-License-Identifier: GPL-2.0-or-later
// A small nix-instantiate over the plain host, for tests of src/expr alone: --eval --strict --parse --raw
// --show-trace -E -I.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "expr/eval.h"
#include "expr/print.h"

struct job {
	bool eval, strict, parse, expr;
	const char *text;
	struct buf out;
};

static void run(struct eval *ev, void *arg)
{
	struct job *j = arg;
	struct value v = {0};
	struct expr *x =
	        j->expr ? eval_parse_text(ev, j->text, strlen(j->text), eval_cwd(ev), SOURCE_STRING)
	                : eval_parse_file(ev, eval_canonical_path(ev, j->text, strlen(j->text))->data);

	if (j->parse) {
		print_expr(ev, x, &j->out);
	} else {
		struct print_opts opts = {.classic = true};
		eval_top(ev, x, &v);
		struct value called;
		eval_auto_call(ev, NULL, &v, &called);
		if (j->strict)
			eval_force_deep(ev, &called, 0);
		print_value(ev, &called, &opts, &j->out);
	}
	buf_addc(&j->out, '\n');
}

int main(int argc, char **argv)
{
	struct job j = {0};
	struct host h;
	struct eval_settings s = {.allow_import_from_derivation = true};
	_cleanup_strv_ char **path = NULL;
	struct thrown t;

	host_init_plain(&h);
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		if (str_eq(a, "--strict"))
			j.strict = true;
		else if (str_eq(a, "--parse"))
			j.parse = true;
		else if (str_eq(a, "--show-trace"))
			s.show_trace = true;
		else if (str_eq(a, "--extra-experimental-features") && i + 1 < argc)
			s.pipe_operators = str_eq(argv[++i], "pipe-operators");
		else if (str_eq(a, "-E"))
			j.expr = true;
		else if (str_eq(a, "-I") && i + 1 < argc)
			strv_add(&path, argv[++i]);
		else if (a[0] != '-' || a[1] == ' ')
			j.text = a;
	}
	if (!j.text)
		return 2;
	char **more = strv_split(getenv("NIX_PATH") ? getenv("NIX_PATH") : "", ":");
	strv_for_each (m, more)
		strv_add(&path, m);
	strv_free(more);
	h.nix_path = path;
	struct eval *ev = eval_new(&h, &s);
	bool ok = eval_run(ev, run, &j, &t);
	if (ok)
		fputs(buf_str(&j.out), stdout);
	else
		fprintf(stderr, "error:%s", t.trace_text);
	buf_release(&j.out);
	eval_free(ev);
	return ok ? 0 : 1;
}
