// SPDX-License-Identifier: GPL-2.0-or-later
// Line editing of the REPL through libedit: history kept between runs, TAB for names, attribute paths and
// files.

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <editline/readline.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/repl.h"
#include "expr/builtin.h"

enum { HISTORY_MAX = 5000 };

// libedit's callbacks take no context: the one REPL of the process, and the matches of the completion under
// way.
static struct {
	struct repl *r;
	char *history;
	char **matches;
	size_t next;
} edit;

struct completing {
	struct repl *r;
	const char *word;
	char **matches;
};

static bool plain_name(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_-'", *s))
			return false;
	return true;
}

static void offer(struct completing *c, const char *prefix, const char *name, const char *part)
{
	if (str_has_prefix(name, part) && plain_name(name))
		strv_take(&c->matches, str_printf("%s%s", prefix, name));
}

static void offer_set(struct completing *c, struct attrs *set, const char *prefix, const char *part)
{
	struct eval *ev = c->r->s.ev;
	struct attrs *flat = attrs_flat(ev, set);

	attrs_for_each (at, flat)
		offer(c, prefix, symbol_text(&ev->symbols, at->name), part);
}

static void complete_variable(struct completing *c)
{
	struct eval *ev = c->r->s.ev;

	if (c->r->scope)
		offer_set(c, c->r->scope, "", c->word);
	for (size_t i = 0; i < builtin_count(ev); i++) {
		const struct builtin *b = builtin_at(ev, i);
		_cleanup_free_ char *hidden = b->global ? NULL : str_printf("__%s", b->name);

		offer(c, "", hidden ? hidden : b->name, c->word);
	}
	offer(c, "", "builtins", c->word);
}

static void complete_path(struct completing *c, const char *dot)
{
	struct eval *ev = c->r->s.ev;
	const struct string *subject = eval_string(ev, c->word, (size_t)(dot - c->word), NULL);
	const struct string *prefix = eval_string(ev, c->word, (size_t)(dot - c->word) + 1, NULL);
	struct value v;

	repl_eval(c->r, subject->data, &v);
	eval_force(ev, &v, 0);
	if (value_type(&v) == VALUE_ATTRS)
		offer_set(c, v.attrs, prefix->data, dot + 1);
}

static void complete_in_eval(struct eval *ev, void *arg)
{
	struct completing *c = arg;
	const char *dot = strrchr(c->word, '.');

	if (dot)
		complete_path(c, dot);
	else
		complete_variable(c);
}

static char *next_match(const char *text, int state)
{
	char *m = edit.matches ? edit.matches[edit.next] : NULL;

	if (!m)
		return NULL;
	edit.next++;
	return strdup(m); // libedit frees it
}

static void unique(char **v)
{
	size_t n = 0;

	strv_sort(v);
	for (size_t i = 0; v && v[i]; i++) {
		if (n && str_eq(v[n - 1], v[i]))
			mem_free(v[i]);
		else
			v[n++] = v[i];
	}
	if (v)
		v[n] = NULL;
}

static bool is_file(const char *text, int start)
{
	if (strchr(text, '/') || *text == '~')
		return true;
	return start >= 3 &&
	       (str_has_prefix(rl_line_buffer, ":l ") || str_has_prefix(rl_line_buffer, ":load ")) &&
	       *text != '<';
}

static char **complete(const char *text, int start, int end)
{
	struct completing c = {.r = edit.r, .word = text};
	struct thrown t;

	rl_attempted_completion_over = 1;
	if (is_file(text, start))
		return rl_completion_matches(text, rl_filename_completion_function);
	eval_run(c.r->s.ev, complete_in_eval, &c, &t); // an expression that fails completes to nothing
	strv_free(edit.matches);
	unique(c.matches);
	edit.matches = c.matches;
	edit.next = 0;
	return edit.matches ? rl_completion_matches(text, next_match) : NULL;
}

void repl_edit_init(struct repl *r)
{
	const char *data = getenv("XDG_DATA_HOME");
	_cleanup_free_ char *home = home_dir(),
	                    *dir = data && *data ? str_printf("%s/kernix", data)
	                                         : str_printf("%s/.local/share/kernix", home ? home : "");

	edit.r = r;
	if (!isatty(0))
		return;
	rl_readline_name = "nix-repl";
	rl_initialize();
	using_history();
	stifle_history(HISTORY_MAX);
	if (fs_mkdir_p(dir, 0700, NULL) == 0) {
		edit.history = fs_join(dir, "repl-history");
		read_history(edit.history);
	}
	rl_attempted_completion_function = complete;
	rl_completer_word_break_characters = " \t\n\"`@$=;|&{(}[])+*,?!";
	rl_completion_append_character = '\0';
	rl_completion_query_items = 500; // a list of all kernels is no reason to ask
}

char *repl_edit_line(const char *prompt)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (isatty(0)) {
		line = readline(prompt);
		char *copy = line ? mem_strdup(line) : NULL;
		free(line);
		return copy;
	}
	n = getline(&line, &cap, stdin);
	if (n < 0) {
		free(line);
		return NULL;
	}
	char *copy = mem_strndup(line, (size_t)n - (line[n - 1] == '\n'));
	free(line);
	return copy;
}

void repl_edit_remember(const char *text)
{
	if (!isatty(0) || !*text)
		return;
	add_history(text);
	if (edit.history)
		write_history(edit.history);
}

void repl_edit_end(void)
{
	strv_free(edit.matches);
	mem_free(edit.history);
	edit.matches = NULL;
	edit.history = NULL;
}
