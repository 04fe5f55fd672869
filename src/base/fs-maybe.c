// SPDX-License-Identifier: GPL-2.0-or-later
// Questions to the file system that may be answered with 'there is nothing': what could not be found out is
// an error, and never that answer.

#include <errno.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"

static bool is_nothing(int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR;
}

static int answer(int rc, const char *path, struct err *e)
{
	if (rc == 0)
		return 1;
	return is_nothing(errno) ? 0 : err_sys(e, errno, "getting status of '%s'", path);
}

int fs_lstat_maybe(const char *path, struct stat *ret, struct err *e)
{
	struct stat st;

	return answer(lstat(path, ret ? ret : &st), path, e);
}

int fs_stat_maybe(const char *path, struct stat *ret, struct err *e)
{
	struct stat st;

	return answer(stat(path, ret ? ret : &st), path, e);
}

int fs_is_dir_maybe(const char *path, struct err *e)
{
	struct stat st;
	int r = fs_stat_maybe(path, &st, e);

	return r > 0 ? S_ISDIR(st.st_mode) : r;
}

// Turns 'there is nothing' of a call that is an error otherwise into 0.
static int unless_nothing(int r, struct err *found, struct err *e)
{
	if (r == 0)
		return 1;
	if (!is_nothing(-r))
		return err_move(e, found);
	err_release(found);
	return 0;
}

int fs_list_maybe(const char *path, char ***ret, struct err *e)
{
	struct err found = {0};
	int r = unless_nothing(fs_list(path, ret, &found), &found, e);

	if (r == 0)
		*ret = NEW(char *);
	return MIN(r, 0);
}

int fs_read_maybe(const char *path, size_t limit_bytes, struct buf *b, struct err *e)
{
	struct err found = {0};

	return unless_nothing(fs_read(path, limit_bytes, b, &found), &found, e);
}

int fs_read_regular_maybe(const char *path, size_t limit_bytes, struct buf *b, struct err *e)
{
	struct err found = {0};

	return unless_nothing(fs_read_regular(path, limit_bytes, b, &found), &found, e);
}

int fs_readlink_maybe(const char *path, char **ret, struct err *e)
{
	struct err found = {0};
	int r = fs_readlink(path, ret, &found);

	if (r != -EINVAL)
		return unless_nothing(r, &found, e);
	err_release(&found); // there is something, but not a link
	return 0;
}
