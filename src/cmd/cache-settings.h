// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of nix.conf (and of the command line) that concern binary caches; names and defaults are
// Nix's, but that no cache is asked unless one is named: kernix builds what Nix's public cache does not have.
#pragma once

#include "base/err.h"
#include "build/fetch-many.h"
#include "cache/cache.h"

struct cache_settings {
	char **substituters, **trusted_keys, **secret_key_files; // strv
	bool no_substitute, no_sigs, fallback;
	struct fetch_many_opts fetch;
};

// 1: name is one of these, and is set; 0: it is not; else an error about the value.
int cache_settings_set(struct cache_settings *c, const char *name, const char *value, struct err *e);
// As a callback of store_conf_each: ctx is the struct.
int cache_settings_conf(void *ctx, const char *name, const char *value, struct err *e);
// Those of the machine's and the user's nix.conf.
int cache_settings_read(struct cache_settings *c, struct err *e);
// How the caches that they name are opened; borrowed from c.
struct cache_opts cache_settings_opts(const struct cache_settings *c);
void cache_settings_release(struct cache_settings *c);
