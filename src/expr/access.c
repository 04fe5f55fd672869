// SPDX-License-Identifier: GPL-2.0-or-later
// What pure and restricted evaluation may read: what the search path names (restricted), and the store paths
// that this evaluation made. A path is asked for twice: as it is written, and as where it really leads, link
// by link; so a link in an allowed folder opens nothing else.
#include <stdlib.h>
#include <string.h>
#include "base/codec.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/eval-private.h"

bool eval_is_closed(const struct eval *ev)
{
	return ev->settings.pure || ev->settings.restrict_eval;
}

void eval_allow_path(struct eval *ev, const char *path)
{
	if (UNLIKELY(eval_is_closed(ev)))
		hmap_put(&ev->priv->allowed, path, ev);
}

// The path or a folder above it.
static bool is_allowed(const struct eval *ev, const char *path)
{
	const struct hmap *all = &ev->priv->allowed;
	size_t len = strlen(path);

	while (len && !hmap_getn(all, path, len)) {
		while (len && path[len - 1] != '/')
			len--;
		if (len)
			len--;
	}
	return len || hmap_has(all, "/");
}

// A store path of the search path is allowed with all that it needs.
static void allow_closure(struct eval *ev, const char *path)
{
	const char *dir = ev->host.store_dir;
	const struct hmap *all = &ev->priv->allowed;
	size_t n = dir ? strlen(dir) : 0, from = all->len;

	if (!n || strncmp(path, dir, n) != 0 || path[n] != '/' || !path[n + 1]) {
		eval_allow_path(ev, path);
		return;
	}
	eval_allow_path(ev, arena_strndup(&ev->heap, path, n + 1 + strcspn(path + n + 1, "/")));
	for (size_t i = from; ev->host.store_refs && i < all->len; i++) { // what is added is looked at, too
		char **refs = NULL;
		struct err e = {0};
		if (ev->host.store_refs(ev->host.ctx, all->entries[i].key, &refs, &e) < 0)
			eval_throw_err(ev, 0, &e);
		strv_for_each (r, refs)
			eval_allow_path(ev, r);
		strv_free(refs);
	}
}

static void allow_search_path(struct eval *ev)
{
	struct search_entry *entries;

	if (ev->settings.pure || ev->priv->search_path_allowed)
		return;
	ev->priv->search_path_allowed = true;
	size_t n = eval_search_entries(ev, &entries);
	for (size_t i = 0; i < n; i++) {
		const char *path = eval_search_folder(ev, entries[i].path);
		if (path)
			allow_closure(ev, path);
	}
}

// Files that come with the evaluator: <nix/...>.
static bool is_internal(const char *path)
{
	return *path == '<';
}

bool eval_may_read(struct eval *ev, const char *path)
{
	if (LIKELY(!eval_is_closed(ev)) || is_internal(path))
		return true;
	allow_search_path(ev);
	return is_allowed(ev, path) && is_allowed(ev, resolve_links(ev, path, true));
}

void eval_check_path(struct eval *ev, const char *path, uint32_t pos)
{
	const char *kind = "absolute";

	if (LIKELY(!eval_is_closed(ev)) || is_internal(path))
		return;
	allow_search_path(ev);
	if (is_allowed(ev, path)) {
		kind = "canonical";
		path = resolve_links(ev, path, true);
		if (is_allowed(ev, path))
			return;
	}
	eval_throw(ev, THROW_RESTRICTED, pos, "access to %s path '%s' is forbidden in %s", kind, path,
	        ev->settings.pure ? "pure evaluation mode (use '--impure' to override)" : "restricted mode");
}

// %XX as whoever fetches reads it.
static const char *uri_decoded(struct eval *ev, const char *uri)
{
	char *text = arena_strdup(&ev->heap, uri), *to = text;
	uint8_t byte;

	for (const char *s = uri; *s; to++) {
		bool coded = *s == '%' && s[1] && s[2] && codec_un16(s + 1, 2, &byte, 1);
		*to = coded ? (char)byte : *s;
		s += coded ? 3 : 1;
	}
	*to = 0;
	return text;
}

static bool has_dots(const char *uri)
{
	for (const char *p = uri; (p = strstr(p, "/..")); p += 3)
		if (!p[3] || strchr("/?#", p[3]))
			return true;
	return false;
}

// "https://host" allows "https://host/x", not "https://host.example", and no way up.
static bool uri_below(const char *uri, const char *prefix, const char *decoded)
{
	const char *rest = str_after(uri, prefix);

	return rest && !has_dots(decoded) &&
	       (!*rest || (*prefix && (str_has_suffix(prefix, "/") || *rest == '/')));
}

// A local file is where its links lead: one in an allowed folder may lead out of it.
static bool leads_out(struct eval *ev, const char *decoded, const char *prefix)
{
	const char *path = str_after(decoded, "file://"),
	           *top = str_after(uri_decoded(ev, prefix), "file://");
	_cleanup_free_ char *real = path ? realpath(path, NULL) : NULL,
	                    *real_top = top ? realpath(top, NULL) : NULL;
	const char *rest = real && real_top ? str_after(real, real_top) : NULL;

	if (!real || !real_top)
		return false; // no file, or all of them are allowed
	return !rest || (*rest && *rest != '/' && !str_eq(real_top, "/"));
}

void eval_check_uri(struct eval *ev, const char *uri)
{
	if (LIKELY(!ev->settings.restrict_eval))
		return;
	const char *decoded = uri_decoded(ev, uri);
	strv_for_each (prefix, ev->settings.allowed_uris)
		if (uri_below(uri, prefix, decoded) && !leads_out(ev, decoded, prefix))
			return;
	const char *path = *uri == '/' ? uri : str_after(decoded, "file://");
	if (path && *path == '/')
		eval_check_path(ev, eval_canonical_path(ev, path, strlen(path))->data, 0);
	else
		eval_throw(
		        ev, THROW_RESTRICTED, 0, "access to URI '%s' is forbidden in restricted mode", uri);
}
