// SPDX-License-Identifier: GPL-2.0-or-later
// Making files of what a NAR, or a walk of the file system, shows.
#include "store/nar.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

// Folders that are open, from the root down: dirs[depth - 1] is where the next entry goes.
struct restore {
	const char *dest; // for messages
	int dir;          // the folder that it is made in, as name
	const char *name;
	bool canonical;
	int *dirs;
	size_t depth, cap;
	int file;  // the regular file at hand, or -1
	bool made; // something of dest is ours
};

static int restore_at(struct restore *s, const char *path, const char **ret_name)
{
	*ret_name = *path ? str_basename(path) : s->name;
	return s->depth ? s->dirs[s->depth - 1] : s->dir;
}

static const struct timespec mtime_1[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

static int restore_directory(void *ctx, const char *path, struct err *e)
{
	struct restore *s = ctx;
	const char *name;
	int at = restore_at(s, path, &name);

	if (mkdirat(at, name, s->canonical ? 0700 : 0777) < 0)
		return err_sys(e, errno, "creating directory '%s/%s'", s->dest, path);
	s->made = true;
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "opening directory '%s/%s'", s->dest, path);
	mem_grow(&s->dirs, &s->cap, s->depth + 1, sizeof(*s->dirs));
	s->dirs[s->depth++] = fd;
	return 0;
}

static int restore_end_directory(void *ctx, const char *path, struct err *e)
{
	struct restore *s = ctx;
	int fd = s->dirs[--s->depth], errnum = 0;

	if (s->canonical && (fchmod(fd, 0555) < 0 || futimens(fd, mtime_1) < 0))
		errnum = errno;
	close(fd);
	return errnum ? err_sys(e, errnum, "setting the mode of '%s/%s'", s->dest, path) : 0;
}

static int restore_symlink(void *ctx, const char *path, const char *target, struct err *e)
{
	struct restore *s = ctx;
	const char *name;
	int at = restore_at(s, path, &name);

	if (symlinkat(target, at, name) < 0)
		return err_sys(e, errno, "creating symlink '%s/%s'", s->dest, path);
	s->made = true;
	if (s->canonical && utimensat(at, name, mtime_1, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, errno, "setting the time of '%s/%s'", s->dest, path);
	return 0;
}

static int restore_regular(
        void *ctx, const char *path, bool executable, uint64_t size, uint64_t offset, struct err *e)
{
	struct restore *s = ctx;
	const char *name;
	int at = restore_at(s, path, &name);

	(void)size;
	(void)offset;
	s->file = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	        s->canonical ? 0600
	        : executable ? 0777
	                     : 0666);
	if (s->file < 0)
		return err_sys(e, errno, "creating file '%s/%s'", s->dest, path);
	s->made = true;
	if (s->canonical && fchmod(s->file, executable ? 0555 : 0444) < 0)
		return err_sys(e, errno, "setting the mode of '%s/%s'", s->dest, path);
	return 0;
}

static int restore_data(void *ctx, const void *data, size_t len, struct err *e)
{
	struct restore *s = ctx;

	return fs_write_all(s->file, data, len, s->dest, e);
}

static int restore_end_regular(void *ctx, const char *path, struct err *e)
{
	struct restore *s = ctx;
	int fd = TAKE_FD(s->file), errnum = 0;

	if (s->canonical && futimens(fd, mtime_1) < 0)
		errnum = errno;
	if (close(fd) < 0 && !errnum)
		errnum = errno;
	return errnum ? err_sys(e, errnum, "writing file '%s/%s'", s->dest, path) : 0;
}

static struct nar_visitor restore_visitor(struct restore *s)
{
	return (struct nar_visitor){
	        .directory = restore_directory,
	        .end_directory = restore_end_directory,
	        .symlink = restore_symlink,
	        .regular = restore_regular,
	        .data = restore_data,
	        .end_regular = restore_end_regular,
	        .ctx = s,
	};
}

// Closes what is open; after a failure removes what was made, and only if it was made here.
static int restore_finish(struct restore *s, int r)
{
	if (s->file >= 0)
		close(s->file);
	while (s->depth)
		close(s->dirs[--s->depth]);
	mem_free(s->dirs);
	if (r < 0 && s->made)
		tree_remove(s->dir, s->name);
	return r;
}

static int refuse_existing(const struct restore *s, struct err *e)
{
	struct stat st;

	return fstatat(s->dir, s->name, &st, AT_SYMLINK_NOFOLLOW) < 0
	               ? 0
	               : err_set(e, -EEXIST, "path '%s' already exists", s->dest);
}

int nar_restore(const struct source *in, const char *dest, bool canonical, struct err *e)
{
	return nar_restore_at(in, AT_FDCWD, dest, dest, canonical, e);
}

int nar_restore_at(
        const struct source *in, int dir, const char *name, const char *dest, bool canonical, struct err *e)
{
	struct restore s = {.dest = dest, .dir = dir, .name = name, .canonical = canonical, .file = -1};
	struct nar_visitor v = restore_visitor(&s);
	int r = refuse_existing(&s, e);

	if (r < 0)
		return r;
	return restore_finish(&s, nar_parse(in, &v, e));
}

// Shows everything to two visitors, both complete.
struct both {
	struct nar_visitor a, b;
};

static int both_directory(void *ctx, const char *path, struct err *e)
{
	struct both *t = ctx;
	int r = t->a.directory(t->a.ctx, path, e);

	return r < 0 ? r : t->b.directory(t->b.ctx, path, e);
}

static int both_end_directory(void *ctx, const char *path, struct err *e)
{
	struct both *t = ctx;
	int r = t->a.end_directory(t->a.ctx, path, e);

	return r < 0 ? r : t->b.end_directory(t->b.ctx, path, e);
}

static int both_symlink(void *ctx, const char *path, const char *target, struct err *e)
{
	struct both *t = ctx;
	int r = t->a.symlink(t->a.ctx, path, target, e);

	return r < 0 ? r : t->b.symlink(t->b.ctx, path, target, e);
}

static int both_regular(
        void *ctx, const char *path, bool executable, uint64_t size, uint64_t offset, struct err *e)
{
	struct both *t = ctx;
	int r = t->a.regular(t->a.ctx, path, executable, size, offset, e);

	return r < 0 ? r : t->b.regular(t->b.ctx, path, executable, size, offset, e);
}

static int both_data(void *ctx, const void *data, size_t len, struct err *e)
{
	struct both *t = ctx;
	int r = t->a.data(t->a.ctx, data, len, e);

	return r < 0 ? r : t->b.data(t->b.ctx, data, len, e);
}

static int both_end_regular(void *ctx, const char *path, struct err *e)
{
	struct both *t = ctx;
	int r = t->a.end_regular(t->a.ctx, path, e);

	return r < 0 ? r : t->b.end_regular(t->b.ctx, path, e);
}

int nar_copy(const char *path, const struct nar_filter *filter, const char *dest,
        const struct nar_visitor *also, struct err *e)
{
	return nar_copy_at(path, filter, AT_FDCWD, dest, dest, also, e);
}

int nar_copy_at(const char *path, const struct nar_filter *filter, int dir, const char *name,
        const char *dest, const struct nar_visitor *also, struct err *e)
{
	struct restore s = {.dest = dest, .dir = dir, .name = name, .canonical = true, .file = -1};
	struct both t = {.a = restore_visitor(&s)};
	struct nar_visitor v = {
	        .directory = both_directory,
	        .end_directory = both_end_directory,
	        .symlink = both_symlink,
	        .regular = both_regular,
	        .data = both_data,
	        .end_regular = both_end_regular,
	        .ctx = &t,
	};

	int r = refuse_existing(&s, e);

	if (r < 0)
		return r;
	if (also)
		t.b = *also;
	return restore_finish(&s, nar_walk(path, filter, also ? &v : &t.a, e));
}
