// SPDX-License-Identifier: GPL-2.0-or-later
// What a reader may have meant by a variable that is not defined: a name near to it, an argument that the
// file's function does not take, or a name that has to be reached through pkgs or lib.

#include <string.h>
#include "base/str.h"
#include "expr/advice.h"
#include "expr/eval-private.h"

struct names {
	uint32_t *names; // evaluator memory
	size_t len, cap;
};

static void add(struct eval *ev, struct names *n, uint32_t name)
{
	if (str_has_prefix(symbol_text(&ev->symbols, name), "__"))
		return;
	if (n->len == n->cap) {
		size_t cap = n->cap ? 2 * n->cap : 256;
		uint32_t *more = eval_alloc(ev, cap * sizeof(*more));

		if (n->len)
			memcpy(more, n->names, n->len * sizeof(*more));
		n->names = more;
		n->cap = cap;
	}
	n->names[n->len++] = name;
}

static void add_scope(struct eval *ev, struct names *n, const struct scope *sc)
{
	for (uint32_t i = 0; sc->attrs && i < sc->attrs->len; i++)
		add(ev, n, sc->attrs->defs[i].name);
	for (uint32_t i = 0; sc->lambda && i < sc->lambda->len; i++)
		add(ev, n, sc->lambda->elems[i].name);
	if (sc->lambda && sc->lambda->arg)
		add(ev, n, sc->lambda->arg);
	for (uint32_t i = 0; sc->names && i < sc->len; i++)
		add(ev, n, sc->names[i]);
}

static bool has(struct eval *ev, const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->len; i++)
		if (str_eq(symbol_text(&ev->symbols, n->names[i]), name))
			return true;
	return false;
}

static bool among(const char *const *words, const char *name)
{
	while (*words && !str_eq(*words, name))
		words++;
	return *words != NULL;
}

// Names that people know from configurations: arguments of a module, answers of lib.kernel, functions of lib.
static const char *const arguments[] = {"config", "lib", "modulesPath", "options", "pkgs", NULL};
static const char *const answers[] = {"freeform", "module", "no", "option", "unset", "whenAtLeast",
        "whenBetween", "whenOlder", "yes", NULL};
static const char *const functions[] = {"concatMapStringsSep", "concatStringsSep", "filterAttrs", "genAttrs",
        "getExe", "hasPrefix", "hasSuffix", "mkAfter", "mkBefore", "mkDefault", "mkEnableOption", "mkForce",
        "mkIf", "mkMerge", "mkOption", "mkOrder", "mkOverride", "mkVMOverride", "optional", "optionalAttrs",
        "optionalString", "optionals", "recursiveUpdate", "types", "versionAtLeast", "versionOlder", NULL};

static const char *known_word(struct eval *ev, const char *name)
{
	if (among(answers, name))
		return arena_printf(&ev->heap, "Did you mean lib.kernel.%s?", name);
	if (among(functions, name))
		return arena_printf(&ev->heap, "Did you mean lib.%s?", name);
	if (among(arguments, name))
		return arena_printf(&ev->heap,
		        "'%s' is an argument that a module has to name: { %s, ... }: at the beginning of the "
		        "file",
		        name, name);
	return NULL;
}

// A short name is like every other: with fewer than three letters nothing is near, with fewer than five one
// letter may differ.
static const char *nearest(struct eval *ev, uint32_t name, struct names *n)
{
	const char *text = symbol_text(&ev->symbols, name);
	size_t len = strlen(text), most = len < 3 ? 0 : len < 5 ? 1 : 2, kept = 0;

	for (size_t i = 0; most && i < n->len; i++)
		if (str_distance(text, symbol_text(&ev->symbols, n->names[i]), most) <= most)
			n->names[kept++] = n->names[i];
	return eval_did_you_mean(ev, name, n->names, kept);
}

const char *undefined_hint(struct eval *ev, uint32_t name, const struct scope *sc)
{
	const char *text = symbol_text(&ev->symbols, name), *hint = known_word(ev, text);
	struct names n = {0};

	if (ev->settings.no_advice)
		return NULL;
	for (; sc; sc = sc->up)
		add_scope(ev, &n, sc);
	bool pkgs = has(ev, &n, "pkgs");
	if (!hint)
		hint = nearest(ev, name, &n);
	if (!hint && pkgs && strlen(text) > 2)
		hint = arena_printf(&ev->heap, "If it is a package, write pkgs.%s", text);
	return hint;
}

struct question {
	struct value *fn, name, answer;
};

static void ask(struct eval *ev, void *arg)
{
	struct question *q = arg;

	eval_force(ev, q->fn, 0);
	eval_call(ev, q->fn, 1, &q->name, &q->answer, 0);
	eval_force(ev, &q->answer, 0);
}

// What a set says of a name that it does not have: its attribute __missing is a function from the name to a
// text or null. One that fails says nothing: the error that it was asked for is the one to show.
static const char *said_of_missing(struct eval *ev, uint32_t name, const struct attrs *a)
{
	struct attr *says = attrs_get(a, symbol_intern(&ev->symbols, "__missing", strlen("__missing")));
	const char *text = symbol_text(&ev->symbols, name);
	struct thrown t;

	if (!says)
		return NULL;
	struct question q = {
	        .fn = &says->value, .name = value_string(eval_string(ev, text, strlen(text), NULL))};
	if (!eval_try(ev, ask, &q, &t) || value_type(&q.answer) != VALUE_STRING)
		return NULL;
	return q.answer.string->len ? q.answer.string->data : NULL;
}

const char *missing_hint(
        struct eval *ev, uint32_t name, const uint32_t *names, size_t count, const struct attrs *a)
{
	const char *near = eval_did_you_mean(ev, name, names, count), *said = said_of_missing(ev, name, a);

	return near && said ? arena_printf(&ev->heap, "%s %s", near, said) : near ? near : said;
}

const char *undefined_with_hint(struct eval *ev, struct env *env, const struct expr_var *v)
{
	const char *hint = known_word(ev, symbol_text(&ev->symbols, v->name)), *said = NULL;
	struct names n = {0};

	if (ev->settings.no_advice)
		return NULL;
	for (const struct with_ref *w = v->withs; w && !hint; w = w->up) {
		struct env *at = env;
		for (uint32_t i = 0; i < w->depth; i++)
			at = at->up;
		struct attrs *flat = attrs_flat(ev, at->slots[0].attrs);
		attrs_for_each (a, flat)
			add(ev, &n, a->name);
		said = said ? said : said_of_missing(ev, v->name, at->slots[0].attrs);
	}
	if (!hint)
		hint = nearest(ev, v->name, &n);
	return hint && said ? arena_printf(&ev->heap, "%s %s", hint, said) : hint ? hint : said;
}
