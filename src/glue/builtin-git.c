// SPDX-License-Identifier: GPL-2.0-or-later
// fetchGit: the tree of one revision of a git repository, or the tracked files of a working tree, in the
// store (git.h).
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/print.h"
#include "glue/git.h"
#include "glue/glue.h"
#include "store/store.h"

enum { SHORT_CHARS = 7 };

static bool is_rev(const char *s)
{
	return strlen(s) == GIT_SHA1_CHARS && !s[strspn(s, "0123456789abcdef")];
}

// ---- the builtin

_noreturn_ static void throw_not_string(struct eval *ev, struct attrs *set, const char *name)
{
	struct attrs *all = attrs_new(ev, set->len + 2);
	struct value v;
	struct scratch s;

	attrs_for_each (at, set)
		*attrs_push(all, at->name, 0) = value_share(&at->value);
	if (!attrs_get(set, symbol_of(&ev->symbols, "exportIgnore")))
		*attrs_push(all, symbol_of(&ev->symbols, "exportIgnore"), 0) = value_bool(true);
	if (!attrs_get(set, ev->sym.type))
		*attrs_push(all, ev->sym.type, 0) = eval_str(ev, "git");
	attrs_finish(all);
	v = value_attrs(all);
	scratch_begin(ev, &s);
	print_json(ev, &v, 0, false, &s.buf, NULL);
	eval_throw(ev, THROW_EVAL, 0, "input attribute '%s' is not a string %s", name, buf_str(&s.buf));
}

static const char *string_attr(struct eval *ev, struct attrs *set, struct attr *at)
{
	eval_force(ev, &at->value, 0);
	if (value_type(&at->value) == VALUE_PATH)
		return at->value.string->data;
	if (value_type(&at->value) != VALUE_STRING)
		throw_not_string(ev, set, symbol_text(&ev->symbols, at->name));
	return at->value.string->data;
}

static void git_attr(struct eval *ev, struct git *g, struct attrs *set, struct attr *at)
{
	const char *n = symbol_text(&ev->symbols, at->name);
	const struct {
		const char *name;
		const char **text;
		bool *flag;
	} known[] = {
	        {"url", &g->url, NULL},
	        {"ref", &g->ref, NULL},
	        {"rev", &g->rev, NULL},
	        {"name", &g->name, NULL},
	        {"submodules", NULL, &g->submodules},
	        {"shallow", NULL, &g->shallow},
	        {"exportIgnore", NULL, &g->export_ignore},
	        {"allRefs", NULL, NULL},
	        {"narHash", NULL, NULL},
	        {"lastModified", NULL, NULL},
	        {"revCount", NULL, NULL},
	        {"lfs", NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!str_eq(n, known[i].name))
			continue;
		if (known[i].text)
			*known[i].text = string_attr(ev, set, at);
		if (known[i].flag)
			*known[i].flag = eval_bool(ev, &at->value, 0, NULL);
		return;
	}
	eval_throw(ev, THROW_EVAL, 0, "input attribute '%s' not supported by scheme 'git'", n);
}

static void push_text(struct eval *ev, struct attrs *a, const char *name, const char *text, size_t len)
{
	*attrs_push(a, symbol_of(&ev->symbols, name), 0) = value_string(eval_string(ev, text, len, NULL));
}

static void push_revs(struct eval *ev, struct attrs *a, const struct git *g)
{
	static const char zeros[] = "0000000000000000000000000000000000000000";
	const char *rev = g->commit ? g->commit : zeros;

	push_text(ev, a, "rev", rev, GIT_SHA1_CHARS);
	push_text(ev, a, "shortRev", rev, SHORT_CHARS);
	if (!g->commit && g->head) {
		const char *dirty = arena_printf(&ev->heap, "%s-dirty", g->head);
		const char *brief = arena_printf(&ev->heap, "%.7s-dirty", g->head);
		push_text(ev, a, "dirtyRev", dirty, strlen(dirty));
		push_text(ev, a, "dirtyShortRev", brief, strlen(brief));
	}
	if (!g->shallow)
		*attrs_push(a, symbol_of(&ev->symbols, "revCount"), 0) = value_int(g->count);
}

static struct value describe_value(
        struct eval *ev, const struct git *g, const char *path, const struct hash *nar)
{
	struct attrs *a = attrs_new(ev, 16);
	time_t when = (time_t)g->modified;
	char *sri = hash_format(nar, HASH_SRI, true), date[32];
	struct tm tm;

	*attrs_push(a, ev->sym.out_path, 0) = glue_store_value(ev, path);
	push_text(ev, a, "narHash", sri, strlen(sri));
	mem_free(sri);
	push_revs(ev, a, g);
	gmtime_r(&when, &tm);
	size_t n = strftime(date, sizeof(date), "%Y%m%d%H%M%S", &tm);
	*attrs_push(a, symbol_of(&ev->symbols, "lastModified"), 0) = value_int(when);
	push_text(ev, a, "lastModifiedDate", date, n);
	*attrs_push(a, symbol_of(&ev->symbols, "submodules"), 0) = value_bool(g->submodules);
	attrs_finish(a);
	return value_attrs(a);
}

// The repository is read where it lies when the address is a path, else through the user's cache.
static int open_repository(struct git *g, struct err *e)
{
	const char *path = *g->url == '/' ? g->url : str_after(g->url, "file://");

	if (!path)
		return git_open_remote(g, e);
	if (!fs_is_dir(path))
		return err_set(e, -ENOENT, "there is no such folder");
	g->dir = mem_strdup(path);
	return git_open_local(g, e);
}

static int open_it(struct git *g, struct err *e)
{
	int r = fs_mkdtemp(temporary_dir(), "kernix-git", &g->tmp, e);

	return r < 0 ? r : open_repository(g, e);
}

// Restricted evaluation: a repository that may be read must not lead to another one.
static void check_parts(struct eval *ev, const struct git *g)
{
	if (!ev->settings.restrict_eval || !g->parts)
		return;
	strv_for_each (p, g->parts)
		eval_check_path(ev, p, 0);
	if (git_borrows(g))
		eval_throw(ev, THROW_RESTRICTED, 0,
		        "access to the repositories that '%s' borrows objects from is forbidden in "
		        "restricted "
		        "mode",
		        g->dir);
}

static int add_tree(struct eval *ev, struct git *g, char **ret_path, struct hash *ret_nar, struct err *e)
{
	_cleanup_free_ char *tree = NULL;
	int r = git_describe(g, e);

	if (r == 0)
		r = git_make_tree(g, &tree, e);
	return r < 0 ? r
	             : store_add_path(glue_of(ev)->store, g->name, tree, CA_NAR, HASH_SHA256, NULL, ret_path,
	                       ret_nar, e);
}

_noreturn_ static void throw_fetching(struct eval *ev, const struct git *g, struct err *e)
{
	err_wrap(e, "fetching Git repository '%s'", g->url);
	eval_throw_err(ev, 0, e);
}

void glue_check_fetch_attr(struct eval *ev, const char *fetcher, struct attr *at)
{
	eval_force(ev, &at->value, at->pos);
	switch (value_type(&at->value)) {
	case VALUE_STRING:
	case VALUE_PATH:
	case VALUE_BOOL:
		return;
	case VALUE_INT:
		if (at->value.integer < 0)
			eval_throw(ev, THROW_EVAL, 0, "negative value given for '%s' argument '%s': %lld",
			        fetcher, eval_show_name(ev, at->name), (long long)at->value.integer);
		return;
	default:
		eval_throw(ev, THROW_TYPE, 0,
		        "argument '%s' to '%s' is %s while a string, Boolean or integer is expected",
		        eval_show_name(ev, at->name), fetcher, eval_phrase(ev, &at->value));
	}
}

static void read_args(struct eval *ev, struct value *arg, struct git *g)
{
	eval_force(ev, arg, 0);
	if (value_type(arg) == VALUE_ATTRS) {
		struct attrs *set = attrs_flat(ev, arg->attrs);
		if (attrs_get(set, ev->sym.type))
			eval_throw(ev, THROW_EVAL, 0, "unexpected argument 'type'");
		attrs_for_each (at, set)
			glue_check_fetch_attr(ev, "fetchGit", at);
		attrs_for_each (at, set)
			git_attr(ev, g, set, at);
	} else {
		struct coerce how = {.what = "while evaluating the first argument passed to 'fetchGit'"};
		g->url = eval_coerce(ev, arg, 0, &how)->data;
	}
	if (!g->url)
		eval_throw(ev, THROW_EVAL, 0, "input attribute 'url' is missing");
	if (g->rev && !is_rev(g->rev))
		eval_throw(ev, THROW_EVAL, 0, "hash '%s' has wrong length for hash algorithm 'sha1'", g->rev);
	if (g->submodules)
		eval_throw(ev, THROW_EVAL, 0, "fetchGit: submodules are not supported by kernix");
	if (ev->settings.pure && !g->rev)
		eval_throw(ev, THROW_EVAL, 0,
		        "in pure evaluation mode, 'fetchGit' doesn't fetch unlocked input 'git+%s%s%s'",
		        *g->url == '/' ? "file://" : "", g->url, g->export_ignore ? "?exportIgnore=1" : "");
	if (str_has_prefix(g->url, "git+"))
		g->url += strlen("git+");
	eval_check_uri(ev, g->url);
	if (!g->name)
		g->name = "source";
}

void fetching_begin(struct eval *ev, struct fetching *f)
{
	f->clean = (struct frame){
	        .up = ev->frames, .kind = FRAME_CLEANUP, .a = (const void *)fetching_release, .b = f};
	ev->frames = &f->clean;
}

void fetching_release(struct fetching *f)
{
	git_release(&f->git);
	err_release(&f->err);
	mem_free(f->path);
}

void fetching_end(struct eval *ev, struct fetching *f)
{
	ev->frames = f->clean.up;
	fetching_release(f);
}

void git_fetch(struct eval *ev, struct fetching *f)
{
	if (open_it(&f->git, &f->err) < 0)
		throw_fetching(ev, &f->git, &f->err);
	check_parts(ev, &f->git);
	if (add_tree(ev, &f->git, &f->path, &f->nar, &f->err) < 0)
		throw_fetching(ev, &f->git, &f->err);
	if (!f->git.commit)
		ev->host.say(
		        ev->host.ctx, arena_printf(&ev->heap, "warning: Git tree '%s' is dirty", f->git.dir));
}

static void b_fetch_git(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct fetching f = {.git.export_ignore = true};

	fetching_begin(ev, &f);
	read_args(ev, &args[0], &f.git);
	git_fetch(ev, &f);
	*ret = describe_value(ev, &f.git, f.path, &f.nar);
	fetching_end(ev, &f);
}

static void b_fetch_mercurial(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	if (value_type(&args[0]) == VALUE_ATTRS && !attrs_get(args[0].attrs, symbol_of(&ev->symbols, "url")))
		eval_throw(ev, THROW_EVAL, 0, "'url' argument required");
	eval_throw(ev, THROW_EVAL, 0, "kernix does not fetch Mercurial repositories");
}

static const struct builtin rows[] = {
        {"fetchGit", 1, 1, true, b_fetch_git, "args",
                "A tree of a git repository in the store; args is its URL or { url, ref, rev, name, shallow, "
                "exportIgnore }."},
        {"fetchMercurial", 1, 1, true, b_fetch_mercurial, "args",
                "Mercurial repositories are not fetched: an error."},
};

const struct builtin_table builtin_gits = {rows, ARRAY_SIZE(rows)};
