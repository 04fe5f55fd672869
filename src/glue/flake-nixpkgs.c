// SPDX-License-Identifier: GPL-2.0-or-later
// The input that is nixpkgs: kernix's own package set stands for it, whatever revision is locked, because
// that is where kernels are declared, configured and built here. Only addresses of nixpkgs itself count: a
// folder or a fork is taken as it is.
#include <errno.h>
#include <string.h>
#include <strings.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/glue.h"
#include "store/nar.h"
#include "store/store.h"

// Where nixpkgs and what is made of it alone (its channels, its lib) are published.
static const struct {
	const char *owner, *repo;
} forges[] = {
        {"NixOS", "nixpkgs"},
        {"NixOS", "nixpkgs-channels"},
        {"nix-community", "nixpkgs.lib"},
};

static const char *const addresses[] = {
        "://channels.nixos.org/nix",
        "://nixos.org/channels/nix",
        "://releases.nixos.org/nix",
        "://github.com/NixOS/nixpkgs",
        "@github.com/NixOS/nixpkgs",
        "://api.github.com/repos/NixOS/nixpkgs/",
        "://flakehub.com/f/NixOS/nixpkgs",
        "://api.flakehub.com/f/pinned/NixOS/nixpkgs",
        "://api.flakehub.com/f/NixOS/nixpkgs",
        "://mirrors.tuna.tsinghua.edu.cn/git/nixpkgs",
};

static bool same(const char *a, const char *b)
{
	return a && strcasecmp(a, b) == 0;
}

static bool is_address(const char *url)
{
	for (size_t i = 0; url && i < ARRAY_SIZE(addresses); i++) {
		const char *at = strstr(url, *addresses[i] == ':' ? "://" : "@");
		size_t n = strlen(addresses[i]);
		if (at && strncasecmp(at, addresses[i], n) == 0 &&
		        (addresses[i][n - 1] == '/' || !at[n] || strchr("/.?-", at[n]) ||
		                str_has_suffix(addresses[i], "/nix")))
			return true;
	}
	return false;
}

bool nixpkgs_is(const struct ref *r)
{
	if (ref_is(r, "github") && !ref_get(r, "host"))
		for (size_t i = 0; i < ARRAY_SIZE(forges); i++)
			if (same(ref_text(r, "owner"), forges[i].owner) &&
			        same(ref_text(r, "repo"), forges[i].repo))
				return true;
	return is_address(ref_text(r, "url"));
}

// Of the folder that holds the package set: the set, and the sources of stage 1 that it compiles.
static int keep(void *ctx, const char *path, char type, bool *ret_keep, struct err *e)
{
	static const char *const parts[] = {"nixpkgs", "src/stage1"};

	path += *path == '/';
	*ret_keep = str_eq(path, "src");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *below = str_after(path, parts[i]);
		*ret_keep |= below && (!*below || *below == '/');
	}
	return 0;
}

static int add_set(struct glue *g, char **ret, struct hash *ret_nar, struct err *e)
{
	_cleanup_free_ char *folder = glue_embedded_nixpkgs(), *top = folder ? str_dirname(folder) : NULL;
	const struct nar_filter filter = {keep, NULL};

	if (!folder) {
		err_set(e, -ENOENT,
		        "kernix's own package set, which stands for nixpkgs, is not beside the program");
		return err_hint(e, "--no-embedded-nixpkgs takes the input itself.");
	}
	return store_add_path(g->store, "source", top, CA_NAR, HASH_SHA256, &filter, ret, ret_nar, e);
}

// The files that the package set reads to know the host's toolchain: what they say is part of its
// derivations.
static void allow_toolchain(struct eval *ev)
{
	static const char *const paths[] = {"/var/lib/dpkg/info", "/usr/lib/gcc", "/usr/lib/gcc-cross",
	        "/usr/bin", "/usr/include/stdio.h"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		eval_allow_path(ev, paths[i]);
}

void nixpkgs_fetch(struct eval *ev, const char *input, const struct ref *instead, struct fetched *ret)
{
	struct err e = {0};
	char *path = NULL;
	struct hash nar;

	if (add_set(glue_of(ev), &path, &nar, &e) < 0)
		eval_throw_err(ev, 0, &e);
	allow_toolchain(ev);
	char *sri = hash_format(&nar, HASH_SRI, true);
	ret->path = arena_strdup(&ev->heap, path);
	ret->locked = ref_new(ev);
	ref_set(ev, ret->locked, "type", "path");
	ref_set(ev, ret->locked, "path", path);
	ref_set(ev, ret->locked, "narHash", sri);
	// Flakes ask for the revision of nixpkgs; this is how Nix writes that there is none.
	ref_set(ev, ret->locked, "rev", "0000000000000000000000000000000000000000");
	// Its time is that of no file, so that a system is the same wherever kernix was unpacked.
	ref_set_number(ev, ret->locked, "lastModified", 1);
	mem_free(path);
	mem_free(sri);
	ev->host.say(ev->host.ctx, arena_printf(&ev->heap,
	                                   "note: the input '%s' (%s) is kernix's own package set here; "
	                                   "--no-embedded-nixpkgs takes the "
	                                   "input itself",
	                                   input, ref_show(ev, instead)));
}
