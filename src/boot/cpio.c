// SPDX-License-Identifier: GPL-2.0-or-later
// Deterministic newc archives.
#include "boot/cpio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"

#define TREE_DEPTH_MAX 64
#define SEGMENT_ALIGN  512
#define TRAILER        "TRAILER!!!"

struct entry {
	char *path; // without the leading slash
	mode_t mode;
	char *source; // of a file, or NULL
	char *data;   // of a file without source; target of a link
	size_t len;
	unsigned major, minor;
};

struct cpio {
	struct hmap by_path; // of struct entry, owned
};

struct cpio *cpio_new(void)
{
	return NEW(struct cpio);
}

static void entry_free(void *p)
{
	struct entry *en = p;

	mem_free(en->path);
	mem_free(en->source);
	if (en->data) // it may be a key
		explicit_bzero(en->data, en->len);
	mem_free(en->data);
	mem_free(en);
}

void cpio_free(struct cpio *c)
{
	if (!c)
		return;
	hmap_release_with(&c->by_path, entry_free);
	mem_free(c);
}

static int path_check(const char *path, struct err *e)
{
	_cleanup_strv_ char **parts = strv_split(path, "/");

	if (path[0] != '/' || !parts)
		return err_set(e, -EINVAL,
		        "'%s' cannot be a path in the initrd: it must be absolute and not '/'", path);
	strv_for_each (s, parts)
		if (str_eq(s, ".") || str_eq(s, ".."))
			return err_set(e, -EINVAL, "'%s' cannot be a path in the initrd: it has '%s' in it",
			        path, s);
	return 0;
}

// Takes en over. The path is given without its slashes at both ends.
static int add(struct cpio *c, char *path, struct entry value, struct err *e)
{
	struct entry *old = hmap_get(&c->by_path, path);

	value.path = path;
	if (!old) {
		struct entry *en = NEW(struct entry);
		*en = value;
		hmap_put(&c->by_path, en->path, en);
		return 0;
	}
	bool both_dirs = S_ISDIR(old->mode) && S_ISDIR(value.mode);
	int r = both_dirs ? 0 : err_set(e, -EEXIST, "two things are called /%s in the initrd", path);
	mem_free(value.path);
	mem_free(value.source);
	mem_free(value.data);
	return r;
}

// Adds the folders above path (no leading slash).
static int add_parents(struct cpio *c, const char *path, struct err *e)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		_cleanup_free_ char *dir = mem_strndup(path, (size_t)(slash - path));
		struct entry *old = hmap_get(&c->by_path, dir);

		if (old && !S_ISDIR(old->mode))
			return err_set(e, -ENOTDIR, "/%s cannot be in the initrd: /%s is not a folder there",
			        path, dir);
		int r = old ? 0 : add(c, TAKE_PTR(dir), (struct entry){.mode = S_IFDIR | 0755}, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_at(struct cpio *c, const char *path, struct entry value, struct err *e)
{
	int r = path_check(path, e);
	_cleanup_free_ char *clean = NULL;

	if (r == 0) {
		_cleanup_strv_ char **parts = strv_split(path, "/");
		clean = strv_join(parts, "/");
		r = add_parents(c, clean, e);
	}
	if (r < 0) {
		mem_free(value.source);
		mem_free(value.data);
		return r;
	}
	return add(c, TAKE_PTR(clean), value, e);
}

int cpio_dir(struct cpio *c, const char *path, mode_t mode, struct err *e)
{
	return add_at(c, path, (struct entry){.mode = S_IFDIR | mode}, e);
}

int cpio_file(struct cpio *c, const char *path, mode_t mode, const char *source, struct err *e)
{
	return add_at(c, path, (struct entry){.mode = S_IFREG | mode, .source = mem_strdup(source)}, e);
}

int cpio_data(struct cpio *c, const char *path, mode_t mode, const void *data, size_t len, struct err *e)
{
	return add_at(
	        c, path, (struct entry){.mode = S_IFREG | mode, .data = mem_dup(data, len), .len = len}, e);
}

int cpio_link(struct cpio *c, const char *path, const char *target, struct err *e)
{
	return add_at(c, path,
	        (struct entry){.mode = S_IFLNK | 0777, .data = mem_strdup(target), .len = strlen(target)}, e);
}

int cpio_node(
        struct cpio *c, const char *path, mode_t type_mode, unsigned major, unsigned minor, struct err *e)
{
	return add_at(c, path, (struct entry){.mode = type_mode, .major = major, .minor = minor}, e);
}

bool cpio_has(const struct cpio *c, const char *path)
{
	_cleanup_strv_ char **parts = strv_split(path, "/");
	_cleanup_free_ char *clean = strv_join(parts, "/");

	return hmap_has(&c->by_path, clean);
}

static int tree_at(struct cpio *c, const char *path, const char *source, int depth, struct err *e);

static int tree_dir(struct cpio *c, const char *path, const char *source, int depth, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = cpio_dir(c, path, 0755, e);

	if (r == 0)
		r = fs_list(source, &names, e);
	if (r < 0)
		return r;
	strv_for_each (name, names) {
		_cleanup_free_ char *to = fs_join(path, name);
		_cleanup_free_ char *from = fs_join(source, name);
		_cleanup_free_ char *target = NULL;
		struct stat st;

		if (lstat(from, &st) < 0)
			return err_sys(e, errno, "read %s for the initrd", from);
		if (S_ISLNK(st.st_mode)) {
			r = fs_readlink(from, &target, e);
			if (r < 0)
				return r;
		}
		r = target && target[0] != '/' ? cpio_link(c, to, target, e)
		                               : tree_at(c, to, from, depth + 1, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int tree_at(struct cpio *c, const char *path, const char *source, int depth, struct err *e)
{
	struct stat st;

	if (depth > TREE_DEPTH_MAX)
		return err_set(e, -ELOOP, "%s is nested too deeply for the initrd", source);
	if (stat(source, &st) < 0)
		return err_sys(e, errno, "put %s into the initrd as %s", source, path);
	if (S_ISREG(st.st_mode))
		return cpio_file(c, path, st.st_mode & 0111 ? 0555 : 0444, source, e);
	if (S_ISDIR(st.st_mode))
		return tree_dir(c, path, source, depth, e);
	return err_set(e, -EINVAL, "%s can not be put into the initrd: neither a file nor a folder", source);
}

int cpio_tree(struct cpio *c, const char *path, const char *source, struct err *e)
{
	return tree_at(c, path, source, 0, e);
}

// Folder names sort right before what is in them when '/' counts as the least byte.
static int path_order(const void *a, const void *b)
{
	const unsigned char *x = (const unsigned char *)(*(struct entry *const *)a)->path;
	const unsigned char *y = (const unsigned char *)(*(struct entry *const *)b)->path;

	for (; *x && *x == *y; x++, y++)
		;
	int cx = *x == '/' ? 1 : *x ? *x + 1 : 0;
	int cy = *y == '/' ? 1 : *y ? *y + 1 : 0;
	return cx - cy;
}

struct writer {
	struct compress *out;
	uint64_t pos;
};

static int put(struct writer *w, const void *data, size_t len, struct err *e)
{
	w->pos += len;
	return compress_write(w->out, data, len, e);
}

static int pad(struct writer *w, unsigned align, struct err *e)
{
	static const char zero[SEGMENT_ALIGN];

	return put(w, zero, (size_t)(-w->pos & (align - 1)), e);
}

static int put_header(struct writer *w, const struct entry *en, unsigned inode, size_t len, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};

	buf_addf(&b, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", inode,
	        (unsigned)en->mode, 0, 0, S_ISDIR(en->mode) ? 2 : 1, inode ? 1 : 0, len, 0, 0, en->major,
	        en->minor, strlen(en->path) + 1, 0);
	buf_add(&b, en->path, strlen(en->path) + 1);
	int r = put(w, b.data, b.len, e);
	return r < 0 ? r : pad(w, 4, e);
}

static int put_source(struct writer *w, const struct entry *en, unsigned inode, struct err *e)
{
	_cleanup_close_ int fd = fs_open(en->source, O_RDONLY, 0, e);
	_cleanup_free_ char *chunk = mem_alloc(1 << 18);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "read %s", en->source);
	if (st.st_size > UINT32_MAX)
		return err_set(e, -EFBIG, "%s is larger than 4 GiB: an initrd cannot hold it", en->source);
	int r = put_header(w, en, inode, (size_t)st.st_size, e);
	off_t left = st.st_size;
	while (r == 0 && left > 0) {
		ssize_t n = read(fd, chunk, (size_t)MIN(left, (off_t)1 << 18));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "read %s", en->source);
		if (n == 0)
			return err_set(e, -EIO, "%s became shorter while it was read", en->source);
		r = put(w, chunk, (size_t)n, e);
		left -= n;
	}
	return r;
}

static int put_entry(struct writer *w, const struct entry *en, unsigned inode, struct err *e)
{
	int r;

	if (en->source) {
		r = put_source(w, en, inode, e);
	} else {
		r = put_header(w, en, inode, en->len, e);
		if (r == 0)
			r = put(w, en->data, en->len, e);
	}
	return r < 0 ? r : pad(w, 4, e);
}

int cpio_write(struct cpio *c, struct compress *out, struct err *e)
{
	struct writer w = {.out = out};
	_cleanup_free_ struct entry **sorted = mem_array(c->by_path.live + 1, sizeof(*sorted));
	size_t n = 0;
	int r = 0;

	hmap_for_each (en, &c->by_path)
		sorted[n++] = en->value;
	qsort(sorted, n, sizeof(*sorted), path_order);
	for (size_t i = 0; i < n && r == 0; i++)
		r = put_entry(&w, sorted[i], (unsigned)i + 1, e);
	struct entry trailer = {.path = (char *)TRAILER};
	if (r == 0)
		r = put_header(&w, &trailer, 0, 0, e);
	return r < 0 ? r : pad(&w, SEGMENT_ALIGN, e);
}
