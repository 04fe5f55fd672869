// SPDX-License-Identifier: GPL-2.0-or-later
// Resolving links below a folder that stands for /.
#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/syscalls.h"
#include "base/tree.h"

#define LINKS_MAX 40

// done is what is resolved, root included; rest what is still to be walked; both owned.
struct resolver {
	size_t root_len;
	struct buf done;
	char *rest;
	int links;
};

static void step_up(struct resolver *w)
{
	while (w->done.len > w->root_len && w->done.data[--w->done.len] != '/')
		;
	w->done.data[w->done.len] = '\0';
}

// The link at done, whose last part began at before: its text goes in front of the rest.
static int follow(struct resolver *w, size_t before)
{
	_cleanup_free_ char *target = NULL;
	int r = ++w->links > LINKS_MAX ? -ELOOP : fs_readlink(buf_str(&w->done), &target, NULL);

	if (r < 0)
		return r;
	char *rest = str_printf("%s/%s", target, w->rest);
	mem_free(w->rest);
	w->rest = rest;
	w->done.len = *target == '/' ? w->root_len : before;
	w->done.data[w->done.len] = '\0';
	return 0;
}

static int step_into(struct resolver *w, const char *part)
{
	size_t before = w->done.len;
	struct stat st;

	if (str_eq(part, "") || str_eq(part, "."))
		return 0;
	if (str_eq(part, "..")) {
		step_up(w);
		return 0;
	}
	buf_addc(&w->done, '/');
	buf_adds(&w->done, part);
	return lstat(buf_str(&w->done), &st) == 0 && S_ISLNK(st.st_mode) ? follow(w, before) : 0;
}

static int resolve(struct resolver *w)
{
	int r = 0;

	while (r == 0 && *w->rest) {
		size_t n = strcspn(w->rest, "/");
		_cleanup_free_ char *part = mem_strndup(w->rest, n);
		char *rest = mem_strdup(w->rest + n + (w->rest[n] == '/'));

		mem_free(w->rest);
		w->rest = rest;
		r = step_into(w, part);
	}
	return r;
}

char *beneath_path(const char *root, const char *path)
{
	struct resolver w = {.root_len = strlen(root), .rest = mem_strdup(path)};

	if (!*root)
		return w.rest;
	buf_adds(&w.done, root);
	if (resolve(&w) < 0) {
		// No file system has names of that length: whatever is done with it fails.
		w.done.len = w.root_len;
		buf_addf(&w.done, "/links-without-end-%0300d", 0);
	}
	mem_free(w.rest);
	return buf_steal(&w.done);
}

char *beneath_printf(const char *root, const char *fmt, ...)
{
	_cleanup_free_ char *path = NULL;
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	path = mem_alloc((size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(path, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return beneath_path(root, path);
}

char *beneath_again(const char *root, const char *path)
{
	const char *below = str_after(path, root);

	return beneath_path(root, below ? below : path);
}

char *beneath_entry(const char *root, const char *path)
{
	_cleanup_free_ char *dir = str_dirname(path), *real = *root ? beneath_again(root, dir) : NULL;

	return real ? fs_join(real, str_basename(path)) : mem_strdup(path);
}

// For kernels and sandboxes without openat2: part by part.
static int open_parts(int root, const char *path, int flags)
{
	_cleanup_strv_ char **parts = strv_split(path, "/");
	_cleanup_close_ int at = fcntl(root, F_DUPFD_CLOEXEC, 0);

	for (size_t i = 0; at >= 0 && parts && parts[i]; i++) {
		struct stat st;
		bool last = !parts[i + 1];
		int next = str_eq(parts[i], "..") ? -EXDEV
		           : last                 ? openat(at, parts[i], flags | O_NOFOLLOW | O_CLOEXEC)
		                                  : tree_hold(at, parts[i], &st);
		if (next < 0)
			return next == -1 ? -errno : next;
		close(at);
		at = next;
		if (!last && S_ISLNK(st.st_mode))
			return -ELOOP;
	}
	return at < 0 ? -errno : TAKE_FD(at);
}

static int open_unlinked(const char *root, const char *path, int flags)
{
	struct open_how how = {
	        .flags = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC),
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	struct stat st;
	_cleanup_close_ int top = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -errno;
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, top, *path ? path : ".", &how, sizeof(how));
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = open_parts(top, path, flags);
	else if (fd < 0)
		fd = -errno;
	if (fd < 0)
		return fd;
	return fstat(fd, &st) < 0 ? -errno : S_ISLNK(st.st_mode) ? -ELOOP : TAKE_FD(fd);
}

int beneath_open(const char *root, const char *path, int flags, struct err *e)
{
	const char *below = path + strspn(path, "/");
	int fd = open_unlinked(root, below, flags);

	if (fd == -ELOOP || fd == -EXDEV)
		return err_set(e, -ELOOP, "'%s/%s' is a symlink, or a folder above it is", root, below);
	return fd < 0 ? err_sys(e, -fd, "opening '%s/%s'", root, below) : fd;
}

int beneath_check(const char *root, const char *path, struct err *e)
{
	_cleanup_err_ struct err found = {0};
	_cleanup_close_ int fd = beneath_open(root, path, O_PATH, &found);

	// What we may not even look at we cannot be led through.
	if (fd >= 0 || fd == -ENOENT || fd == -ENOTDIR || fd == -EACCES)
		return 0;
	return err_move(e, &found);
}
