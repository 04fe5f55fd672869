// SPDX-License-Identifier: GPL-2.0-or-later
// What travels between stores: .narinfo files of binary caches, ed25519 signatures over a path's fingerprint,
// and the stream of `nix-store --export`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"

struct narinfo {
	struct store_info *info;
	char *url;             // relative to the cache
	char *compression;     // "xz", "zstd", "bzip2", "none", ...
	char *system;          // NULL: not said
	struct hash file_hash; // algo HASH_NONE: not said
	uint64_t file_size_bytes;
};

int narinfo_parse(const char *store_dir, const char *text, size_t len, struct narinfo *ret, struct err *e);
void narinfo_print(const struct narinfo *n, struct buf *out);
void narinfo_release(struct narinfo *n);

// "1;PATH;sha256:NIX32;SIZE;REF,REF": what is signed; owned.
char *store_fingerprint(const struct store_info *i);
// Keys are text "NAME:BASE64": 64 bytes secret (seed and public), 32 bytes public.
int sign_generate(const char *name, char **ret_secret, char **ret_public, struct err *e);
int sign_public_of(const char *secret, char **ret_public, struct err *e);
// "NAME:BASE64" of 64 bytes over data; owned.
int sign_data(const char *secret, const void *data, size_t len, char **ret_sig, struct err *e);
bool sign_verify(const char *public_key, const void *data, size_t len, const char *sig);
int store_sign(struct store *s, const char *path, const char *secret, struct err *e);
// How many of the path's signatures are good under one of the keys (strv).
size_t store_count_good_sigs(const struct store_info *i, char *const *public_keys);

// The closure is the caller's matter: paths are written in the given order.
int store_export(struct store *s, char *const *paths, const struct sink *out, struct err *e);
// *ret_paths: what came in, in order.
int store_import(struct store *s, const struct source *in, char ***ret_paths, struct err *e);
