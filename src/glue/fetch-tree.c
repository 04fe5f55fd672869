// SPDX-License-Identifier: GPL-2.0-or-later
// What references stand for: folders, git repositories and archives, brought into the store. A locked one
// that is there already is fetched from nowhere; what comes must have the hash that its lock says.
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch.h"
#include "build/unpack.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/git.h"
#include "glue/glue.h"
#include "store/nar.h"
#include "store/store.h"

static void set_hash(struct eval *ev, struct ref *r, const struct hash *nar)
{
	char *sri = hash_format(nar, HASH_SRI, true);

	ref_set(ev, r, "narHash", sri);
	mem_free(sri);
}

_noreturn_ static void throw_mismatch(struct eval *ev, const struct ref *want, const char *got)
{
	eval_throw_status(ev, 102, 0, "NAR hash mismatch in input '%s', expected '%s' but got '%s'",
	        ref_show(ev, want), ref_text(want, "narHash"), got);
}

// ---- folders

// The newest time in a tree; what cannot be looked at fails when it is copied.
static int64_t newest(const char *path)
{
	char *paths[] = {(char *)path, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	int64_t when = 0;

	for (FTSENT *at; tree && (at = fts_read(tree));)
		if (at->fts_statp && at->fts_info != FTS_DP && at->fts_info != FTS_NS)
			when = MAX(when, (int64_t)at->fts_statp->st_mtime);
	if (tree)
		fts_close(tree);
	return when;
}

// What is not what it should be does not get into the store, where everybody can read it.
static void check_folder(struct eval *ev, const struct ref *want, const char *real)
{
	struct hash wanted, got;
	struct err e = {0};

	if (!ref_nar_hash(want, &wanted))
		return;
	if (nar_hash_path(real, HASH_SHA256, NULL, &got, NULL, &e) < 0)
		eval_throw_err(ev, 0, &e);
	if (hash_eq(&wanted, &got))
		return;
	struct ref *r = ref_copy(ev, want);
	set_hash(ev, r, &got);
	throw_mismatch(ev, want, ref_text(r, "narHash"));
}

static void fetch_path(struct eval *ev, const struct ref *want, struct fetched *f)
{
	struct glue *g = glue_of(ev);
	const char *path = ref_text(want, "path");
	struct err e = {0};
	char *stored = NULL;
	struct hash nar;

	if (*path != '/')
		eval_throw(ev, THROW_EVAL, 0, "cannot fetch input '%s' because it uses a relative path",
		        ref_show(ev, want));
	if (ev->settings.restrict_eval)
		eval_check_path(ev, path, 0);
	char *owned = store_real_path(g->store, path);
	const char *real = arena_strdup(&ev->heap, owned);
	mem_free(owned);
	check_folder(ev, want, real);
	int64_t when = ref_get(want, "lastModified") ? 0 : newest(real);
	int r = store_add_path(g->store, "source", real, CA_NAR, HASH_SHA256, NULL, &stored, &nar, &e);
	if (r < 0)
		eval_throw_err(ev, 0, &e);
	f->path = arena_strdup(&ev->heap, stored);
	mem_free(stored);
	if (!ref_get(want, "lastModified"))
		ref_set_number(ev, f->locked, "lastModified", (uint64_t)when);
	set_hash(ev, f->locked, &nar);
}

// ---- git

static void say_revision(struct eval *ev, struct ref *locked, const struct git *g)
{
	if (g->commit) {
		ref_set(ev, locked, "rev", g->commit);
		if (!g->shallow)
			ref_set_number(ev, locked, "revCount", (uint64_t)g->count);
	} else if (g->head) {
		ref_set(ev, locked, "dirtyRev", arena_printf(&ev->heap, "%s-dirty", g->head));
		ref_set(ev, locked, "dirtyShortRev", arena_printf(&ev->heap, "%.7s-dirty", g->head));
	}
	if (!g->ref && g->commit && g->branch)
		ref_set(ev, locked, "ref", g->branch);
	ref_set_number(ev, locked, "lastModified", (uint64_t)g->modified);
}

static void fetch_git(struct eval *ev, const struct ref *want, struct fetched *f)
{
	struct fetching x = {.git = {.ref = ref_text(want, "ref"),
	                             .rev = ref_text(want, "rev"),
	                             .name = "source",
	                             .ask_branch = true,
	                             .shallow = ref_flag(want, "shallow"),
	                             .export_ignore = ref_flag(want, "exportIgnore")}};
	const char *url = ref_text(want, "url"), *path = str_after(url, "file:");

	if (x.git.rev && !ref_is_rev(x.git.rev))
		eval_throw(
		        ev, THROW_EVAL, 0, "hash '%s' has wrong length for hash algorithm 'sha1'", x.git.rev);
	if (ref_flag(want, "submodules"))
		eval_throw(ev, THROW_EVAL, 0, "input '%s': submodules are not supported by kernix",
		        ref_show(ev, want));
	if (ref_flag(want, "lfs") || ref_flag(want, "verifyCommit"))
		eval_throw(ev, THROW_EVAL, 0,
		        "input '%s': 'lfs' and 'verifyCommit' are not supported by kernix",
		        ref_show(ev, want));
	if (path) { // the repository lies here: a path, without the parameters that mean nothing for it
		path = str_has_prefix(path, "//") ? path + 2 : path;
		url = ref_decoded(ev, path, strcspn(path, "?"));
	}
	x.git.url = url;
	eval_check_uri(ev, url);
	fetching_begin(ev, &x);
	git_fetch(ev, &x);
	f->path = arena_strdup(&ev->heap, x.path);
	say_revision(ev, f->locked, &x.git);
	set_hash(ev, f->locked, &x.nar);
	fetching_end(ev, &x);
}

// ---- archives and files

// What was downloaded, in a folder that the caller removes.
struct got {
	char *tmp, *stored, *immutable;
	int64_t newest;
	const struct hash *wanted; // NULL: whatever comes; else nothing else is stored
	struct hash nar;
};

static int download(struct glue *g, const char *url, bool unpack, struct got *x, struct err *e)
{
	char *urls[] = {(char *)url, NULL};
	struct fetch_opts opts = {.urls = urls, .limits = &g->fetch_limits};
	int r = fs_mkdtemp(temporary_dir(), "kernix-fetch", &x->tmp, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *file = fs_join(x->tmp, "file"), *tree = fs_join(x->tmp, "tree");
	struct fetch_result result = {NULL};
	r = fetch_to_file(&opts, file, &result, e);
	x->immutable = TAKE_PTR(result.immutable);
	fetch_result_release(&result);
	if (r == 0 && unpack)
		r = unpack_archive_dated(file, tree, UNPACK_STRIP, &g->fetch_limits, &x->newest, e);
	if (r == 0 && x->wanted)
		r = nar_hash_path(unpack ? tree : file, HASH_SHA256, NULL, &x->nar, NULL, e);
	if (r == 0 && (!x->wanted || hash_eq(x->wanted, &x->nar)))
		r = store_add_path(g->store, "source", unpack ? tree : file, CA_NAR, HASH_SHA256, NULL,
		        &x->stored, &x->nar, e);
	return r;
}

// A server may name the address of this very archive, with what is known of it: that is what is locked.
static void take_immutable(struct eval *ev, struct fetched *f, const char *url)
{
	if (!str_has_prefix(url, "https://") && !str_has_prefix(url, "http://"))
		eval_throw(ev, THROW_HOST, 0,
		        "the server gives '%s' as the lasting address, which is none of http", url);
	struct ref *r = ref_parse(ev, url, REF_FLAKE, NULL);
	if (ref_text(r, "narHash") && ref_text(f->locked, "narHash") &&
	        !str_eq(ref_text(r, "narHash"), ref_text(f->locked, "narHash")))
		return; // the hash that is asked for decides
	f->locked = r;
}

static void fetch_url_into(struct eval *ev, const char *url, bool unpack, struct fetched *f)
{
	struct hash wanted;
	struct got x = {.wanted = ref_nar_hash(f->locked, &wanted) ? &wanted : NULL};
	struct err e = {0};

	eval_check_uri(ev, url);
	int r = download(glue_of(ev), url, unpack, &x, &e);
	if (x.tmp)
		fs_rm_rf(x.tmp, NULL);
	f->path = x.stored ? arena_strdup(&ev->heap, x.stored) : NULL;
	const char *immutable = x.immutable ? arena_strdup(&ev->heap, x.immutable) : NULL;
	mem_free(x.tmp);
	mem_free(x.stored);
	mem_free(x.immutable);
	if (r < 0)
		eval_throw_err(ev, 0, &e);
	if (immutable && ref_is(f->locked, "tarball"))
		take_immutable(ev, f, immutable);
	if (unpack && !ref_get(f->locked, "lastModified"))
		ref_set_number(ev, f->locked, "lastModified", (uint64_t)x.newest);
	set_hash(ev, f->locked, &x.nar);
}

static void fetch_tarball(struct eval *ev, const struct ref *want, struct fetched *f)
{
	fetch_url_into(ev, ref_text(want, "url"), true, f);
}

static void fetch_file(struct eval *ev, const struct ref *want, struct fetched *f)
{
	fetch_url_into(ev, ref_text(want, "url"), false, f);
}

static void fetch_forge(struct eval *ev, const struct ref *want, struct fetched *f)
{
	fetch_url_into(ev, forge_archive(ev, f->locked), true, f);
}

static void fetch_hg(struct eval *ev, const struct ref *want, struct fetched *f)
{
	eval_throw(ev, THROW_EVAL, 0, "kernix does not fetch Mercurial repositories");
}

static void fetch_indirect(struct eval *ev, const struct ref *want, struct fetched *f)
{
	tree_fetch(ev, registry_find(ev, want), NULL, f);
}

static const struct {
	const char *type;
	void (*fetch)(struct eval *ev, const struct ref *want, struct fetched *f);
} types[] = {
        {"path", fetch_path},
        {"git", fetch_git},
        {"tarball", fetch_tarball},
        {"file", fetch_file},
        {"github", fetch_forge},
        {"gitlab", fetch_forge},
        {"sourcehut", fetch_forge},
        {"hg", fetch_hg},
        {"indirect", fetch_indirect},
};

// ---- all of them

// The store path that the hash of the contents gives, where it is in the store.
static const char *stored(struct eval *ev, const struct ref *want)
{
	struct glue *g = glue_of(ev);
	struct ca ca = {.method = CA_NAR};
	struct err e = {0};
	bool valid = false;
	char *path = NULL;

	if (!ref_nar_hash(want, &ca.hash))
		return NULL;
	int r = store_path_from_ca(store_dir(g->store), &ca, "source", NULL, false, &path, &e);
	if (r == 0)
		r = store_is_valid(g->store, path, &valid, &e);
	const char *found = r == 0 && valid ? arena_strdup(&ev->heap, path) : NULL;
	mem_free(path);
	if (r < 0)
		eval_throw_err(ev, 0, &e);
	return found;
}

struct attempt {
	const struct ref *want;
	struct fetched *f;
};

static void fetch_by_type(struct eval *ev, void *arg)
{
	struct attempt *a = arg;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (ref_is(a->want, types[i].type)) {
			types[i].fetch(ev, a->want, a->f);
			return;
		}
	eval_throw(ev, THROW_EVAL, 0, "input '%s' is unsupported", ref_show(ev, a->want));
}

// A locked input that cannot be had: the reason, and what to do without a network.
_noreturn_ static void throw_missing(
        struct eval *ev, const struct ref *want, const char *input, const struct thrown *t)
{
	eval_throw(ev, THROW_HOST, 0,
	        "the input '%s' (%s) is not in the store and cannot be fetched: %s\n"
	        "Try again with a network, copy it into this store, or name a copy that is here: "
	        "--override-input %s path:DIR",
	        input, ref_show(ev, want), t->message, input);
}

static void check_hash(struct eval *ev, const struct ref *want, const struct fetched *f)
{
	struct hash wanted, got;

	if (!ref_get(want, "narHash"))
		return;
	if (!ref_nar_hash(want, &wanted) || !ref_nar_hash(f->locked, &got) || !hash_eq(&wanted, &got))
		throw_mismatch(ev, want, ref_text(f->locked, "narHash"));
}

void tree_fetch(struct eval *ev, const struct ref *want, const char *input, struct fetched *ret)
{
	struct attempt a = {.want = want, .f = ret};
	struct thrown t;

	ref_check(ev, want);
	ret->locked = ref_copy(ev, want);
	ret->path = ref_get(want, "lastModified") || ref_is(want, "file") ? stored(ev, want) : NULL;
	if (ret->path)
		return;
	if (!input || ref_is_here(want)) // no network helps
		fetch_by_type(ev, &a);
	else if (!eval_try(ev, fetch_by_type, &a, &t)) {
		if (t.kind != THROW_HOST || t.exit_status > 1)
			eval_rethrow(ev, &t);
		throw_missing(ev, want, input, &t);
	}
	check_hash(ev, want, ret);
}

static void push(struct eval *ev, struct attrs *a, const char *name, const char *text)
{
	if (text)
		*attrs_push(a, symbol_of(&ev->symbols, name), 0) = eval_str(ev, text);
}

static void push_date(struct eval *ev, struct attrs *a, const struct ref *locked)
{
	const struct ref_attr *when = ref_get(locked, "lastModified");
	time_t at = when ? (time_t)when->number : 0;
	char date[32];
	struct tm tm;

	if (!when)
		return;
	gmtime_r(&at, &tm);
	strftime(date, sizeof(date), "%Y%m%d%H%M%S", &tm);
	*attrs_push(a, symbol_of(&ev->symbols, "lastModified"), 0) = value_int(at);
	push(ev, a, "lastModifiedDate", date);
}

struct value tree_value(struct eval *ev, const struct fetched *f, bool dirty)
{
	struct attrs *a = attrs_new(ev, 16);
	const struct ref *r = f->locked;
	const struct ref_attr *count = ref_get(r, "revCount");
	const char *rev = ref_text(r, "rev");

	*attrs_push(a, ev->sym.out_path, 0) = glue_store_value(ev, f->path);
	push(ev, a, "narHash", ref_text(r, "narHash"));
	if (ref_is(r, "git"))
		*attrs_push(a, symbol_of(&ev->symbols, "submodules"), 0) =
		        value_bool(ref_flag(r, "submodules"));
	if (!dirty && rev) {
		push(ev, a, "rev", rev);
		push(ev, a, "shortRev", arena_printf(&ev->heap, "%.7s", rev));
	}
	if (!dirty && count)
		*attrs_push(a, symbol_of(&ev->symbols, "revCount"), 0) = value_int((int64_t)count->number);
	push(ev, a, "dirtyRev", ref_text(r, "dirtyRev"));
	push(ev, a, "dirtyShortRev", ref_text(r, "dirtyShortRev"));
	push_date(ev, a, r);
	attrs_finish(a);
	return value_attrs(a);
}
