// SPDX-License-Identifier: GPL-2.0-or-later
// Store path names: what a valid one is, and how each kind is computed (Nix manual, 'Store Path', 'Complete
// Store Path Calculation'). A store path is everywhere its full logical text, "/nix/store/HASH-NAME", owned
// by whoever got it; where its files really are only `struct store` knows.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/hash.h"

#define STORE_DIR_DEFAULT "/nix/store"
#define STORE_HASH_CHARS  32 // nix32 characters before the "-"
#define STORE_HASH_BYTES  20
#define STORE_NAME_MAX    211 // longest name after the "-"
#define STORE_DRV_SUFFIX  ".drv"

// Letters, digits and +-._?= ; not empty, not longer than STORE_NAME_MAX, not "." or ".." nor beginning with
// ".-" or "..-". The message is Nix's, without the word about which name it is.
int store_name_check(const char *name, struct err *e);
// "HASH-NAME" without folder.
int store_base_check(const char *base, struct err *e);
bool store_base_valid(const char *base);
// Exactly STORE_DIR/HASH-NAME.
int store_path_check(const char *store_dir, const char *path, struct err *e);
bool store_path_valid(const char *store_dir, const char *path);
// Is path STORE_DIR/x or below it (by text)?
bool store_path_inside(const char *store_dir, const char *path);
// The store path that path is or lies in. *ret_rest (may be NULL) points into path at what follows ("" or
// "/bin/x").
int store_path_of(const char *store_dir, const char *path, char **ret, const char **ret_rest, struct err *e);
// The parts of a store path: 32 characters (not NUL-terminated) and the name after them; borrowed.
const char *store_path_hash(const char *path);
const char *store_path_name(const char *path);
bool store_path_is_drv(const char *path);
// Name of a .drv path without ".drv", owned.
char *store_drv_name(const char *drv_path);

// STORE_DIR/nix32(compress(sha256("TYPE:ALGO:HEX:STORE_DIR:NAME")))-NAME. Types: "output:out", "source:REFS",
// "text:REFS".
int store_path_make(const char *store_dir, const char *type, const struct hash *h, const char *name,
        char **ret, struct err *e);
// The output of an input-addressed derivation: type "output:OUTPUT", name "NAME" or "NAME-OUTPUT".
int store_path_output(const char *store_dir, const char *output, const struct hash *drv_hash,
        const char *name, char **ret, struct err *e);
// "NAME", or "NAME-OUTPUT" for another output than "out"; owned.
char *store_output_name(const char *name, const char *output);

// How the content of a content-addressed path was hashed.
enum ca_method { CA_FLAT, CA_NAR, CA_TEXT };

struct ca {
	enum ca_method method;
	struct hash hash;
};

// "fixed:sha256:NIX32", "fixed:r:sha256:NIX32", "text:sha256:NIX32": the column `ca` of the database; owned.
char *ca_format(const struct ca *ca);
int ca_parse(const char *s, struct ca *ret, struct err *e);
// "sha256", "r:sha256", "text:sha256": the third field of an output in a .drv; owned / read.
char *ca_method_algo(enum ca_method m, enum hash_algo a);
int ca_parse_method_algo(const char *s, enum ca_method *ret_m, enum hash_algo *ret_a, struct err *e);
// The path of a content-addressed object. refs: strv, sorted, without the path itself; only CA_NAR with
// sha256 ("source") and CA_TEXT may have any, only the former self_ref.
int store_path_from_ca(const char *store_dir, const struct ca *ca, const char *name, char *const *refs,
        bool self_ref, char **ret, struct err *e);

// What stands for an output's own path in a derivation whose path is not known yet: "/" +
// nix32(sha256("nix-output:OUT")); owned.
char *store_placeholder(const char *output);
// What stands for the output of a content-addressed derivation that is not built yet; owned.
char *store_downstream_placeholder(const char *drv_path, const char *output);
