// SPDX-License-Identifier: GPL-2.0-or-later
// Only what git tracks is part of a flake. A file that was just written is therefore missing, which nobody
// sees who looks at the folder: so the error says it.
#include <string.h>
#include "base/fs.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/glue.h"
#include "store/store.h"

void glue_note_tree(struct eval *ev, const char *path, const struct ref *r)
{
	struct glue *g = glue_of(ev);
	const char *url =
	        ref_is(r, "git") && !ref_get(r, "rev") ? str_after(ref_text(r, "url"), "file://") : NULL;

	if (url && !hmap_has(&g->trees, path))
		hmap_put(&g->trees, path, mem_strdup(ref_decoded(ev, url, strcspn(url, "?"))));
}

// The text about a path of the store; NULL where it is no such file.
static char *said_of(struct glue *g, const char *path)
{
	_cleanup_free_ char *base = NULL;

	if (store_path_of(store_dir(g->store), path, &base, NULL, NULL) < 0)
		return NULL;
	const char *dir = hmap_get(&g->trees, base), *rest = path + strlen(base);
	_cleanup_free_ char *here = dir && *rest == '/' ? fs_join(dir, rest + 1) : NULL;
	if (!here || !fs_exists(here))
		return NULL;
	return str_printf(
	        "Path '%s' in the repository \"%s\" is not tracked by Git.\n\nTo make it visible to Nix, "
	        "run:\n\ngit -C \"%s\" add \"%s\"",
	        rest + 1, dir, dir, rest + 1);
}

void glue_throw_untracked(struct eval *ev, const char *folder, const char *name)
{
	_cleanup_free_ char *path = fs_join(folder, name);
	char *said = said_of(glue_of(ev), path);
	const char *text = said ? arena_strdup(&ev->heap, said) : NULL;

	mem_free(said);
	mem_free(TAKE_PTR(path));
	if (text)
		eval_throw(ev, THROW_HOST, 0, "%s", text);
}

char *glue_untracked(struct glue *g, const char *message)
{
	const char *path = message ? str_after(message, "path '") : NULL;
	const char *end = path ? strstr(path, "' does not exist") : NULL;
	_cleanup_free_ char *plain = end ? mem_strndup(path, (size_t)(end - path)) : NULL;

	return plain ? said_of(g, plain) : NULL;
}
