// SPDX-License-Identifier: GPL-2.0-or-later
// Sources are compared by content: a list of a tree's files with their digests, kept with the objects, so
// that the source that they were made of need not exist any more. What differs is copied with the present
// time.
#include "build/keep-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

enum { TOUCH_MAX = 20000 }; // more files than that are another kernel

void keep_list_release(struct keep_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		mem_free(l->files[i].path);
	mem_free(l->files);
	hmap_release(&l->by_path);
	*l = (struct keep_list){0};
}

void keep_list_index(struct keep_list *l)
{
	if (l->by_path.len)
		return;
	for (size_t i = 0; i < l->n; i++)
		hmap_put(&l->by_path, l->files[i].path, &l->files[i]);
}

static struct keep_file *list_add(struct keep_list *l, char kind, char *path)
{
	mem_grow(&l->files, &l->cap, l->n + 1, sizeof(*l->files));
	l->files[l->n] = (struct keep_file){.kind = kind, .path = path};
	return &l->files[l->n++];
}

struct list_walk {
	struct keep_list *out;
	const struct keep_list *old;
	int old_dir; // -1: gone
};

static char list_kind(const struct stat *st)
{
	return S_ISLNK(st->st_mode) ? 'l' : st->st_mode & 0111 ? 'x' : 'f';
}

// The old tree's file of that name is this very file.
static const struct keep_file *list_known(const struct list_walk *w, const char *path, const struct stat *st)
{
	const struct keep_file *f = w->old_dir < 0 ? NULL : hmap_get(&w->old->by_path, path);
	struct stat old;

	if (!f || f->kind != list_kind(st) || fstatat(w->old_dir, path, &old, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
	return old.st_ino == st->st_ino && old.st_dev == st->st_dev ? f : NULL;
}

static int list_file(
        struct list_walk *w, int dir, const char *name, const struct stat *st, char *path, struct err *e)
{
	const struct keep_file *known = list_known(w, path, st);
	struct keep_file *f = list_add(w->out, list_kind(st), path);
	char target[4096];
	struct hash h;

	if (known) {
		memcpy(f->digest, known->digest, sizeof(f->digest));
		return 0;
	}
	if (f->kind == 'l') {
		ssize_t len = readlinkat(dir, name, target, sizeof(target));
		if (len < 0)
			return err_sys(e, errno, "reading the link '%s'", path);
		hash_bytes(HASH_SHA256, target, (size_t)len, &h);
	} else {
		_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return err_sys(e, errno, "opening '%s'", path);
		int r = hash_fd(HASH_SHA256, fd, path, &h, e);
		if (r < 0)
			return r;
	}
	memcpy(f->digest, h.bytes, sizeof(f->digest));
	return 0;
}

static int list_dir(struct list_walk *w, int dir, const char *prefix, unsigned depth, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	int r = depth > KEEP_DEPTH ? -ELOOP : tree_names(dir, &names);

	if (r < 0)
		return err_sys(e, -r, "listing '%s' of the source", prefix);
	strv_for_each (name, names) {
		char *path = *prefix ? fs_join(prefix, name) : mem_strdup(name);
		_cleanup_free_ char *folder = NULL;
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || strchr(name, '\n')) {
			mem_free(path);
			return err_set(e, -EINVAL, "'%s' of the source cannot be listed", name);
		}
		if (!S_ISDIR(st.st_mode)) {
			r = list_file(w, dir, name, &st, path, e);
			if (r < 0)
				return r;
			continue;
		}
		folder = path;
		_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = fd < 0 ? err_sys(e, errno, "opening '%s'", path) : list_dir(w, fd, path, depth + 1, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int keep_list_make(const char *dir, const struct keep_list *old, const char *old_dir, struct keep_list *ret,
        struct err *e)
{
	_cleanup_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int old_fd = old && old_dir ? open(old_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct list_walk w = {ret, old, old_fd};

	if (fd < 0)
		return err_sys(e, errno, "opening '%s'", dir);
	return list_dir(&w, fd, "", 0, e);
}

int keep_list_write(const struct keep_list *l, const char *path, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};

	for (size_t i = 0; i < l->n; i++) {
		const struct keep_file *f = &l->files[i];
		char hex[65];
		for (size_t j = 0; j < 32; j++)
			snprintf(hex + 2 * j, 3, "%02x", f->digest[j]);
		buf_addf(&b, "%c %s %s\n", f->kind, hex, f->path);
	}
	buf_adds(&b, "end\n");
	return fs_write_atomic(path, b.data, b.len, 0600, e);
}

static bool list_parse_line(struct keep_list *l, const char *line)
{
	size_t len = strlen(line);

	if (len < 68 || line[1] != ' ' || line[66] != ' ')
		return false;
	struct keep_file *f = list_add(l, line[0], mem_strdup(line + 67));
	for (size_t i = 0; i < 32; i++) {
		char two[3] = {line[2 + 2 * i], line[3 + 2 * i], '\0'}, *end;
		f->digest[i] = (uint8_t)strtoul(two, &end, 16);
		if (*end)
			return false;
	}
	return true;
}

int keep_list_read(const char *path, struct keep_list *ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	int r = fs_read_regular(path, 1 << 28, &b, e);
	bool ended = false;

	if (r < 0)
		return r;
	for (char *line = b.data, *next; line && *line && !ended; line = next) {
		next = strchr(line, '\n');
		if (!next)
			break;
		*next++ = '\0';
		ended = str_eq(line, "end");
		if (!ended && !list_parse_line(ret, line))
			break;
	}
	if (!ended)
		return err_set(e, -EBADMSG, "'%s' is damaged", path);
	keep_list_index(ret);
	return 0;
}

static bool file_same(const struct keep_file *a, const struct keep_file *b)
{
	return a->kind == b->kind && memcmp(a->digest, b->digest, sizeof(a->digest)) == 0;
}

void keep_count(const struct keep_list *old, const struct keep_list *new, struct keep_changes *ret)
{
	*ret = (struct keep_changes){0};
	for (size_t i = 0; i < new->n; i++) {
		const struct keep_file *f = hmap_get(&old->by_path, new->files[i].path);
		if (!f)
			ret->added++;
		else if (!file_same(f, &new->files[i]))
			ret->changed++;
	}
	ret->removed = old->n - (new->n - ret->added);
}

static int touch_give(const struct keep_touch *t, const char *path, struct err *e)
{
	if (!t->ids->own && lchown(path, t->ids->uid, t->ids->gid) < 0)
		return err_sys(e, errno, "chown '%s'", path);
	return 0;
}

// The folders above rel, each given to the builder.
static int touch_parents(const struct keep_touch *t, const char *rel, struct err *e)
{
	for (const char *slash = strchr(rel, '/'); slash; slash = strchr(slash + 1, '/')) {
		_cleanup_free_ char *dir = str_printf("%s/%.*s", t->into, (int)(slash - rel), rel);
		if (mkdir(dir, 0755) == 0) {
			int r = touch_give(t, dir, e);
			if (r < 0)
				return r;
		} else if (errno != EEXIST) {
			return err_sys(e, errno, "making '%s'", dir);
		}
	}
	return 0;
}

static int touch_one(const struct keep_touch *t, const struct keep_file *f, struct err *e)
{
	_cleanup_free_ char *from = fs_join(t->source_dir, f->path), *to = fs_join(t->into, f->path);
	_cleanup_buf_ struct buf b = {0};
	int r = touch_parents(t, f->path, e);

	if (r == 0)
		r = fs_lstat_maybe(to, NULL, e);
	if (r != 0)
		return MIN(r, 0);
	r = fs_read_regular(from, 0, &b, e);
	if (r < 0)
		return r;
	_cleanup_close_ int fd = fs_open(to, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	if (fd < 0)
		return fd;
	r = fs_write_all(fd, b.data, b.len, to, e);
	if (r == 0 && fchmod(fd, f->kind == 'x' ? 0555 : 0444) < 0)
		r = err_sys(e, errno, "chmod '%s'", to);
	return r < 0 ? r : touch_give(t, to, e);
}

// Is there a file of that name among the objects (a header that was made)?
static bool tree_has_name(int dir, const char *wanted, unsigned depth)
{
	_cleanup_strv_ char **names = NULL;
	bool found = depth > KEEP_DEPTH || tree_names(dir, &names) < 0; // what is not known may be

	strv_for_each (name, names) {
		if (found || str_eq(name, wanted))
			return true;
		_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		found = fd >= 0 && tree_has_name(fd, wanted, depth + 1);
	}
	return found;
}

// A file that was not there before may hide another of its name further down the search path: what was made
// with that one is to be made again.
static char *touch_namesakes(const struct keep_touch *t, const struct keep_list *new, const char *path)
{
	const char *name = str_basename(path);
	_cleanup_err_ struct err e = {0};
	_cleanup_close_ int tree = open(t->tree_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!str_has_suffix(name, ".h"))
		return NULL;
	if (tree < 0 || tree_has_name(tree, name, 0))
		return str_printf("'%s' is new, and a header of that name was generated", path);
	for (size_t i = 0; i < new->n; i++) {
		if (new->files[i].kind != 'l' && str_eq(str_basename(new->files[i].path), name) &&
		        touch_one(t, &new->files[i], &e) < 0)
			return mem_strdup(e.msg);
	}
	return NULL;
}

static char *touch_changed(const struct keep_touch *t, const struct keep_list *old,
        const struct keep_list *new, const struct keep_file *f, size_t *n)
{
	const struct keep_file *before = hmap_get(&old->by_path, f->path);
	_cleanup_err_ struct err e = {0};

	if (before && file_same(before, f))
		return NULL;
	char *why = keep_rule_source(f->path, t->arch);
	if (why)
		return why;
	if (f->kind == 'l' || (before && before->kind == 'l'))
		return str_printf("'%s' of the source is another link", f->path);
	if (++*n > TOUCH_MAX)
		return mem_strdup("too many files of the source differ");
	if (touch_one(t, f, &e) < 0)
		return mem_strdup(e.msg);
	return before ? NULL : touch_namesakes(t, new, f->path);
}

char *keep_touch(const struct keep_touch *t, const struct keep_list *old, const struct keep_list *new)
{
	size_t n = 0;
	char *why = NULL;

	for (size_t i = 0; !why && i < new->n; i++)
		why = touch_changed(t, old, new, &new->files[i], &n);
	// Objects that read a file which is gone are made again by make itself: it is among what they need.
	for (size_t i = 0; !why && i < old->n; i++) {
		if (!hmap_has(&new->by_path, old->files[i].path))
			why = keep_rule_source(old->files[i].path, t->arch);
	}
	return why;
}
