// SPDX-License-Identifier: GPL-2.0-or-later
// Unpacking archives (tar in any compression, zip, cpio, 7z, the data of a .deb, NAR), through libarchive.
// Nothing is ever written outside of the destination; owners, times and setuid bits of the archive are
// ignored.
#pragma once

#include <stdint.h>
#include "base/err.h"
#include "build/fetch-limits.h"

struct archive;
struct archive_entry;

enum unpack_flags {
	UNPACK_STRIP = 1, // an archive of one folder: its content, not the folder
};

// dest must not exist; on failure it does not exist either.
// The tree may be as large as the file system allows, but for a reserve.
int unpack_archive(const char *file, const char *dest, int flags, struct err *e);
// The same within limits. -EFBIG: it is larger; -ENOSPC: no room is left; -ETIMEDOUT.
int unpack_archive_within(
        const char *file, const char *dest, int flags, const struct fetch_limits *limits, struct err *e);
// The same; *ret_newest is the time of the archive's newest entry (seconds since 1970).
int unpack_archive_dated(const char *file, const char *dest, int flags, const struct fetch_limits *limits,
        int64_t *ret_newest, struct err *e);
// What a .deb installs: f for each entry of its data.tar, up to the first that fails. Nothing is written and
// nothing is checked; in gives the entry's data.
int unpack_deb_each(const char *file,
        int (*f)(void *ctx, struct archive *in, struct archive_entry *entry, struct err *e), void *ctx,
        struct err *e);
// The error of an archive that cannot be read, with its file's name.
int unpack_error(struct archive *a, const char *file, struct err *e);
