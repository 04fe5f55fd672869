// SPDX-License-Identifier: GPL-2.0-or-later
// What a reader is told beside 'attribute missing' and 'infinite recursion': a set may explain the names that
// it does not have (its attribute __missing is a function of the name to a text, "" for nothing to say), and
// a recursion through a module's argument names that argument. Neither changes what an expression comes to.

#include <string.h>
#include "base/str.h"
#include "expr/attrs.h"
#include "expr/eval-private.h"

struct question {
	struct value *fn;
	uint32_t name;
	struct value answer;
};

static void ask(struct eval *ev, void *arg)
{
	struct question *q = arg;
	struct value name = value_string(symbol_string(&ev->symbols, q->name));

	eval_force(ev, q->fn, 0);
	eval_call(ev, q->fn, 1, &name, &q->answer, 0);
}

const char *missing_hint(struct eval *ev, struct attrs *a, uint32_t name)
{
	struct attr *explains = attrs_get(a, symbol_of(&ev->symbols, "__missing"));
	struct question q = {.fn = explains ? &explains->value : NULL, .name = name};
	struct thrown t;

	// An explanation that fails explains nothing; the error that it was for is the one to show.
	if (!explains || !eval_try(ev, ask, &q, &t) || value_type(&q.answer) != VALUE_STRING)
		return NULL;
	return q.answer.string->len ? q.answer.string->data : NULL;
}

// Whether the module system was still looking for what modules import and define.
static bool in_module_system(struct eval *ev, uint32_t pos)
{
	const struct source_file *s = source_of(&ev->sources, pos);

	return s && str_has_suffix(s->path, "/lib/modules/eval.nix");
}

const char *recursion_words(struct eval *ev, const struct thrown *t, const char *context)
{
	static const char before[] = "noting that argument `";
	const char *start = context + strlen(before), *end;

	if (!str_has_prefix(context, before) || !in_module_system(ev, t->pos) || !(end = strchr(start, '`')))
		return NULL;
	const char *name = arena_strndup(&ev->heap, start, (size_t)(end - start));
	return arena_printf(&ev->heap,
	        "what a module imports, and the names of what it defines, cannot depend on the argument "
	        "`%s': %s",
	        name,
	        str_eq(name, "pkgs") ? "`pkgs' is made from all modules. Fetch what is imported with "
	                               "builtins.fetchTarball or "
	                               "builtins.fetchGit, and write `config = lib.mkIf ...' for conditions"
	                             : "nobody gives it from outside. If a flake does (specialArgs), build "
	                               "the system as that "
	                               "flake (nixos-rebuild --flake PATH#NAME); else import what it stands "
	                               "for by its path");
}
