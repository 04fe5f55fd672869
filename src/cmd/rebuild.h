// SPDX-License-Identifier: GPL-2.0-or-later
// What the actions of nixos-rebuild share.
#pragma once

struct rebuild {
	const char *config;  // the configuration.nix
	char *const *words;  // options for nix-build, as given
};
