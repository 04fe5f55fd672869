// SPDX-License-Identifier: GPL-2.0-or-later
// nix repl: reads expressions, definitions and commands, prints values.

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/cmd.h"
#include "cmd/repl.h"
#include "expr/ast.h"
#include "expr/builtin.h"
#include "expr/print.h"
#include "glue/glue.h"
#include "store/drv.h"
#include "store/store.h"

// Of the signal handler: what it ends, and how often it was called.
static struct eval *interruptible;
static volatile sig_atomic_t interrupts;

static void on_interrupt(int sig)
{
	interrupts = interrupts + 1;
	if (interruptible)
		interruptible->interrupted = 1;
}

void repl_eval(struct repl *r, const char *text, struct value *ret)
{
	struct eval *ev = r->s.ev;

	eval_text_scoped(ev, text, strlen(text), eval_cwd(ev), r->scope ? r->scope : &attrs_empty, ret);
}

size_t repl_add(struct repl *r, struct attrs *set)
{
	struct attrs *flat = attrs_flat(r->s.ev, set);

	r->scope = r->scope ? attrs_update(r->s.ev, r->scope, flat) : flat;
	return flat->len;
}

static void show(struct repl *r, struct value *v, size_t max_depth)
{
	struct print_opts o = {.force = true,
	        .multi_line = true,
	        .colour = term_flags(1) != 0,
	        .derivation_paths = true,
	        .max_depth = max_depth};
	struct buf b = {0};

	print_value(r->s.ev, v, &o, &b);
	printf("%s\n\n", buf_str(&b));
	buf_release(&b);
}

// ---- commands: each gets the text after its name, inside the evaluator

struct line {
	struct repl *r;
	const char *arg;
	void (*fn)(struct line *l);
};

static void do_eval(struct line *l)
{
	struct value v;

	repl_eval(l->r, l->arg, &v);
	show(l->r, &v, 2);
}

static void do_print(struct line *l)
{
	struct value v;

	repl_eval(l->r, l->arg, &v);
	show(l->r, &v, 0);
}

static void added(size_t n)
{
	printf("Added %zu variable%s.\n\n", n, n == 1 ? "" : "s");
}

static void do_add(struct line *l)
{
	struct value v;

	repl_eval(l->r, l->arg, &v);
	added(repl_add(l->r, eval_attrs(l->r->s.ev, &v, 0, "while adding its attributes to the scope")));
}

// A name that is loaded as a flake is remembered with this before it.
#define FLAKE_MARK "flake!"

static size_t load(struct repl *r, const char *file)
{
	struct eval *ev = r->s.ev;
	const char *flake = str_after(file, FLAKE_MARK);
	struct value v, called;

	if (flake)
		session_flake_value(&r->s, flake, FLAKE_REPL, &v);
	else
		session_word(&r->s, file, &v);
	eval_auto_call(ev, session_auto_args(&r->s), &v, &called);
	return repl_add(r, eval_attrs(ev, &called, 0, "while loading a file into the REPL"));
}

static void do_load(struct line *l)
{
	added(load(l->r, l->arg));
	strv_add(&l->r->loaded, l->arg);
}

static void do_load_flake(struct line *l)
{
	const char *file = arena_printf(&l->r->s.ev->heap, FLAKE_MARK "%s", l->arg);
	added(load(l->r, file));
	strv_add(&l->r->loaded, file);
}

static void do_reload(struct line *l)
{
	struct repl *r = l->r;

	hmap_release(&r->s.ev->files); // what was read stays in memory, but is read again
	hmap_release(&r->s.ev->parsed);
	r->scope = NULL;
	strv_for_each (f, r->loaded)
		added(load(r, f));
}

static void do_type(struct line *l)
{
	struct value v;

	repl_eval(l->r, l->arg, &v);
	printf("%s\n\n", value_type_phrase(&v));
}

static void do_define(struct line *l)
{
	struct buf b = {0};
	struct value v;

	buf_addf(&b, "{ %s; }", l->arg);
	const char *text = eval_string(l->r->s.ev, buf_str(&b), b.len, NULL)->data;
	buf_release(&b);
	repl_eval(l->r, text, &v);
	repl_add(l->r, v.attrs);
}

static void do_doc(struct line *l)
{
	struct value v;

	repl_eval(l->r, l->arg, &v);
	const struct builtin *b = value_type(&v) == VALUE_BUILTIN ? v.builtin
	                          : value_type(&v) == VALUE_PAPP  ? v.papp->builtin
	                                                          : NULL;
	if (!b)
		eval_throw(l->r->s.ev, THROW_EVAL, 0, "value does not have documentation");
	printf("    builtins.%s %s\n\n    %s\n\n", b->name, b->args_doc ? b->args_doc : "",
	        b->doc ? b->doc : "");
}

static const char *drv_of(struct line *l)
{
	struct eval *ev = l->r->s.ev;
	struct value v;

	repl_eval(l->r, l->arg, &v);
	if (!eval_is_derivation(ev, &v))
		eval_throw(ev, THROW_EVAL, 0,
		        "expression does not evaluate to a derivation, so it cannot be built");
	struct attr *at = attrs_get(v.attrs, ev->sym.drv_path);
	if (!at)
		eval_throw(ev, THROW_EVAL, 0, "the derivation has no 'drvPath'");
	return eval_string_of(ev, &at->value, at->pos, "while evaluating the derivation's path")->data;
}

static void do_build(struct line *l)
{
	const char *path = drv_of(l);
	_cleanup_strv_ char **wanted = NULL;
	_cleanup_drv_ struct drv *d = NULL;
	struct err e = {0};

	strv_take(&wanted, str_printf("%s!*", path));
	if (session_build(&l->r->s, wanted) != 0)
		return; // it has said why
	if (drv_read(l->r->s.store, path, &d, &e) < 0) {
		cmd_fail(&e);
		return;
	}
	printf("\nThis derivation produced the following outputs:\n");
	for (size_t i = 0; i < d->n_outputs; i++)
		printf("  %s -> %s\n", d->outputs[i].name, d->outputs[i].path);
}

// The path of a derivation for a command of its own, which must find it in the store.
static bool written_drv(struct line *l, const char **ret)
{
	struct err e = {0};

	*ret = drv_of(l);
	return store_flush(l->r->s.store, &e) == 0 || !cmd_fail(&e);
}

static void run_on_drv(
        struct line *l, int (*command)(int argc, char **argv), const char *name, const char *flag)
{
	_cleanup_strv_ char **argv = NULL;
	const char *path;

	if (!written_drv(l, &path))
		return;
	strv_add(&argv, name);
	if (flag)
		strv_add(&argv, flag);
	if (l->r->s.store_uri) {
		strv_add(&argv, "--store");
		strv_add(&argv, l->r->s.store_uri);
	}
	strv_add(&argv, path);
	command((int)strv_len(argv), argv);
}

static void do_shell(struct line *l)
{
	run_on_drv(l, cmd_shell, "nix-shell", NULL);
}

static void do_log(struct line *l)
{
	run_on_drv(l, cmd_store, "nix-store", "--read-log");
}

// ---- :e

// "FILE:LINE" of a package's meta.position, "" when there is none.
static const char *package_position(struct eval *ev, struct value *v)
{
	struct attr *meta = attrs_get(v->attrs, symbol_of(&ev->symbols, "meta"));

	if (!meta)
		return "";
	struct attrs *set = eval_attrs(ev, &meta->value, meta->pos, "while evaluating 'meta'");
	struct attr *at = attrs_get(set, symbol_of(&ev->symbols, "position"));
	return at ? eval_string_of(ev, &at->value, at->pos, "while evaluating 'meta.position'")->data : "";
}

// Where a value is written: a path is itself; a function and a package know it.
static char *place_of(struct eval *ev, struct value *v, unsigned *ret_line)
{
	struct source_place p = {0};

	*ret_line = 1;
	if (value_type(v) == VALUE_PATH || value_type(v) == VALUE_STRING)
		return mem_strdup(eval_path(ev, v, 0, NULL)->data);
	const struct expr_lambda *f = value_type(v) == VALUE_LAMBDA ? value_meta_ptr(v) : NULL;
	if (f && source_place(&ev->sources, f->x.pos, &p) && p.source->kind == SOURCE_FILE) {
		*ret_line = p.line;
		return mem_strdup(p.source->path);
	}
	const char *text = value_type(v) == VALUE_ATTRS ? package_position(ev, v) : "",
	           *colon = strrchr(text, ':');
	uint64_t line;
	if (!colon || str_to_u64(colon + 1, &line) < 0)
		return NULL;
	*ret_line = (unsigned)line;
	return mem_strndup(text, (size_t)(colon - text));
}

static void do_edit(struct line *l)
{
	const char *editor = getenv("EDITOR");
	struct value v;
	unsigned line;
	int status;

	repl_eval(l->r, l->arg, &v);
	_cleanup_free_ char *file = place_of(l->r->s.ev, &v, &line);
	if (!file)
		eval_throw(l->r->s.ev, THROW_EVAL, 0,
		        "no file is known for this value: ':e' takes a path, a function, or a package with "
		        "meta.position");
	printf("%s:%u\n", file, line);
	fflush(stdout);
	if (!editor || !*editor)
		return;
	_cleanup_free_ char *command = str_printf("%s +%u \"$0\"", editor, line);
	pid_t pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, file, (char *)NULL);
		_exit(127);
	}
	if (pid > 0 && cmd_wait(pid, &status) == 0 && status == 0)
		do_reload(l);
}

static void do_trace(struct line *l)
{
	bool *on = &l->r->s.ev->settings.show_trace;

	*on = str_eq(l->arg, "true") ? true : str_eq(l->arg, "false") ? false : !*on;
	printf("%s\n", *on ? "showing error traces" : "not showing error traces");
}

// What Nix's REPL has beside; each says what to do in its place.
static const struct {
	const char *name, *instead;
} elsewhere[] = {
        {":i", "packages are the distribution's business; ':b' builds, ':u' gives a shell with it"},
        {":bl", "':b' builds; 'nix-build FILE -A ATTR' leaves a link to the result"},
        {":s", "':u' gives a shell with the derivation's environment"},
        {":sh", "':u' gives a shell with the derivation's environment"},
        {":env", "TAB lists the names that are known"},
        {":ll", "':a' adds the attributes of a set"},
        {":st", "':te true', then the expression again, shows the whole trace"},
        {":d", "':doc' shows the documentation of a builtin"},
};

static void do_quit(struct line *l)
{
	l->r->quit = true;
}

static void do_help(struct line *l);

static const struct command_row {
	const char *name, *alias, *args, *help;
	void (*fn)(struct line *l);
} rows[] = {
        {"<expr>", NULL, "", "Evaluate and print expression", do_eval},
        {"<x> = <expr>", NULL, "", "Bind expression to variable", do_define},
        {":a", ":add", "<expr>", "Add attributes from resulting set to scope", do_add},
        {":b", NULL, "<expr>", "Build a derivation", do_build},
        {":doc", NULL, "<expr>", "Show documentation for the provided function", do_doc},
        {":e", ":edit", "<expr>", "Open the file of a package or function in $EDITOR", do_edit},
        {":l", ":load", "<path>", "Load Nix expression and add it to scope", do_load},
        {":lf", ":load-flake", "<ref>", "Load Nix flake and add it to scope", do_load_flake},
        {":log", NULL, "<expr>", "Show the log of a derivation's build", do_log},
        {":p", ":print", "<expr>", "Evaluate and print expression recursively", do_print},
        {":q", ":quit", "", "Exit the REPL", do_quit},
        {":r", ":reload", "", "Reload all files", do_reload},
        {":t", NULL, "<expr>", "Describe result of evaluation", do_type},
        {":te", ":trace-enable", "[bool]", "Enable, disable or toggle showing traces for errors", do_trace},
        {":u", NULL, "<expr>", "Build derivation, then start nix-shell", do_shell},
        {":?", ":help", "", "Shows all commands", do_help},
};

static void do_help(struct line *l)
{
	printf("The following commands are available:\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *left = str_printf("%s%s%s %s", rows[i].name, rows[i].alias ? ", " : "",
		        rows[i].alias ? rows[i].alias : "", rows[i].args);

		printf("  %-26s %s\n", left, rows[i].help);
	}
	printf("\n");
}

static bool is_definition(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return false;
	while (isalnum((unsigned char)*s) || (*s && strchr("_-'.", *s)))
		s++;
	s += strspn(s, " \t");
	return s[0] == '=' && s[1] != '=';
}

static const struct command_row *row_of(const char *text, const char **ret_arg, struct err *e)
{
	size_t n = strcspn(text, " \t");
	_cleanup_free_ char *name = mem_strndup(text, n);

	*ret_arg = text;
	if (*text != ':')
		return &rows[is_definition(text) ? 1 : 0];
	*ret_arg = text + n + strspn(text + n, " \t");
	for (size_t i = 2; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].name, name) || (rows[i].alias && str_eq(rows[i].alias, name)))
			return &rows[i];
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (str_eq(elsewhere[i].name, name)) {
			err_set(e, -EOPNOTSUPP, "'%s' is not built: %s", name, elsewhere[i].instead);
			return NULL;
		}
	err_set(e, -EINVAL, "unknown command '%s'\nType :? for help.", name);
	return NULL;
}

// ':t' alone would be a syntax error of an empty text.
static bool has_argument(const struct command_row *row, const char *arg, struct err *e)
{
	if (row < &rows[2] || row->args[0] != '<' || *arg)
		return true;
	bool file = str_eq(row->args, "<path>");
	err_set(e, -EINVAL, "'%s' needs %s, as in '%s %s'", row->name, file ? "a file" : "an expression",
	        row->name, file ? "<nixpkgs>" : "pkgs.linux");
	return false;
}

// Ctrl-C belongs to the evaluator's thread alone: a build that it starts takes it from there and ends.
static void mask_interrupt(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	pthread_sigmask(how, &set, NULL);
}

static void run_row(struct eval *ev, void *arg)
{
	struct line *l = arg;

	mask_interrupt(SIG_UNBLOCK);

	if (!ev->glue)
		glue_attach(l->r->s.glue, ev);
	l->fn(l);
}

// True when the text is complete: it was run, or its error was shown. False: more lines are wanted (never
// when it is the last).
static bool run_text(struct repl *r, const char *text, bool last)
{
	struct err e = {0};
	struct line l = {.r = r};
	const struct command_row *row = row_of(text, &l.arg, &e);
	struct thrown t;

	if (!row || !has_argument(row, l.arg, &e)) {
		cmd_fail(&e);
		return true;
	}
	l.fn = row->fn;
	r->s.ev->interrupted = 0;
	interruptible = r->s.ev;
	mask_interrupt(SIG_BLOCK);
	bool done = eval_run(r->s.ev, run_row, &l, &t);
	mask_interrupt(SIG_UNBLOCK);
	interruptible = NULL;
	fflush(stdout);
	if (done)
		return true;
	if (!last && t.kind == THROW_PARSE && strstr(t.message, "unexpected end of file") &&
	        (row == &rows[0] || row == &rows[1]))
		return false;
	const char *on = term_flags(2) ? "\033[31;1m" : "", *off = *on ? "\033[0m" : "";
	_cleanup_free_ char *safe = term_clean_str(t.trace_text, term_flags(2));
	fprintf(stderr, "%serror:%s%s", on, off, safe);
	return true;
}

// Ctrl-C may come while a line is typed, or between two of them: either way what was typed so far is dropped.
static bool was_interrupted(sig_atomic_t *seen, struct buf *text)
{
	if (interrupts == *seen)
		return false;
	*seen = interrupts;
	buf_clear(text);
	return true;
}

static void loop(struct repl *r)
{
	_cleanup_buf_ struct buf text = {0};
	sig_atomic_t seen = interrupts;

	while (!r->quit) {
		char *line = repl_edit_line(text.len ? "          " : "nix-repl> ");

		if (was_interrupted(&seen, &text) && !line) {
			printf("\n");
			continue;
		}
		if (!line)
			break; // Ctrl-D
		if (text.len)
			buf_addc(&text, '\n');
		buf_adds(&text, line + (text.len ? 0 : strspn(line, " \t")));
		mem_free(line);
		if (!text.len || run_text(r, buf_str(&text), false)) {
			repl_edit_remember(buf_str(&text));
			buf_clear(&text);
			seen = interrupts; // what it interrupted is over
		} else if (was_interrupted(&seen, &text)) {
			printf("\n");
		}
	}
	if (text.len) // the end of input in the middle of an expression: say what is missing
		run_text(r, buf_str(&text), true);
	if (!r->quit && isatty(0))
		printf("\n");
}

static void load_words(struct eval *ev, void *arg)
{
	struct repl *r = arg;

	if (!ev->glue)
		glue_attach(r->s.glue, ev);
	strv_for_each (w, r->s.words) {
		added(load(r, w));
		strv_add(&r->loaded, w);
	}
}

int cmd_repl(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	struct repl r = {0};
	int status = 0;

	if (argc > 1 && (str_eq(argv[1], "--help") || str_eq(argv[1], "-h"))) {
		_cleanup_free_ char *text = session_help(NULL);
		printf("Usage: nix repl [OPTION]... [FILE]...\n\nReads expressions and prints their values; "
		       "':?' lists the commands. Files are "
		       "loaded as with ':l'.\n\n%s",
		        text);
		return 0;
	}
	r.s.impure = true; // whoever types expressions wants to look at files, too
	r.s.flake_kind = FLAKE_REPL;
	if (session_options(&r.s, NULL, NULL, NULL, argc, argv, &e) < 0 ||
	        session_open(&r.s, SESSION_BUILDS | SESSION_READ_WRITE, &e) < 0) {
		session_close(&r.s);
		return cmd_fail(&e);
	}
	signal(SIGINT, on_interrupt);
	if (isatty(1))
		printf("kernix %s\nType :? for help.\n", KERNIX_VERSION);
	repl_edit_init(&r);
	status = session_run(&r.s, load_words, &r);
	if (!status)
		loop(&r);
	repl_edit_end();
	strv_free(r.loaded);
	session_close(&r.s);
	return status;
}
