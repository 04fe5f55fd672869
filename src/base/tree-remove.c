// SPDX-License-Identifier: GPL-2.0-or-later
// Removing a tree. A folder is emptied through its descriptor, so that a link that takes its place is never
// followed, and its mode is only changed through that, too. Descriptors and stack are bounded: what lies too
// deep is moved up to the top first, and goes from there.
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/str.h"

#define DEEP      200 // levels that are open at a time
#define TRIES_MAX 5   // passes over a folder that is filled again while it is emptied
#define NAMES_MAX 1000

// top: the folder that is removed. moved: how many folders were moved into it.
struct remover {
	int top;
	unsigned long moved;
};

static int move_up(struct remover *rm, int dir, const char *name)
{
	char to[32];

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		snprintf(to, sizeof(to), ".deep-%lu-%u", rm->moved, i);
		if (faccessat(rm->top, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (renameat(dir, name, rm->top, to) < 0)
			return -errno;
		rm->moved++;
		return 0;
	}
	return -ELOOP;
}

static int remove_folder(struct remover *rm, int dir, const char *name, unsigned depth);

static int remove_node(struct remover *rm, int dir, const char *name, unsigned depth)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISDIR(st.st_mode))
		return unlinkat(dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
	return remove_folder(rm, dir, name, depth);
}

static int remove_entries(struct remover *rm, DIR *d, unsigned depth)
{
	for (;;) {
		errno = 0;
		struct dirent *de = readdir(d);
		if (!de)
			return -errno;
		if (str_eq(de->d_name, ".") || str_eq(de->d_name, ".."))
			continue;
		int r = remove_node(rm, dirfd(d), de->d_name, depth + 1);
		if (r < 0)
			return r;
	}
}

// The folder for reading; we make it ours to empty first, if it is not.
static int open_folder(int dir, const char *name)
{
	struct stat st;
	_cleanup_close_ int held = tree_hold(dir, name, &st);

	if (held < 0)
		return held;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if ((st.st_mode & 0700) != 0700)
		tree_chmod(held, 0700); // when it is not allowed, opening says so
	return tree_open(held, &st, dir, name);
}

// Empties until nothing is left: while folders come up from below that is many passes.
static int empty_folder(struct remover *rm, DIR *d, int dir, const char *name, unsigned depth)
{
	for (unsigned tries = 0;;) {
		unsigned long before = rm->moved;
		int r = remove_entries(rm, d, depth);
		if (r < 0)
			return r;
		if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			return -errno;
		if ((depth || rm->moved == before) && ++tries == TRIES_MAX)
			return -ENOTEMPTY;
		rewinddir(d);
	}
}

static int remove_folder(struct remover *rm, int dir, const char *name, unsigned depth)
{
	int fd = open_folder(dir, name);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (depth == 0)
		rm->top = fd;
	if (depth >= DEEP) {
		close(fd);
		return move_up(rm, dir, name);
	}
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	int r = empty_folder(rm, d, dir, name, depth);
	closedir(d);
	return r;
}

int tree_remove(int dir, const char *name)
{
	struct remover rm = {.top = -1};

	return remove_node(&rm, dir, name, 0);
}
