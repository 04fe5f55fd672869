// SPDX-License-Identifier: GPL-2.0-or-later
// Reading NARs: one parser that trusts nothing.
#include "store/nar.h"

#include <errno.h>
#include <string.h>
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
