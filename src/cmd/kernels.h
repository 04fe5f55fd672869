// SPDX-License-Identifier: GPL-2.0-or-later
// Which kernel releases there are: the package set's own (nixpkgs/linux/versions.json) and the tables that
// `kernix kernels update` writes beside it. What wins is decided here as nixpkgs/linux/releases.nix does it:
// the newer release, and of the same one whoever says that its series ended.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

#define KERNELS_MAJOR_MAX 99

// Numbers of a version, "6.12.117" or "7.3-rc7": rc 0 is a release.
struct kernels_version {
	unsigned n[3], rc;
};

struct kernels_release {
	char *series;     // "6.12"; "testing" for the package set's candidate
	char *version;    // "6.12.117"
	char *date;       // "2026-11-19"; NULL: not known
	char *url, *hash; // of the archive: mirror://kernel/..., SRI
	bool lts, eol;
	bool from_table; // of a table, not of the package set
};

struct kernels {
	struct kernels_release *rows; // by version, oldest first
	size_t len, cap;
	char *candidate;                         // -rc that kernel.org names; NULL: none
	int64_t fetched_s;                       // when the newest table was made; 0: there is none
	int64_t signed_s[KERNELS_MAJOR_MAX + 1]; // newest signature seen below vN.x; 0: none
	char **tables;                           // files that were read
};
void kernels_release(struct kernels *k);
#define _cleanup_kernels_ _cleanup_(kernels_release)

// Reads a version at the start of s; *ret_rest (NULL: the whole of s must be one) is what follows.
bool kernels_version_parse(const char *s, struct kernels_version *ret, const char **ret_rest);
int kernels_version_cmp(const char *a, const char *b); // of versions that parse
char *kernels_series_of(const char *version);          // "6.12"; owned

// The row of this series, or NULL.
struct kernels_release *kernels_find(const struct kernels *k, const char *series);
// Adds it by the rule above; what it owns is taken.
void kernels_join(struct kernels *k, struct kernels_release *row);
void kernels_remove(struct kernels *k, size_t i);
// The newest row that is not at its end; lts: of the series that are kept longer. NULL: none.
const struct kernels_release *kernels_newest(const struct kernels *k, bool lts);

// ROOT/etc/kernix/kernels.json, or the user's: $XDG_CONFIG_HOME/kernix/kernels.json. Owned; NULL when there
// is no home.
char *kernels_table_path(const char *root, bool user);
// What holds: the package set's, ROOT's table and (without a root) the user's. A damaged table is left out
// with a warning.
int kernels_read(const char *root, struct kernels *ret, struct err *e);
char *kernels_table_text(const struct kernels *k); // as a table; owned

// --- kernels-fetch.c ---
// A file of at most limit_bytes. Nothing that is encrypted is taken from where it is not any more.
int kernels_fetch(const char *url, size_t limit_bytes, struct buf *ret, struct err *e);
// A clear-signed file: only the text that a key of key_file (armoured or not) has signed, and when.
int kernels_fetch_signed(const char *url, size_t limit_bytes, const char *key_file, struct buf *ret,
        int64_t *ret_signed_s, struct err *e);

// --- kernels-update.c ---
struct kernels_update {
	const char *url; // of a copy of kernel.org; NULL: kernel.org
	const char *key; // file; NULL: the machine's, else the package set's
	const char *root;
	bool user, dry_run;
};
// Reads kernel.org and writes the table; says on standard output what is new. Nothing changes on an error.
int kernels_update(const struct kernels_update *u, struct err *e);

// One line to the log when a kernel of this version is at its end or behind.
void kernels_say_age(const char *root, const char *version);
