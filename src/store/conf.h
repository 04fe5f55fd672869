// SPDX-License-Identifier: GPL-2.0-or-later
// Settings of a Nix on this machine that concern a store that is shared with it: /etc/nix/nix.conf
// ($NIX_CONF_DIR), then the user's ($NIX_USER_CONF_FILES, else $XDG_CONFIG_HOME/nix/nix.conf), then the text
// of $NIX_CONFIG; "NAME = VALUE" lines, # comments, include FILE and !include FILE. The last one holds.
#pragma once

#include <stdbool.h>
#include "base/err.h"

// All settings in the order in which they count, later ones more; ends with the first that is below 0.
typedef int store_conf_fn(void *ctx, const char *name, const char *value, struct err *e);
int store_conf_each(store_conf_fn *f, void *ctx, struct err *e);
// The value, words joined by one space; NULL: not set. Owned. Files that cannot be read say nothing.
char *store_conf_get(const char *name);
bool store_conf_bool(const char *name, bool otherwise);
