// SPDX-License-Identifier: GPL-2.0-or-later
// fetchurl and fetchTarball: downloads during evaluation, into the store. What was downloaded without a hash
// is taken again from the store for an hour.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch.h"
#include "build/unpack.h"
#include "expr/builtin-util.h"
#include "glue/glue.h"
#include "store/store.h"

enum { CACHE_SECONDS = 3600 };

struct download {
	const char *who; // name of the builtin
	const char *url, *name;
	bool unpack;
	const char *advice; // about an invalid name
	bool plain;         // the argument is the URL itself
	struct hash want;   // HASH_NONE: not said
};

static int fill(struct glue *g, const struct download *d, const char *tmp, char **ret, struct err *e)
{
	_cleanup_free_ char *file = fs_join(tmp, "file"), *tree = fs_join(tmp, "tree");
	char *urls[] = {(char *)d->url, NULL};
	struct fetch_opts opts = {.urls = urls, .limits = &g->fetch_limits};
	int r = fetch_to_file(&opts, file, NULL, e);

	if (r < 0 || !d->unpack) {
		*ret = r < 0 ? NULL : TAKE_PTR(file);
		return r;
	}
	r = unpack_archive_within(file, tree, UNPACK_STRIP, &g->fetch_limits, e);
	*ret = r < 0 ? NULL : TAKE_PTR(tree);
	return r;
}

// Downloads into the store; owned store path.
static int download(
        struct glue *g, const struct download *d, char **ret, struct hash *ret_hash, struct err *e)
{
	_cleanup_free_ char *tmp = NULL, *what = NULL;
	enum hash_algo algo = d->want.algo == HASH_NONE ? HASH_SHA256 : d->want.algo;
	int r = fs_mkdtemp(temporary_dir(), "kernix-fetch", &tmp, e);

	if (r < 0)
		return r;
	r = fill(g, d, tmp, &what, e);
	if (r == 0)
		r = store_add_path(
		        g->store, d->name, what, d->unpack ? CA_NAR : CA_FLAT, algo, NULL, ret, ret_hash, e);
	fs_rm_rf(tmp, NULL);
	return r;
}

// ---- what was downloaded lately: a file that is named by the URL and holds the store path

// *ret NULL: there is no cache. A cache that cannot be made or written is none; one that others can write is
// an error, since they would say what the URL means.
static int note_path(const struct download *d, char **ret, struct err *e)
{
	_cleanup_free_ char *key = str_printf("%d\n%s\n%s", d->unpack, d->name, d->url), *dir = NULL;
	_cleanup_err_ struct err why = {0};
	struct hash h;
	int r = glue_cache_dir("downloads", &dir, &why);

	*ret = NULL;
	if (r < 0)
		return r == -EPERM ? err_move(e, &why) : 0;
	hash_bytes(HASH_SHA256, key, strlen(key), &h);
	_cleanup_free_ char *base = hash_format(&h, HASH_NIX32, false);
	*ret = fs_join(dir, base);
	return 0;
}

// *ret NULL: not lately.
static int noted(struct glue *g, const struct download *d, char **ret, struct err *e)
{
	_cleanup_free_ char *note = NULL;
	_cleanup_buf_ struct buf b = {0};
	struct stat st;
	int r = note_path(d, &note, e);

	// What cannot be asked is fetched again.
	_cleanup_err_ struct err ignored = {0};
	bool valid = false;

	*ret = NULL;
	if (r < 0 || !note)
		return r;
	if (lstat(note, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	        st.st_mtime + CACHE_SECONDS >= time(NULL) && fs_read(note, 4096, &b, NULL) == 0 &&
	        store_path_valid(store_dir(g->store), buf_str(&b)) &&
	        store_is_valid(g->store, buf_str(&b), &valid, &ignored) == 0 && valid)
		*ret = buf_steal(&b);
	return 0;
}

static int take_note(const struct download *d, const char *path, struct err *e)
{
	_cleanup_free_ char *note = NULL;
	int r = note_path(d, &note, e);

	if (r == 0 && note)
		fs_write_atomic(note, path, strlen(path), 0600, NULL);
	return r;
}

// ---- the builtins

_noreturn_ static void throw_mismatch(struct eval *ev, const struct download *d, const struct hash *got)
{
	_cleanup_free_ char *a = hash_format(&d->want, HASH_NIX32, true),
	                    *b = hash_format(got, HASH_NIX32, true);
	const char *want = arena_strdup(&ev->heap, a), *have = arena_strdup(&ev->heap, b);

	mem_free(TAKE_PTR(a));
	mem_free(TAKE_PTR(b));
	eval_throw_status(ev, 102, 0,
	        "hash mismatch in file downloaded from '%s':\n  specified: %s\n  got:       %s", d->url, want,
	        have);
}

static char *fixed_path(struct eval *ev, const struct download *d)
{
	struct ca ca = {.method = d->unpack ? CA_NAR : CA_FLAT, .hash = d->want};
	struct err e = {0};
	char *path = NULL;

	if (store_path_from_ca(store_dir(glue_of(ev)->store), &ca, d->name, NULL, false, &path, &e) < 0)
		eval_throw_err(ev, 0, &e);
	return path;
}

static struct value take(struct eval *ev, char *path)
{
	struct value v = glue_store_value(ev, path);

	mem_free(path);
	return v;
}

static struct value fetch(struct eval *ev, const struct download *d)
{
	struct glue *g = glue_of(ev);
	struct err e = {0};
	struct hash got;
	bool fixed = d->want.algo != HASH_NONE;
	char *path = fixed ? fixed_path(ev, d) : NULL;

	bool valid = false;
	if (!fixed && noted(g, d, &path, &e) < 0)
		eval_throw_err(ev, 0, &e);
	if (path && store_is_valid(g->store, path, &valid, &e) < 0) {
		mem_free(path);
		eval_throw_err(ev, 0, &e);
	}
	if (valid)
		return take(ev, path);
	mem_free(path);
	path = NULL;
	if (download(g, d, &path, &got, &e) < 0)
		eval_throw_err(ev, 0, &e);
	if (fixed && !hash_eq(&got, &d->want)) {
		mem_free(path);
		throw_mismatch(ev, d, &got);
	}
	if (!fixed && take_note(d, path, &e) < 0) {
		mem_free(path);
		eval_throw_err(ev, 0, &e);
	}
	return take(ev, path);
}

static void fetch_attr(struct eval *ev, struct download *d, struct attr *at)
{
	const char *n = symbol_text(&ev->symbols, at->name);

	if (str_eq(n, "url"))
		d->url =
		        eval_string_plain(ev, &at->value, at->pos, "while evaluating the url we should fetch")
		                ->data;
	else if (str_eq(n, "sha256"))
		parse_hash_or_empty(ev,
		        eval_string_plain(ev, &at->value, at->pos,
		                "while evaluating the sha256 of the content we should fetch")
		                ->data,
		        HASH_SHA256, &d->want);
	else if (str_eq(n, "name"))
		d->name = eval_string_plain(
		        ev, &at->value, at->pos, "while evaluating the name of the content we should fetch")
		                  ->data;
	else
		eval_throw(ev, THROW_EVAL, 0, "unsupported argument '%s' to '%s'", n, d->who);
}

// "channel:NAME" and plain paths are URLs too.
static const char *full_url(struct eval *ev, const char *url)
{
	const char *channel = str_after(url, "channel:");

	if (channel)
		return arena_printf(&ev->heap, "https://channels.nixos.org/%s/nixexprs.tar.xz", channel);
	return *url == '/' ? arena_printf(&ev->heap, "file://%s", url) : url;
}

static void check_name(struct eval *ev, const struct download *d)
{
	struct err e = {0};

	if (store_name_check(d->name, &e) == 0)
		return;
	const char *why = arena_strdup(&ev->heap, e.msg);
	err_release(&e);
	eval_throw(ev, THROW_EVAL, 0,
	        "invalid store path name when fetching URL '%s': %s. %s '%s',%s so that it can create a "
	        "valid store path.",
	        d->url, why, d->advice, d->who, d->plain ? " " : "");
}

static void fetch_builtin(struct eval *ev, struct value *arg, struct value *ret, const char *who, bool unpack)
{
	struct download d = {.who = who, .unpack = unpack, .want.algo = HASH_NONE};

	eval_force(ev, arg, 0);
	d.advice = "Please pass an attribute set with 'url' and 'name' attributes to";
	if (value_type(arg) == VALUE_ATTRS) {
		struct attrs *set = attrs_flat(ev, arg->attrs);
		attrs_for_each (at, set)
			fetch_attr(ev, &d, at);
		if (!d.url)
			eval_throw(ev, THROW_EVAL, 0, "'url' argument required");
		d.advice = d.name ? "Please change the value for the 'name' attribute passed to"
		                  : "Please add a valid 'name' attribute to the argument for";
	} else {
		d.plain = true;
		d.url = eval_string_plain(ev, arg, 0, "while evaluating the url we should fetch")->data;
	}
	d.url = full_url(ev, d.url);
	if (!d.name || !*d.name)
		d.name = unpack ? "source" : str_basename(d.url);
	check_name(ev, &d);
	eval_check_uri(ev, d.url);
	if (ev->settings.pure && d.want.algo == HASH_NONE)
		eval_throw(
		        ev, THROW_EVAL, 0, "in pure evaluation mode, '%s' requires a 'sha256' argument", who);
	*ret = fetch(ev, &d);
}

static void b_fetchurl(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	fetch_builtin(ev, &args[0], ret, "fetchurl", false);
}

static void b_fetch_tarball(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	fetch_builtin(ev, &args[0], ret, "fetchTarball", true);
}

int glue_fetch_tarball(void *ctx, const char *url, char **ret, struct err *e)
{
	struct glue *g = ctx;
	struct download d = {.who = "fetchTarball",
	        .url = full_url(g->ev, url),
	        .name = "source",
	        .unpack = true,
	        .want.algo = HASH_NONE};
	_cleanup_free_ char *path = NULL;
	int r = noted(g, &d, &path, e);

	if (r == 0 && !path) {
		r = download(g, &d, &path, NULL, e);
		if (r == 0)
			r = take_note(&d, path, e);
	}
	if (r == 0)
		*ret = TAKE_PTR(path);
	return r;
}

static const struct builtin rows[] = {
        {"fetchurl", 1, 1, false, b_fetchurl, "arg",
                "Downloads a URL into the store; arg is the URL or { url, name, sha256 }."},
        {"fetchTarball", 1, 1, true, b_fetch_tarball, "args",
                "Downloads and unpacks an archive into the store; args as of fetchurl."},
};

const struct builtin_table builtin_fetches = {rows, ARRAY_SIZE(rows)};
