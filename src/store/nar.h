// SPDX-License-Identifier: GPL-2.0-or-later
// NAR, Nix's archive format (Nix manual, 'Nix Archive'): a tree of regular files, symlinks and folders with
// nothing but names, contents, targets and the executable bit. Everything streams; memory is bounded by the
// depth of the tree.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

// Where bytes go. write takes all of them or fails.
struct sink {
	int (*write)(void *ctx, const void *data, size_t len, struct err *e);
	void *ctx;
};

// Where bytes come from. read gives 1..len bytes, 0 at the end, or a negative errno.
struct source {
	ssize_t (*read)(void *ctx, void *data, size_t len, struct err *e);
	void *ctx;
};

struct source_mem {
	const char *data;
	size_t len, pos;
};

// Reads ahead into its own buffer, so keep one for as long as the descriptor is read from. Set fd, rest zero.
struct source_fd {
	int fd;
	size_t pos, len;
	char data[65536];
};

struct sink sink_fd(int *fd);
struct sink sink_buf(struct buf *b);
struct source source_fd(struct source_fd *f);
struct source source_mem(struct source_mem *m);

// What is met in a tree, in the order of the archive, whether it is read from a NAR or from the file system.
// path is relative to the root ("" is the root itself, else "a/b"). A callback that is NULL is skipped; a
// negative errno ends it all.
struct nar_visitor {
	int (*directory)(void *ctx, const char *path, struct err *e);
	int (*end_directory)(void *ctx, const char *path, struct err *e);
	int (*symlink)(void *ctx, const char *path, const char *target, struct err *e);
	// offset_bytes: where the contents begin in the NAR (0 from the file system). Then data() until
	// size_bytes came, then end_regular.
	int (*regular)(void *ctx, const char *path, bool executable, uint64_t size_bytes,
	        uint64_t offset_bytes, struct err *e);
	int (*data)(void *ctx, const void *data, size_t len, struct err *e);
	int (*end_regular)(void *ctx, const char *path, struct err *e);
	void *ctx;
};

// Decides whether path (below the root, not the root itself) goes in. type is 'r'egular, 'd'irectory,
// 's'ymlink or 'u'nknown. Sets *ret_keep; returns 0, or a negative errno that ends the dump.
struct nar_filter {
	int (*fn)(void *ctx, const char *path, char type, bool *ret_keep, struct err *e);
	void *ctx;
};

// Walks a tree of the file system. path itself is not followed when it is a link. filter may be NULL.
// Sockets, devices and pipes are -EINVAL.
int nar_walk(const char *path, const struct nar_filter *filter, const struct nar_visitor *v, struct err *e);
// The same for the entry `name` of the open folder dir; path is its name in messages.
int nar_walk_at(int dir, const char *name, const char *path, const struct nar_filter *filter,
        const struct nar_visitor *v, struct err *e);
// Writes the NAR of path.
int nar_dump(const char *path, const struct nar_filter *filter, const struct sink *out, struct err *e);
// The NAR of one regular file with this content.
int nar_dump_bytes(const void *data, size_t len, bool executable, const struct sink *out, struct err *e);
// Hash and size of the NAR of path. Big trees are hashed by a second thread while this one reads.
int nar_hash_path(const char *path, enum hash_algo algo, const struct nar_filter *filter, struct hash *ret,
        uint64_t *ret_size_bytes, struct err *e);
int nar_hash_at(
        int dir, const char *name, const char *path, enum hash_algo algo, struct hash *ret, struct err *e);
// A visitor that writes the NAR of what it is shown. End it (flush: the last bytes are written).
struct nar_printer;
struct nar_printer *nar_printer_begin(const struct sink *out);
struct nar_visitor nar_printer_visitor(struct nar_printer *p);
int nar_printer_end(struct nar_printer *p, bool flush, struct err *e);

// Parses exactly one NAR and not a byte beyond it. Refused (-EBADMSG): names that are empty, ".", "..", or
// hold "/" or NUL; entries not in strictly ascending byte order; padding that is not zero; strings beyond the
// limits of a file system (names 255, targets 4095 bytes); nesting deeper than NAR_DEPTH_MAX; anything
// unknown or cut short.
#define NAR_DEPTH_MAX 512
int nar_parse(const struct source *in, const struct nar_visitor *v, struct err *e);
// Unpacks at dest, which must not exist; on failure what was made is removed. canonical: modes 0444/0555 and
// mtime 1, as the store has them; else 0666/0777 & ~umask.
int nar_restore(const struct source *in, const char *dest, bool canonical, struct err *e);
// The same, canonical, from the file system; the visitor `also` (may be NULL) sees all that is copied.
int nar_copy(const char *path, const struct nar_filter *filter, const char *dest,
        const struct nar_visitor *also, struct err *e);
// Both as the entry `name` of the open folder dir; dest is its name in messages.
int nar_restore_at(
        const struct source *in, int dir, const char *name, const char *dest, bool canonical, struct err *e);
int nar_copy_at(const char *path, const struct nar_filter *filter, int dir, const char *name,
        const char *dest, const struct nar_visitor *also, struct err *e);
// Reads one NAR to its end and gives hash and size.
int nar_hash_source(const struct source *in, enum hash_algo algo, struct hash *ret, uint64_t *ret_size_bytes,
        struct err *e);

// Passing bytes through: every byte read from `from` is also written to `to`.
struct source_tee {
	const struct source *from;
	const struct sink *to;
	uint64_t count_bytes;
};
struct source source_tee(struct source_tee *t);

// A sink that digests and counts. After the first megabytes the digest runs in a thread of its own. Always
// end it; ret NULL: the result is not wanted.
struct sink_hash;
struct sink_hash *sink_hash_begin(enum hash_algo algo);
struct sink sink_hash(struct sink_hash *h);
void sink_hash_end(struct sink_hash *h, struct hash *ret, uint64_t *ret_size_bytes);

// A sink that writes to two.
struct sink_tee {
	const struct sink *a, *b;
};
struct sink sink_tee(struct sink_tee *t);
