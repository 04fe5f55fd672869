// SPDX-License-Identifier: GPL-2.0-or-later
// nix flake: what a flake is and has (metadata, show), its lock file (lock, update), whether it evaluates
// (check).
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/cmd.h"
#include "cmd/flake-show.h"
#include "cmd/session.h"
#include "expr/builtin-util.h"
#include "expr/print.h"
#include "glue/glue.h"

struct flake_cmd {
	struct session s;
	const struct flake_word *row;
	bool json, help, no_build, all_systems;
};

static void run_metadata(struct eval *ev, void *arg);
static void run_lock(struct eval *ev, void *arg);
static void run_show(struct eval *ev, void *arg);
static void run_check(struct eval *ev, void *arg);

static const struct flake_word {
	const char *name, *help;
	void (*run)(struct eval *ev, void *arg);
	const char *instead; // of what is not built
} flake_words[] = {
        {"metadata", "where it is, its revision and inputs (--json)", run_metadata, NULL},
        {"info", NULL, run_metadata, NULL},
        {"show", "what it has (--json)", run_show, NULL},
        {"lock", "makes flake.lock complete", run_lock, NULL},
        {"update", "locks the named inputs, or all, anew", run_lock, NULL},
        {"check", "evaluates what it has", run_check, NULL},
        {"archive", NULL, NULL, "nix-copy-closure --to HOST PATH, with the path of 'nix flake metadata'"},
        {"clone", NULL, NULL, "git clone"},
        {"init", NULL, NULL, "write flake.nix yourself: { inputs = { }; outputs = { self, nixpkgs }: { }; }"},
        {"new", NULL, NULL, "write flake.nix yourself: { inputs = { }; outputs = { self, nixpkgs }: { }; }"},
        {"prefetch", NULL, NULL, "nix eval --expr 'builtins.fetchTree \"REFERENCE\"'"},
};

enum { ID_JSON = 1000, ID_HELP, ID_NO_BUILD, ID_ALL, ID_NAMED };

static const struct opt_row rows[] = {
        {"--json", NULL, 0, ID_JSON, NULL, "prints JSON"},
        {"--no-build", NULL, 0, ID_NO_BUILD, NULL, "check: only evaluates"},
        {"--all-systems", NULL, 0, ID_ALL, NULL, "show, check: those of other systems, too"},
        {"--legacy", NULL, 0, ID_ALL, NULL, NULL},
        {"--flake", NULL, 1, ID_NAMED, "REFERENCE", "update: the flake, where the words are inputs"},
        {"--help", "-h", 0, ID_HELP, NULL, "this text"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

static int option(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct flake_cmd *c = ctx;

	switch (row->id) {
	case ID_JSON:
		c->json = true;
		break;
	case ID_HELP:
		c->help = true;
		break;
	case ID_NO_BUILD:
		c->no_build = true;
		break;
	case ID_ALL:
		c->all_systems = true;
		break;
	case ID_NAMED:
		mem_free(c->s.out_link);
		c->s.out_link = mem_strdup(args[0]); // no link is made here: the place is free
		break;
	}
	return 0;
}

static const char *word_of(struct flake_cmd *c)
{
	return c->s.words ? c->s.words[0] : ".";
}

// ---- metadata

static const char *date_text(struct eval *ev, const struct ref *r, const char *form)
{
	const struct ref_attr *at = ref_get(r, "lastModified");
	time_t when = at ? (time_t)at->number : 0;
	char text[64] = "";
	struct tm tm;

	localtime_r(&when, &tm);
	if (at)
		strftime(text, sizeof(text), form, &tm);
	return arena_strdup(&ev->heap, text);
}

static void print_inputs(struct eval *ev, struct lock_node *n, const char *indent, unsigned depth)
{
	for (size_t i = 0; i < n->len && depth < 30; i++) {
		const struct lock_edge *e = &n->edges[i];
		bool last = i + 1 == n->len;
		const struct ref *r =
		        e->node ? (e->node->locked ? e->node->locked : e->node->original) : NULL;
		printf("%s%s%s", indent, last ? "└───" : "├───", e->id);
		if (!e->node)
			printf(" follows input '%s'\n", input_path_show(ev, &e->follows));
		else
			printf(": %s%s%s\n", ref_show(ev, r), date_text(ev, r, " (%Y-%m-%d %H:%M:%S)"),
			        e->node->embedded ? " (kernix's own package set)" : "");
		if (e->node)
			print_inputs(ev, e->node,
			        arena_printf(&ev->heap, "%s%s", indent, last ? "    " : "│   "), depth + 1);
	}
}

static void push(struct eval *ev, struct attrs *a, const char *name, struct value v)
{
	*attrs_push(a, symbol_of(&ev->symbols, name), 0) = v;
}

// The reference that names the state for good, without what is known about it beside.
static const char *locked_url(struct eval *ev, const struct ref *locked)
{
	return ref_show(ev, locked);
}

static void print_metadata_json(struct eval *ev, const struct flake *f, struct lock_node *root)
{
	struct attrs *a = attrs_new(ev, 16);
	const char *rev = ref_text(f->locked, "rev"), *dirty = ref_text(f->locked, "dirtyRev");
	static const char *const numbers[] = {"lastModified", "revCount"};
	struct value v;
	struct scratch s;

	if (f->description)
		push(ev, a, "description", eval_str(ev, f->description));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct ref_attr *at = ref_get(f->locked, numbers[i]);
		if (at)
			push(ev, a, numbers[i], value_int((int64_t)at->number));
	}
	push(ev, a, "locked", ref_value(ev, f->locked));
	push(ev, a, "locks", lock_value(ev, root, true));
	push(ev, a, "original", ref_value(ev, f->original));
	push(ev, a, "originalUrl", eval_str(ev, ref_show(ev, f->original)));
	push(ev, a, "path", eval_str(ev, f->source.path));
	push(ev, a, "resolved", ref_value(ev, f->resolved));
	push(ev, a, "resolvedUrl", eval_str(ev, ref_show(ev, f->resolved)));
	push(ev, a, "url", eval_str(ev, locked_url(ev, f->locked)));
	if (rev)
		push(ev, a, "revision", eval_str(ev, rev));
	if (dirty)
		push(ev, a, "dirtyRevision", eval_str(ev, dirty));
	attrs_finish(a);
	v = value_attrs(a);
	scratch_begin(ev, &s);
	print_json(ev, &v, 0, false, &s.buf, NULL);
	puts(buf_str(&s.buf));
	scratch_end(ev, &s);
}

static void print_metadata(struct eval *ev, const struct flake *f, struct lock_node *root)
{
	const char *rev = ref_text(f->locked, "rev"), *dirty = ref_text(f->locked, "dirtyRev");
	const struct ref_attr *count = ref_get(f->locked, "revCount");

	printf("Resolved URL:  %s\n", ref_show(ev, f->resolved));
	printf("Locked URL:    %s\n", locked_url(ev, f->locked));
	if (f->description)
		printf("Description:   %s\n", f->description);
	printf("Path:          %s\n", f->source.path);
	if (rev || dirty)
		printf("Revision:      %s\n", rev ? rev : dirty);
	if (count)
		printf("Revisions:     %llu\n", (unsigned long long)count->number);
	if (ref_get(f->locked, "lastModified"))
		printf("Last modified: %s\n", date_text(ev, f->locked, "%Y-%m-%d %H:%M:%S"));
	if (root->len)
		printf("Inputs:\n");
	print_inputs(ev, root, "", 0);
}

static void run_metadata(struct eval *ev, void *arg)
{
	struct flake_cmd *c = arg;
	struct flake f;

	session_flake_ref(&c->s, word_of(c), &f);
	struct lock_node *root = flake_lock(ev, &f, &c->s.flake);
	if (c->json)
		print_metadata_json(ev, &f, root);
	else
		print_metadata(ev, &f, root);
}

// ---- lock, update

static void run_lock(struct eval *ev, void *arg)
{
	struct flake_cmd *c = arg;
	struct flake f;

	c->s.flake.no_write = false; // an override is for good here
	session_flake_ref(&c->s, word_of(c), &f);
	flake_lock(ev, &f, &c->s.flake);
}

// ---- show, check

static void run_show(struct eval *ev, void *arg)
{
	struct flake_cmd *c = arg;
	struct flake f;
	struct value v;

	session_flake(&c->s, word_of(c), &f, &v);
	flake_show(ev, &f, &v, c->s.glue->system, c->json, c->all_systems);
}

static void run_check(struct eval *ev, void *arg)
{
	struct flake_cmd *c = arg;
	struct flake f;
	struct value v;

	session_flake(&c->s, word_of(c), &f, &v);
	flake_check(ev, &v, c->s.glue->system, c->all_systems);
}

// ---- the command

static int hint_words(struct err *e)
{
	_cleanup_buf_ struct buf names = {0};

	for (size_t i = 0; i < ARRAY_SIZE(flake_words); i++)
		if (flake_words[i].help)
			buf_addf(&names, "%s%s", names.len ? ", " : "", flake_words[i].name);
	return err_hint(e, "There are: %s.", buf_str(&names));
}

static int find_row(struct flake_cmd *c, const char *word, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(flake_words); i++)
		if (str_eq(flake_words[i].name, word))
			c->row = &flake_words[i];
	if (!c->row) {
		err_set(e, -EINVAL, "'%s' is not a command of nix flake", word);
		return hint_words(e);
	}
	if (c->row->run)
		return 0;
	err_set(e, -ENOSYS, "'nix flake %s' is not built", word);
	return err_hint(e, "What does it here: %s.", c->row->instead);
}

static void usage(void)
{
	_cleanup_free_ char *text = session_help(rows);

	printf("Usage: nix flake COMMAND [OPTION]... [REFERENCE]\n\nCommands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(flake_words); i++)
		if (flake_words[i].help)
			printf("  %-10s %s\n", flake_words[i].name, flake_words[i].help);
	printf("\nOptions:\n%s", text);
}

// 'nix flake update INPUT...': the words are inputs, of the flake here or of --flake. All are locked anew
// without.
static int take_inputs(struct flake_cmd *c)
{
	struct session *s = &c->s;

	if (strv_len(s->words) == 1 && strpbrk(s->words[0], ".:#") && !s->out_link) {
		s->out_link = mem_strdup(s->words[0]); // as Nix had it before 2.19
	} else {
		strv_for_each (w, s->words)
			strv_add(&s->flake.updates, w);
	}
	s->flake.recreate = !s->flake.updates;
	strv_free(s->words);
	s->words = NULL;
	strv_add(&s->words, s->out_link ? s->out_link : ".");
	return 0;
}

int cmd_flake(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	struct flake_cmd c = {0};
	int status = 1;

	if (argc < 2 || str_eq(argv[1], "--help") || str_eq(argv[1], "-h")) {
		usage();
		return argc < 2;
	}
	c.s.flakes = true;
	int r = find_row(&c, argv[1], &e);
	if (r == 0)
		r = session_options(&c.s, rows, option, &c, argc - 1, argv + 1, &e);
	if (r == 0 && c.help) {
		usage();
		session_close(&c.s);
		return 0;
	}
	if (r == 0 && str_eq(c.row->name, "update"))
		r = take_inputs(&c);
	if (r == 0 && strv_len(c.s.words) > 1)
		r = err_set(&e, -EINVAL, "'nix flake %s' takes one flake", c.row->name);
	if (r == 0)
		r = session_open(&c.s, SESSION_BUILDS, &e);
	status = r < 0 ? cmd_fail(&e) : session_run(&c.s, c.row->run, &c);
	session_close(&c.s);
	return status;
}
