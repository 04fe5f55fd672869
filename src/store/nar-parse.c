// SPDX-License-Identifier: GPL-2.0-or-later
// Reading NARs: one parser that trusts nothing, and what is built on it (restoring, hashing).
#include "store/nar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define TAG_MAX    31
#define NAME_MAX_  255
#define TARGET_MAX 4095
#define CHUNK      (64u << 10)

// pos counts the bytes that were read. path is that of the node at hand, relative to the root.
struct parse {
	const struct source *in;
	const struct nar_visitor *v;
	uint64_t pos;
	struct buf path;
	char *chunk;
	struct err *e;
};

static int p_bad(struct parse *p, const char *what)
{
	return err_set(p->e, -EBADMSG, "bad archive: %s (at byte %llu)", what, (unsigned long long)p->pos);
}

static int p_read(struct parse *p, void *data, size_t len)
{
	char *to = data;

	while (len) {
		ssize_t n = p->in->read(p->in->ctx, to, len, p->e);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return p_bad(p, "unexpected end-of-file");
		to += n;
		len -= (size_t)n;
		p->pos += (uint64_t)n;
	}
	return 0;
}

static int p_u64(struct parse *p, uint64_t *ret)
{
	unsigned char le[8];
	int r = p_read(p, le, sizeof(le));

	if (r < 0)
		return r;
	*ret = 0;
	for (int i = 7; i >= 0; i--)
		*ret = *ret << 8 | le[i];
	return 0;
}

static int p_padding(struct parse *p, uint64_t len)
{
	char pad[8] = {0};
	int r = p_read(p, pad, (8 - len % 8) % 8);

	if (r == 0 && memcmp(pad, "\0\0\0\0\0\0\0", 8) != 0)
		return p_bad(p, "non-zero padding");
	return r;
}

// A string of at most max bytes without NUL; ret has room for max + 1.
static int p_str(struct parse *p, char *ret, size_t max)
{
	uint64_t len;
	int r = p_u64(p, &len);

	if (r < 0)
		return r;
	if (len > max)
		return p_bad(p, "string is too long");
	r = p_read(p, ret, len);
	if (r < 0)
		return r;
	if (memchr(ret, '\0', len))
		return p_bad(p, "string holds a NUL byte");
	ret[len] = '\0';
	return p_padding(p, len);
}

static int p_expect(struct parse *p, const char *word)
{
	char tag[TAG_MAX + 1];
	int r = p_str(p, tag, TAG_MAX);

	if (r < 0)
		return r;
	if (strcmp(tag, word) != 0)
		return err_set(p->e, -EBADMSG, "bad archive: expected '%s', got '%s'", word, tag);
	return 0;
}

static int p_contents(struct parse *p, bool executable)
{
	const struct nar_visitor *v = p->v;
	uint64_t size;
	int r = p_u64(p, &size);

	if (r < 0)
		return r;
	if (size > INT64_MAX)
		return p_bad(p, "file is too large");
	if (v->regular)
		r = v->regular(v->ctx, buf_str(&p->path), executable, size, p->pos, p->e);
	for (uint64_t left = size; r == 0 && left;) {
		size_t n = (size_t)MIN(left, (uint64_t)CHUNK);
		r = p_read(p, p->chunk, n);
		if (r == 0 && v->data)
			r = v->data(v->ctx, p->chunk, n, p->e);
		left -= n;
	}
	if (r == 0)
		r = p_padding(p, size);
	if (r == 0 && v->end_regular)
		r = v->end_regular(v->ctx, buf_str(&p->path), p->e);
	return r;
}

static int p_regular(struct parse *p)
{
	char tag[TAG_MAX + 1];
	bool executable = false;
	int r = p_str(p, tag, TAG_MAX);

	if (r == 0 && strcmp(tag, "executable") == 0) {
		executable = true;
		r = p_expect(p, "");
		if (r == 0)
			r = p_str(p, tag, TAG_MAX);
	}
	if (r < 0)
		return r;
	if (strcmp(tag, "contents") != 0)
		return err_set(p->e, -EBADMSG, "bad archive: expected 'contents', got '%s'", tag);
	r = p_contents(p, executable);
	return r < 0 ? r : p_expect(p, ")");
}

static int p_symlink(struct parse *p)
{
	char target[TARGET_MAX + 1];
	int r = p_expect(p, "target");

	if (r == 0)
		r = p_str(p, target, TARGET_MAX);
	if (r == 0 && !*target)
		return p_bad(p, "empty symlink target");
	if (r == 0 && p->v->symlink)
		r = p->v->symlink(p->v->ctx, buf_str(&p->path), target, p->e);
	return r < 0 ? r : p_expect(p, ")");
}

static int p_node(struct parse *p, int depth);

// Checks name against the one before it and makes it the next `previous`.
static int check_name(struct parse *p, const char *name, char *previous)
{
	if (!*name || str_eq(name, ".") || str_eq(name, "..") || strchr(name, '/'))
		return err_set(p->e, -EBADMSG, "NAR contains invalid file name '%s'", name);
	if (*previous && strcmp(name, previous) <= 0)
		return err_set(
		        p->e, -EBADMSG, "NAR directory is not sorted: '%s' comes after '%s'", name, previous);
	memcpy(previous, name, strlen(name) + 1);
	return 0;
}

// One "entry" behind its tag.
static int p_entry(struct parse *p, char *previous, int depth)
{
	char name[NAME_MAX_ + 1];
	size_t path_len = p->path.len;
	int r = p_expect(p, "(");

	if (r == 0)
		r = p_expect(p, "name");
	if (r == 0)
		r = p_str(p, name, NAME_MAX_);
	if (r == 0)
		r = check_name(p, name, previous);
	if (r == 0)
		r = p_expect(p, "node");
	if (r < 0)
		return r;
	if (path_len)
		buf_addc(&p->path, '/');
	buf_adds(&p->path, name);
	r = p_node(p, depth + 1);
	p->path.len = path_len;
	p->path.data[path_len] = '\0';
	return r < 0 ? r : p_expect(p, ")");
}

static int p_directory(struct parse *p, int depth)
{
	const struct nar_visitor *v = p->v;
	char tag[TAG_MAX + 1], previous[NAME_MAX_ + 1] = "";
	int r = 0;

	if (depth >= NAR_DEPTH_MAX)
		return p_bad(p, "directories are nested too deeply");
	if (v->directory)
		r = v->directory(v->ctx, buf_str(&p->path), p->e);
	while (r == 0) {
		r = p_str(p, tag, TAG_MAX);
		if (r < 0)
			break;
		if (strcmp(tag, ")") == 0)
			return v->end_directory ? v->end_directory(v->ctx, buf_str(&p->path), p->e) : 0;
		if (strcmp(tag, "entry") != 0)
			return err_set(
			        p->e, -EBADMSG, "bad archive: unrecognised field '%s' of a directory", tag);
		r = p_entry(p, previous, depth);
	}
	return r;
}

static int p_node(struct parse *p, int depth)
{
	char type[TAG_MAX + 1];
	int r = p_expect(p, "(");

	if (r == 0)
		r = p_expect(p, "type");
	if (r == 0)
		r = p_str(p, type, TAG_MAX);
	if (r < 0)
		return r;
	if (strcmp(type, "regular") == 0)
		return p_regular(p);
	if (strcmp(type, "symlink") == 0)
		return p_symlink(p);
	if (strcmp(type, "directory") == 0)
		return p_directory(p, depth);
	return err_set(p->e, -EBADMSG, "bad archive: unknown file type '%s'", type);
}

int nar_parse(const struct source *in, const struct nar_visitor *v, struct err *e)
{
	struct parse p = {.in = in, .v = v, .e = e, .chunk = mem_alloc(CHUNK)};
	char magic[TAG_MAX + 1];
	int r = p_str(&p, magic, TAG_MAX);

	if (r == -EBADMSG || (r == 0 && strcmp(magic, "nix-archive-1") != 0))
		r = err_set(e, -EBADMSG, "input doesn't look like a Nix archive");
	if (r == 0)
		r = p_node(&p, 0);
	buf_release(&p.path);
	mem_free(p.chunk);
	return r;
}

// Folders that are open, from the root down: dirs[depth - 1] is where the next entry goes.
struct restore {
	const char *dest;
	bool canonical;
	int *dirs;
	size_t depth, cap;
	int file; // the regular file at hand, or -1
};

static int restore_at(struct restore *s, const char *path, const char **ret_name)
{
	*ret_name = *path ? str_basename(path) : s->dest;
	return s->depth ? s->dirs[s->depth - 1] : AT_FDCWD;
}

static const struct timespec mtime_1[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

static int restore_directory(void *ctx, const char *path, struct err *e)
{
	struct restore *s = ctx;
	const char *name;
	int at = restore_at(s, path, &name);

	if (mkdirat(at, name, 0777) < 0)
		return err_sys(e, errno, "creating directory '%s/%s'", s->dest, path);
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "opening directory '%s/%s'", s->dest, path);
	mem_grow(&s->dirs, &s->cap, s->depth + 1, sizeof(*s->dirs));
	s->dirs[s->depth++] = fd;
	return 0;
}

// The root of a tree stays writable: a folder without write permission for its owner cannot be renamed.
static int restore_end_directory(void *ctx, const char *path, struct err *e)
{
	struct restore *s = ctx;
	int fd = s->dirs[--s->depth], errnum = 0;

	if (s->canonical && ((*path && fchmod(fd, 0555) < 0) || futimens(fd, mtime_1) < 0))
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
	s->file = openat(
	        at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, executable ? 0777 : 0666);
	if (s->file < 0)
		return err_sys(e, errno, "creating file '%s/%s'", s->dest, path);
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

int nar_restore(const struct source *in, const char *dest, bool canonical, struct err *e)
{
	struct restore s = {.dest = dest, .canonical = canonical, .file = -1};
	struct nar_visitor v = {
	        .directory = restore_directory,
	        .end_directory = restore_end_directory,
	        .symlink = restore_symlink,
	        .regular = restore_regular,
	        .data = restore_data,
	        .end_regular = restore_end_regular,
	        .ctx = &s,
	};

	if (fs_exists(dest))
		return err_set(e, -EEXIST, "path '%s' already exists", dest);
	int r = nar_parse(in, &v, e);
	if (s.file >= 0)
		close(s.file);
	while (s.depth)
		close(s.dirs[--s.depth]);
	mem_free(s.dirs);
	if (r < 0) {
		struct err ignored = {0};
		fs_rm_rf(dest, &ignored);
		err_release(&ignored);
	}
	return r;
}

int nar_hash_source(const struct source *in, enum hash_algo algo, struct hash *ret, uint64_t *ret_size_bytes,
        struct err *e)
{
	struct sink_hash *h = sink_hash_begin(algo);
	struct sink out = sink_hash(h);
	struct source_tee tee = {.from = in, .to = &out};
	struct source from = source_tee(&tee);
	struct nar_visitor nothing = {0};
	struct hash digest;
	int r = nar_parse(&from, &nothing, e);

	sink_hash_end(h, &digest, ret_size_bytes);
	if (r == 0)
		*ret = digest;
	return r;
}
