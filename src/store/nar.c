// SPDX-License-Identifier: GPL-2.0-or-later
// Writing NARs: the printer, and what is made of it and the walk of the file system.
#include "store/nar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"

#define PRINT_BYTES (256u << 10)

// data[0..len) waits to be written. file_bytes: size of the regular file at hand.
struct nar_printer {
	const struct sink *out;
	char *data;
	size_t len;
	uint64_t file_bytes;
};

static int put_flush(struct nar_printer *p, struct err *e)
{
	size_t len = p->len;

	p->len = 0;
	return len ? p->out->write(p->out->ctx, p->data, len, e) : 0;
}

static int put(struct nar_printer *p, const void *data, size_t len, struct err *e)
{
	if (len > PRINT_BYTES - p->len) {
		int r = put_flush(p, e);
		if (r < 0)
			return r;
		if (len > PRINT_BYTES)
			return p->out->write(p->out->ctx, data, len, e);
	}
	if (len)
		memcpy(p->data + p->len, data, len);
	p->len += len;
	return 0;
}

static int put_u64(struct nar_printer *p, uint64_t n, struct err *e)
{
	unsigned char le[8];

	for (int i = 0; i < 8; i++)
		le[i] = (unsigned char)(n >> (8 * i));
	return put(p, le, sizeof(le), e);
}

static int put_padding(struct nar_printer *p, uint64_t len, struct err *e)
{
	return put(p, "\0\0\0\0\0\0\0", (8 - len % 8) % 8, e);
}

static int put_str(struct nar_printer *p, const char *s, struct err *e)
{
	size_t len = strlen(s);
	int r = put_u64(p, len, e);

	if (r == 0)
		r = put(p, s, len, e);
	return r < 0 ? r : put_padding(p, len, e);
}

// Words that follow one another, ending with NULL.
static int put_words(struct nar_printer *p, struct err *e, const char *const *words)
{
	int r = 0;

	for (; *words && r == 0; words++)
		r = put_str(p, *words, e);
	return r;
}
#define PUT(p, e, ...) put_words(p, e, (const char *const[]){__VA_ARGS__, NULL})

// What comes before a node: for an entry of a folder its name.
static int put_node(struct nar_printer *p, const char *path, const char *type, struct err *e)
{
	int r = *path ? PUT(p, e, "entry", "(", "name", str_basename(path), "node")
	              : PUT(p, e, "nix-archive-1");

	return r < 0 ? r : PUT(p, e, "(", "type", type);
}

static int put_node_end(struct nar_printer *p, const char *path, struct err *e)
{
	return *path ? PUT(p, e, ")", ")") : PUT(p, e, ")");
}

static int print_directory(void *ctx, const char *path, struct err *e)
{
	return put_node(ctx, path, "directory", e);
}

static int print_end_directory(void *ctx, const char *path, struct err *e)
{
	return put_node_end(ctx, path, e);
}

static int print_symlink(void *ctx, const char *path, const char *target, struct err *e)
{
	int r = put_node(ctx, path, "symlink", e);

	if (r == 0)
		r = PUT(ctx, e, "target", target);
	return r < 0 ? r : put_node_end(ctx, path, e);
}

static int print_regular(
        void *ctx, const char *path, bool executable, uint64_t size, uint64_t offset, struct err *e)
{
	struct nar_printer *p = ctx;
	int r = put_node(p, path, "regular", e);

	(void)offset;
	p->file_bytes = size;
	if (r == 0 && executable)
		r = PUT(p, e, "executable", "");
	if (r == 0)
		r = PUT(p, e, "contents");
	return r < 0 ? r : put_u64(p, size, e);
}

static int print_data(void *ctx, const void *data, size_t len, struct err *e)
{
	return put(ctx, data, len, e);
}

static int print_end_regular(void *ctx, const char *path, struct err *e)
{
	struct nar_printer *p = ctx;
	int r = put_padding(p, p->file_bytes, e);

	return r < 0 ? r : put_node_end(p, path, e);
}

struct nar_printer *nar_printer_begin(const struct sink *out)
{
	struct nar_printer *p = NEW(struct nar_printer);

	p->out = out;
	p->data = mem_alloc(PRINT_BYTES);
	return p;
}

struct nar_visitor nar_printer_visitor(struct nar_printer *p)
{
	return (struct nar_visitor){
	        .directory = print_directory,
	        .end_directory = print_end_directory,
	        .symlink = print_symlink,
	        .regular = print_regular,
	        .data = print_data,
	        .end_regular = print_end_regular,
	        .ctx = p,
	};
}

int nar_printer_end(struct nar_printer *p, bool flush, struct err *e)
{
	int r = flush ? put_flush(p, e) : 0;

	mem_free(p->data);
	mem_free(p);
	return r;
}

int nar_dump_bytes(const void *data, size_t len, bool executable, const struct sink *out, struct err *e)
{
	struct nar_printer *p = nar_printer_begin(out);
	int r = print_regular(p, "", executable, len, 0, e);

	if (r == 0)
		r = print_data(p, data, len, e);
	if (r == 0)
		r = print_end_regular(p, "", e);
	int r_end = nar_printer_end(p, r == 0, e);
	return r < 0 ? r : r_end;
}

static int dump_at(int dir, const char *name, const char *path, const struct nar_filter *filter,
        const struct sink *out, struct err *e)
{
	struct nar_printer *p = nar_printer_begin(out);
	struct nar_visitor v = nar_printer_visitor(p);
	int r = nar_walk_at(dir, name, path, filter, &v, e);
	int r_end = nar_printer_end(p, r == 0, e);

	return r < 0 ? r : r_end;
}

int nar_dump(const char *path, const struct nar_filter *filter, const struct sink *out, struct err *e)
{
	return dump_at(AT_FDCWD, path, path, filter, out, e);
}

static int hash_at(int dir, const char *name, const char *path, enum hash_algo algo,
        const struct nar_filter *filter, struct hash *ret, uint64_t *ret_size_bytes, struct err *e)
{
	struct sink_hash *h = sink_hash_begin(algo);
	struct sink out = sink_hash(h);
	struct hash digest;
	uint64_t size_bytes;
	int r = dump_at(dir, name, path, filter, &out, e);

	sink_hash_end(h, &digest, &size_bytes);
	if (r < 0)
		return r;
	*ret = digest;
	if (ret_size_bytes)
		*ret_size_bytes = size_bytes;
	return 0;
}

int nar_hash_path(const char *path, enum hash_algo algo, const struct nar_filter *filter, struct hash *ret,
        uint64_t *ret_size_bytes, struct err *e)
{
	return hash_at(AT_FDCWD, path, path, algo, filter, ret, ret_size_bytes, e);
}

int nar_hash_at(
        int dir, const char *name, const char *path, enum hash_algo algo, struct hash *ret, struct err *e)
{
	return hash_at(dir, name, path, algo, NULL, ret, NULL, e);
}
