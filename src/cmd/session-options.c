// SPDX-License-Identifier: GPL-2.0-or-later
// The options that the nix-* commands share. Rows that change nothing here (a daemon's business) are accepted
// and passed over, so that scripts written for Nix go on working.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/session.h"
#include "store/conf.h"

enum {
	OPT_INCLUDE,
	OPT_ARG,
	OPT_ARGSTR,
	OPT_ARG_FILE,
	OPT_ARG_STDIN,
	OPT_ATTR,
	OPT_EXPR,
	OPT_OPTION,
	OPT_SHOW_TRACE,
	OPT_NO_TRACE,
	OPT_JOBS,
	OPT_CORES,
	OPT_TIMEOUT,
	OPT_SILENT,
	OPT_KEEP_FAILED,
	OPT_KEEP_GOING,
	OPT_DRY_RUN,
	OPT_QUIET_BUILDS,
	OPT_CHECK,
	OPT_REPAIR,
	OPT_VERBOSE,
	OPT_QUIET,
	OPT_OUT_LINK,
	OPT_NO_OUT_LINK,
	OPT_ADD_ROOT,
	OPT_STORE,
	OPT_PURE,
	OPT_FEATURES,
	OPT_IMPURE,
	OPT_NOTHING,
};

static const struct opt_row common_rows[] = {
        {"--include", "-I", 1, OPT_INCLUDE, "PATH", "adds NAME=PATH or PATH to the search path"},
        {"--arg", NULL, 2, OPT_ARG, "NAME EXPR", "argument for functions that are called automatically"},
        {"--argstr", NULL, 2, OPT_ARGSTR, "NAME STRING", "the same, a string"},
        {"--arg-from-file", NULL, 2, OPT_ARG_FILE, "NAME PATH", "the same, the contents of a file"},
        {"--arg-from-stdin", NULL, 1, OPT_ARG_STDIN, "NAME", "the same, what is read from standard input"},
        {"--attr", "-A", 1, OPT_ATTR, "PATH", "takes this attribute of the expression"},
        {"--expr", "-E", 0, OPT_EXPR, NULL, "the words are expressions, not files"},
        {"--option", NULL, 2, OPT_OPTION, "NAME VALUE", "a setting of nix.conf"},
        {"--show-trace", NULL, 0, OPT_SHOW_TRACE, NULL, "whole traces with errors"},
        {"--no-show-trace", NULL, 0, OPT_NO_TRACE, NULL, "short traces with errors"},
        {"--max-jobs", "-j", 1, OPT_JOBS, "N", "builds at a time"},
        {"--cores", NULL, 1, OPT_CORES, "N", "NIX_BUILD_CORES of a build (0: all)"},
        {"--timeout", NULL, 1, OPT_TIMEOUT, "SECONDS", "ends a build that takes longer"},
        {"--max-silent-time", NULL, 1, OPT_SILENT, "SECONDS", "ends a build that says nothing for so long"},
        {"--keep-failed", "-K", 0, OPT_KEEP_FAILED, NULL, "keeps the build directory of a failed build"},
        {"--keep-going", "-k", 0, OPT_KEEP_GOING, NULL, "goes on with what does not depend on a failure"},
        {"--dry-run", NULL, 0, OPT_DRY_RUN, NULL, "only says what would be built"},
        {"--no-build-output", "-Q", 0, OPT_QUIET_BUILDS, NULL, "does not show what builders say"},
        {"--check", NULL, 0, OPT_CHECK, NULL, "builds again and compares"},
        {"--repair", NULL, 0, OPT_REPAIR, NULL, NULL},
        {"--verbose", "-v", 0, OPT_VERBOSE, NULL, "says more"},
        {"--debug", NULL, 0, OPT_VERBOSE, NULL, NULL},
        {"--quiet", NULL, 0, OPT_QUIET, NULL, "says less"},
        {"--out-link", "-o", 1, OPT_OUT_LINK, "PATH", "name of the link to the result"},
        {"--no-out-link", NULL, 0, OPT_NO_OUT_LINK, NULL, "makes no link"},
        {"--no-link", NULL, 0, OPT_NO_OUT_LINK, NULL, NULL},
        {"--add-root", NULL, 1, OPT_ADD_ROOT, "PATH",
                "link that protects the result from garbage collection"},
        {"--indirect", NULL, 0, OPT_NOTHING, NULL, NULL},
        {"--store", NULL, 1, OPT_STORE, "URI", "store: local, local?root=DIR, DIR"},
        {"--pure-eval", NULL, 0, OPT_PURE, NULL, "no files outside of the store, no environment"},
        {"--impure", NULL, 0, OPT_IMPURE, NULL, "flakes may read files and the environment, too"},
        {"--extra-experimental-features", NULL, 1, OPT_FEATURES, "LIST",
                "turns on pipe-operators and the like"},
        {"--experimental-features", NULL, 1, OPT_FEATURES, "LIST", NULL},
        {"--nix-path", NULL, 1, SESSION_SETTING, "LIST", "the search path in place of $NIX_PATH's"},
        {"--extra-nix-path", NULL, 1, SESSION_SETTING, "LIST", "what comes behind it"},
        {"--system", NULL, 1, SESSION_SETTING, "SYSTEM", "kind of system to evaluate for"},
        {"--eval-system", NULL, 1, SESSION_SETTING, "SYSTEM", NULL},
        {"--max-call-depth", NULL, 1, SESSION_SETTING, "N", "depth of calls at which evaluation gives up"},
        {"--lint-url-literals", NULL, 1, SESSION_SETTING, "HOW",
                "ignore, warn about or fatal: URLs without quotes"},
        {"--lint-short-path-literals", NULL, 1, SESSION_SETTING, "HOW",
                "the same: relative paths without './'"},
        {"--lint-absolute-path-literals", NULL, 1, SESSION_SETTING, "HOW", "the same: paths from '/' or '~'"},
        {"--trace-verbose", NULL, 0, SESSION_SETTING_ON, NULL,
                "prints what builtins.traceVerbose has to say"},
        {"--abort-on-warn", NULL, 0, SESSION_SETTING_ON, NULL, "ends evaluation at the first warning"},
        {"--restrict-eval", NULL, 0, SESSION_SETTING_ON, NULL, "reads only what the search path names"},
        {"--print-build-logs", "-L", 0, OPT_NOTHING, NULL, NULL},
        {"--log-format", NULL, 1, OPT_NOTHING, NULL, NULL},
        {"--readonly-mode", NULL, 0, OPT_NOTHING, NULL, NULL},
        {"--offline", NULL, 0, OPT_NOTHING, NULL, NULL},
        {"--refresh", NULL, 0, OPT_NOTHING, NULL, NULL},
        {"--relaxed-sandbox", NULL, 0, OPT_NOTHING, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

enum { ID_COMMAND = 1000 }; // rows of the command itself begin here

struct parsing {
	struct session *s;
	opt_fn *f;
	void *ctx;
};

static int number(const char *text, const char *name, unsigned *ret, struct err *e)
{
	uint64_t n;

	if (str_eq(text, "auto")) {
		*ret = 0;
		return 0;
	}
	if (str_to_u64(text, &n) < 0 || n > 1000000000)
		return err_set(e, -EINVAL, "flag '%s' requires a number, not '%s'", name, text);
	*ret = (unsigned)n;
	return 0;
}

static void features(struct session *s, const char *list)
{
	_cleanup_strv_ char **v = strv_split(list, " ");

	strv_for_each (f, v)
		strv_add(&s->features, f);
	s->settings.features = s->features;
	s->settings.pipe_operators = strv_has(s->features, "pipe-operators");
	if (strv_has(s->features, "no-url-literals")) // its name before it was a setting
		s->settings.lint_url_literals = LINT_FATAL;
}

static int lint(enum lint *ret, const char *name, const char *value, struct err *e)
{
	static const char *const words[] = {"ignore", "warn", "fatal"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i], value)) {
			*ret = (enum lint)i;
			return 0;
		}
	return err_set(e, -EINVAL, "setting '%s' is one of ignore, warn, fatal, not '%s'", name, value);
}

static void set_string(char **p, const char *value)
{
	mem_free(*p);
	*p = mem_strdup(value);
}

// The settings that are on or off; NULL for others.
static bool *flag_setting(struct session *s, const char *name)
{
	const struct {
		const char *name;
		bool *flag;
	} rows[] = {
	        {"pure-eval", &s->settings.pure},
	        {"restrict-eval", &s->settings.restrict_eval},
	        {"show-trace", &s->settings.show_trace},
	        {"trace-verbose", &s->settings.trace_verbose},
	        {"allow-import-from-derivation", &s->settings.allow_import_from_derivation},
	        {"abort-on-warn", &s->settings.abort_on_warn},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].name, name))
			return rows[i].flag;
	return NULL;
}

static bool is_yes(const char *value)
{
	return str_eq(value, "true") || str_eq(value, "yes") || str_eq(value, "1");
}

static int to_bool(const char *name, const char *value, bool *ret, struct err *e)
{
	*ret = is_yes(value);
	if (!*ret && !str_eq(value, "false") && !str_eq(value, "no") && !str_eq(value, "0"))
		return err_set(e, -EINVAL, "Boolean setting '%s' has invalid value '%s'", name, value);
	return 0;
}

// The entries of a list setting in the place of $NIX_PATH, or behind it.
static void set_nix_path(const char *list, bool extra)
{
	_cleanup_strv_ char **v = strv_split(list, " ");
	_cleanup_free_ char *path = strv_join(v, ":");
	const char *old = extra ? getenv("NIX_PATH") : NULL;
	_cleanup_free_ char *all = str_printf("%s%s%s", old ? old : "", old && *old ? ":" : "", path);

	setenv("NIX_PATH", all, 1);
}

static void allow_uris(struct session *s, const char *list, bool extra)
{
	_cleanup_strv_ char **uris = strv_split(list, " \t\n");

	if (!extra) {
		strv_free(s->allowed_uris);
		s->allowed_uris = NULL;
	}
	strv_for_each (u, uris)
		strv_add(&s->allowed_uris, u);
	s->settings.allowed_uris = s->allowed_uris;
}

static int set_embedded(struct session *s, const char *value, struct err *e)
{
	bool embedded;
	int r = to_bool("embedded-nixpkgs", value, &embedded, e);

	s->no_embedded_nixpkgs = !embedded;
	return r;
}

static int setting(struct session *s, const char *name, const char *value, struct err *e)
{
	bool *flag = flag_setting(s, name);

	int r = build_settings_set(&s->build, name, value, e);

	if (r)
		return MIN(r, 0);
	if (flag)
		return to_bool(name, value, flag, e);
	if (str_eq(name, "nix-path") || str_eq(name, "extra-nix-path"))
		set_nix_path(value, *name == 'e');
	else if (str_eq(name, "max-call-depth"))
		return number(value, name, &s->settings.max_call_depth, e);
	else if (str_eq(name, "lint-url-literals"))
		return lint(&s->settings.lint_url_literals, name, value, e);
	else if (str_eq(name, "lint-absolute-path-literals"))
		return lint(&s->settings.lint_absolute_path_literals, name, value, e);
	else if (str_eq(name, "lint-short-path-literals"))
		return lint(&s->settings.lint_short_path_literals, name, value, e);
	else if (str_eq(name, "warn-short-path-literals")) // the older name of one value
		s->settings.lint_short_path_literals = str_eq(value, "true") ? LINT_WARN : LINT_IGNORE;
	else if (str_eq(name, "system") || str_eq(name, "eval-system"))
		set_string(&s->system, value);
	else if (str_has_suffix(name, "experimental-features"))
		features(s, value);
	else if (str_eq(name, "allowed-uris") || str_eq(name, "extra-allowed-uris"))
		allow_uris(s, value, *name == 'e');
	else if (str_eq(name, "embedded-nixpkgs"))
		return set_embedded(s, value, e);
	else if (!session_knows_setting(name))
		log_warn("unknown setting '%s'", name);
	return 0;
}

static void add_arg(struct session *s, const char *name, const char *value, bool is_expr)
{
	mem_grow(&s->args, &s->cap_args, s->n_args + 1, sizeof(*s->args));
	s->args[s->n_args++] = (struct session_arg){mem_strdup(name), mem_strdup(value), is_expr};
}

// The contents of a file, or of standard input (path NULL), as a string argument.
static int add_arg_file(struct session *s, const char *name, const char *path, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	int r = path ? fs_read(path, 0, &b, e) : fs_read_fd(STDIN_FILENO, "standard input", 0, &b, e);

	if (r == 0)
		add_arg(s, name, buf_str(&b), false);
	return r;
}

// Rows that only set a flag.
static bool set_flag(struct session *s, int id)
{
	switch (id) {
	case OPT_EXPR:
		s->is_expr = true;
		break;
	case OPT_SHOW_TRACE:
		s->settings.show_trace = true;
		break;
	case OPT_NO_TRACE:
		s->settings.show_trace = false;
		break;
	case OPT_KEEP_FAILED:
		s->build.keep_failed = true;
		break;
	case OPT_KEEP_GOING:
		s->build.keep_going = true;
		break;
	case OPT_DRY_RUN:
		s->dry_run = true;
		break;
	case OPT_QUIET_BUILDS:
		s->quiet_builds = true;
		break;
	case OPT_CHECK:
		s->check = true;
		break;
	case OPT_REPAIR:
		s->repair = true;
		break;
	case OPT_VERBOSE:
		s->verbose = true;
		break;
	case OPT_NO_OUT_LINK:
		s->no_out_link = true;
		break;
	case OPT_PURE:
		s->settings.pure = true;
		break;
	case OPT_IMPURE:
		s->impure = true;
		break;
	case OPT_QUIET:
	case OPT_NOTHING:
		break;
	default:
		return false;
	}
	return true;
}

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct parsing *p = ctx;
	struct session *s = p->s;

	if (!row) {
		strv_add(&s->words, args[0]);
		return 0;
	}
	if (row->id >= ID_COMMAND)
		return p->f(p->ctx, row, args, e);
	if (row->id >= SESSION_FLAKE && row->id < SESSION_SETTING)
		return session_flake_option(s, row, args, e);
	if (set_flag(s, row->id))
		return 0;
	switch (row->id) {
	case OPT_INCLUDE:
		strv_add(&s->include, args[0]);
		break;
	case OPT_ARG:
		add_arg(s, args[0], args[1], true);
		break;
	case OPT_ARGSTR:
		add_arg(s, args[0], args[1], false);
		break;
	case OPT_ARG_FILE:
		return add_arg_file(s, args[0], args[1], e);
	case OPT_ARG_STDIN:
		return add_arg_file(s, args[0], NULL, e);
	case OPT_ATTR:
		strv_add(&s->attrs, args[0]);
		break;
	case OPT_OPTION:
		return setting(s, args[0], args[1], e);
	case OPT_JOBS:
	case OPT_CORES:
	case OPT_TIMEOUT:
	case OPT_SILENT:
		return setting(s, row->name + strlen("--"), args[0], e);
	case OPT_OUT_LINK:
		set_string(&s->out_link, args[0]);
		break;
	case OPT_ADD_ROOT:
		set_string(&s->add_root, args[0]);
		break;
	case OPT_STORE:
		set_string(&s->store_uri, args[0]);
		break;
	case OPT_FEATURES:
		features(s, args[0]);
		break;
	case SESSION_SETTING:
		return setting(s, row->name + strlen("--"), args[0], e);
	case SESSION_SETTING_ON:
		return setting(s, row->name + strlen("--"), "true", e);
	case SESSION_SETTING_OFF:
		return setting(s, row->name + strlen("--no-"), "false", e);
	}
	return 0;
}

static void add_rows(struct opt_row **all, size_t *n, const struct opt_row *rows)
{
	size_t len = 0;

	while (rows && rows[len].name)
		len++;
	*all = mem_realloc(*all, (*n + len + 1) * sizeof(**all));
	if (len)
		memcpy(*all + *n, rows, len * sizeof(**all));
	*n += len;
	(*all)[*n] = (struct opt_row){NULL};
}

// A command's rows come first: it may give a common name another meaning. So do the common ones before
// settings.
static struct opt_row *all_rows(const struct opt_row *rows)
{
	struct opt_row *all = NULL;
	size_t n = 0;

	add_rows(&all, &n, rows);
	add_rows(&all, &n, common_rows);
	add_rows(&all, &n, session_flake_rows);
	add_rows(&all, &n, session_setting_rows);
	return all;
}

bool session_knows(const char *option)
{
	_cleanup_free_ struct opt_row *all = all_rows(NULL);

	for (size_t i = 0; all[i].name; i++)
		if (str_eq(all[i].name, option) || str_eq(all[i].alias, option))
			return true;
	return false;
}

// A setting that nix.conf or $NIX_CONFIG has and that counts here; the command line comes after it.
static int take_configured(void *ctx, const char *name, const char *value, struct err *e)
{
	static const char *const names[] = {"experimental-features", "extra-experimental-features",
	        "max-call-depth", "pure-eval", "restrict-eval", "allow-import-from-derivation", "show-trace",
	        "trace-verbose", "abort-on-warn", "lint-url-literals", "lint-short-path-literals",
	        "lint-absolute-path-literals", "allowed-uris", "extra-allowed-uris", "embedded-nixpkgs"};
	struct session *s = ctx;
	int r = build_settings_set(&s->build, name, value, e);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++)
		if (str_eq(names[i], name))
			r = setting(s, name, value, e);
	if (r == 0 && str_eq(name, "nix-path")) {
		mem_free(s->conf_nix_path);
		s->conf_nix_path = mem_strdup(value);
	}
	return r < 0 ? err_wrap(e, "nix.conf") : 0;
}

static int configured(struct session *s, struct err *e)
{
	int r = store_conf_each(take_configured, s, e);

	if (r == 0 && s->conf_nix_path && !getenv("NIX_PATH"))
		set_nix_path(s->conf_nix_path, false);
	mem_free(TAKE_PTR(s->conf_nix_path));
	const char *abort_on_warn = getenv("NIX_ABORT_ON_WARN");
	if (abort_on_warn && is_yes(abort_on_warn))
		s->settings.abort_on_warn = true;
	return r;
}

int session_options(struct session *s, const struct opt_row *rows, opt_fn *f, void *ctx, int argc,
        char **argv, struct err *e)
{
	_cleanup_free_ struct opt_row *all = all_rows(rows);
	struct parsing p = {s, f, ctx};

	s->settings.allow_import_from_derivation = true;
	s->settings.max_call_depth = 10000;
	s->build.max_jobs = 1;
	int r = configured(s, e);
	if (r == 0)
		r = opt_parse(all, argc, argv, take, &p, e);
	if (s->flakes)
		features(s, "nix-command flakes fetch-tree");
	s->settings.pure |= s->flakes && !s->impure;
	s->flake.own_nixpkgs = s->no_embedded_nixpkgs;
	return r;
}

char *session_help(const struct opt_row *rows)
{
	_cleanup_free_ char *mine = rows ? opt_help(rows) : mem_strdup(""), *common = opt_help(common_rows);

	return str_printf("%s%s", mine, common);
}
