// SPDX-License-Identifier: GPL-2.0-or-later
// Undoing compression, through libarchive.
#include "cache/decode.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/macro.h"
#include "base/str.h"

#define DECODE_CHUNK (256u << 10)

static const struct {
	const char *name;
	int (*support)(struct archive *a); // NULL: as it is
} decode_rows[] = {
        {"none", NULL},
        {"xz", archive_read_support_filter_xz},
        {"bzip2", archive_read_support_filter_bzip2},
        {"zstd", archive_read_support_filter_zstd},
        {"gzip", archive_read_support_filter_gzip},
        {"lzip", archive_read_support_filter_lzip},
        {"lz4", archive_read_support_filter_lz4},
};

struct decode {
	int fd;
	char chunk[DECODE_CHUNK];
};

bool decode_knows(const char *compression)
{
	for (size_t i = 0; i < ARRAY_SIZE(decode_rows); i++)
		if (str_eq(decode_rows[i].name, compression))
			return true;
	return false;
}

static la_ssize_t decode_read(struct archive *a, void *ctx, const void **ret)
{
	struct decode *d = ctx;
	ssize_t n;

	(void)a;
	do
		n = read(d->fd, d->chunk, sizeof(d->chunk));
	while (n < 0 && errno == EINTR);
	*ret = d->chunk;
	return n;
}

static int decode_copy(struct archive *a, int to, uint64_t limit_bytes, struct err *e)
{
	uint64_t size_bytes = 0;
	const void *data;
	la_int64_t at;
	size_t len;
	int r;

	while ((r = archive_read_data_block(a, &data, &len, &at)) == ARCHIVE_OK) {
		size_bytes += len;
		if (limit_bytes && size_bytes > limit_bytes)
			return err_set(e, -EFBIG, "it holds more than the %llu bytes that were said",
			        (unsigned long long)limit_bytes);
		r = fs_write_all(to, data, len, "the archive", e);
		if (r < 0)
			return r;
	}
	return r == ARCHIVE_EOF
	               ? 0
	               : err_set(e, -EBADMSG, "it is damaged or cut short: %s", archive_error_string(a));
}

int decode_file(const char *compression, int from, int to, uint64_t limit_bytes, struct err *e)
{
	static struct decode d;
	struct archive_entry *entry;
	int r = 0;

	if (lseek(from, 0, SEEK_SET) < 0)
		return err_sys(e, errno, "lseek");
	struct archive *a = archive_read_new();
	d.fd = from;
	archive_read_support_format_raw(a);
	for (size_t i = 0; i < ARRAY_SIZE(decode_rows); i++)
		if (decode_rows[i].support && str_eq(decode_rows[i].name, compression))
			decode_rows[i].support(a);
	if (archive_read_open(a, &d, NULL, decode_read, NULL) != ARCHIVE_OK ||
	        archive_read_next_header(a, &entry) != ARCHIVE_OK)
		r = err_set(e, -EBADMSG, "it is damaged: %s", archive_error_string(a));
	else
		r = decode_copy(a, to, limit_bytes, e);
	archive_read_free(a);
	return r;
}
