// SPDX-License-Identifier: GPL-2.0-or-later
// A compressed stream into a file descriptor, in the forms that the kernel unpacks an initramfs from. The
// output depends on the input, the level and the version of the library only: no times, no names, one thread.
#pragma once

#include <stddef.h>
#include "base/err.h"

enum compress_kind { COMPRESS_NONE, COMPRESS_ZSTD, COMPRESS_GZIP, COMPRESS_XZ };

// By NixOS's word for it: "zstd", "gzip" (or "pigz"), "xz", "none" (or "cat"). -EINVAL with the list of
// words.
int compress_kind_parse(const char *name, enum compress_kind *ret, struct err *e);
const char *compress_kind_name(enum compress_kind kind);
// The kernel option that this needs, without CONFIG_ ("RD_ZSTD"); NULL for none.
const char *compress_kconfig(enum compress_kind kind);

struct compress;
// level 0 is the default of the kind. fd is borrowed.
int compress_open(int fd, enum compress_kind kind, int level, struct compress **ret, struct err *e);
int compress_write(struct compress *c, const void *data, size_t len, struct err *e);
// Writes what is left. The stream is not usable afterwards, but still to be freed.
int compress_finish(struct compress *c, struct err *e);
void compress_free(struct compress *c);
static inline void compress_freep(struct compress **c)
{
	compress_free(*c);
}
#define _cleanup_compress_ _cleanup_(compress_freep)
