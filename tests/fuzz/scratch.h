// SPDX-License-Identifier: GPL-2.0-or-later
// For targets whose parser reads files: one folder below $TMPDIR, which run.sh puts into memory and removes.
// The text of an input is cut into the contents of several files where a line "%" stands.
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

// The same one at each call; not freed.
static const char *scratch_dir(void)
{
	static char *dir;
	struct err e = {0};
	const char *base = getenv("TMPDIR");

	if (!dir && fs_mkdtemp(base ? base : "/tmp", "fuzz", &dir, &e) < 0)
		abort();
	return dir;
}

static void scratch_write(const char *path, const char *data, size_t len)
{
	_cleanup_free_ char *dir = str_dirname(path);
	struct err e = {0};
	int fd = fs_mkdir_p(dir, 0755, &e) < 0 ? -1 : fs_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &e);

	if (fd < 0 || fs_write_all(fd, data, len, path, &e) < 0)
		abort();
	close(fd);
}

// The next part of what is left; false when nothing is.
static __attribute__((unused)) int scratch_part(
        const char **data, size_t *left, const char **ret, size_t *ret_len)
{
	const char *mark = *left ? memmem(*data, *left, "\n%\n", 3) : NULL;

	if (!*left)
		return 0;
	*ret = *data;
	*ret_len = mark ? (size_t)(mark + 1 - *data) : *left;
	size_t used = mark ? *ret_len + 2 : *left;
	*data += used;
	*left -= used;
	return 1;
}
