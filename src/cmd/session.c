// SPDX-License-Identifier: GPL-2.0-or-later
// One store and one evaluator for a command.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/session.h"
#include "glue/glue.h"
#include "store/roots.h"
#include "store/store.h"

static bool is_nix(const char *program)
{
	return str_eq(str_basename(program), "nix");
}

// Evaluation that only reads writes no derivations, so there is nothing to build when it needs a file of one
// (the .config of a kernel). It begins again then, in this process, as with --read-write-mode: nobody pays
// for that who does not need it.
static int begin_again(void *ctx, struct err *e)
{
	_cleanup_strv_ char **argv = NULL;
	_cleanup_buf_ struct buf b = {};
	int r = fs_read("/proc/self/cmdline", 0, &b, e);

	if (r < 0)
		return r;
	for (const char *p = buf_str(&b); p < b.data + b.len; p += strlen(p) + 1) {
		size_t n = strv_len(argv);
		if (n == 1 + (size_t)str_eq(str_basename(argv ? argv[0] : ""), "kernix") && !is_nix(argv[0]))
			strv_add(&argv, "--read-write-mode");
		strv_add(&argv, p);
	}
	if (argv && is_nix(argv[0])) // its command may stand behind options
		strv_add(&argv, "--read-write-mode");
	execv("/proc/self/exe", argv);
	return err_sys(e, errno, "beginning again with --read-write-mode");
}

static int build_for_eval(void *ctx, char *const *wanted, struct err *e)
{
	struct session *s = ctx;

	s->interrupted = false;
	s->for_eval = true;
	int status = session_build(s, wanted);
	s->for_eval = false;
	if (s->interrupted)
		return err_set(e, -EINTR, "interrupted by the user");
	if (status != 0)
		return err_set(e, -EIO, "a build that evaluation needs failed");
	return 0;
}

int session_open(struct session *s, unsigned flags, struct err *e)
{
	bool writes = flags & (SESSION_BUILDS | SESSION_READ_WRITE);
	struct host host;
	int r = store_open(s->store_uri, STORE_DB_LATER | (writes ? 0 : STORE_READ_ONLY), &s->store, e);

	if (r < 0)
		return r;
	// For the package set (nixpkgs/linux/releases.nix), which cannot see whose a folder is.
	_cleanup_free_ char *config = config_dir();
	setenv("KERNIX_CONFIG_HOME", config ? config : "", 1);
	s->glue = glue_new(s->store, s->include);
	s->glue->fetch_limits = s->build.fetch;
	s->glue->fetch_limits.timeout_s = s->build.timeout_s;
	if (flags & SESSION_BUILDS) {
		s->glue->build = build_for_eval;
		s->glue->build_ctx = s;
		s->glue->unwritten = s->can_begin_again ? begin_again : NULL;
	}
	if (s->system) {
		mem_free(s->glue->system);
		s->glue->system = mem_strdup(s->system);
	}
	s->glue->read_only |= !(flags & SESSION_READ_WRITE);
	s->glue->flake_options = &s->flake;
	glue_host(s->glue, &host);
	s->settings.colour = term_flags(2) != 0;
	s->ev = eval_new(&host, &s->settings);
	return 0;
}

void session_close(struct session *s)
{
	if (s->ev)
		eval_free(s->ev);
	glue_free(s->glue);
	if (s->store)
		store_close(s->store);
	for (size_t i = 0; i < s->n_args; i++) {
		mem_free(s->args[i].name);
		mem_free(s->args[i].value);
	}
	mem_free(s->args);
	strv_free(s->include);
	strv_free(s->features);
	strv_free(s->allowed_uris);
	strv_free(s->flake.updates);
	strv_free(s->flake.overrides);
	strv_free(s->attrs);
	strv_free(s->words);
	mem_free(s->store_uri);
	mem_free(s->system);
	mem_free(s->out_link);
	mem_free(s->add_root);
	*s = (struct session){0};
}

struct attach {
	struct session *s;
	void (*f)(struct eval *ev, void *arg);
	void *arg;
};

static void attached(struct eval *ev, void *arg)
{
	struct attach *a = arg;

	if (!ev->glue)
		glue_attach(a->s->glue, ev);
	a->f(ev, a->arg);
}

int session_run(struct session *s, void (*f)(struct eval *ev, void *arg), void *arg)
{
	struct attach a = {s, f, arg};
	struct thrown t;

	if (eval_run(s->ev, attached, &a, &t))
		return 0;
	fflush(stdout);
	const char *on = s->settings.colour ? "\033[31;1m" : "", *off = *on ? "\033[0m" : "";
	_cleanup_free_ char *safe = term_clean_str(t.trace_text, term_flags(2));
	fprintf(stderr, "%serror:%s%s", on, off, safe);
	_cleanup_free_ char *untracked = glue_untracked(s->glue, t.message),
	                    *plain = untracked ? term_clean_str(untracked, 0) : NULL;
	if (plain)
		fprintf(stderr, "%s\n", plain);
	if (t.kind == THROW_USAGE)
		fprintf(stderr, "Try 'nix-instantiate --help' for more information.\n");
	return t.exit_status ? t.exit_status : 1;
}

struct attrs *session_auto_args(struct session *s)
{
	if (s->auto_args)
		return s->auto_args;
	struct attrs *a = attrs_new(s->ev, s->n_args);

	for (size_t i = s->n_args; i-- > 0;) { // the last of a name wins
		struct session_arg *arg = &s->args[i];
		struct expr *x = arg->is_expr ? eval_parse_text(s->ev, arg->value, strlen(arg->value),
		                                        eval_cwd(s->ev), SOURCE_STRING)
		                              : NULL;
		struct value *slot = attrs_push(a, symbol_of(&s->ev->symbols, arg->name), 0);

		*slot = x ? eval_later(s->ev, x) : eval_str(s->ev, arg->value);
	}
	attrs_finish_unique(a);
	return s->auto_args = a;
}

// A file argument: '<nixpkgs>' is looked up, a URL is fetched, the rest is a path from here.
static const char *file_of(struct session *s, const char *word)
{
	struct eval *ev = s->ev;
	size_t n = strlen(word);
	struct value v;

	if (n > 2 && word[0] == '<' && word[n - 1] == '>') {
		eval_top(ev, eval_parse_text(ev, word, n, "/", SOURCE_STRING), &v);
		return eval_path(ev, &v, 0, NULL)->data;
	}
	struct err e = {0};
	char *abs = NULL;
	if (fs_absolute(word, &abs, &e) < 0)
		eval_throw_err(ev, 0, &e);
	const char *path = eval_string(ev, abs, strlen(abs), NULL)->data;
	mem_free(abs);
	return path;
}

static struct expr *parse_stdin(struct session *s)
{
	struct buf b = {0};
	struct err e = {0};

	if (fs_read_fd(0, "standard input", 0, &b, &e) < 0) {
		buf_release(&b);
		eval_throw_err(s->ev, 0, &e);
	}
	const struct string *text = eval_string(s->ev, buf_str(&b), b.len, NULL);
	buf_release(&b);
	return eval_parse_text(s->ev, text->data, text->len, eval_cwd(s->ev), SOURCE_STDIN);
}

struct expr *session_parse(struct session *s, const char *word)
{
	if (str_eq(word, "-")) // also after -E
		return parse_stdin(s);
	if (s->is_expr)
		return eval_parse_text(s->ev, word, strlen(word), eval_cwd(s->ev), SOURCE_STRING);
	return eval_parse_file(s->ev, file_of(s, word));
}

// A file that is named on the command line is no import: it has no line of its own in a trace, and one that
// imports it evaluates it again.
void session_word(struct session *s, const char *word, struct value *ret)
{
	if (s->flakes)
		session_flake_value(s, word, s->flake_kind, ret);
	else
		eval_top(s->ev, session_parse(s, word), ret);
}

int session_default_word(struct session *s, bool shell, struct err *e)
{
	if (s->words)
		return 0;
	if (s->flakes) {
		strv_add(&s->words, ".");
		return 0;
	}
	if (s->is_expr)
		return err_set(e, -EINVAL, "flag '--expr' requires an expression after it");
	const char *file = shell && fs_exists("shell.nix") ? "./shell.nix" : "./default.nix";
	if (fs_exists(file)) {
		strv_add(&s->words, file);
		return 0;
	}
	_cleanup_free_ char *missing = NULL;
	int r = fs_absolute(file, &missing, e);
	if (r < 0)
		return r;
	err_set(e, -ENOENT, "path '%s' does not exist", missing);
	return err_hint(e,
	        "No file was named, and this folder has no %sdefault.nix. Name a file, %s'<nixpkgs>' -A "
	        "ATTR, "
	        "or -E EXPRESSION.",
	        shell ? "shell.nix and no " : "", shell ? "-p PACKAGE..., " : "");
}

int session_link(struct session *s, const char *link, const char *path, struct err *e)
{
	return roots_add_indirect(s->store, link, path, NULL, e);
}
