// SPDX-License-Identifier: GPL-2.0-or-later
// The input that is nixpkgs: kernix's own package set stands for it, whatever revision is locked, because
// that is where kernels are declared, configured and built here. Only addresses of nixpkgs itself count: a
// folder or a fork is taken as it is.
#include <string.h>
#include <strings.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/glue.h"

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

void nixpkgs_fetch(struct eval *ev, const char *input, const struct ref *instead, struct fetched *ret)
{
	struct ref *r = ref_new(ev);
	char *folder = glue_embedded_nixpkgs();

	if (!folder)
		eval_throw(ev, THROW_EVAL, 0,
		        "kernix's own package set, which stands for the input '%s', is not beside the "
		        "program\n"
		        "--no-embedded-nixpkgs takes the input itself.",
		        input);
	ref_set(ev, r, "type", "path");
	ref_set(ev, r, "path", folder);
	mem_free(folder);
	// Its time is that of no file, so that a system is the same wherever kernix was unpacked.
	ref_set_number(ev, r, "lastModified", 1);
	tree_fetch(ev, r, NULL, ret);
	ev->host.say(ev->host.ctx, arena_printf(&ev->heap,
	                                   "note: the input '%s' (%s) is kernix's own package set here; "
	                                   "--no-embedded-nixpkgs takes the "
	                                   "input itself",
	                                   input, ref_show(ev, instead)));
}
