// SPDX-License-Identifier: GPL-2.0-or-later
// Unpacking archives (tar in any compression, zip, cpio, 7z, the data of a .deb, NAR), through libarchive.
// Nothing is ever written outside of the destination; owners, times and setuid bits of the archive are
// ignored.
#pragma once

#include "base/err.h"

enum unpack_flags {
	UNPACK_STRIP = 1, // an archive of one folder: its content, not the folder
};

// dest must not exist; on failure it does not exist either.
int unpack_archive(const char *file, const char *dest, int flags, struct err *e);
