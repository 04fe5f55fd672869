// SPDX-License-Identifier: GPL-2.0-or-later
// Building for commands: the plan of what is wanted, its progress on the terminal, its errors.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "build/plan.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "cmd/substitute.h"

static void log_to_progress(void *ctx, enum log_level level, const char *msg)
{
	static const char *const words[] = {"error: ", "warning: ", "", "", "debug: "};

	progress_message(ctx, "%s%s", words[level], msg);
}

// "DRV!OUT,OUT", "DRV!*" or a plain path.
static int want(struct plan *p, const char *wanted, struct err *e)
{
	const char *bang = strrchr(wanted, '!');

	if (!bang)
		return plan_add_path(p, wanted, e);
	_cleanup_free_ char *drv_path = mem_strndup(wanted, (size_t)(bang - wanted));
	if (str_eq(bang + 1, "*"))
		return plan_add_drv(p, drv_path, NULL, e);
	_cleanup_strv_ char **outputs = strv_split(bang + 1, ",");
	return plan_add_drv(p, drv_path, outputs, e);
}

static void opts_of(const struct session *s, struct plan_opts *o)
{
	*o = (struct plan_opts){.check = s->check};
	build_settings_fill(&s->build, o);
}

static int run_plan(struct session *s, struct substitute *sub, struct plan *p, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};

	substitute_print(sub, &text, s->dry_run || s->verbose);
	plan_print(p, &text);
	if (text.len && (s->dry_run || plan_build_count(p) > 1 || s->verbose))
		fputs(buf_str(&text), stderr);
	if (s->dry_run)
		return 0;
	int r = store_flush(
	        s->store, e); // where nothing is to be built, nobody else would say that it failed
	if (r == 0)
		r = substitute_take(sub, e);
	return r < 0 ? r : plan_run(p, e);
}

// Further lines of a message stand below its first, as Nix has them.
static void print_error(const char *msg)
{
	const char *on = term_flags(2) ? "\033[31;1m" : "", *off = *on ? "\033[0m" : "";
	_cleanup_buf_ struct buf text = {0};

	_cleanup_free_ char *safe = term_clean_str(msg, term_flags(2));

	for (const char *c = safe; *c; c++) {
		buf_addc(&text, *c);
		if (*c == '\n')
			buf_adds(&text, "       ");
	}
	fprintf(stderr, "%serror:%s %s\n", on, off, buf_str(&text));
}

static int report(struct plan *p, struct err *e)
{
	int code = p ? plan_exit_code(p) : 0;

	strv_for_each (msg, p ? plan_errors(p) : NULL)
		print_error(msg);
	if (!p || !plan_errors(p))
		cmd_fail(e);
	return code ? code : 1;
}

// A plan of what is wanted; anew as long as what it would take turns out to need what nobody has.
static int make_plan(struct session *s, char *const *wanted, struct substitute *sub,
        struct progress *progress, struct plan **ret, struct err *e)
{
	struct plan_opts opts;
	bool whole = false;
	int r = 0;

	opts_of(s, &opts);
	substitute_fill(sub, &opts);
	while (r == 0 && !whole) {
		plan_free(*ret);
		*ret = NULL;
		r = plan_new(s->store, &opts, progress, ret, e);
		for (size_t i = 0; r >= 0 && wanted && wanted[i]; i++)
			r = want(*ret, wanted[i], e);
		if (r >= 0)
			r = substitute_check(sub, *ret, &whole, e);
	}
	return r;
}

int session_build(struct session *s, char *const *wanted)
{
	_cleanup_err_ struct err e = {0};
	struct substitute *sub = NULL;
	struct plan *p = NULL;
	struct progress *progress = progress_new(2, s->quiet_builds ? PROGRESS_NO_LOGS : 0);
	int r, status = 0;

	log_set_sink(log_to_progress, progress);
	r = substitute_new(s->store, &s->build.cache, progress, &sub, &e);
	if (r >= 0)
		r = make_plan(s, wanted, sub, progress, &p, &e);
	if (r < 0)
		status = cmd_fail(&e);
	else
		r = run_plan(s, sub, p, &e);
	if (r == SUBSTITUTE_AGAIN) { // what could not be taken is built
		r = make_plan(s, wanted, sub, progress, &p, &e);
		if (r >= 0)
			r = run_plan(s, sub, p, &e);
	}
	log_set_sink(NULL, NULL);
	progress_free(progress);
	s->interrupted = r == -EINTR;
	if (r < 0 && !status) // evaluation says itself that it was interrupted
		status = s->interrupted && s->for_eval ? 1 : report(p, &e);
	plan_free(p);
	substitute_free(sub);
	return status;
}
