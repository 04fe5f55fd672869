// SPDX-License-Identifier: GPL-2.0-or-later
// zstd, gzip and xz streams: one row of functions each.
#include "boot/compress.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define OUT_BYTES (256 << 10)

struct compress {
	int fd;
	const struct kind_row *row;
	ZSTD_CStream *zstd;
	z_stream gzip;
	lzma_stream xz;
	uint8_t *out; // OUT_BYTES
};

struct kind_row {
	const char *name, *alias, *kconfig;
	int level, level_max;
	int (*open)(struct compress *c, int level, struct err *e);
	int (*write)(struct compress *c, const void *data, size_t len, bool end, struct err *e);
	void (*close)(struct compress *c);
};

static int flush(struct compress *c, size_t n, struct err *e)
{
	return n ? fs_write_all(c->fd, c->out, n, "the compressed initrd", e) : 0;
}

static int none_open(struct compress *c, int level, struct err *e)
{
	return 0;
}

static int none_write(struct compress *c, const void *data, size_t len, bool end, struct err *e)
{
	return len ? fs_write_all(c->fd, data, len, "the initrd", e) : 0;
}

static void none_close(struct compress *c)
{
}

static int zstd_open(struct compress *c, int level, struct err *e)
{
	c->zstd = ZSTD_createCStream();
	if (!c->zstd || ZSTD_isError(ZSTD_initCStream(c->zstd, level)))
		return err_set(e, -ENOMEM, "cannot start zstd at level %d", level);
	ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1);
	return 0;
}

static int zstd_write(struct compress *c, const void *data, size_t len, bool end, struct err *e)
{
	ZSTD_inBuffer in = {data, len, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {c->out, OUT_BYTES, 0};

		left = ZSTD_compressStream2(c->zstd, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return err_set(e, -EIO, "zstd: %s", ZSTD_getErrorName(left));
		int r = flush(c, out.pos, e);
		if (r < 0)
			return r;
	} while (end ? left != 0 : in.pos < in.size);
	return 0;
}

static void zstd_close(struct compress *c)
{
	ZSTD_freeCStream(c->zstd);
}

// 16 more than the window bits asks zlib for the gzip format; its header then has no time and no name.
static int gzip_open(struct compress *c, int level, struct err *e)
{
	if (deflateInit2(&c->gzip, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return err_set(e, -ENOMEM, "cannot start gzip at level %d", level);
	return 0;
}

// zlib counts in 32 bits: large data goes in pieces.
static int gzip_write(struct compress *c, const void *data, size_t len, bool end, struct err *e)
{
	const uint8_t *p = data;

	do {
		size_t piece = MIN(len, (size_t)1 << 30);
		bool last = end && piece == len;
		int r;

		c->gzip.next_in = (uint8_t *)p;
		c->gzip.avail_in = (uInt)piece;
		do {
			c->gzip.next_out = c->out;
			c->gzip.avail_out = OUT_BYTES;
			r = deflate(&c->gzip, last ? Z_FINISH : Z_NO_FLUSH);
			if (r == Z_STREAM_ERROR)
				return err_set(e, -EIO, "gzip: the stream broke");
			int w = flush(c, OUT_BYTES - c->gzip.avail_out, e);
			if (w < 0)
				return w;
		} while (last ? r != Z_STREAM_END : c->gzip.avail_out == 0);
		p += piece;
		len -= piece;
	} while (len > 0);
	return 0;
}

static void gzip_close(struct compress *c)
{
	deflateEnd(&c->gzip);
}

// The kernel's xz decoder knows CRC32 only.
static int xz_open(struct compress *c, int level, struct err *e)
{
	if (lzma_easy_encoder(&c->xz, (uint32_t)level, LZMA_CHECK_CRC32) != LZMA_OK)
		return err_set(e, -ENOMEM, "cannot start xz at level %d", level);
	return 0;
}

static int xz_write(struct compress *c, const void *data, size_t len, bool end, struct err *e)
{
	lzma_ret r;

	c->xz.next_in = data;
	c->xz.avail_in = len;
	do {
		c->xz.next_out = c->out;
		c->xz.avail_out = OUT_BYTES;
		r = lzma_code(&c->xz, end ? LZMA_FINISH : LZMA_RUN);
		if (r != LZMA_OK && r != LZMA_STREAM_END && r != LZMA_BUF_ERROR)
			return err_set(e, -EIO, "xz: error %d", (int)r);
		int w = flush(c, OUT_BYTES - c->xz.avail_out, e);
		if (w < 0)
			return w;
	} while (end ? r != LZMA_STREAM_END : c->xz.avail_in > 0);
	return 0;
}

static void xz_close(struct compress *c)
{
	lzma_end(&c->xz);
}

static const struct kind_row kind_rows[] = {
        [COMPRESS_NONE] = {"none", "cat", NULL, 0, 0, none_open, none_write, none_close},
        [COMPRESS_ZSTD] = {"zstd", "zstd", "RD_ZSTD", 10, 19, zstd_open, zstd_write, zstd_close},
        [COMPRESS_GZIP] = {"gzip", "pigz", "RD_GZIP", 9, 9, gzip_open, gzip_write, gzip_close},
        [COMPRESS_XZ] = {"xz", "lzma", "RD_XZ", 6, 9, xz_open, xz_write, xz_close},
};

int compress_kind_parse(const char *name, enum compress_kind *ret, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_rows); i++)
		if (str_eq(name, kind_rows[i].name) || str_eq(name, kind_rows[i].alias)) {
			*ret = (enum compress_kind)i;
			return 0;
		}
	return err_set(e, -EINVAL,
	        "boot.initrd.compressor = \"%s\" is not known here; use one of \"zstd\", \"gzip\", \"xz\", "
	        "\"none\"",
	        name);
}

const char *compress_kind_name(enum compress_kind kind)
{
	return kind_rows[kind].name;
}

const char *compress_kconfig(enum compress_kind kind)
{
	return kind_rows[kind].kconfig;
}

int compress_open(int fd, enum compress_kind kind, int level, struct compress **ret, struct err *e)
{
	const struct kind_row *row = &kind_rows[kind];

	if (level < 0 || level > row->level_max)
		return err_set(e, -EINVAL, "compression level %d is not one of %s (1 to %d)", level,
		        row->name, row->level_max);
	struct compress *c = NEW(struct compress);
	c->fd = fd;
	c->row = row;
	c->xz = (lzma_stream)LZMA_STREAM_INIT;
	c->out = mem_alloc(OUT_BYTES);
	int r = row->open(c, level ? level : row->level, e);
	if (r < 0) {
		compress_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

int compress_write(struct compress *c, const void *data, size_t len, struct err *e)
{
	return len ? c->row->write(c, data, len, false, e) : 0;
}

int compress_finish(struct compress *c, struct err *e)
{
	return c->row->write(c, "", 0, true, e);
}

void compress_free(struct compress *c)
{
	if (!c)
		return;
	c->row->close(c);
	mem_free(c->out);
	mem_free(c);
}
