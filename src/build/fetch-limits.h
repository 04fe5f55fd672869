// SPDX-License-Identifier: GPL-2.0-or-later
// How much a download during evaluation, and what is unpacked of it, may take: a server that never ends or an
// archive that swells must not fill the machine.
#pragma once

#include <stdint.h>
#include "base/err.h"

// Bytes; 0: the default, UINT64_MAX: none.
struct fetch_limits {
	uint64_t download_bytes; // of the file; default 16 GiB
	uint64_t unpacked_bytes; // of the tree; default 64 GiB
	uint64_t reserve_bytes;  // what must stay free on the file system; default 256 MiB
	unsigned timeout_s;      // of a download, and again of unpacking; 0: none
};

#define FETCH_DOWNLOAD_BYTES (16ull << 30)
#define FETCH_UNPACKED_BYTES (64ull << 30)
#define FETCH_RESERVE_BYTES  (256ull << 20)

static inline uint64_t fetch_limit(uint64_t value, uint64_t otherwise)
{
	return value ? value : otherwise;
}
// -ENOSPC with a message when less than the reserve is free where path (or fd, when path is NULL) lies.
int fetch_check_space(const struct fetch_limits *l, const char *path, int fd, struct err *e);
