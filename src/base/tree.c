// SPDX-License-Identifier: GPL-2.0-or-later
// What can be done to an entry of a tree through its descriptor alone.
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452 // the same on every architecture that we know (Linux 6.6)
#endif

// The kernel's own link to what a descriptor means: it leads to the inode, also of a link, and no further.
struct fd_link {
	char path[32];
};

static struct fd_link link_of(int fd)
{
	struct fd_link l;

	snprintf(l.path, sizeof(l.path), "/proc/self/fd/%d", fd);
	return l;
}

int tree_hold(int dir, const char *name, struct stat *ret)
{
	_cleanup_close_ int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, ret) < 0)
		return -errno;
	return TAKE_FD(fd);
}

// By the name again, and only if it still is the same: for want of /proc.
static int open_again(const struct stat *st, int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat now;

	if (fd < 0 || fstat(fd, &now) < 0)
		return -errno;
	return now.st_dev == st->st_dev && now.st_ino == st->st_ino ? TAKE_FD(fd) : -ESTALE;
}

int tree_open(int held, const struct stat *st, int dir, const char *name)
{
	int fd;

	if (S_ISDIR(st->st_mode))
		fd = openat(held, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	else if (S_ISREG(st->st_mode))
		fd = open(link_of(held).path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	else
		return -EINVAL;
	if (fd >= 0)
		return fd;
	return S_ISREG(st->st_mode) && errno == ENOENT ? open_again(st, dir, name) : -errno;
}

int tree_open_entry(int dir, const char *name, struct stat *ret)
{
	_cleanup_close_ int held = tree_hold(dir, name, ret);

	return held < 0 ? held : tree_open(held, ret, dir, name);
}

int tree_chmod(int fd, mode_t mode)
{
	if (syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	// A kernel without the call; some sandboxes say EPERM to what they do not know.
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	return fchmod(fd, mode) == 0 || chmod(link_of(fd).path, mode) == 0 ? 0 : -errno;
}

int tree_chown(int fd, uid_t uid, gid_t gid)
{
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int tree_set_times(int fd, const struct timespec times[2])
{
	if (utimensat(fd, "", times, AT_EMPTY_PATH) == 0)
		return 0;
	return errno == EINVAL && utimensat(AT_FDCWD, link_of(fd).path, times, 0) == 0 ? 0 : -errno;
}

int tree_list_xattrs(int fd, char *ret, size_t size_bytes, size_t *ret_len)
{
	ssize_t n = listxattr(link_of(fd).path, ret, size_bytes);

	if (n < 0)
		return -errno;
	*ret_len = (size_t)n;
	return 0;
}

int tree_remove_xattr(int fd, const char *name)
{
	return removexattr(link_of(fd).path, name) < 0 ? -errno : 0;
}

struct entry {
	char *name;
	unsigned char type;
};

static int entry_cmp(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

// Into the two lists; names are handed over.
static void entries_split(struct entry *v, size_t n, char ***ret, unsigned char **ret_types)
{
	*ret = mem_array(n + 1, sizeof(**ret));
	if (ret_types)
		*ret_types = mem_alloc(n + 1);
	for (size_t i = 0; i < n; i++) {
		(*ret)[i] = v[i].name;
		if (ret_types)
			(*ret_types)[i] = v[i].type;
	}
}

int tree_collect(DIR *d, char ***ret, unsigned char **ret_types)
{
	struct entry *v = NULL;
	size_t n = 0, cap = 0;

	mem_grow(&v, &cap, 1, sizeof(*v));
	for (;;) {
		errno = 0;
		struct dirent *de = readdir(d);
		if (!de)
			break;
		if (str_eq(de->d_name, ".") || str_eq(de->d_name, ".."))
			continue;
		mem_grow(&v, &cap, n + 1, sizeof(*v));
		v[n++] = (struct entry){mem_strdup(de->d_name), de->d_type};
	}
	int errnum = errno;
	if (!errnum) {
		qsort(v, n, sizeof(*v), entry_cmp);
		entries_split(v, n, ret, ret_types);
	}
	for (size_t i = 0; errnum && i < n; i++)
		mem_free(v[i].name);
	mem_free(v);
	return -errnum;
}

int tree_names(int fd, char ***ret)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = own < 0 ? NULL : fdopendir(own);

	if (!d) {
		int errnum = errno;
		if (own >= 0)
			close(own);
		return -errnum;
	}
	int r = tree_collect(d, ret, NULL);
	closedir(d);
	return r;
}
