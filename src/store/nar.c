// SPDX-License-Identifier: GPL-2.0-or-later
// Writing NARs from the file system, and hashing them.
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

#define DUMP_BYTES (256u << 10)

// path is the name of the node at hand, for the filter and for messages. data[0..len) waits to be written.
struct dump {
	const struct sink *out;
	const struct nar_filter *filter;
	struct buf path;
	char *data;
	size_t len;
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

static int dump_flush(struct dump *d)
{
	size_t len = d->len;

	d->len = 0;
	return len ? d->out->write(d->out->ctx, d->data, len, d->e) : 0;
}

static int dump_put(struct dump *d, const void *data, size_t len)
{
	if (len > DUMP_BYTES - d->len) {
		int r = dump_flush(d);
		if (r < 0)
			return r;
		if (len > DUMP_BYTES)
			return d->out->write(d->out->ctx, data, len, d->e);
	}
	memcpy(d->data + d->len, data, len);
	d->len += len;
	return 0;
}

static int dump_u64(struct dump *d, uint64_t n)
{
	unsigned char le[8];

	for (int i = 0; i < 8; i++)
		le[i] = (unsigned char)(n >> (8 * i));
	return dump_put(d, le, sizeof(le));
}

static int dump_padding(struct dump *d, uint64_t len)
{
	return dump_put(d, "\0\0\0\0\0\0\0", (8 - len % 8) % 8);
}

static int dump_strn(struct dump *d, const char *s, size_t len)
{
	int r = dump_u64(d, len);

	if (r == 0)
		r = dump_put(d, s, len);
	return r < 0 ? r : dump_padding(d, len);
}

// Words that follow one another, ending with NULL.
static int dump_words(struct dump *d, const char *const *words)
{
	int r = 0;

	for (; *words && r == 0; words++)
		r = dump_strn(d, *words, strlen(*words));
	return r;
}
#define DUMP(d, ...) dump_words(d, (const char *const[]){__VA_ARGS__, NULL})

static int dump_contents(struct dump *d, int fd, uint64_t size)
{
	int r = dump_u64(d, size);
	uint64_t left = size;

	while (r == 0 && left) {
		if (d->len == DUMP_BYTES && (r = dump_flush(d)) < 0)
			return r;
		ssize_t n = read(fd, d->data + d->len, MIN(left, (uint64_t)(DUMP_BYTES - d->len)));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(d->e, errno, "reading file '%s'", buf_str(&d->path));
		if (n == 0)
			return err_set(
			        d->e, -EIO, "file '%s' got shorter while it was read", buf_str(&d->path));
		d->len += (size_t)n;
		left -= (uint64_t)n;
	}
	return r < 0 ? r : dump_padding(d, size);
}

static int dump_regular(struct dump *d, int dir, const char *name)
{
	struct stat st;
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_sys(d->e, errno, "opening file '%s'", buf_str(&d->path));
	if (fstat(fd, &st) < 0)
		return err_sys(d->e, errno, "getting status of '%s'", buf_str(&d->path));
	if (!S_ISREG(st.st_mode))
		return err_set(d->e, -EINVAL, "file '%s' has an unsupported type", buf_str(&d->path));
	int r = DUMP(d, "type", "regular");
	if (r == 0 && (st.st_mode & S_IXUSR))
		r = DUMP(d, "executable", "");
	if (r == 0)
		r = DUMP(d, "contents");
	return r < 0 ? r : dump_contents(d, fd, (uint64_t)st.st_size);
}

static int dump_symlink(struct dump *d, int dir, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	if (n < 0)
		return err_sys(d->e, errno, "reading symbolic link '%s'", buf_str(&d->path));
	int r = DUMP(d, "type", "symlink", "target");
	return r < 0 ? r : dump_strn(d, target, (size_t)n);
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
static int read_names(struct dump *d, int fd, struct names *ret)
{
	DIR *dir = fdopendir(fd);

	if (!dir) {
		int errnum = errno;
		close(fd);
		return err_sys(d->e, errnum, "opening directory '%s'", buf_str(&d->path));
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
		return err_sys(d->e, errnum, "reading directory '%s'", buf_str(&d->path));
	if (ret->len)
		qsort(ret->all, ret->len, sizeof(*ret->all), name_cmp);
	return 0;
}

static int type_of(struct dump *d, int dir, const char *name, unsigned char *ret)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(d->e, errno, "getting status of '%s'", buf_str(&d->path));
	*ret = IFTODT(st.st_mode);
	return 0;
}

static int filter_keeps(struct dump *d, unsigned char type, bool *ret_keep)
{
	char letter = type == DT_REG ? 'r' : type == DT_DIR ? 'd' : type == DT_LNK ? 's' : 'u';

	*ret_keep = true;
	if (!d->filter)
		return 0;
	return d->filter->fn(d->filter->ctx, buf_str(&d->path), letter, ret_keep, d->e);
}

static int dump_node(struct dump *d, int dir, const char *name, unsigned char type, int depth);

static int dump_entry(struct dump *d, int dir, struct name *n, int depth)
{
	bool keep;
	int r = 0;

	if (n->type == DT_UNKNOWN)
		r = type_of(d, dir, n->text, &n->type);
	if (r == 0)
		r = filter_keeps(d, n->type, &keep);
	if (r < 0 || !keep)
		return r;
	r = DUMP(d, "entry", "(", "name", n->text, "node");
	if (r == 0)
		r = dump_node(d, dir, n->text, n->type, depth + 1);
	return r < 0 ? r : DUMP(d, ")");
}

static int dump_directory(struct dump *d, int dir, const char *name, int depth)
{
	size_t path_len = d->path.len;
	struct names names = {0};

	if (depth >= NAR_DEPTH_MAX)
		return err_set(d->e, -ELOOP, "directory '%s' is nested too deeply", buf_str(&d->path));
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(d->e, errno, "opening directory '%s'", buf_str(&d->path));
	int again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (again < 0)
		return err_sys(d->e, errno, "opening directory '%s'", buf_str(&d->path));
	int r = read_names(d, again, &names);
	if (r == 0)
		r = DUMP(d, "type", "directory");
	for (size_t i = 0; r == 0 && i < names.len; i++) {
		buf_addc(&d->path, '/');
		buf_adds(&d->path, names.all[i].text);
		r = dump_entry(d, fd, &names.all[i], depth);
		d->path.len = path_len;
		d->path.data[path_len] = '\0';
	}
	names_release(&names);
	return r;
}

static int dump_node(struct dump *d, int dir, const char *name, unsigned char type, int depth)
{
	int r = DUMP(d, "(");

	if (r < 0)
		return r;
	if (type == DT_REG)
		r = dump_regular(d, dir, name);
	else if (type == DT_DIR)
		r = dump_directory(d, dir, name, depth);
	else if (type == DT_LNK)
		r = dump_symlink(d, dir, name);
	else
		r = err_set(d->e, -EINVAL, "file '%s' has an unsupported type", buf_str(&d->path));
	return r < 0 ? r : DUMP(d, ")");
}

int nar_dump(const char *path, const struct nar_filter *filter, const struct sink *out, struct err *e)
{
	struct dump d = {.out = out, .filter = filter, .e = e, .data = mem_alloc(DUMP_BYTES)};
	unsigned char type;

	buf_adds(&d.path, path);
	int r = type_of(&d, AT_FDCWD, path, &type);
	if (r == 0)
		r = DUMP(&d, "nix-archive-1");
	if (r == 0)
		r = dump_node(&d, AT_FDCWD, path, type, 0);
	if (r == 0)
		r = dump_flush(&d);
	buf_release(&d.path);
	mem_free(d.data);
	return r;
}

int nar_dump_bytes(const void *data, size_t len, bool executable, const struct sink *out, struct err *e)
{
	struct dump d = {.out = out, .e = e, .data = mem_alloc(DUMP_BYTES)};
	int r = DUMP(&d, "nix-archive-1", "(", "type", "regular");

	if (r == 0 && executable)
		r = DUMP(&d, "executable", "");
	if (r == 0)
		r = DUMP(&d, "contents");
	if (r == 0)
		r = dump_strn(&d, data, len);
	if (r == 0)
		r = DUMP(&d, ")");
	if (r == 0)
		r = dump_flush(&d);
	mem_free(d.data);
	return r;
}

int nar_hash_path(const char *path, enum hash_algo algo, const struct nar_filter *filter, struct hash *ret,
        uint64_t *ret_size_bytes, struct err *e)
{
	struct sink_hash *h = sink_hash_begin(algo);
	struct sink out = sink_hash(h);
	struct hash digest;
	uint64_t size_bytes;
	int r = nar_dump(path, filter, &out, e);

	sink_hash_end(h, &digest, &size_bytes);
	if (r < 0)
		return r;
	*ret = digest;
	if (ret_size_bytes)
		*ret_size_bytes = size_bytes;
	return 0;
}
