// SPDX-License-Identifier: GPL-2.0-or-later
// Cryptographic hashes (libcrypto) and the ways Nix writes them: base16, base32 (Nix's alphabet and order),
// base64, SRI.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

enum hash_algo { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA512, HASH_NONE };
enum hash_form { HASH_BASE16, HASH_NIX32, HASH_BASE64, HASH_SRI };

struct hash {
	enum hash_algo algo;
	uint8_t bytes[64]; // hash_size(algo) of them
};

size_t hash_size(enum hash_algo algo);
const char *hash_algo_name(enum hash_algo algo);  // "sha256"
enum hash_algo hash_algo_parse(const char *name); // HASH_NONE when unknown

struct hash_ctx; // running digest
struct hash_ctx *hash_begin(enum hash_algo algo);
void hash_update(struct hash_ctx *c, const void *data, size_t len);
// Ends and frees it.
void hash_end(struct hash_ctx *c, struct hash *ret);

void hash_bytes(enum hash_algo algo, const void *data, size_t len, struct hash *ret);
// name is for messages.
int hash_fd(enum hash_algo algo, int fd, const char *name, struct hash *ret, struct err *e);
int hash_file(enum hash_algo algo, const char *path, struct hash *ret, struct err *e);
bool hash_eq(const struct hash *a, const struct hash *b);
// Digest as text, owned; HASH_SRI is "sha256-...", others have "sha256:" before them when with_algo.
char *hash_format(const struct hash *h, enum hash_form form, bool with_algo);
// Reads any form: SRI, "algo:DIGEST", or DIGEST alone where algo says which (HASH_NONE: must be in the text).
int hash_parse(const char *s, enum hash_algo algo, struct hash *ret, struct err *e);
// XORs len bytes down to ret_len (how store path digests are shortened to 20 bytes).
void hash_compress(const struct hash *h, uint8_t *ret, size_t ret_len);
