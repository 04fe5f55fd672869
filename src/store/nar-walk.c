// SPDX-License-Identifier: GPL-2.0-or-later
// Walking a tree of the file system in the order of a NAR.
#include "store/nar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/tree.h"

#define CHUNK (128u << 10)

// path is the name of the node at hand, for messages; behind root_len of it lies what the filter and the
// visitor see.
struct walk {
	const struct nar_visitor *v;
	const struct nar_filter *filter;
	struct buf path;
	size_t root_len;
	char *chunk;
	struct err *e;
};

struct name {
	char *text;
	unsigned char type; // DT_*
};

struct names {
	struct name *all;
	size_t len, cap;
};

// The path below the root.
static const char *relative(struct walk *w)
{
	const char *rest = buf_str(&w->path) + w->root_len;

	return *rest == '/' ? rest + 1 : rest;
}

static int walk_contents(struct walk *w, int fd, uint64_t size)
{
	const struct nar_visitor *v = w->v;
	int r = 0;

	for (uint64_t left = size; r == 0 && left;) {
		ssize_t n = read(fd, w->chunk, MIN(left, (uint64_t)CHUNK));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(w->e, errno, "reading file '%s'", buf_str(&w->path));
		if (n == 0)
			return err_set(
			        w->e, -EIO, "file '%s' got shorter while it was read", buf_str(&w->path));
		if (v->data)
			r = v->data(v->ctx, w->chunk, (size_t)n, w->e);
		left -= (uint64_t)n;
	}
	return r;
}

static int walk_regular(struct walk *w, int dir, const char *name)
{
	const struct nar_visitor *v = w->v;
	struct stat st;
	_cleanup_close_ int held = tree_hold(dir, name, &st);
	int r = 0;

	if (held >= 0 && !S_ISREG(st.st_mode))
		return err_set(w->e, -EINVAL, "file '%s' has an unsupported type", buf_str(&w->path));
	_cleanup_close_ int fd = held < 0 ? held : tree_open(held, &st, dir, name);
	if (fd < 0)
		return err_sys(w->e, -fd, "opening file '%s'", buf_str(&w->path));
	if (fstat(fd, &st) < 0)
		return err_sys(w->e, errno, "getting status of '%s'", buf_str(&w->path));
	uint64_t size = (uint64_t)st.st_size;
	if (v->regular)
		r = v->regular(v->ctx, relative(w), st.st_mode & S_IXUSR, size, 0, w->e);
	if (r == 0)
		r = walk_contents(w, fd, size);
	if (r == 0 && v->end_regular)
		r = v->end_regular(v->ctx, relative(w), w->e);
	return r;
}

static int walk_symlink(struct walk *w, int dir, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return err_sys(w->e, errno, "reading symbolic link '%s'", buf_str(&w->path));
	target[n] = '\0';
	return w->v->symlink ? w->v->symlink(w->v->ctx, relative(w), target, w->e) : 0;
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static void names_release(struct names *n)
{
	for (size_t i = 0; i < n->len; i++)
		mem_free(n->all[i].text);
	mem_free(n->all);
}

// Sorted entries of the folder fd; takes the descriptor.
static int read_names(struct walk *w, int fd, struct names *ret)
{
	DIR *dir = fdopendir(fd);

	if (!dir) {
		int errnum = errno;
		close(fd);
		return err_sys(w->e, errnum, "opening directory '%s'", buf_str(&w->path));
	}
	for (;;) {
		errno = 0;
		struct dirent *ent = readdir(dir);
		if (!ent)
			break;
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		mem_grow(&ret->all, &ret->cap, ret->len + 1, sizeof(*ret->all));
		ret->all[ret->len++] = (struct name){mem_strdup(ent->d_name), ent->d_type};
	}
	int errnum = errno;
	closedir(dir);
	if (errnum)
		return err_sys(w->e, errnum, "reading directory '%s'", buf_str(&w->path));
	if (ret->len)
		qsort(ret->all, ret->len, sizeof(*ret->all), name_cmp);
	return 0;
}

static int type_of(struct walk *w, int dir, const char *name, unsigned char *ret)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(w->e, errno, "getting status of '%s'", buf_str(&w->path));
	*ret = IFTODT(st.st_mode);
	return 0;
}

static int filter_keeps(struct walk *w, unsigned char type, bool *ret_keep)
{
	char letter = type == DT_REG ? 'r' : type == DT_DIR ? 'd' : type == DT_LNK ? 's' : 'u';

	*ret_keep = true;
	if (!w->filter)
		return 0;
	return w->filter->fn(w->filter->ctx, relative(w), letter, ret_keep, w->e);
}

static int walk_node(struct walk *w, int dir, const char *name, unsigned char type, int depth);

static int walk_entry(struct walk *w, int dir, struct name *n, int depth)
{
	bool keep;
	int r = 0;

	if (n->type == DT_UNKNOWN)
		r = type_of(w, dir, n->text, &n->type);
	if (r == 0)
		r = filter_keeps(w, n->type, &keep);
	if (r < 0 || !keep)
		return r;
	return walk_node(w, dir, n->text, n->type, depth + 1);
}

static int walk_directory(struct walk *w, int dir, const char *name, int depth)
{
	size_t path_len = w->path.len;
	struct names names = {0};

	if (depth >= NAR_DEPTH_MAX)
		return err_set(w->e, -ELOOP, "directory '%s' is nested too deeply", buf_str(&w->path));
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(w->e, errno, "opening directory '%s'", buf_str(&w->path));
	int again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (again < 0)
		return err_sys(w->e, errno, "opening directory '%s'", buf_str(&w->path));
	int r = read_names(w, again, &names);
	if (r == 0 && w->v->directory)
		r = w->v->directory(w->v->ctx, relative(w), w->e);
	for (size_t i = 0; r == 0 && i < names.len; i++) {
		buf_addc(&w->path, '/');
		buf_adds(&w->path, names.all[i].text);
		r = walk_entry(w, fd, &names.all[i], depth);
		w->path.len = path_len;
		w->path.data[path_len] = '\0';
	}
	if (r == 0 && w->v->end_directory)
		r = w->v->end_directory(w->v->ctx, relative(w), w->e);
	names_release(&names);
	return r;
}

static int walk_node(struct walk *w, int dir, const char *name, unsigned char type, int depth)
{
	if (type == DT_REG)
		return walk_regular(w, dir, name);
	if (type == DT_DIR)
		return walk_directory(w, dir, name, depth);
	if (type == DT_LNK)
		return walk_symlink(w, dir, name);
	return err_set(w->e, -EINVAL, "file '%s' has an unsupported type", buf_str(&w->path));
}

int nar_walk_at(int dir, const char *name, const char *path, const struct nar_filter *filter,
        const struct nar_visitor *v, struct err *e)
{
	struct walk w = {.v = v, .filter = filter, .e = e, .chunk = mem_alloc(CHUNK)};
	unsigned char type = DT_UNKNOWN;

	buf_adds(&w.path, path);
	w.root_len = w.path.len;
	int r = type_of(&w, dir, name, &type);
	if (r == 0)
		r = walk_node(&w, dir, name, type, 0);
	buf_release(&w.path);
	mem_free(w.chunk);
	return r;
}

int nar_walk(const char *path, const struct nar_filter *filter, const struct nar_visitor *v, struct err *e)
{
	return nar_walk_at(AT_FDCWD, path, path, filter, v, e);
}
