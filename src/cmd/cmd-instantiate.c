// SPDX-License-Identifier: GPL-2.0-or-later
// nix-instantiate: parses, evaluates, or makes derivations of expressions.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "cmd/streams.h"
#include "glue/glue.h"
#include "expr/print.h"
#include "store/store.h"

enum {
	ID_EVAL = 1000,
	ID_STRICT,
	ID_JSON,
	ID_XML,
	ID_RAW,
	ID_PARSE,
	ID_FIND_FILE,
	ID_READ_WRITE,
	ID_NO_LOCATION,
	ID_HELP,
	ID_PRETTY,
	ID_APPLY,
	ID_NO_GC_WARNING,
	ID_FILE
};

static const struct opt_row rows[] = {
        {"--eval", NULL, 0, ID_EVAL, NULL, "evaluates and prints the value"},
        {"--eval-only", NULL, 0, ID_EVAL, NULL, NULL},
        {"--strict", NULL, 0, ID_STRICT, NULL, "evaluates all of it"},
        {"--json", NULL, 0, ID_JSON, NULL, "prints JSON"},
        {"--xml", NULL, 0, ID_XML, NULL, "prints XML"},
        {"--raw", NULL, 0, ID_RAW, NULL, "prints a string as it is"},
        {"--no-location", NULL, 0, ID_NO_LOCATION, NULL, "leaves positions out of XML"},
        {"--parse", NULL, 0, ID_PARSE, NULL, "only parses and prints the expression"},
        {"--parse-only", NULL, 0, ID_PARSE, NULL, NULL},
        {"--find-file", NULL, 0, ID_FIND_FILE, NULL, "looks names up in the search path"},
        {"--read-write-mode", NULL, 0, ID_READ_WRITE, NULL, "writes derivations while evaluating"},
        {"--no-gc-warning", NULL, 0, ID_NO_GC_WARNING, NULL, NULL},
        {"--pretty", NULL, 0, ID_PRETTY, NULL, "prints as the REPL does (what 'kernix eval' does)"},
        {"--apply", NULL, 1, ID_APPLY, "EXPR", "calls this function with the value"},
        {"--file", "-f", 1, ID_FILE, "FILE", "takes the expression from a file"},
        {"--help", NULL, 0, ID_HELP, NULL, "this text"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct instantiate {
	struct session s;
	bool eval, strict, json, xml, raw, parse, find_file, read_write, no_location, no_gc_warning, help,
	        pretty;
	char *file, *apply; // -f, --apply
	const char *word;
	struct found_drvs found;
};

static int option(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct instantiate *c = ctx;

	switch (row->id) {
	case ID_EVAL:
		c->eval = true;
		break;
	case ID_STRICT:
		c->strict = true;
		break;
	case ID_JSON:
	case ID_XML:
	case ID_RAW: // the last one counts
		c->json = row->id == ID_JSON;
		c->xml = row->id == ID_XML;
		c->raw = row->id == ID_RAW;
		break;
	case ID_PARSE:
		c->parse = true;
		break;
	case ID_FIND_FILE:
		c->find_file = true;
		break;
	case ID_READ_WRITE:
		c->read_write = true;
		break;
	case ID_NO_GC_WARNING:
		c->no_gc_warning = true;
		break;
	case ID_NO_LOCATION:
		c->no_location = true;
		break;
	case ID_HELP:
		c->help = true;
		break;
	case ID_PRETTY:
		c->pretty = true;
		break;
	case ID_APPLY:
		mem_free(c->apply);
		c->apply = mem_strdup(args[0]);
		break;
	case ID_FILE:
		mem_free(c->file);
		c->file = mem_strdup(args[0]);
		break;
	}
	return 0;
}

// 'nix eval -f FILE ATTR' and 'nix eval --expr EXPR ATTR': what is not the expression is attribute paths.
static int place_words(struct instantiate *c, struct err *e)
{
	char **words = c->s.words;
	bool first_is_expr = !c->file && c->pretty && c->s.is_expr && words;

	if (c->file || first_is_expr) {
		c->s.words = NULL;
		strv_add(&c->s.words, c->file ? c->file : words[0]);
		strv_for_each (w, first_is_expr ? words + 1 : words)
			strv_add(&c->s.attrs, w);
		strv_free(words);
	}
	return session_default_word(&c->s, false, e);
}

static void put(struct buf *b)
{
	fwrite(buf_str(b), 1, b->len, stdout);
	buf_release(b);
}

static void free_buf(void *p)
{
	buf_release(p);
}

// XML that an error ends is shown as far as it came, as Nix does.
static void put_buf(void *p)
{
	put(p);
}

static void print_one(struct instantiate *c, struct value *v)
{
	struct eval *ev = c->s.ev;
	const struct context *context = NULL;
	struct buf b = {0};
	struct frame clean = {.up = ev->frames,
	        .kind = FRAME_CLEANUP,
	        .a = (const void *)(c->xml && !c->json ? put_buf : free_buf),
	        .b = &b};

	ev->frames = &clean;
	if (c->raw) {
		const struct coerce how = {
		        .copy = true, .what = "while generating the nix-instantiate output"};
		const struct string *s = eval_coerce(ev, v, 0, &how);

		buf_add(&b, s->data, s->len);
	} else if (c->json) {
		if (c->strict)
			print_json(ev, v, 0, true, &b, &context);
		else
			print_json_lazy(ev, v, &b);
		buf_addc(&b, '\n');
	} else if (c->xml) {
		print_xml(ev, v, 0, c->strict, !c->no_location, &b, &context);
	} else {
		const struct print_opts classic = {.classic = true},
		                        pretty = {.force = true, .derivation_paths = true};
		const struct print_opts opts = c->pretty ? pretty : classic;

		if (c->strict && !c->pretty)
			eval_force_deep(ev, v, 0);
		print_value(ev, v, &opts, &b);
		buf_addc(&b, '\n');
	}
	ev->frames = clean.up;
	put(&b);
}

static void one_attr(struct instantiate *c, struct value *root, const char *path)
{
	struct eval *ev = c->s.ev;
	struct attrs *auto_args = session_auto_args(&c->s);
	struct value v, called;

	eval_attr_path(ev, auto_args, root, path, &v);
	eval_force(ev, &v, 0);
	if (!c->eval) {
		session_find_drvs(&c->s, &v, path, &c->found);
		return;
	}
	if (auto_args->total)
		eval_auto_call(ev, auto_args, &v, &called);
	else
		called = v;
	eval_force(ev, &called, 0);
	if (c->apply) {
		struct value fn, arg = *eval_cell(ev, called);
		eval_top(ev, eval_parse_text(ev, c->apply, strlen(c->apply), eval_cwd(ev), SOURCE_STRING), &fn);
		eval_call(ev, &fn, 1, &arg, &called, 0);
		eval_force(ev, &called, 0);
	}
	print_one(c, &called);
}

static void one_word(struct eval *ev, void *arg)
{
	struct instantiate *c = arg;
	struct value root;

	session_word(&c->s, c->word, &root);
	if (!c->s.attrs)
		one_attr(c, &root, "");
	strv_for_each (path, c->s.attrs)
		one_attr(c, &root, path);
}

static void parse_word(struct eval *ev, void *arg)
{
	struct instantiate *c = arg;
	struct buf b = {0};

	print_expr(ev, session_parse(&c->s, c->word), &b);
	buf_addc(&b, '\n');
	put(&b);
}

static void find_word(struct eval *ev, void *arg)
{
	struct instantiate *c = arg;

	puts(eval_find_file(ev, c->word));
}

static int print_drvs(struct instantiate *c, struct err *e)
{
	int flushed = store_flush(c->s.store, e); // what is printed is there

	if (flushed < 0)
		return flushed;
	for (size_t i = 0; i < c->found.len; i++) {
		struct found_drv *d = &c->found.drvs[i];
		bool chosen = *d->output_name && !str_eq(d->output_name, "out");
		_cleanup_free_ char *link = NULL;

		if (c->s.add_root) {
			link = i ? str_printf("%s-%zu", c->s.add_root, i + 1) : mem_strdup(c->s.add_root);
			int r = session_link(&c->s, link, d->drv_path, e);
			if (r < 0)
				return r;
		}
		printf("%s%s%s\n", link ? link : d->drv_path, chosen ? "!" : "",
		        chosen ? d->output_name : "");
	}
	if (c->found.len && !c->s.add_root && !c->no_gc_warning)
		fprintf(stderr, "warning: you did not specify '--add-root'; the result might be removed by "
		                "the garbage collector\n");
	return 0;
}

static int run_words(struct instantiate *c)
{
	_cleanup_err_ struct err e = {0};

	strv_for_each (w, c->s.words) {
		c->word = w;
		int status = session_run(&c->s,
		        c->find_file ? find_word
		        : c->parse   ? parse_word
		                     : one_word,
		        c);
		if (status)
			return status;
		if (streams_flush(&e) < 0)
			return cmd_fail(&e);
		c->s.glue->unwritten = NULL; // what was printed cannot be taken back
	}
	return 0;
}

int cmd_instantiate(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	struct instantiate c = {0};
	int status;

	if (session_options(&c.s, rows, option, &c, argc, argv, &e) < 0) {
		cmd_fail(&e);
		fprintf(stderr, "Try 'nix-instantiate --help' for more information.\n");
		session_close(&c.s);
		return 1;
	}
	if (c.help) {
		_cleanup_free_ char *text = session_help(rows);

		printf("Usage: nix-instantiate [OPTION]... [FILE]...\n\n%s", text);
		session_close(&c.s);
		return 0;
	}
	c.s.can_begin_again = !strv_has(c.s.words, "-");
	// What tests and tools compare is Nix's; people's own commands advise.
	c.s.settings.no_advice = (c.eval || c.parse) && !c.pretty;
	bool pure_read = (c.eval || c.parse || c.find_file) && !c.read_write;
	unsigned flags = SESSION_BUILDS | (pure_read ? 0 : SESSION_READ_WRITE);
	bool ready = place_words(&c, &e) == 0 && session_open(&c.s, c.s.dry_run ? 0 : flags, &e) == 0;
	status = ready ? run_words(&c) : cmd_fail(&e);
	if (!status && print_drvs(&c, &e) < 0)
		status = cmd_fail(&e);
	mem_free(c.file);
	mem_free(c.apply);
	session_close(&c.s);
	return status;
}

// Without an expression and a file the words of 'nix eval' are flakes; so is the one around this folder where nothing
// is named.
static bool means_flake(int argc, char **argv)
{
	bool words = false;

	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--expr") || str_eq(argv[i], "-E") || str_eq(argv[i], "-f") || str_eq(argv[i], "--file"))
			return false;
		if (*argv[i] != '-' && session_is_flake_word(argv[i]))
			return true;
		words |= *argv[i] != '-';
	}
	return !words && !fs_exists("default.nix") && fs_exists("flake.nix");
}

// 'kernix eval' and 'nix eval': the value of an expression (--expr, --file, a file, -A PATH), in the dialect
// of the REPL.
int cmd_eval(int argc, char **argv)
{
	_cleanup_strv_ char **words = NULL;

	strv_add(&words, "nix-instantiate");
	strv_add(&words, "--eval");
	strv_add(&words, "--strict");
	strv_add(&words, "--pretty");
	strv_add(&words, "--extra-experimental-features");
	strv_add(&words, "nix-command flakes"); // whoever uses 'nix' has them
	if (means_flake(argc, argv))
		strv_add(&words, "--flake");
	if (nix_words_are_pure(argc, argv))
		strv_add(&words, "--pure-eval");
	for (int i = 1; i < argc; i++) {
		bool joined = str_eq(argv[i], "--expr") && i + 1 < argc; // here --expr takes a word

		strv_add(&words, joined ? "-E" : argv[i]);
	}
	return cmd_instantiate((int)strv_len(words), words);
}
