// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins of flakes: references as text and as sets, fetchTree, getFlake.
#include <string.h>
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/glue.h"

static void b_parse_flake_ref(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	feature_need(ev, "flakes");
	const struct string *s = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the argument passed to builtins.parseFlakeRef");
	*ret = ref_value(ev, ref_parse(ev, s->data, REF_FLAKE, NULL));
}

static void check_ref_attr(struct eval *ev, struct attr *at)
{
	eval_force(ev, &at->value, at->pos);
	switch (value_type(&at->value)) {
	case VALUE_STRING:
	case VALUE_BOOL:
		return;
	case VALUE_INT:
		if (at->value.integer < 0)
			eval_throw(ev, THROW_EVAL, 0, "negative value given for flake ref attr %s: %lld",
			        eval_show_name(ev, at->name), (long long)at->value.integer);
		return;
	default:
		eval_throw(ev, THROW_EVAL, 0,
		        "flake reference attribute sets may only contain integers, Booleans, and strings, "
		        "but attribute '%s' is %s",
		        eval_show_name(ev, at->name), eval_phrase(ev, &at->value));
	}
}

static void b_flake_ref_to_string(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	feature_need(ev, "flakes");
	struct attrs *a =
	        attrs_flat(ev, eval_attrs(ev, &args[0], 0,
	                               "while evaluating the argument passed to builtins.flakeRefToString"));
	attrs_for_each (at, a)
		check_ref_attr(ev, at);
	*ret = eval_str(ev, ref_show(ev, ref_of_attrs(ev, a)));
}

static void b_get_flake(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct glue *g = glue_of(ev);
	const struct flake_options *given = g->flake_options;
	struct flake_options options = {.no_write = true,
	        .own_nixpkgs = given && given->own_nixpkgs,
	        .locked_only = ev->settings.pure};
	struct flake f;

	feature_need(ev, "flakes");
	const char *text = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the argument passed to builtins.getFlake")
	                           ->data;
	struct ref *r = ref_parse(ev, text, REF_FLAKE, NULL);
	if (ev->settings.pure && !ref_is_locked(r))
		eval_throw(ev, THROW_EVAL, 0,
		        "cannot call 'getFlake' on unlocked flake reference '%s' (use --impure to override)",
		        text);
	flake_get(ev, r, &options, &f, ret);
}

static void b_not_here(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_throw(ev, THROW_EVAL, 0, "this builtin of an experimental feature of Nix is not in kernix");
}

static struct ref *tree_of_set(struct eval *ev, struct value *v)
{
	struct attrs *set = attrs_flat(ev, v->attrs);
	struct attr *type = attrs_get(set, ev->sym.type);

	if (!type)
		eval_throw(ev, THROW_EVAL, 0, "argument 'type' is missing in call to 'fetchTree'");
	eval_string_plain(ev, &type->value, 0, "while evaluating the `type` argument passed to 'fetchTree'");
	attrs_for_each (at, set)
		glue_check_fetch_attr(ev, "fetchTree", at);
	if (attrs_get(set, ev->sym.name))
		eval_throw(ev, THROW_EVAL, 0, "argument 'name' isn’t supported in call to 'fetchTree'");
	return ref_of_attrs(ev, set);
}

static struct ref *tree_of_text(struct eval *ev, struct value *v)
{
	struct coerce how = {.what = "while evaluating the first argument passed to 'fetchTree'"};
	const char *text = eval_coerce(ev, v, 0, &how)->data;

	if (!feature_on(ev, "flakes"))
		eval_throw(ev, THROW_EVAL, 0,
		        "passing a string argument to 'fetchTree' requires the 'flakes' experimental "
		        "feature");
	return ref_parse(ev, text, 0, NULL);
}

static void b_fetch_tree(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct fetched f;

	eval_force(ev, &args[0], 0);
	struct ref *r =
	        value_type(&args[0]) == VALUE_ATTRS ? tree_of_set(ev, &args[0]) : tree_of_text(ev, &args[0]);
	ref_check(ev, r);
	ref_remove(r, "dir");
	if (ev->settings.pure && !ref_is_locked(r))
		eval_throw(ev, THROW_EVAL, 0,
		        "in pure evaluation mode, 'fetchTree' doesn't fetch unlocked input '%s'",
		        ref_show(ev, r));
	tree_fetch(ev, r, NULL, &f);
	*ret = tree_value(ev, &f, false);
}

static const struct builtin rows[] = {
        {"parseFlakeRef", 1, 1, false, b_parse_flake_ref, "flake-ref",
                "A flake reference as a set of its parts."},
        {"flakeRefToString", 1, 1, false, b_flake_ref_to_string, "attrs", "A flake reference as text."},
        {"getFlake", 1, 1, false, b_get_flake, "flake-ref",
                "A flake's outputs, with its inputs as they are locked."},
};

const struct builtin_table builtin_flakes = {rows, ARRAY_SIZE(rows)};

// Builtins that exist only with a feature on.
static const struct {
	const char *feature;
	struct builtin row;
} feature_rows[] = {
        {"fetch-tree", {"fetchTree", 1, 0, false, b_fetch_tree, "input",
                               "A folder, git repository or archive in the store, and what is known of it."}},
        {"fetch-closure", {"fetchClosure", 1, 0, false, b_not_here, "args", "Not here."}},
        {"dynamic-derivations",
                {"outputOf", 2, 0, false, b_not_here, "derivation-reference output-name", "Not here."}},
};

void glue_add_feature_builtins(struct eval *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(feature_rows); i++)
		if (feature_on(ev, feature_rows[i].feature) ||
		        (str_eq(feature_rows[i].feature, "fetch-tree") && feature_on(ev, "flakes")))
			builtin_add_table(ev, &feature_rows[i].row, 1);
}
