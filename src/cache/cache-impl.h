// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of the caches share: cache.c (asking), take.c (bringing).
#pragma once

#include "base/hmap.h"
#include "cache/cache.h"
#include "cache/worker.h"

enum cache_state { CACHE_NEW, CACHE_READY, CACHE_BROKEN };

struct cache {
	char *uri;
	char *base;   // without what stands behind "?", and without "/" at its end
	char *folder; // of file://; NULL: http
	enum cache_state state;
	unsigned priority;
	bool trusted;
};

struct caches {
	struct store *store;
	char **trusted_keys;
	bool no_sigs;
	struct fetch_many_opts fetch;
	void (*taken)(void *ctx, const char *path, const char *from);
	void *ctx;
	struct cache *all; // in order of priority
	size_t n;
	bool ready; // nix-cache-info of all was read
	struct workers *workers;
	struct hmap found; // path -> struct cache_path, owned
	struct hmap asked; // path -> anything: no cache has it
};

int caches_workers(struct caches *c, struct workers **ret, struct err *e);
// The file of a cache: opened where it is a folder of this machine (*ret_fd), else its address.
int cache_file(const struct cache *c, const char *name, char **ret_url, int *ret_fd, struct err *e);
