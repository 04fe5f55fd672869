// SPDX-License-Identifier: GPL-2.0-or-later
// Files and trees.

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

int fs_open(const char *path, int flags, mode_t mode, struct err *e)
{
	int fd = open(path, flags | O_CLOEXEC, mode);

	if (fd < 0)
		return err_sys(e, errno, "opening '%s'", path);
	return fd;
}

// What is known of a regular file's size spares the read that says it ended; 0: not known.
static int read_sized(
        int fd, const char *name, size_t size_bytes, size_t limit_bytes, struct buf *b, struct err *e)
{
	size_t start = b->len;

	if (limit_bytes && size_bytes > limit_bytes)
		return err_set(e, -EFBIG, "'%s' is larger than %zu bytes", name, limit_bytes);
	buf_reserve(b, size_bytes + 1);
	while (!size_bytes || b->len - start != size_bytes) {
		if (!size_bytes)
			buf_reserve(b, 16 * 1024);
		ssize_t n = read(fd, b->data + b->len, b->cap - b->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "reading '%s'", name);
		if (n == 0)
			break;
		b->len += (size_t)n;
		if (limit_bytes && b->len - start > limit_bytes)
			return err_set(e, -EFBIG, "'%s' is larger than %zu bytes", name, limit_bytes);
	}
	b->data[b->len] = '\0';
	return 0;
}

int fs_read_fd(int fd, const char *name, size_t limit_bytes, struct buf *b, struct err *e)
{
	struct stat st;
	bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	return read_sized(fd, name, regular ? (size_t)st.st_size : 0, limit_bytes, b, e);
}

int fs_read_regular(const char *path, size_t limit_bytes, struct buf *b, struct err *e)
{
	return fs_read_regular_at(AT_FDCWD, path, 0, limit_bytes, b, e);
}

int fs_read_regular_at(int dir, const char *path, int flags, size_t limit_bytes, struct buf *b, struct err *e)
{
	_cleanup_close_ int fd = openat(dir, path, flags | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_sys(e, errno, "opening '%s'", path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "getting status of '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "file '%s' is not a regular file", path);
	return read_sized(fd, path, (size_t)st.st_size, limit_bytes, b, e);
}

int fs_read(const char *path, size_t limit_bytes, struct buf *b, struct err *e)
{
	_cleanup_close_ int fd = fs_open(path, O_RDONLY, 0, e);

	return fd < 0 ? fd : fs_read_fd(fd, path, limit_bytes, b, e);
}

int fs_write_all(int fd, const void *data, size_t len, const char *name, struct err *e)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "writing '%s'", name);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_synced(int fd, const void *data, size_t len, mode_t mode, const char *name, struct err *e)
{
	int r = fs_write_all(fd, data, len, name, e);

	if (r < 0)
		return r;
	if (fchmod(fd, mode) < 0)
		return err_sys(e, errno, "setting the mode of '%s'", name);
	if (fsync(fd) < 0)
		return err_sys(e, errno, "syncing '%s'", name);
	return 0;
}

int fs_write_atomic(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	_cleanup_free_ char *tmp = str_printf("%s.tmp-XXXXXX", path), *dir = str_dirname(path);
	_cleanup_close_ int fd = mkostemp(tmp, O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_sys(e, errno, "creating '%s'", tmp);
	r = write_synced(fd, data, len, mode, tmp, e);
	if (r == 0 && rename(tmp, path) < 0)
		r = err_sys(e, errno, "renaming '%s' to '%s'", tmp, path);
	if (r < 0) {
		unlink(tmp);
		return r;
	}
	return fs_sync(dir, e);
}

// The process that made NAME.tmp-PID-N; 0 when it is no such name.
static long tmp_owner(const char *name)
{
	unsigned n;
	long pid;
	int used = 0;

	for (const char *at = name; (at = strstr(at, ".tmp-")); at++)
		if (sscanf(at, ".tmp-%ld-%u%n", &pid, &n, &used) == 2 && !at[used] && pid > 0)
			return pid;
	return 0;
}

bool fs_is_abandoned(const char *name)
{
	long pid = tmp_owner(name);

	return pid && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

// What killed processes left beside the link that is replaced now.
static void sweep_beside(const char *dir, const char *base)
{
	DIR *d = opendir(dir);

	for (struct dirent *de; d && (de = readdir(d));) {
		const char *rest = str_after(de->d_name, base);
		if (rest && str_has_prefix(rest, ".tmp-") && fs_is_abandoned(rest))
			unlinkat(dirfd(d), de->d_name, 0);
	}
	if (d)
		closedir(d);
}

static int replace_link(const char *target, const char *path, struct err *e)
{
	for (unsigned i = 0; i < 100; i++) {
		_cleanup_free_ char *tmp = str_printf("%s.tmp-%d-%u", path, (int)getpid(), i);

		if (symlink(target, tmp) < 0) {
			if (errno == EEXIST)
				continue;
			return err_sys(e, errno, "creating the link '%s'", tmp);
		}
		if (rename(tmp, path) == 0)
			return 0;
		int errnum = errno;
		// A collector that cannot see this process (of another container) took it for abandoned.
		if (errnum == ENOENT && !fs_exists(tmp))
			continue;
		unlink(tmp);
		return err_sys(e, errnum, "renaming '%s' to '%s'", tmp, path);
	}
	return err_set(e, -EEXIST, "creating the link '%s': no free temporary name", path);
}

int fs_symlink_atomic(const char *target, const char *path, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(path);

	// A link that is not there yet needs no other name before.
	if (symlink(target, path) < 0) {
		if (errno != EEXIST)
			return err_sys(e, errno, "creating the link '%s'", path);
		sweep_beside(dir, str_basename(path));
		int r = replace_link(target, path, e);
		if (r < 0)
			return r;
	}
	return fs_sync(dir, e);
}

int fs_mkdir_p(const char *path, mode_t mode, struct err *e)
{
	_cleanup_free_ char *p = mem_strdup(path);

	if (mkdir(path, mode) == 0 || (errno == EEXIST && fs_is_dir(path)))
		return 0;
	for (char *s = p + 1; *p && *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		if (mkdir(p, mode) < 0 && errno != EEXIST && !fs_is_dir(p))
			return err_sys(e, errno, "creating the folder '%s'", p);
		*s = '/';
	}
	if (mkdir(p, mode) < 0 && errno != EEXIST)
		return err_sys(e, errno, "creating the folder '%s'", p);
	if (!fs_is_dir(p))
		return err_set(e, -ENOTDIR, "'%s' is not a folder", p);
	return 0;
}

int fs_rm_rf(const char *path, struct err *e)
{
	int r = tree_remove(AT_FDCWD, path);

	return r < 0 ? err_sys(e, -r, "removing '%s'", path) : 0;
}

int fs_readlink(const char *path, char **ret, struct err *e)
{
	for (size_t cap = 256;; cap *= 2) {
		char *s = mem_alloc(cap);
		ssize_t n = readlink(path, s, cap);

		if (n >= 0 && (size_t)n < cap) {
			s[n] = '\0';
			*ret = s;
			return 0;
		}
		int errnum = errno;
		mem_free(s);
		if (n < 0)
			return err_sys(e, errnum, "reading the link '%s'", path);
	}
}

bool fs_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int fs_list_types(const char *path, char ***ret, unsigned char **ret_types, struct err *e)
{
	DIR *d = opendir(path);

	if (!d)
		return err_sys(e, errno, "listing '%s'", path);
	int r = tree_collect(d, ret, ret_types);
	closedir(d);
	return r < 0 ? err_sys(e, -r, "listing '%s'", path) : 0;
}

int fs_list(const char *path, char ***ret, struct err *e)
{
	return fs_list_types(path, ret, NULL, e);
}

int fs_mkdtemp(const char *dir, const char *prefix, char **ret, struct err *e)
{
	char *p = str_printf("%s/%s-XXXXXX", dir, prefix);

	if (!mkdtemp(p)) {
		int r = err_sys(e, errno, "creating the folder '%s'", p);

		mem_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

static void path_push(struct buf *b, const char *part, size_t n)
{
	if (n == 0 || (n == 1 && part[0] == '.'))
		return;
	if (n == 2 && part[0] == '.' && part[1] == '.') {
		while (b->len && b->data[--b->len] != '/')
			;
		return;
	}
	buf_addc(b, '/');
	buf_add(b, part, n);
}

char *fs_clean(const char *path)
{
	struct buf b = {0};

	assert(path[0] == '/');
	for (const char *s = path; *s;) {
		size_t n = strcspn(s, "/");

		path_push(&b, s, n);
		s += n + (s[n] == '/');
	}
	if (!b.len)
		buf_addc(&b, '/');
	buf_str(&b);
	return buf_steal(&b);
}

int fs_absolute(const char *path, char **ret, struct err *e)
{
	_cleanup_free_ char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0), *all = NULL;

	if (path[0] == '/') {
		*ret = fs_clean(path);
		return 0;
	}
	// A folder that was removed, or that lies outside of our root: getcwd(2) says "(unreachable)".
	if (!cwd || cwd[0] != '/')
		return err_set(e, -ENOENT, "taking '%s' from the current folder: %s", path,
		        cwd ? "it is out of reach" : strerror(errno));
	all = str_printf("%s/%s", cwd, path);
	*ret = fs_clean(all);
	return 0;
}

char *fs_join(const char *dir, const char *name)
{
	return str_cat(str_eq(dir, "/") ? "" : dir, "/", name, NULL);
}

int fs_sync(const char *path, struct err *e)
{
	_cleanup_close_ int fd = fs_open(path, O_RDONLY, 0, e);

	if (fd < 0)
		return fd;
	// Some file systems cannot sync folders, and need not.
	return fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP ? err_sys(e, errno, "syncing '%s'", path)
	                                                            : 0;
}
