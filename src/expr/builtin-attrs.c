// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins on attribute sets. Sets are sorted arrays; where two meet, the smaller is looked up in the larger
// or both are merged.
#include <stdlib.h>
#include <string.h>
#include "expr/ast.h"
#include "expr/builtin-util.h"

static void b_attr_names(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *a = attrs_flat(ev,
	        eval_attrs(ev, &args[0], 0, "while evaluating the argument passed to builtins.attrNames"));
	struct attr **sorted = attrs_sorted(ev, a);
	struct value *to = eval_list_alloc(ev, a->len);

	for (size_t i = 0; i < a->len; i++)
		to[i] = value_string(symbol_string(&ev->symbols, sorted[i]->name));
	*ret = value_list(to, a->len);
}

static void b_attr_values(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *a = attrs_flat(ev,
	        eval_attrs(ev, &args[0], 0, "while evaluating the argument passed to builtins.attrValues"));
	struct attr **sorted = attrs_sorted(ev, a);
	struct value *to = eval_list_alloc(ev, a->len);

	for (size_t i = 0; i < a->len; i++)
		to[i] = value_share(&sorted[i]->value);
	*ret = value_list(to, a->len);
}

// The symbol of a string if there is any attribute of that name anywhere, else 0.
static uint32_t find_name(struct eval *ev, const struct string *s)
{
	return s->symbol ? s->symbol : symbol_find(&ev->symbols, s->data, s->len);
}

static void b_has_attr(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.hasAttr");
	struct attrs *a = eval_attrs(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.hasAttr");
	uint32_t sym = find_name(ev, name);

	*ret = value_bool(sym && attrs_get(a, sym));
}

static void b_get_attr(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.getAttr");
	struct attrs *a = eval_attrs(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.getAttr");
	struct attr *at = attr_need(ev, a, symbol_intern(&ev->symbols, name->data, name->len),
	        "in the attribute set under consideration");

	eval_force(ev, &at->value, at->pos);
	*ret = at->value;
}

static int symbol_number_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

// Copies an attribute of one set into another.
static void push_shared(struct attrs *to, struct attr *at)
{
	*attrs_push(to, at->name, at->pos) = value_share(&at->value);
}

static void b_remove_attrs(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *a = eval_attrs(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.removeAttrs");
	struct attrs *to;

	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.removeAttrs");
	size_t n = list_len(&args[1]), gone = 0;
	uint32_t *names = eval_alloc(ev, n * sizeof(*names));
	for (size_t i = 0; i < n; i++) {
		uint32_t sym = find_name(ev, eval_string_plain(ev, &args[1].elems[i], 0,
		                                     "while evaluating the values of the second argument "
		                                     "passed to builtins.removeAttrs"));
		if (sym && attrs_get(a, sym))
			names[gone++] = sym;
	}
	*ret = args[0];
	if (!gone)
		return;
	qsort(names, gone, sizeof(*names), symbol_number_cmp);
	a = attrs_flat(ev, a);
	to = attrs_new(ev, a->len);
	size_t k = 0;
	attrs_for_each (at, a) {
		while (k < gone && names[k] < at->name)
			k++;
		if (k == gone || names[k] != at->name)
			push_shared(to, at);
	}
	attrs_finish(to);
	*ret = value_attrs(to);
}

static void b_intersect_attrs(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *a = eval_attrs(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.intersectAttrs");
	struct attrs *b = eval_attrs(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.intersectAttrs");
	struct attrs *to = attrs_new(ev, MIN(a->total, b->total));

	if (a->total < b->total) {
		a = attrs_flat(ev, a);
		attrs_for_each (at, a) {
			struct attr *other = attrs_get(b, at->name);
			if (other)
				push_shared(to, other);
		}
	} else {
		b = attrs_flat(ev, b);
		attrs_for_each (at, b) {
			if (attrs_get(a, at->name))
				push_shared(to, at);
		}
	}
	attrs_finish(to);
	*ret = value_attrs(to);
}

static void b_cat_attrs(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.catAttrs");
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.catAttrs");
	size_t n = list_len(&args[1]), found = 0;
	struct value *to = eval_list_alloc(ev, n);
	uint32_t sym = symbol_intern(&ev->symbols, name->data, name->len);

	for (size_t i = 0; i < n; i++) {
		struct attrs *a = eval_attrs(ev, &args[1].elems[i], 0,
		        "while evaluating an element in the list passed as second argument to "
		        "builtins.catAttrs");
		struct attr *at = attrs_get(a, sym);
		if (at)
			to[found++] = value_share(&at->value);
	}
	*ret = value_list(to, found);
}

// A delayed 'fn a b'.
static struct value delay_call2(
        struct eval *ev, enum value_type type, const struct value *fn, struct value a, struct value b)
{
	struct value *call = eval_alloc(ev, 3 * sizeof(*call));

	call[0] = *fn;
	call[1] = a;
	call[2] = b;
	return (struct value){.meta = value_meta(type, call)};
}

static struct value name_value(struct eval *ev, uint32_t sym)
{
	return value_string(symbol_string(&ev->symbols, sym));
}

static void b_map_attrs(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *a =
	        attrs_flat(ev, eval_attrs(ev, &args[1], 0,
	                               "while evaluating the second argument passed to builtins.mapAttrs"));
	struct attrs *to = attrs_new(ev, a->len);
	// The function stays as it is, evaluated or not, in one slot that all calls share. The next slot says
	// whether one was called: before, nobody knows where the function stands.
	struct value *fn = eval_alloc(ev, 2 * sizeof(*fn));
	const struct value f = {.meta = VALUE_REF, .ref = fn};

	fn[0] = args[0];
	fn[1] = value_bool(false);
	attrs_for_each (at, a) {
		*attrs_push(to, at->name, 0) =
		        delay_call2(ev, VALUE_APP2, &f, name_value(ev, at->name), value_share(&at->value));
	}
	attrs_finish(to);
	*ret = value_attrs(to);
}

// One attribute of one of the sets that are zipped; seq keeps the order of the list.
struct zipped {
	uint32_t name, seq;
	struct attr *attr;
};

static int zipped_cmp(const void *a, const void *b)
{
	const struct zipped *x = a, *y = b;

	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

// All attributes of all sets of a list, by name and then in the order of the list.
static struct zipped *zip_collect(struct eval *ev, struct value *list, size_t *ret_n)
{
	size_t n = 0, at_n = 0;

	for (size_t i = 0; i < list_len(list); i++)
		n += eval_attrs(ev, &list->elems[i], 0,
		        "while evaluating a value of the list passed as second argument to "
		        "builtins.zipAttrsWith")
		             ->total;
	struct zipped *z = eval_alloc(ev, n * sizeof(*z));
	for (size_t i = 0; i < list_len(list); i++) {
		struct attrs *a = attrs_flat(ev, list->elems[i].attrs);
		attrs_for_each (at, a)
			z[at_n++] = (struct zipped){at->name, (uint32_t)i, at};
	}
	if (n && list_len(list) > 1)
		qsort(z, n, sizeof(*z), zipped_cmp);
	*ret_n = n;
	return z;
}

static void b_zip_attrs_with(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.zipAttrsWith");
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.zipAttrsWith");
	size_t n, names = 0;
	struct zipped *z = zip_collect(ev, &args[1], &n);

	for (size_t i = 0; i < n; i++)
		names += !i || z[i].name != z[i - 1].name;
	struct attrs *to = attrs_new(ev, names);
	struct value *values = eval_list_alloc(ev, n);
	for (size_t from = 0, i = 0; i < n; i++) {
		values[i] = value_share(&z[i].attr->value);
		if (i + 1 < n && z[i + 1].name == z[i].name)
			continue;
		struct value list = value_list(values + from, i + 1 - from);
		*attrs_push(to, z[i].name, 0) =
		        delay_call2(ev, VALUE_APP2_PLACED, &args[0], name_value(ev, z[i].name), list);
		from = i + 1;
	}
	attrs_finish(to);
	*ret = value_attrs(to);
}

// Was an attribute of this name pushed already? Only asked on the way to an error: pushed sets are not sorted
// yet.
static bool was_pushed(const struct attrs *a, uint32_t name)
{
	for (size_t i = 0; i < a->len; i++)
		if (a->entries[i].name == name)
			return true;
	return false;
}

static void b_list_to_attrs(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	static const char pair[] = "in a {name=...; value=...;} pair";

	eval_list(ev, &args[0], 0, "while evaluating the argument passed to builtins.listToAttrs");
	size_t n = list_len(&args[0]);
	struct attrs *to = attrs_new(ev, n);
	for (size_t i = 0; i < n; i++) {
		struct attrs *a = eval_attrs(ev, &args[0].elems[i], 0,
		        "while evaluating an element of the list passed to builtins.listToAttrs");
		struct attr *name_at = attr_need(ev, a, ev->sym.name, pair);
		const struct string *name = eval_string_plain(ev, &name_at->value, name_at->pos,
		        "while evaluating the `name` attribute of an element of the list passed to "
		        "builtins.listToAttrs");
		uint32_t sym =
		        name->symbol ? name->symbol : symbol_intern(&ev->symbols, name->data, name->len);
		struct attr *at = attrs_get(a, ev->sym.value);
		if (!at && was_pushed(to, sym))
			continue;
		at = at ? at : attr_need(ev, a, ev->sym.value, pair);
		*attrs_push(to, sym, at->pos) = value_share(&at->value);
	}
	attrs_finish_unique(to);
	*ret = value_attrs(to);
}

static void b_unsafe_get_attr_pos(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.unsafeGetAttrPos");
	struct attrs *a = eval_attrs(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.unsafeGetAttrPos");
	uint32_t sym = find_name(ev, name);
	struct attr *at = sym ? attrs_get(a, sym) : NULL;

	*ret = value_null();
	if (at)
		eval_pos_value(ev, at->pos, ret);
}

static void b_function_args(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	if (value_type(&args[0]) == VALUE_BUILTIN || value_type(&args[0]) == VALUE_PAPP) {
		*ret = value_attrs(&attrs_empty);
		return;
	}
	if (value_type(&args[0]) != VALUE_LAMBDA)
		eval_throw(ev, THROW_TYPE, 0, "'functionArgs' requires a function");
	const struct expr_lambda *l = value_meta_ptr(&args[0]);
	struct attrs *a = attrs_new(ev, l->formals ? l->len : 0);
	for (uint32_t i = 0; l->formals && i < l->len; i++)
		*attrs_push(a, l->elems[i].name, l->elems[i].pos) = value_bool(l->elems[i].fallback);
	attrs_finish(a);
	*ret = value_attrs(a);
}

static const struct builtin rows[] = {
        {"attrNames", 1, 1, false, b_attr_names, "set", "The names of the attributes, sorted."},
        {"attrValues", 1, 1, false, b_attr_values, "set",
                "The values of the attributes, in the order of their sorted names."},
        {"hasAttr", 2, 3, false, b_has_attr, "s set", "Has the set an attribute of the name s?"},
        {"getAttr", 2, 3, false, b_get_attr, "s set",
                "The attribute of the name s; an error where there is none."},
        {"removeAttrs", 2, 3, true, b_remove_attrs, "set list",
                "The set without the attributes whose names the list holds."},
        {"intersectAttrs", 2, 3, false, b_intersect_attrs, "e1 e2",
                "The attributes of e2 whose names e1 has too."},
        {"catAttrs", 2, 3, false, b_cat_attrs, "attr list",
                "The values of the attribute in those sets of the list that have it."},
        {"mapAttrs", 2, 2, false, b_map_attrs, "f attrset",
                "The set with f name value in place of each value, lazily."},
        {"zipAttrsWith", 2, 3, false, b_zip_attrs_with, "f list",
                "One set of all names in the sets of the list: f name values, values being those of all sets "
                "that have the name."},
        {"listToAttrs", 1, 1, false, b_list_to_attrs, "e",
                "The set that a list of { name, value } describes; the first of a name wins."},
        {"functionArgs", 1, 1, false, b_function_args, "f",
                "The arguments that a function takes as a set, each with whether it has a default."},
        {"unsafeGetAttrPos", 2, 3, false, b_unsafe_get_attr_pos, "s set",
                "Where the attribute s was written: { file, line, column }, or null where that is not "
                "known."},
};

const struct builtin_table builtin_attrs = {rows, ARRAY_SIZE(rows)};
