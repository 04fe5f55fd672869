// SPDX-License-Identifier: GPL-2.0-or-later
// What a reader is told beside 'infinite recursion': one through a module's argument names that argument. It
// does not change what an expression comes to.

#include <string.h>
#include "base/str.h"
#include "expr/advice.h"
#include "expr/eval-private.h"

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
