// SPDX-License-Identifier: GPL-2.0-or-later
// Paths that people type where a flake is meant: the nearest flake.nix is looked for upwards, and so is the
// git repository that it lies in, since of a repository only what git tracks is the flake's source.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/glue.h"

static bool has(struct eval *ev, const char *folder, const char *name)
{
	return fs_exists(arena_printf(&ev->heap, "%s/%s", str_eq(folder, "/") ? "" : folder, name));
}

static const char *parent(struct eval *ev, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? "/" : arena_strndup(&ev->heap, path, (size_t)(slash - path));
}

static void say(struct eval *ev, const char *line)
{
	ev->host.say(ev->host.ctx, line);
}

// A folder; of a flake.nix the one that it lies in.
static const char *folder_of(struct eval *ev, const char *path, struct stat *st)
{
	if (stat(path, st) < 0)
		eval_throw(ev, THROW_HOST, 0, "getting status of '%s': %s", path, strerror(errno));
	if (S_ISDIR(st->st_mode))
		return path;
	if (!str_eq(str_basename(path), "flake.nix"))
		eval_throw(
		        ev, THROW_EVAL, 0, "path '%s' is not a flake (because it's not a directory)", path);
	const char *folder = parent(ev, path);
	say(ev, arena_printf(&ev->heap,
	                "warning: Path '%s' should point at the directory containing the 'flake.nix' file, "
	                "not the "
	                "file itself. Pretending that you meant '%s'",
	                path, folder));
	if (stat(folder, st) < 0)
		eval_throw(ev, THROW_HOST, 0, "getting status of '%s': %s", folder, strerror(errno));
	return folder;
}

static const char *search_up(struct eval *ev, const char *path, const struct stat *first)
{
	struct stat st;

	if (has(ev, path, "flake.nix"))
		return path;
	say(ev, arena_printf(&ev->heap, "path '%s' does not contain a 'flake.nix', searching up", path));
	for (; !str_eq(path, "/"); path = parent(ev, path)) {
		if (has(ev, path, "flake.nix"))
			return path;
		if (has(ev, path, ".git"))
			eval_throw(ev, THROW_EVAL, 0,
			        "path '%s' is not part of a flake (neither it nor its parent directories "
			        "contain a "
			        "'flake.nix' file)",
			        path);
		if (lstat(path, &st) == 0 && st.st_dev != first->st_dev)
			eval_throw(ev, THROW_EVAL, 0,
			        "unable to find a flake before encountering filesystem boundary at '%s'",
			        path);
	}
	eval_throw(ev, THROW_EVAL, 0, "could not find a flake.nix file");
}

static struct ref *read_url(
        struct eval *ev, const char *scheme, const char *path, const char *query, const char *dir)
{
	const char *mark = *query ? "?" : "", *text;
	struct ref *r;

	text = arena_printf(&ev->heap, "%s:/%s%s", scheme, mark, query);
	r = ref_parse(ev, text, REF_FLAKE, NULL);
	if (str_eq(scheme, "path")) {
		ref_set(ev, r, "path", path);
	} else { // the path itself was not read as a URL
		const char *rest = strchr(ref_text(r, "url"), '?');
		ref_set(ev, r, "url",
		        arena_printf(&ev->heap, "file://%s%s", ref_coded(ev, path), rest ? rest : ""));
	}
	if (*dir && ref_get(r, "dir"))
		eval_throw(ev, THROW_EVAL, 0, "flake URL '%s' has an inconsistent 'dir' parameter", path);
	if (*dir)
		ref_set(ev, r, "dir", dir);
	return r;
}

struct ref *ref_of_path(struct eval *ev, const char *text, const char *query)
{
	const char *joined = *text == '/' ? text : arena_printf(&ev->heap, "%s/%s", eval_cwd(ev), text),
	           *dir = "";
	const char *typed = eval_canonical_path(ev, joined, strlen(joined))->data;
	char *resolved = realpath(typed, NULL);
	struct stat st;

	// Links of the path itself: a repository is where it really is.
	const char *path = resolved ? arena_strdup(&ev->heap, resolved) : typed;
	mem_free(resolved);
	path = search_up(ev, folder_of(ev, path, &st), &st);
	for (const char *top = path; !str_eq(top, "/"); top = parent(ev, top)) {
		if (!has(ev, top, ".git")) {
			dir = arena_printf(&ev->heap, "%s%s%s", str_basename(top), *dir ? "/" : "", dir);
			continue;
		}
		struct ref *r = read_url(ev, "git+file", top, query, dir);
		if (has(ev, top, ".git/shallow"))
			ref_set_bool(ev, r, "shallow", true);
		return r;
	}
	return read_url(ev, "path", path, query, "");
}
