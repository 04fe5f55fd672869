// SPDX-License-Identifier: GPL-2.0-or-later
// Forges (github, gitlab, sourcehut): which revision a branch is, and where its archive lies. And the
// registry, which says where a name is: the machine's and the user's, then the names that everybody uses.
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch.h"
#include "expr/builtin-util.h"
#include "expr/json-parse.h"
#include "glue/flake.h"
#include "glue/glue.h"

enum { ANSWER_BYTES = 16 << 20, NAMES_MAX = 100 };

static const char *host_of(const struct ref *r, const char *otherwise)
{
	const char *host = ref_text(r, "host");

	return host ? host : otherwise;
}

// A part of an address: what an owner or a branch is called is for strangers to say.
static const char *part(struct eval *ev, const struct ref *r, const char *name)
{
	const char *text = ref_text(r, name);
	struct scratch s;

	scratch_begin(ev, &s);
	for (; text && *text; text++)
		if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
		        (*text >= '0' && *text <= '9') || strchr("-._~", *text))
			buf_addc(&s.buf, *text);
		else
			buf_addf(&s.buf, "%%%02X", (unsigned char)*text);
	return scratch_string(ev, &s, NULL)->data;
}

static void check_host(struct eval *ev, const struct ref *r)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]";
	const char *host = ref_text(r, "host");

	if (host && host[strspn(host, plain)])
		eval_throw(ev, THROW_EVAL, 0, "'%s' is not the name of a host", host);
}

static const struct string *fetch_text(struct eval *ev, const char *url)
{
	struct buf b = {0};
	struct err e = {0};

	eval_check_uri(ev, url);
	if (fetch_url(url, ANSWER_BYTES, &b, &e) < 0) {
		buf_release(&b);
		eval_throw_err(ev, 0, &e);
	}
	const struct string *text = eval_string(ev, buf_str(&b), b.len, NULL);
	buf_release(&b);
	return text;
}

// The revision in a JSON answer: an object's "sha" or "id", or the first of a list.
static const char *rev_in(struct eval *ev, const char *url, const char *name)
{
	const struct string *text = fetch_text(ev, url);
	struct value v;

	json_parse(ev, text->data, text->len, &v);
	if (value_type(&v) == VALUE_LIST && list_len(&v))
		v = value_share(&v.elems[0]);
	struct attr *at =
	        value_type(&v) == VALUE_ATTRS ? attrs_get(v.attrs, symbol_of(&ev->symbols, name)) : NULL;
	if (!at || value_type(&at->value) != VALUE_STRING || !ref_is_rev(at->value.string->data))
		eval_throw(ev, THROW_HOST, 0, "the answer of '%s' names no revision", url);
	return at->value.string->data;
}

static const char *github_rev(struct eval *ev, const struct ref *r, const char *ref)
{
	const char *host = host_of(r, "github.com");
	const char *api =
	        str_eq(host, "github.com") ? "api.github.com" : arena_printf(&ev->heap, "%s/api/v3", host);

	return rev_in(ev,
	        arena_printf(&ev->heap, "https://%s/repos/%s/%s/commits/%s", api, part(ev, r, "owner"),
	                part(ev, r, "repo"), ref),
	        "sha");
}

static const char *github_archive(struct eval *ev, const struct ref *r)
{
	return arena_printf(&ev->heap, "https://%s/%s/%s/archive/%s.tar.gz", host_of(r, "github.com"),
	        part(ev, r, "owner"), part(ev, r, "repo"), part(ev, r, "rev"));
}

static const char *gitlab_project(struct eval *ev, const struct ref *r)
{
	return arena_printf(&ev->heap, "https://%s/api/v4/projects/%s%%2F%s/repository",
	        host_of(r, "gitlab.com"), part(ev, r, "owner"), part(ev, r, "repo"));
}

static const char *gitlab_rev(struct eval *ev, const struct ref *r, const char *ref)
{
	return rev_in(
	        ev, arena_printf(&ev->heap, "%s/commits?ref_name=%s", gitlab_project(ev, r), ref), "id");
}

static const char *gitlab_archive(struct eval *ev, const struct ref *r)
{
	return arena_printf(&ev->heap, "%s/archive.tar.gz?sha=%s", gitlab_project(ev, r), part(ev, r, "rev"));
}

static const char *sourcehut_base(struct eval *ev, const struct ref *r)
{
	return arena_printf(&ev->heap, "https://%s/%s/%s", host_of(r, "git.sr.ht"), part(ev, r, "owner"),
	        part(ev, r, "repo"));
}

// "REV\tNAME" lines, as git's own protocol without a program has them; HEAD is a line of a file of its own.
static const char *sourcehut_rev(struct eval *ev, const struct ref *r, const char *ref)
{
	const char *base = sourcehut_base(ev, r);
	const char *name = ref_text(r, "ref");

	if (!name) {
		const char *head =
		        str_after(fetch_text(ev, arena_printf(&ev->heap, "%s/HEAD", base))->data, "ref: ");
		name = head ? arena_strndup(&ev->heap, head, strcspn(head, "\n")) : "HEAD";
	}
	const char *text = fetch_text(ev, arena_printf(&ev->heap, "%s/info/refs", base))->data;
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		const char *row = arena_strndup(&ev->heap, line, n), *tab = strchr(row, '\t');
		const char *rev = tab ? arena_strndup(&ev->heap, row, (size_t)(tab - row)) : "";
		if (ref_is_rev(rev) &&
		        (str_eq(tab + 1, name) ||
		                str_eq(tab + 1, arena_printf(&ev->heap, "refs/heads/%s", name)) ||
		                str_eq(tab + 1, arena_printf(&ev->heap, "refs/tags/%s", name))))
			return rev;
		line += n + (line[n] == '\n');
	}
	eval_throw(ev, THROW_HOST, 0, "'%s' has no branch or tag '%s'", base, name);
}

static const char *sourcehut_archive(struct eval *ev, const struct ref *r)
{
	return arena_printf(&ev->heap, "%s/archive/%s.tar.gz", sourcehut_base(ev, r), part(ev, r, "rev"));
}

static const struct {
	const char *type;
	const char *(*rev)(struct eval *ev, const struct ref *r, const char *ref);
	const char *(*archive)(struct eval *ev, const struct ref *r);
} forges[] = {
        {"github", github_rev, github_archive},
        {"gitlab", gitlab_rev, gitlab_archive},
        {"sourcehut", sourcehut_rev, sourcehut_archive},
};

const char *forge_archive(struct eval *ev, struct ref *locked)
{
	check_host(ev, locked);
	for (size_t i = 0; i < ARRAY_SIZE(forges); i++) {
		if (!ref_is(locked, forges[i].type))
			continue;
		const char *ref = ref_text(locked, "ref") ? part(ev, locked, "ref") : "HEAD";
		if (!ref_get(locked, "rev"))
			ref_set(ev, locked, "rev", forges[i].rev(ev, locked, ref));
		ref_remove(locked, "ref");
		return forges[i].archive(ev, locked);
	}
	eval_throw(ev, THROW_EVAL, 0, "input '%s' is unsupported", ref_show(ev, locked));
}

// ---- the registry

static const struct {
	const char *id, *to;
} well_known[] = {
        {"agenix", "github:ryantm/agenix"},
        {"disko", "github:nix-community/disko"},
        {"flake-compat", "github:edolstra/flake-compat"},
        {"flake-parts", "github:hercules-ci/flake-parts"},
        {"flake-utils", "github:numtide/flake-utils"},
        {"home-manager", "github:nix-community/home-manager"},
        {"impermanence", "github:nix-community/impermanence"},
        {"nix", "github:NixOS/nix"},
        {"nix-darwin", "github:nix-darwin/nix-darwin"},
        {"nixos-generators", "github:nix-community/nixos-generators"},
        {"nixos-hardware", "github:NixOS/nixos-hardware"},
        {"nixpkgs", "github:NixOS/nixpkgs/nixpkgs-unstable"},
        {"nur", "github:nix-community/NUR"},
        {"sops-nix", "github:Mic92/sops-nix"},
        {"systems", "github:nix-systems/default"},
        {"templates", "github:NixOS/templates"},
        {"treefmt-nix", "github:numtide/treefmt-nix"},
};

static struct attrs *set_in(struct eval *ev, struct attrs *a, const char *name)
{
	struct attr *at = a ? attrs_get(a, symbol_of(&ev->symbols, name)) : NULL;

	return at && value_type(&at->value) == VALUE_ATTRS ? at->value.attrs : NULL;
}

// In one file: a row whose "from" is the name, with the reference of "from" where it has one.
static struct ref *find_in(struct eval *ev, const char *file, const char *id)
{
	struct buf b = {0};
	struct err e = {0};
	struct value v;
	int r = fs_read_maybe(file, ANSWER_BYTES, &b, &e);

	const struct string *text = r > 0 ? eval_string(ev, buf_str(&b), b.len, NULL) : NULL;
	buf_release(&b);
	if (r < 0)
		eval_throw_err(ev, 0, &e);
	if (!text)
		return NULL;
	json_parse(ev, text->data, text->len, &v);
	struct attr *rows =
	        value_type(&v) == VALUE_ATTRS ? attrs_get(v.attrs, symbol_of(&ev->symbols, "flakes")) : NULL;
	for (size_t i = 0; rows && value_type(&rows->value) == VALUE_LIST && i < list_len(&rows->value);
	        i++) {
		struct value row = value_share(&rows->value.elems[i]);
		struct attrs *a = value_type(&row) == VALUE_ATTRS ? row.attrs : NULL;
		struct attrs *from = set_in(ev, a, "from"), *to = set_in(ev, a, "to");
		if (from && to && str_eq(ref_text(ref_of_attrs(ev, from), "id"), id))
			return ref_of_attrs(ev, to);
	}
	return NULL;
}

// One step.
static struct ref *look_up(struct eval *ev, const struct ref *want)
{
	const char *id = ref_text(want, "id");
	char *config = config_dir();
	const char *user = config ? arena_printf(&ev->heap, "%s/nix/registry.json", config) : NULL;
	struct ref *found;

	mem_free(config);
	found = user ? find_in(ev, user, id) : NULL;
	if (!found)
		found = find_in(ev, "/etc/nix/registry.json", id);
	for (size_t i = 0; !found && i < ARRAY_SIZE(well_known); i++)
		if (str_eq(well_known[i].id, id))
			found = ref_parse(ev, well_known[i].to, REF_FLAKE, NULL);
	if (!found)
		eval_throw(ev, THROW_EVAL, 0, "cannot find flake 'flake:%s' in the flake registries", id);
	found = ref_copy(ev, found);
	if (ref_text(want, "ref"))
		ref_set(ev, found, "ref", ref_text(want, "ref"));
	if (ref_text(want, "rev")) {
		ref_set(ev, found, "rev", ref_text(want, "rev"));
		ref_remove(found, "ref");
	}
	ref_check(ev, found);
	return found;
}

struct ref *registry_find(struct eval *ev, const struct ref *want)
{
	struct ref *found = look_up(ev, want);

	for (unsigned i = 0; ref_is(found, "indirect"); i++) {
		if (i == NAMES_MAX)
			eval_throw(ev, THROW_EVAL, 0, "cycle detected in the flake registries for 'flake:%s'",
			        ref_text(want, "id"));
		found = look_up(ev, found);
	}
	return found;
}

const struct ref *registry_resolve(struct eval *ev, const struct ref *r)
{
	return ref_is(r, "indirect") ? registry_find(ev, r) : r;
}
