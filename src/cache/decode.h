// SPDX-License-Identifier: GPL-2.0-or-later
// Undoing the compression of a NAR in a binary cache. Runs in the confined worker only: what it reads is a
// stranger's.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

// Names as .narinfo has them: "none", "xz", "bzip2", "zstd", "gzip", "lzip", "lz4".
bool decode_knows(const char *compression);
// From the beginning of `from` to the end of `to` (both regular files). -EFBIG beyond limit_bytes (0: none);
// -EBADMSG: cut short or damaged.
int decode_file(const char *compression, int from, int to, uint64_t limit_bytes, struct err *e);
