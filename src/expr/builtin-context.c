// SPDX-License-Identifier: GPL-2.0-or-later
// String contexts as values: reading, adding and dropping what a string depends on.
#include <string.h>
#include "base/str.h"
#include "expr/builtin-util.h"

static void b_has_context(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_string_of(
	        ev, &args[0], 0, "while evaluating the argument passed to builtins.hasContext");

	*ret = value_bool(s->context && s->context->len);
}

static void b_unsafe_discard_string_context(
        struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {.copy = true,
	        .what = "while evaluating the argument passed to builtins.unsafeDiscardStringContext"};
	const struct string *s = eval_coerce(ev, &args[0], 0, &how);

	*ret = value_string(s->context ? eval_string(ev, s->data, s->len, NULL) : s);
}

// Information about one path, gathered from neighbouring elements of the (sorted) context.
static struct value path_info(struct eval *ev, const struct context_elem *elems, size_t n)
{
	struct attrs *info = attrs_new(ev, 3);
	struct value *outputs = eval_list_alloc(ev, n);
	size_t built = 0;

	for (size_t i = 0; i < n; i++) {
		if (elems[i].kind == CONTEXT_OPAQUE)
			*attrs_push(info, ev->sym.path, 0) = value_bool(true);
		else if (elems[i].kind == CONTEXT_DRV_DEEP)
			*attrs_push(info, symbol_of(&ev->symbols, "allOutputs"), 0) = value_bool(true);
		else
			outputs[built++] = value_string(elems[i].output);
	}
	if (built)
		*attrs_push(info, ev->sym.outputs, 0) = value_list(outputs, built);
	attrs_finish(info);
	return value_attrs(info);
}

static bool same_path(const struct context_elem *a, const struct context_elem *b)
{
	return a->path == b->path ||
	       (a->path->len == b->path->len && !memcmp(a->path->data, b->path->data, a->path->len));
}

static void b_get_context(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_string_of(
	        ev, &args[0], 0, "while evaluating the argument passed to builtins.getContext");
	const struct context *c = s->context;
	size_t n = c ? c->len : 0;
	struct attrs *a = attrs_new(ev, n);

	for (size_t from = 0, i = 0; i < n; i++) {
		if (i + 1 < n && same_path(&c->elems[i], &c->elems[i + 1]))
			continue;
		const struct string *path = c->elems[i].path;
		*attrs_push(a, symbol_intern(&ev->symbols, path->data, path->len), 0) =
		        path_info(ev, &c->elems[from], i + 1 - from);
		from = i + 1;
	}
	attrs_finish(a);
	*ret = value_attrs(a);
}

// Elements that are being gathered.
struct gather {
	struct context_elem *elems;
	size_t len, cap;
};

static void gather_add(struct eval *ev, struct gather *g, struct context_elem e)
{
	if (g->len == g->cap) {
		size_t cap = g->cap ? 2 * g->cap : 8;
		struct context_elem *more = eval_alloc(ev, cap * sizeof(*more));
		if (g->len)
			memcpy(more, g->elems, g->len * sizeof(*more));
		g->elems = more;
		g->cap = cap;
	}
	g->elems[g->len++] = e;
}

static bool is_drv(const struct string *path)
{
	return str_has_suffix(path->data, ".drv");
}

static void append_outputs(struct eval *ev, struct gather *g, const struct string *path, struct attr *at)
{
	eval_list(ev, &at->value, at->pos, "while evaluating the `outputs` attribute of a string context");
	if (list_len(&at->value) && !is_drv(path))
		eval_throw(ev, THROW_EVAL, at->pos,
		        "tried to add derivation output context of \"%s\", which is not a derivation, to a "
		        "string",
		        path->data);
	for (size_t i = 0; i < list_len(&at->value); i++) {
		const struct string *output = eval_string_plain(ev, &at->value.elems[i], at->pos,
		        "while evaluating an output name within a string context");
		gather_add(ev, g, (struct context_elem){CONTEXT_BUILT, path, output});
	}
}

// Whether a path is that of a store object itself: the digits of its hash, a character, a valid name.
static bool is_store_path(struct eval *ev, const char *path)
{
	enum { HASH_DIGITS = 32, NAME_MAX_LEN = 211 };
	static const char digits[] = "0123456789abcdfghijklmnpqrsvwxyz",
	                  name_chars[] =
	                          "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?=";
	size_t dir = strlen(ev->host.store_dir);

	if (strncmp(path, ev->host.store_dir, dir) || path[dir] != '/')
		return false;
	const char *base = path + dir + 1, *name = base + HASH_DIGITS + 1;
	if (strlen(base) <= HASH_DIGITS + 1 || strspn(base, digits) < HASH_DIGITS)
		return false;
	size_t len = strlen(name), dots = strspn(name, ".");
	if (len > NAME_MAX_LEN || strspn(name, name_chars) != len)
		return false;
	return !dots || dots > 2 || (name[dots] && name[dots] != '-');
}

static void append_one(struct eval *ev, struct gather *g, struct attr *at)
{
	const struct string *path = symbol_string(&ev->symbols, at->name);

	if (!is_store_path(ev, path->data))
		eval_throw(ev, THROW_EVAL, at->pos, "context key '%s' is not a store path",
		        eval_show_name(ev, at->name));
	struct attrs *info =
	        eval_attrs(ev, &at->value, at->pos, "while evaluating the value of a string context");
	struct attr *x = attrs_get(info, ev->sym.path);
	if (x &&
	        eval_bool(ev, &x->value, x->pos, "while evaluating the `path` attribute of a string context"))
		gather_add(ev, g, (struct context_elem){CONTEXT_OPAQUE, path, NULL});
	x = attrs_get(info, symbol_of(&ev->symbols, "allOutputs"));
	if (x && eval_bool(ev, &x->value, x->pos,
	                 "while evaluating the `allOutputs` attribute of a string context")) {
		if (!is_drv(path))
			eval_throw(ev, THROW_EVAL, at->pos,
			        "tried to add all-outputs context of \"%s\", which is not a derivation, to a "
			        "string",
			        path->data);
		gather_add(ev, g, (struct context_elem){CONTEXT_DRV_DEEP, path, NULL});
	}
	x = attrs_get(info, ev->sym.outputs);
	if (x)
		append_outputs(ev, g, path, x);
}

static void b_append_context(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_string_of(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.appendContext");
	struct attrs *a = attrs_flat(
	        ev, eval_attrs(ev, &args[1], 0,
	                    "while evaluating the second argument passed to builtins.appendContext"));
	struct gather g = {0};

	for (size_t i = 0; s->context && i < s->context->len; i++)
		gather_add(ev, &g, s->context->elems[i]);
	attrs_for_each (at, a)
		append_one(ev, &g, at);
	*ret = value_string(eval_string(ev, s->data, s->len, g.len ? context_of(ev, g.elems, g.len) : NULL));
}

static void b_unsafe_discard_output_dependency(
        struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {.copy = true,
	        .what = "while evaluating the argument passed to builtins.unsafeDiscardOutputDependency"};
	const struct string *s = eval_coerce(ev, &args[0], 0, &how);
	size_t n = s->context ? s->context->len : 0;
	struct context_elem *elems = eval_alloc(ev, n * sizeof(*elems));

	for (size_t i = 0; i < n; i++) {
		elems[i] = s->context->elems[i];
		if (elems[i].kind == CONTEXT_DRV_DEEP)
			elems[i].kind = CONTEXT_OPAQUE;
	}
	*ret = value_string(n ? eval_string(ev, s->data, s->len, context_of(ev, elems, n)) : s);
}

static void b_add_drv_output_dependencies(
        struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {.copy = true,
	        .what = "while evaluating the argument passed to builtins.addDrvOutputDependencies"};
	const struct string *s = eval_coerce(ev, &args[0], 0, &how);
	size_t n = s->context ? s->context->len : 0;

	if (n != 1)
		eval_throw(ev, THROW_EVAL, 0,
		        "context of string '%s' must have exactly one element, but has %zu", s->data, n);
	struct context_elem e = s->context->elems[0];
	if (e.kind == CONTEXT_BUILT)
		eval_throw(ev, THROW_EVAL, 0,
		        "`addDrvOutputDependencies` can only act on derivations, not on a derivation output "
		        "such as '%s'",
		        e.output->data);
	if (e.kind == CONTEXT_OPAQUE && !is_drv(e.path))
		eval_throw(ev, THROW_EVAL, 0, "path '%s' is not a derivation", e.path->data);
	*ret = value_string(
	        eval_string(ev, s->data, s->len, context_one(ev, CONTEXT_DRV_DEEP, e.path, NULL)));
}

static const struct builtin rows[] = {
        {"hasContext", 1, 1, false, b_has_context, "s", "Does the string depend on store objects?"},
        {"getContext", 1, 1, false, b_get_context, "s",
                "What the string depends on, as a set by store path."},
        {"appendContext", 2, 3, false, b_append_context, "s context",
                "The string with more to depend on, in the form that getContext gives."},
        {"unsafeDiscardStringContext", 1, 1, false, b_unsafe_discard_string_context, "s",
                "The string without anything to depend on."},
        {"unsafeDiscardOutputDependency", 1, 1, false, b_unsafe_discard_output_dependency, "s",
                "The string where it depended on derivations with all their outputs now depending on the "
                ".drv files alone."},
        {"addDrvOutputDependencies", 1, 1, false, b_add_drv_output_dependencies, "s",
                "The string, that depends on one .drv file, now depending on the derivation with all its "
                "outputs."},
};

const struct builtin_table builtin_contexts = {rows, ARRAY_SIZE(rows)};
