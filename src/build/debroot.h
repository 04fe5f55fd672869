// SPDX-License-Identifier: GPL-2.0-or-later
// A build root: the tree of a set of Debian packages, merged as Debian has it today (everything of /bin,
// /sbin and /lib* is in usr). A set is a JSON file that a person can read and change:
//
//   suite, arch   "trixie", "amd64"
//   wanted        names of packages, for tools/debian-roots.sh; not read here
//   packages      [ { name, version, arch, filename, sha256, size } ], filename being "pool/..."
//   links         { "usr/bin/cc": "gcc-14" }: what maintainer scripts would make; none of them is run
//   without       [ "usr/share/doc", "usr/src/x-*/doc" ]: what is left out, with all that is below it; as in a
//                 shell, a star is for one name
//
// Of a package usr and etc are taken, since nothing else is part of what builds see; owners, times and setuid
// bits are not. Whatever would leave the tree is refused.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "build/builder.h"

struct debroot_package {
	char *name, *version, *arch, *pool;
	uint64_t size_bytes;
	struct hash sha256;
};

struct debroot_link {
	char *path, *target;
};

struct debroot_set {
	char *suite, *arch;
	struct debroot_package *packages;
	size_t n_packages;
	struct debroot_link *links;
	size_t n_links;
	char **without;
	uint64_t size_bytes; // of all packages
};

// What is wrong is said with the name of the package.
int debroot_set_parse(const char *json, struct debroot_set *ret, struct err *e);
void debroot_set_release(struct debroot_set *s);

// Where a file of a package lies in the tree: without "./", below usr where it is in bin, sbin or lib*. ""
// is the tree itself. -EINVAL for what is absolute, has "..", control characters, or is nested too deeply.
int debroot_path(const char *name, char **ret, struct err *e);
// What a link there must hold to lead where target leads, from a root as from the store: relative, and to the
// merged place. NULL: it would lead to itself. -EINVAL when it leaves the tree. name and target are as the
// package has them.
int debroot_target(const char *name, const char *target, char **ret, struct err *e);

// Makes the tree. One for each root; packages are added one after the other.
struct debroot_tree {
	const struct debroot_set *set;
	const char *out;
	int fd;             // of out
	char *dir;          // the folder last used, and
	int dir_fd;         // its descriptor; -1: none
	struct hmap owners; // path: name of its package
	uint64_t files, size_bytes;
};
int debroot_tree_open(
        const char *out, const struct debroot_set *set, struct debroot_tree *ret, struct err *e);
int debroot_tree_add(
        struct debroot_tree *t, const char *file, const struct debroot_package *p, struct err *e);
// The set's links, and those of the merged folders.
int debroot_tree_finish(struct debroot_tree *t, struct err *e);
void debroot_tree_release(struct debroot_tree *t);

// Downloads of the set's packages, several at a time, in the set's order.
struct debroot_fetch;
// archives: where to look, the best first, each with a '/' at its end. host: what the sandbox shows of those
// that are folders. dir: an empty folder.
int debroot_fetch_start(const struct debroot_set *set, char *const *archives, const struct builtin_host *host,
        const char *dir, struct debroot_fetch **ret, struct err *e);
// Waits for package i; *ret is its file (owned), whose hash is right.
int debroot_fetch_wait(struct debroot_fetch *f, size_t i, char **ret, struct err *e);
// After the last package. What is still under way when something failed ends with the process.
void debroot_fetch_end(struct debroot_fetch *f);
