// SPDX-License-Identifier: GPL-2.0-or-later
// Writes a cpio archive of the "newc" form, as the kernel unpacks it
// (Documentation/driver-api/early-userspace). The bytes depend on what was added only: entries sorted by
// name, folders before what is in them, mtime 1, owner 0, inode numbers by order, no hard links, padding of
// zeros. Contents are read when the archive is written.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/err.h"
#include "boot/compress.h"

struct cpio;

struct cpio *cpio_new(void);
void cpio_free(struct cpio *c);
static inline void cpio_freep(struct cpio **c)
{
	cpio_free(*c);
}
#define _cleanup_cpio_ _cleanup_(cpio_freep)

// Paths are absolute ("/init"); folders above are added by themselves with mode 0755. Adding a path a second
// time replaces nothing and is -EEXIST, but a folder may be added again. A path with "." or ".." in it is
// -EINVAL.
int cpio_dir(struct cpio *c, const char *path, mode_t mode, struct err *e);
int cpio_file(struct cpio *c, const char *path, mode_t mode, const char *source, struct err *e);
// Copies the data.
int cpio_data(struct cpio *c, const char *path, mode_t mode, const void *data, size_t len, struct err *e);
int cpio_link(struct cpio *c, const char *path, const char *target, struct err *e);
// type_mode is S_IFCHR | 0600 and the like.
int cpio_node(
        struct cpio *c, const char *path, mode_t type_mode, unsigned major, unsigned minor, struct err *e);
// Adds what is at source (followed if it is a link) as path: a file (mode 0555 if executable, else 0444), or
// a folder with all that is in it. Links inside of a folder stay links when relative, and become what they
// point to when absolute.
int cpio_tree(struct cpio *c, const char *path, const char *source, struct err *e);
bool cpio_has(const struct cpio *c, const char *path);
// The whole archive with its trailer, padded to 512 bytes so that another may follow.
int cpio_write(struct cpio *c, struct compress *out, struct err *e);
