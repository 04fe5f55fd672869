// SPDX-License-Identifier: GPL-2.0-or-later
// Files: reading, parsing, importing, and the search path.

#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/eval-private.h"

const char *eval_cwd(struct eval *ev)
{
	if (!ev->priv->cwd) {
		struct err e = {0};
		char *cwd = NULL;
		if (fs_absolute(".", &cwd, &e) < 0)
			eval_throw_err(ev, 0, &e);
		ev->priv->cwd = arena_strdup(&ev->code, cwd);
		mem_free(cwd);
	}
	return ev->priv->cwd;
}

// ---- files

// Follows links of the last component, and default.nix of a folder. The result is in the evaluator's memory.
static const char *resolve_file(struct eval *ev, const char *path)
{
	struct err e = {0};
	enum host_file type;

	eval_check_path(ev, path, 0);
	for (int links = 0;; links++) {
		if (ev->host.file_type(ev->host.ctx, path, false, &type, &e) < 0)
			eval_throw_err(ev, 0, &e);
		if (type != HOST_SYMLINK)
			break;
		if (links > 1000)
			eval_throw(ev, THROW_HOST, 0,
			        "too many symbolic links encountered while traversing the path '%s'", path);
		char *target = NULL;
		if (ev->host.read_link(ev->host.ctx, path, &target, &e) < 0)
			eval_throw_err(ev, 0, &e);
		const char *dir = strrchr(path, '/');
		const char *joined = target[0] == '/' ? arena_strdup(&ev->heap, target)
		                                      : arena_printf(&ev->heap, "%.*s/%s", (int)(dir - path),
		                                                path, target);
		mem_free(target);
		path = eval_canonical_path(ev, joined, strlen(joined))->data;
	}
	if (type == HOST_DIRECTORY)
		return resolve_file(
		        ev, eval_canonical_path(
		                    ev, arena_printf(&ev->heap, "%s/default.nix", path), strlen(path) + 12)
		                    ->data);
	if (type == HOST_MISSING)
		eval_throw(ev, THROW_HOST, 0, "path '%s' does not exist", path);
	if (type != HOST_REGULAR)
		eval_throw(ev, THROW_HOST, 0, "file '%s' is not a regular file", path);
	return path;
}

static const struct source_file *read_source(struct eval *ev, const char *path)
{
	struct buf b = {0};
	struct err e = {0};

	eval_check_path(ev, path, 0);
	if (ev->host.read_file(ev->host.ctx, path, &b, &e) < 0) {
		buf_release(&b);
		eval_throw_err(ev, 0, &e);
	}
	const struct source_file *s = source_add(&ev->sources, SOURCE_FILE, path, buf_str(&b), b.len);
	buf_release(&b);
	if (!s)
		eval_throw(ev, THROW_EVAL, 0, "the sources of this evaluation are larger than 4 GiB");
	return s;
}

static struct expr *parse_scoped(struct eval *ev, const char *path, const struct scope *scope)
{
	const struct source_file *s = read_source(ev, path);
	const char *slash = strrchr(path, '/');
	const char *dir = slash == path ? "/" : arena_strndup(&ev->heap, path, (size_t)(slash - path));

	return eval_parse_scoped(ev, s, dir, scope);
}

// file: as resolve_file gave it.
static struct expr *parse_resolved(struct eval *ev, const char *file)
{
	struct expr *x = hmap_get(&ev->parsed, file);

	if (!x) {
		x = parse_scoped(ev, file, ev->priv->base_scope);
		hmap_put(&ev->parsed, file, x);
	}
	return x;
}

struct expr *eval_parse_file(struct eval *ev, const char *path)
{
	return parse_resolved(ev, resolve_file(ev, path));
}

void eval_top(struct eval *ev, struct expr *x, struct value *ret)
{
	eval_expr(ev, ev->base_env, x, ret);
}

struct value eval_later(struct eval *ev, struct expr *x)
{
	return value_pending(x, ev->base_env);
}

static void print_import(struct eval *ev, const struct frame *f, struct buf *out)
{
	(void)ev;
	buf_addf(out, "while evaluating the file '%s':", (const char *)f->b);
}

// The value of a file is kept in a cell that is delayed at first: so a file that imports itself is infinite
// recursion.
void eval_import(struct eval *ev, const char *path, struct value *ret)
{
	struct value *cell = hmap_get(&ev->files, path);
	struct frame f;

	if (!cell) {
		const char *file = resolve_file(ev, path);
		cell = hmap_get(&ev->files, file);
		if (!cell) {
			struct expr *x = parse_resolved(ev, file);
			cell = eval_cell(ev, value_pending(x, ev->base_env));
			hmap_put(&ev->files, file, cell);
		}
		if (strcmp(file, path) != 0)
			hmap_put(&ev->files, path, cell);
	}
	if (!value_is_whnf(cell)) {
		bool begun = value_type(cell) == VALUE_BLACKHOLE; // the file imports itself
		frame_push(ev, &f, begun ? FRAME_NONE : FRAME_OTHER, 0, (const void *)print_import, path);
		eval_force(ev, cell, 0);
		frame_pop(ev, &f);
	}
	*ret = *cell;
}

void eval_scoped_import(struct eval *ev, const char *path, struct attrs *names, struct value *ret)
{
	struct scope sc;
	struct env *env = eval_scope_of(ev, names, &sc);

	eval_expr(ev, env, parse_scoped(ev, resolve_file(ev, path), &sc), ret);
}

// ---- the search path

static bool path_exists(struct eval *ev, const char *path)
{
	struct err e = {0};
	enum host_file type;

	if (ev->host.file_type(ev->host.ctx, path, true, &type, &e) < 0) {
		err_release(&e);
		return false;
	}
	return type != HOST_MISSING;
}

static bool is_url(const char *s)
{
	return str_has_prefix(s, "http://") || str_has_prefix(s, "https://") ||
	       str_has_prefix(s, "file://") || str_has_prefix(s, "channel:");
}

static void warn(struct eval *ev, const char *text)
{
	if (ev->host.say)
		ev->host.say(ev->host.ctx, arena_printf(&ev->heap, "warning: %s", text));
}

// The folder or file that one entry of the search path stands for; NULL when it does not exist. Looked up
// once.
const char *eval_search_folder(struct eval *ev, const char *entry)
{
	struct hmap *cache = &ev->priv->lookup_cache;
	static const char missing[] = "";
	const char *have = hmap_get(cache, entry), *path;

	if (have)
		return have == missing ? NULL : have;
	if (is_url(entry)) {
		struct err e = {0};
		char *real = NULL;
		if (!ev->host.fetch_tarball)
			eval_throw(ev, THROW_HOST, 0, "cannot fetch '%s' of the search path here", entry);
		if (ev->host.fetch_tarball(ev->host.ctx, entry, &real, &e) < 0)
			eval_throw_err(ev, 0, &e);
		path = arena_strdup(&ev->heap, real);
		mem_free(real);
	} else {
		const char *cwd = eval_cwd(ev);
		const char *full = entry[0] == '/' ? entry : arena_printf(&ev->heap, "%s/%s", cwd, entry);
		path = eval_canonical_path(ev, full, strlen(full))->data;
		if (!path_exists(ev, path)) {
			warn(ev, arena_printf(&ev->heap,
			                 "Nix search path entry '%s' does not exist, ignoring", entry));
			path = missing;
		}
	}
	hmap_put(cache, entry, (void *)path);
	return path == missing ? NULL : path;
}

// What is left of name behind prefix: "" or "/rest", or NULL where the prefix is not its beginning.
static const char *after_prefix(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!n)
		return name;
	if (strncmp(name, prefix, n) != 0 || (name[n] && name[n] != '/'))
		return NULL;
	return name[n] ? name + n + 1 : name + n;
}

// An entry that the language made up is asked for before it is looked at: what exists is nobody's business
// either, and nothing is fetched for it.
static void check_entry(struct eval *ev, const char *entry)
{
	struct search_entry *own;

	if (LIKELY(!eval_is_closed(ev)))
		return;
	size_t n = ev->settings.pure ? 0 : eval_search_entries(ev, &own);
	for (size_t i = 0; i < n; i++)
		if (str_eq(own[i].path, entry))
			return;
	if (!is_url(entry)) {
		const char *full =
		        *entry == '/' ? entry : arena_printf(&ev->heap, "%s/%s", eval_cwd(ev), entry);
		eval_check_path(ev, eval_canonical_path(ev, full, strlen(full))->data, 0);
		return;
	}
	eval_check_uri(ev, entry);
	if (ev->settings.pure)
		eval_throw(ev, THROW_RESTRICTED, 0, "in pure evaluation mode, 'findFile' does not fetch '%s'",
		        entry);
}

const struct string *eval_find_in_path(
        struct eval *ev, const struct search_entry *entries, size_t count, const char *name, uint32_t pos)
{
	for (size_t i = 0; i < count; i++) {
		const char *rest = after_prefix(name, entries[i].prefix), *dir;
		if (!rest)
			continue;
		check_entry(ev, entries[i].path);
		dir = eval_search_folder(ev, entries[i].path);
		if (!dir)
			continue;
		const char *full = *rest ? arena_printf(&ev->heap, "%s/%s", dir, rest) : dir;
		const struct string *s = eval_canonical_path(ev, full, strlen(full));
		eval_check_path(ev, s->data, pos);
		if (path_exists(ev, s->data))
			return s;
	}
	if (str_has_prefix(name, "nix/"))
		return eval_string(ev, arena_printf(&ev->heap, "<%s>", name), strlen(name) + 2, NULL);
	eval_throw(ev, THROW_THROWN, pos,
	        ev->settings.pure
	                ? "cannot look up '<%s>' in pure evaluation mode (use '--impure' to override)"
	                : "file '%s' was not found in the Nix search path (add it using $NIX_PATH or -I)",
	        name);
}

size_t eval_search_entries(struct eval *ev, struct search_entry **ret)
{
	size_t n = strv_len(ev->host.nix_path);
	struct search_entry *v = eval_alloc(ev, (n + 1) * sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		const char *text = ev->host.nix_path[i], *eq = strchr(text, '=');
		v[i].prefix = eq ? arena_strndup(&ev->heap, text, (size_t)(eq - text)) : "";
		v[i].path = eq ? eq + 1 : text;
	}
	*ret = v;
	return n;
}
