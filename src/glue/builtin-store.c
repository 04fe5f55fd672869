// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins that put things into the store or name what is there: path, filterSource, toFile, storePath.

#include <errno.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin.h"
#include "glue/glue.h"
#include "store/store.h"

static struct value store_value(struct eval *ev, char *path)
{
	const struct string *plain = eval_string(ev, path, strlen(path), NULL);

	mem_free(path);
	return value_string(eval_string(ev, plain->data, plain->len, context_one(ev, CONTEXT_OPAQUE, plain, NULL)));
}

// A filter that calls back into the language. A throw must not pass through the store's code: it is caught here and thrown again at the end.
struct filtering {
	struct eval *ev;
	struct value fn;
	const char *root; // logical path
	uint32_t pos;
	bool threw, keep;
	struct thrown thrown;
	const char *path;
	char type;
};

static void filter_call(struct eval *ev, void *arg)
{
	struct filtering *f = arg;
	const char *type = f->type == 'r' ? "regular" : f->type == 'd' ? "directory" : f->type == 's' ? "symlink" : "unknown";
	struct value args[] = {eval_str(ev, f->path), eval_str(ev, type)}, ret;

	eval_call(ev, &f->fn, 2, args, &ret, f->pos);
	f->keep = eval_bool(ev, &ret, f->pos, "while evaluating the return value of the path filter function");
}

static int filter_path(void *ctx, const char *path, char type, bool *ret_keep, struct err *e)
{
	struct filtering *f = ctx;
	_cleanup_free_ char *logical = fs_join(f->root, path);

	f->path = logical;
	f->type = type;
	if (!eval_try(f->ev, filter_call, f, &f->thrown)) {
		f->threw = true;
		return err_set(e, -ECANCELED, "the filter failed");
	}
	*ret_keep = f->keep;
	return 0;
}

struct adding {
	const struct string *path;
	const char *name;
	struct value *filter; // NULL: all
	enum ca_method method;
	struct hash want;     // HASH_NONE: not said
};

static struct value add_path(struct eval *ev, const struct adding *a, uint32_t pos)
{
	struct glue *g = glue_of(ev);
	struct filtering f = {.ev = ev, .root = a->path->data, .pos = pos};
	struct nar_filter nf = {filter_path, &f};
	struct err e = {0};
	struct hash got;
	char *ret = NULL, *real = store_real_path(g->store, a->path->data);
	int r;

	if (a->filter)
		f.fn = *a->filter;
	if (g->read_only)
		r = store_path_for_file(g->store, a->name, real, a->method, HASH_SHA256, a->filter ? &nf : NULL, &ret, &got, &e);
	else
		r = store_add_path(g->store, a->name, real, a->method, HASH_SHA256, a->filter ? &nf : NULL, &ret, &got, &e);
	mem_free(real);
	if (f.threw) {
		err_release(&e);
		eval_rethrow(ev, &f.thrown);
	}
	if (r < 0)
		eval_throw_err(ev, pos, &e);
	if (a->want.algo != HASH_NONE && !hash_eq(&a->want, &got)) {
		mem_free(ret);
		eval_throw(ev, THROW_EVAL, pos, "store path mismatch in (possibly filtered) path added from '%s'", a->path->data);
	}
	return store_value(ev, ret);
}

static void b_filter_source(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct adding a = {.filter = &args[0], .method = CA_NAR, .want.algo = HASH_NONE};

	a.path = eval_path(ev, &args[1], pos, "while evaluating the second argument (the path to filter) passed to 'builtins.filterSource'");
	eval_function(ev, &args[0], pos, "while evaluating the first argument passed to builtins.filterSource");
	a.name = str_basename(a.path->data);
	*ret = add_path(ev, &a, pos);
}

static void path_attr(struct eval *ev, struct adding *a, struct attr *at)
{
	const char *n = symbol_text(&ev->symbols, at->name);
	struct err e = {0};

	if (str_eq(n, "path")) {
		a->path = eval_path(ev, &at->value, at->pos, "while evaluating the 'path' attribute passed to 'builtins.path'");
	} else if (str_eq(n, "name")) {
		a->name = eval_string_plain(ev, &at->value, at->pos, "while evaluating the `name` attribute passed to builtins.path")->data;
	} else if (str_eq(n, "filter")) {
		eval_function(ev, &at->value, at->pos, "while evaluating the `filter` parameter passed to builtins.path");
		a->filter = &at->value;
	} else if (str_eq(n, "recursive")) {
		bool rec = eval_bool(ev, &at->value, at->pos, "while evaluating the `recursive` attribute passed to builtins.path");

		a->method = rec ? CA_NAR : CA_FLAT;
	} else if (str_eq(n, "sha256")) {
		const struct string *s = eval_string_plain(ev, &at->value, at->pos, "while evaluating the `sha256` attribute passed to builtins.path");

		if (hash_parse(s->data, HASH_SHA256, &a->want, &e) < 0)
			eval_throw_err(ev, at->pos, &e);
	} else {
		eval_throw(ev, THROW_EVAL, at->pos, "unsupported argument '%s' to 'builtins.path'", n);
	}
}

static void b_path(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *set = attrs_flat(ev, eval_attrs(ev, &args[0], pos, "while evaluating the argument passed to 'builtins.path'"));
	struct adding a = {.method = CA_NAR, .want.algo = HASH_NONE};

	attrs_for_each(at, set)
		path_attr(ev, &a, at);
	if (!a.path)
		eval_throw(ev, THROW_EVAL, pos, "missing required 'path' attribute in the first argument to 'builtins.path'");
	if (!a.name)
		a.name = str_basename(a.path->data);
	*ret = add_path(ev, &a, pos);
}

static void b_to_file(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(ev, &args[0], pos, "while evaluating the first argument passed to builtins.toFile");
	const struct string *text = eval_string_of(ev, &args[1], pos, "while evaluating the second argument passed to builtins.toFile");
	size_t n = text->context ? text->context->len : 0;
	char **refs = eval_alloc(ev, (n + 1) * sizeof(*refs)), *path = NULL;
	struct err e = {0};

	for (size_t i = 0; i < n; i++) {
		if (text->context->elems[i].kind != CONTEXT_OPAQUE)
			eval_throw(ev, THROW_EVAL, pos, "files created by builtins.toFile may not reference derivations, but %s references %s", name->data,
				text->context->elems[i].path->data);
		refs[i] = (char *) text->context->elems[i].path->data;
	}
	if (store_add_text(glue_of(ev)->store, name->data, text->data, text->len, refs, &path, &e) < 0)
		eval_throw_err(ev, pos, &e);
	*ret = store_value(ev, path);
}

static void b_store_path(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_path(ev, &args[0], pos, "while evaluating the first argument passed to 'builtins.storePath'");
	struct glue *g = glue_of(ev);
	struct err e = {0};
	char *path = NULL;

	if (!store_path_inside(store_dir(g->store), s->data))
		eval_throw(ev, THROW_EVAL, pos, "path '%s' is not in the Nix store", s->data);
	if (store_path_of(store_dir(g->store), s->data, &path, NULL, &e) < 0)
		eval_throw_err(ev, pos, &e);
	const struct string *plain = eval_string(ev, path, strlen(path), NULL);
	mem_free(path);
	if (!g->read_only && !store_is_valid(g->store, plain->data))
		eval_throw(ev, THROW_EVAL, pos, "path '%s' is not valid", plain->data);
	*ret = value_string(eval_string(ev, s->data, s->len, context_join(ev, s->context, context_one(ev, CONTEXT_OPAQUE, plain, NULL))));
}

static const struct builtin rows[] = {
	{"filterSource", 2, 0, false, b_filter_source, "filter path", "Copies a tree into the store, only what the filter keeps."},
	{"path", 1, 1, false, b_path, "attrs", "Copies a path into the store under a name, with a filter or a hash."},
	{"storePath", 1, 1, false, b_store_path, "path", "A string for an existing store path, with that path as its context."},
	{"toFile", 2, 3, false, b_to_file, "name text", "Writes a text into the store."},
};

const struct builtin_table builtin_stores = {rows, ARRAY_SIZE(rows)};
