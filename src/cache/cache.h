// SPDX-License-Identifier: GPL-2.0-or-later
// Binary caches (Nix manual, 'HTTP Binary Cache Store'): folders with nix-cache-info, HASH.narinfo and
// nar/*.nar.xz, on this machine (file://) or behind a web server (http://, https://). Reading goes through
// confined workers (worker.h); what came is restored, hashed and registered here, and only if it is what a
// trusted key signed, or names its own content.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "build/fetch-many.h"
#include "store/narinfo.h"
#include "store/store.h"

struct cache_opts {
	char *const *uris;         // strv
	char *const *trusted_keys; // strv; "NAME:BASE64"
	bool no_sigs;              // what nobody vouches for is taken, too
	struct fetch_many_opts fetch;
	// Told for each path that came; may be NULL.
	void (*taken)(void *ctx, const char *path, const char *from);
	void *ctx;
};

struct caches;
// A URI is not asked before the first question. "?priority=N" and "?trusted=true" behind it are honoured.
int caches_open(struct store *s, const struct cache_opts *opts, struct caches **ret, struct err *e);
void caches_free(struct caches *c);

// What a cache says of a path; owned by the caches.
struct cache_path {
	struct narinfo n;
	const char *uri; // of the cache
	size_t cache;
};
// Asks for all paths at once, in the order of the caches' priorities. What was not found, or is not signed by
// whom we trust, is NULL in ret[i] (for paths[i]). A cache that cannot be asked is said once and passed over.
int caches_query(struct caches *c, char *const *paths, const struct cache_path **ret, struct err *e);
// The closure of paths as far as it is not valid here, references before referrers. *ret_missing: what no
// cache has (of paths, or references of others); both strv, owned by the caller.
int caches_closure(
        struct caches *c, char *const *paths, char ***ret_found, char ***ret_missing, struct err *e);
// What was found in a query before; NULL: nothing.
const struct cache_path *caches_known(const struct caches *c, const char *path);
// Brings paths (found ones, references first) into the store and makes them valid. Whole or not: a path whose
// content is not what was said is not registered, and neither is what refers to it; the error names the
// first.
int caches_take(struct caches *c, char *const *paths, struct err *e);

// --- giving: a folder that a web server serves ---

struct cache_give_opts {
	const char *compression;  // "xz" (NULL), "zstd", "bzip2", "gzip", "none"
	int level;                // 0: the program's own
	char *const *secret_keys; // strv: each signs
};
// Puts paths (references first) into the folder, those that it does not have. Files get their names when they
// are whole, the .narinfo last. *ret_given: how many were not there.
int cache_give(struct store *s, const char *dir, char *const *paths, const struct cache_give_opts *opts,
        size_t *ret_given, struct err *e);
// The folder of a file:// URI (without what stands behind "?"), owned; NULL when it is another kind.
char *cache_folder(const char *uri);
// The value of NAME behind "?", owned; NULL: not given.
char *cache_uri_param(const char *uri, const char *name);
