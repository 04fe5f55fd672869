// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins that put things into the store: path, filterSource, toFile, storePath.

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/glue.h"
#include "store/store.h"

struct value glue_store_value(struct eval *ev, const char *path)
{
	const struct string *plain = eval_string(ev, path, strlen(path), NULL);

	eval_allow_path(ev, path);
	return value_string(
	        eval_string(ev, plain->data, plain->len, context_one(ev, CONTEXT_OPAQUE, plain, NULL)));
}

// An owned store path.
static struct value take_path(struct eval *ev, char *path)
{
	struct value v = glue_store_value(ev, path);

	mem_free(path);
	return v;
}

// A filter that calls back into the language. A throw must not pass through the store's code: it is caught
// here and thrown again at the end. A tree may be read twice (hashed, then copied): what the filter said the
// first time holds.
struct filtering {
	struct eval *ev;
	struct value fn;
	const char *root; // logical path
	bool threw, keep;
	struct thrown thrown;
	const char *path;
	char type;
	struct hmap said; // path -> "y" or "n"
};

static void filter_call(struct eval *ev, void *arg)
{
	struct filtering *f = arg;
	const char *type = f->type == 'r'   ? "regular"
	                   : f->type == 'd' ? "directory"
	                   : f->type == 's' ? "symlink"
	                                    : "unknown";
	struct value args[] = {eval_str(ev, f->path), eval_str(ev, type)}, ret;

	eval_call(ev, &f->fn, 2, args, &ret, 0);
	f->keep = eval_bool(ev, &ret, 0, "while evaluating the return value of the path filter function");
}

static int filter_path(void *ctx, const char *path, char type, bool *ret_keep, struct err *e)
{
	struct filtering *f = ctx;
	_cleanup_free_ char *logical = fs_join(f->root, path);
	const char *said = hmap_get(&f->said, path);

	if (!said) {
		f->path = logical;
		f->type = type;
		if (!eval_try(f->ev, filter_call, f, &f->thrown)) {
			f->threw = true;
			return err_set(e, -ECANCELED, "the filter failed");
		}
		said = f->keep ? "y" : "n";
		hmap_put(&f->said, path, (void *)(uintptr_t)said);
	}
	*ret_keep = *said == 'y';
	return 0;
}

struct adding {
	const struct string *path;
	const char *name;
	struct value *filter; // NULL: all
	enum ca_method method;
	struct hash want; // HASH_NONE: not said
};

static int add_to_store(
        struct glue *g, const struct adding *a, const struct nar_filter *nf, char **ret, struct err *e)
{
	_cleanup_free_ char *real = store_real_path(g->store, a->path->data);
	struct stat st;

	int r = fs_lstat_maybe(real, &st, e);
	if (r <= 0)
		return r < 0 ? r : err_set(e, -ENOENT, "path '%s' does not exist", a->path->data);
	if (a->method == CA_FLAT && !S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "file '%s' is not a regular file", a->path->data);
	if (g->read_only)
		return store_path_for_file(g->store, a->name, real, a->method, HASH_SHA256, nf, ret, NULL, e);
	return store_add_path(g->store, a->name, real, a->method, HASH_SHA256, nf, ret, NULL, e);
}

// The path that the hash promises; owned, NULL when no hash was said.
static char *promised_path(struct eval *ev, const struct adding *a)
{
	struct ca ca = {.method = a->method, .hash = a->want};
	struct err e = {0};
	char *path = NULL;

	if (a->want.algo == HASH_NONE)
		return NULL;
	if (store_path_from_ca(store_dir(glue_of(ev)->store), &ca, a->name, NULL, false, &path, &e) < 0)
		eval_throw_err(ev, 0, &e);
	return path;
}

static struct value add_path(struct eval *ev, const struct adding *a)
{
	struct glue *g = glue_of(ev);
	struct filtering f = {.ev = ev, .root = a->path->data};
	struct nar_filter nf = {filter_path, &f};
	struct err e = {0};
	struct frame at;
	char *ret = NULL;

	text_push(ev, &at, arena_printf(&ev->heap, "while adding path '%s'", a->path->data));
	char *want = promised_path(ev, a);
	bool valid = false;
	if (want && store_is_valid(g->store, want, &valid, &e) < 0) {
		mem_free(want);
		eval_throw_err(ev, 0, &e);
	}
	if (valid) {
		text_pop(ev, &at);
		return take_path(ev, want);
	}
	if (a->filter)
		f.fn = *a->filter;
	int r = add_to_store(g, a, a->filter ? &nf : NULL, &ret, &e);
	bool other = r == 0 && want && !str_eq(want, ret);
	hmap_release(&f.said);
	mem_free(want);
	if (f.threw) {
		err_release(&e);
		eval_rethrow(ev, &f.thrown);
	}
	if (r < 0)
		eval_throw_err(ev, 0, &e);
	if (other) {
		mem_free(ret);
		eval_throw(ev, THROW_EVAL, 0,
		        "store path mismatch in (possibly filtered) path added from '%s'", a->path->data);
	}
	text_pop(ev, &at);
	return take_path(ev, ret);
}

// The path to add, with what it needs built.
static const struct string *source_path(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	struct frame f;

	text_push(ev, &f, what);
	f.pos = pos;
	const struct string *s = eval_path(ev, v, 0, NULL);
	text_pop(ev, &f);
	if (s->context)
		eval_realise_context(ev, s->context, 0);
	eval_check_path(ev, s->data, 0);
	return s;
}

static void b_filter_source(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct adding a = {.filter = &args[0], .method = CA_NAR, .want.algo = HASH_NONE};

	a.path = source_path(ev, &args[1], 0,
	        "while evaluating the second argument (the path to filter) passed to "
	        "'builtins.filterSource'");
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.filterSource");
	a.name = str_basename(a.path->data);
	*ret = add_path(ev, &a);
}

static void path_attr(struct eval *ev, struct adding *a, struct attr *at)
{
	const char *n = symbol_text(&ev->symbols, at->name);

	if (str_eq(n, "path")) {
		a->path = source_path(ev, &at->value, at->pos,
		        "while evaluating the 'path' attribute passed to 'builtins.path'");
	} else if (str_eq(n, "name")) {
		a->name = eval_string_plain(ev, &at->value, at->pos,
		        "while evaluating the `name` attribute passed to builtins.path")
		                  ->data;
	} else if (str_eq(n, "filter")) {
		eval_function(
		        ev, &at->value, at->pos, "while evaluating the `filter` parameter passed to builtins.path");
		a->filter = &at->value;
	} else if (str_eq(n, "recursive")) {
		bool rec = eval_bool(ev, &at->value, at->pos,
		        "while evaluating the `recursive` attribute passed to builtins.path");

		a->method = rec ? CA_NAR : CA_FLAT;
	} else if (str_eq(n, "sha256")) {
		const struct string *s = eval_string_plain(ev, &at->value, at->pos,
		        "while evaluating the `sha256` attribute passed to builtins.path");

		parse_hash_or_empty(ev, s->data, HASH_SHA256, &a->want);
	} else {
		eval_throw(ev, THROW_EVAL, at->pos, "unsupported argument '%s' to 'builtins.path'",
		        eval_show_name(ev, at->name));
	}
}

static void b_path(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *set = attrs_flat(
	        ev, eval_attrs(ev, &args[0], 0, "while evaluating the argument passed to 'builtins.path'"));
	struct adding a = {.method = CA_NAR, .want.algo = HASH_NONE};

	attrs_for_each (at, set)
		path_attr(ev, &a, at);
	if (!a.path)
		eval_throw(ev, THROW_EVAL, 0,
		        "missing required 'path' attribute in the first argument to 'builtins.path'");
	if (!a.name || !*a.name)
		a.name = str_basename(a.path->data);
	*ret = add_path(ev, &a);
}

// A context element as messages name it, without the folder of the store.
static const char *element_text(struct eval *ev, const struct context_elem *el)
{
	const char *base = str_basename(el->path->data);

	if (el->kind == CONTEXT_BUILT)
		return arena_printf(&ev->heap, "!%s!%s", el->output->data, base);
	return el->kind == CONTEXT_DRV_DEEP ? arena_printf(&ev->heap, "=%s", base) : base;
}

static int text_path(struct store *s, const char *name, const struct string *text, char *const *refs,
        char **ret, struct err *e)
{
	struct ca ca = {.method = CA_TEXT};

	hash_bytes(HASH_SHA256, text->data, text->len, &ca.hash);
	return store_path_from_ca(store_dir(s), &ca, name, refs, false, ret, e);
}

static void b_to_file(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.toFile");
	const struct string *text = eval_string_of(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.toFile");
	size_t n = text->context ? text->context->len : 0;
	char **refs = eval_alloc(ev, (n + 1) * sizeof(*refs)), *path = NULL;
	struct glue *g = glue_of(ev);
	struct err e = {0};

	for (size_t i = 0; i < n; i++) {
		const struct context_elem *el = &text->context->elems[i];
		if (el->kind != CONTEXT_OPAQUE)
			eval_throw(ev, THROW_EVAL, 0,
			        "files created by builtins.toFile may not reference derivations, but %s "
			        "references %s",
			        name->data, element_text(ev, el));
		refs[i] = (char *)el->path->data;
	}
	int r = g->read_only ? text_path(g->store, name->data, text, refs, &path, &e)
	                     : store_add_text(g->store, name->data, text->data, text->len, refs, &path, &e);
	if (r < 0)
		eval_throw_err(ev, 0, &e);
	*ret = take_path(ev, path);
}

static void b_store_path(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_path(
	        ev, &args[0], 0, "while evaluating the first argument passed to 'builtins.storePath'");
	struct glue *g = glue_of(ev);
	struct err e = {0};
	char *path = NULL;

	if (ev->settings.pure)
		eval_throw(ev, THROW_EVAL, 0, "'builtins.storePath' is not allowed in pure evaluation mode");
	const char *where = s->data;
	eval_check_path(ev, where, 0);
	if (!store_path_valid(store_dir(g->store), where))
		where = resolve_links(ev, where, true);
	if (!store_path_inside(store_dir(g->store), where))
		eval_throw(ev, THROW_EVAL, 0, "path '%s' is not in the Nix store", where);
	if (store_path_of(store_dir(g->store), where, &path, NULL, &e) < 0)
		eval_throw_err(ev, 0, &e);
	const struct string *plain = eval_string(ev, path, strlen(path), NULL);
	mem_free(path);
	bool valid = true;
	if (!g->read_only && store_is_valid(g->store, plain->data, &valid, &e) < 0)
		eval_throw_err(ev, 0, &e);
	if (!valid)
		eval_throw(ev, THROW_HOST, 0,
		        "path '%s' is required, but there is no substituter that can build it", plain->data);
	*ret = value_string(eval_string(ev, where, strlen(where),
	        context_join(ev, s->context, context_one(ev, CONTEXT_OPAQUE, plain, NULL))));
}

static const struct builtin rows[] = {
        {"filterSource", 2, 3, false, b_filter_source, "filter path",
                "Copies a tree into the store, only what the filter keeps."},
        {"path", 1, 1, false, b_path, "attrs",
                "Copies a path into the store under a name, with a filter or a hash."},
        {"storePath", 1, 1, false, b_store_path, "path",
                "A string for an existing store path, with that path as its context."},
        {"toFile", 2, 3, false, b_to_file, "name text", "Writes a text into the store."},
};

const struct builtin_table builtin_stores = {rows, ARRAY_SIZE(rows)};
