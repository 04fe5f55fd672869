// SPDX-License-Identifier: GPL-2.0-or-later
// Is there still room for what is being downloaded or unpacked?
#include "build/fetch-limits.h"

#include <errno.h>
#include <sys/statvfs.h>
#include "base/macro.h"

int fetch_check_space(const struct fetch_limits *l, const char *path, int fd, struct err *e)
{
	uint64_t reserve = fetch_limit(l->reserve_bytes, FETCH_RESERVE_BYTES);
	struct statvfs fs;

	if (reserve == UINT64_MAX || (path ? statvfs(path, &fs) : fstatvfs(fd, &fs)) < 0)
		return 0;
	uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (!l->reserve_bytes) // a small file system need not keep more than a twentieth
		reserve = MIN(reserve, (uint64_t)fs.f_blocks * fs.f_frsize / 20);
	if (free_bytes >= reserve && (!fs.f_files || fs.f_favail > 0))
		return 0;
	return err_set(e, -ENOSPC, "only %llu MiB are left on the file system (setting fetch-reserved-space)",
	        (unsigned long long)(free_bytes >> 20));
}
