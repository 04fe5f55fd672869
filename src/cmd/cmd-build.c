// SPDX-License-Identifier: GPL-2.0-or-later
// nix-build: evaluates to derivations, builds them, leaves links to the results.

#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "build/explain.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "store/drv.h"
#include "store/store.h"

enum { ID_HELP = 1000, ID_DRV_LINK, ID_SILENT, ID_EXPLAIN };

static const struct opt_row rows[] = {
        {"--drv-link", NULL, 1, ID_DRV_LINK, "PATH", NULL},
        {"--no-print-out-paths", NULL, 0, ID_SILENT, NULL, NULL}, // what 'nix build' does
        {"--explain", NULL, 0, ID_EXPLAIN, NULL,
                "says before it builds why: what differs from the last build of that name"},
        {"--help", NULL, 0, ID_HELP, NULL, "this text"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct build {
	struct session s;
	bool help, silent, explain;
	const char *word;
	struct found_drvs found;
};

static int option(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct build *c = ctx;

	if (row->id == ID_HELP)
		c->help = true;
	if (row->id == ID_SILENT)
		c->silent = true;
	if (row->id == ID_EXPLAIN)
		c->explain = true;
	return 0;
}

static void one_word(struct eval *ev, void *arg)
{
	struct build *c = arg;

	session_find_word(&c->s, c->word, &c->found);
}

// A word that is a .drv of the store is built as it is.
static bool add_store_word(struct build *c, const char *word, char ***wanted)
{
	if (c->s.is_expr || !store_path_inside(store_dir(c->s.store), word) || !store_path_is_drv(word))
		return false;
	strv_take(wanted, str_printf("%s!out", word));
	return true;
}

static int evaluate(struct build *c, char ***wanted)
{
	strv_for_each (w, c->s.words) {
		if (add_store_word(c, w, wanted))
			continue;
		c->word = w;
		int status = session_run(&c->s, one_word, c);
		if (status)
			return status;
	}
	for (size_t i = 0; i < c->found.len; i++) {
		struct found_drv *d = &c->found.drvs[i];

		strv_take(wanted, str_printf("%s!%s", d->drv_path, *d->output_name ? d->output_name : "out"));
	}
	return 0;
}

static int output_path(struct session *s, const char *wanted, char **ret, char **ret_output, struct err *e)
{
	const char *bang = strrchr(wanted, '!');
	_cleanup_free_ char *drv_path = mem_strndup(wanted, (size_t)(bang - wanted));
	_cleanup_drv_ struct drv *d = NULL;
	int r = drv_read(s->store, drv_path, &d, e);

	if (r < 0)
		return r;
	const struct drv_output *o = drv_output(d, bang + 1);
	if (!o)
		return err_set(e, -22, "derivation '%s' has no output '%s'", drv_path, bang + 1);
	*ret = mem_strdup(o->path);
	*ret_output = mem_strdup(bang + 1);
	return 0;
}

static int make_links(struct build *c, char *const *wanted, struct err *e)
{
	const char *prefix = c->s.out_link ? c->s.out_link : "result";
	size_t n = 0;
	_cleanup_strv_ char **drvs = NULL; // outputs of one derivation share a number

	for (size_t i = 0; wanted && wanted[i]; i++) {
		_cleanup_free_ char *path = NULL, *output = NULL;
		int r = output_path(&c->s, wanted[i], &path, &output, e);

		if (r < 0)
			return r;
		if (!c->s.no_out_link) {
			_cleanup_free_ char *drv =
			        mem_strndup(wanted[i], (size_t)(strrchr(wanted[i], '!') - wanted[i]));
			for (n = 0; drvs && drvs[n] && !str_eq(drvs[n], drv); n++)
				;
			if (!drvs || !drvs[n])
				strv_add(&drvs, drv);
			_cleanup_free_ char *number = n ? str_printf("-%zu", n + 1) : mem_strdup("");
			bool out = str_eq(output, "out");
			_cleanup_free_ char *link =
			        str_printf("%s%s%s%s", prefix, number, out ? "" : "-", out ? "" : output);

			if ((r = session_link(&c->s, link, path, e)) < 0)
				return r;
		}
		if (!c->silent)
			puts(path);
	}
	return 0;
}

static int explain(struct build *c, char *const *wanted, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	struct history h;
	int r = store_flush(c->s.store, e); // derivations are read from their files

	history_open(&h, c->s.store);
	for (size_t i = 0; r >= 0 && wanted && wanted[i]; i++) {
		_cleanup_free_ char *drv_path =
		        mem_strndup(wanted[i], (size_t)(strrchr(wanted[i], '!') - wanted[i]));
		r = explain_build(c->s.store, &h, drv_path, &b, e);
	}
	history_close(&h);
	term_printf(stderr, "%s", buf_str(&b));
	return r;
}

int cmd_build(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **wanted = NULL;
	struct build c = {0};
	int status = 0;

	if (session_options(&c.s, rows, option, &c, argc, argv, &e) < 0) {
		cmd_fail(&e);
		fprintf(stderr, "Try 'nix-build --help' for more information.\n");
		status = 1;
	} else if (c.help) {
		_cleanup_free_ char *text = session_help(rows);

		printf("Usage: nix-build [OPTION]... [FILE]...\n\n%s", text);
	} else if (session_default_word(&c.s, false, &e) < 0 ||
	           session_open(&c.s, SESSION_BUILDS | SESSION_READ_WRITE, &e) < 0) {
		status = cmd_fail(&e);
	} else {
		status = evaluate(&c, &wanted);
		if (!status && c.explain && explain(&c, wanted, &e) < 0)
			status = cmd_fail(&e);
		if (!status)
			status = session_build(&c.s, wanted);
		if (!status && !c.s.dry_run && make_links(&c, wanted, &e) < 0)
			status = cmd_fail(&e);
	}
	session_close(&c.s);
	return status;
}
