// SPDX-License-Identifier: GPL-2.0-or-later
// Filling a folder that is a binary cache: NARs by the hash of their file, narinfos, nix-cache-info.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cache/cache.h"
#include "store/nar.h"

#define PACKER_BLOCK (64 << 10)

static const struct give_row {
	const char *compression, *suffix, *module;
	int (*add)(struct archive *a);
} give_rows[] = {
        {"xz", ".nar.xz", "xz", archive_write_add_filter_xz},
        {"zstd", ".nar.zst", "zstd", archive_write_add_filter_zstd},
        {"bzip2", ".nar.bz2", "bzip2", archive_write_add_filter_bzip2},
        {"gzip", ".nar.gz", "gzip", archive_write_add_filter_gzip},
        {"none", ".nar", NULL, NULL},
};

static const struct give_row *find_row(const char *compression)
{
	for (size_t i = 0; i < ARRAY_SIZE(give_rows); i++)
		if (str_eq(give_rows[i].compression, compression ? compression : "xz"))
			return &give_rows[i];
	return NULL;
}

// The file that is written: bytes go to it and into its hash.
struct packer {
	int fd;
	struct sink_hash *hash;
	struct sink to_hash;
	uint64_t size_bytes;
	struct archive *archive; // NULL: not compressed
	struct err *e;
	int code;
};

static int packer_put(struct packer *p, const void *data, size_t len)
{
	int r = fs_write_all(p->fd, data, len, "the archive", p->e);

	if (r == 0)
		r = p->to_hash.write(p->to_hash.ctx, data, len, p->e);
	p->size_bytes += len;
	return r;
}

static la_ssize_t packer_written(struct archive *a, void *ctx, const void *data, size_t len)
{
	struct packer *p = ctx;

	(void)a;
	if (p->code == 0)
		p->code = packer_put(p, data, len);
	return p->code < 0 ? -1 : (la_ssize_t)len;
}

static int packer_failed(struct packer *p, struct err *e)
{
	if (p->code < 0)
		return p->code; // its message is there already
	return err_set(e, -EIO, "compressing: %s", archive_error_string(p->archive));
}

static int packer_write(void *ctx, const void *data, size_t len, struct err *e)
{
	struct packer *p = ctx;

	if (!p->archive)
		return packer_put(p, data, len);
	for (const char *at = data; len;) {
		la_ssize_t n = archive_write_data(p->archive, at, len);
		if (n <= 0)
			return packer_failed(p, e);
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int packer_open(
        struct packer *p, const struct give_row *row, const struct cache_give_opts *opts, struct err *e)
{
	char level[16];

	if (!row->add)
		return 0;
	p->archive = archive_write_new();
	archive_write_set_bytes_per_block(p->archive, PACKER_BLOCK);
	archive_write_set_bytes_in_last_block(p->archive, 1); // nothing behind the end
	snprintf(level, sizeof(level), "%d", opts->level);
	if (row->add(p->archive) < ARCHIVE_WARN || archive_write_set_format_raw(p->archive) != ARCHIVE_OK ||
	        (opts->level && archive_write_set_filter_option(
	                                p->archive, row->module, "compression-level", level) != ARCHIVE_OK) ||
	        archive_write_open(p->archive, p, NULL, packer_written, NULL) != ARCHIVE_OK)
		return packer_failed(p, e);
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_filetype(entry, AE_IFREG);
	int r = archive_write_header(p->archive, entry) == ARCHIVE_OK ? 0 : packer_failed(p, e);
	archive_entry_free(entry);
	return r;
}

static int packer_close(struct packer *p, int r, struct err *e)
{
	if (p->archive) {
		if (archive_write_close(p->archive) != ARCHIVE_OK && r == 0)
			r = packer_failed(p, e);
		archive_write_free(p->archive);
	}
	return r;
}

// The NAR of a path as a file of the cache: temporary name, then that of its hash.
static int give_nar(struct store *s, const char *dir, const char *path, const struct give_row *row,
        const struct cache_give_opts *opts, struct narinfo *n, struct err *e)
{
	_cleanup_free_ char *real = store_real_path(s, path),
	                    *temporary =
	                            str_printf("%s/nar/.tmp-%ld-%s", dir, (long)getpid(), str_basename(path));
	struct packer p = {.hash = sink_hash_begin(HASH_SHA256), .e = e};
	struct sink out = {.write = packer_write, .ctx = &p};

	p.to_hash = sink_hash(p.hash);
	unlink(temporary);
	p.fd = fs_open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0644, e);
	int r = p.fd < 0 ? p.fd : packer_open(&p, row, opts, e);
	if (r == 0)
		r = nar_dump(real, NULL, &out, e);
	if (p.fd >= 0)
		r = packer_close(&p, r, e);
	sink_hash_end(p.hash, &n->file_hash, NULL);
	n->file_size_bytes = p.size_bytes;
	if (r == 0 && fsync(p.fd) < 0)
		r = err_sys(e, errno, "syncing '%s'", temporary);
	if (p.fd >= 0)
		close(p.fd);
	if (r == 0) {
		_cleanup_free_ char *hash = hash_format(&n->file_hash, HASH_NIX32, false);
		n->url = str_printf("nar/%s%s", hash, row->suffix);
		_cleanup_free_ char *final = fs_join(dir, n->url);
		if (rename(temporary, final) < 0)
			r = err_sys(e, errno, "renaming '%s'", temporary);
	}
	if (r < 0)
		unlink(temporary);
	return r;
}

static int sign(struct narinfo *n, char *const *keys, struct err *e)
{
	_cleanup_free_ char *text = store_fingerprint(n->info);

	strv_for_each (key, keys) {
		_cleanup_free_ char *sig = NULL;
		int r = sign_data(key, text, strlen(text), &sig, e);
		if (r < 0)
			return r;
		if (!strv_has(n->info->sigs, sig))
			strv_add(&n->info->sigs, sig);
	}
	return 0;
}

static int give_one(struct store *s, const char *dir, const char *path, const struct give_row *row,
        const struct cache_give_opts *opts, bool *ret_new, struct err *e)
{
	_cleanup_free_ char *file =
	        str_printf("%s/%.*s.narinfo", dir, STORE_HASH_CHARS, store_path_hash(path));
	struct narinfo n = {.file_hash.algo = HASH_NONE};
	_cleanup_buf_ struct buf text = {0};
	int r = fs_lstat_maybe(file, NULL, e);

	*ret_new = r == 0;
	if (r != 0)
		return MIN(r, 0);
	r = store_query_info(s, path, &n.info, e);
	if (r == 0)
		r = give_nar(s, dir, path, row, opts, &n, e);
	if (r == 0)
		r = sign(&n, opts->secret_keys, e);
	if (r == 0) {
		n.compression = mem_strdup(row->compression);
		narinfo_print(&n, &text);
		r = fs_write_atomic(file, buf_str(&text), text.len, 0644, e);
	}
	if (n.info)
		narinfo_release(&n);
	return r;
}

static int give_prepare(struct store *s, const char *dir, struct err *e)
{
	_cleanup_free_ char *info = fs_join(dir, "nix-cache-info"), *nars = fs_join(dir, "nar");
	_cleanup_free_ char *text = str_printf("StoreDir: %s\n", store_dir(s));
	int r = fs_mkdir_p(nars, 0755, e);

	if (r == 0)
		r = fs_lstat_maybe(info, NULL, e);
	if (r != 0)
		return MIN(r, 0);
	return fs_write_atomic(info, text, strlen(text), 0644, e);
}

int cache_give(struct store *s, const char *dir, char *const *paths, const struct cache_give_opts *opts,
        size_t *ret_given, struct err *e)
{
	const struct give_row *row = find_row(opts->compression);
	int r = row ? give_prepare(s, dir, e)
	            : err_set(e, -EINVAL,
	                      "unknown compression '%s': xz, zstd, bzip2, gzip and none are known",
	                      opts->compression);

	*ret_given = 0;
	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		bool is_new = false;
		r = give_one(s, dir, paths[i], row, opts, &is_new, e);
		*ret_given += is_new && r == 0;
	}
	return r;
}
