// SPDX-License-Identifier: GPL-2.0-or-later
// The stream of `nix-store --export`: for each path 1, its NAR, a magic word, the path, its references, its
// deriver and 0; at the end 0.
#include "store/narinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/store-impl.h"
#include "store/wire.h"

#define EXPORT_MAGIC   0x4558494e
#define SPOOL_BYTES    (256u << 10)

static int write_buf(const struct sink *out, struct buf *b, struct err *e)
{
	int r = out->write(out->ctx, b->data, b->len, e);

	buf_clear(b);
	return r;
}

// The NAR, checked against the hash in the database while it goes out.
static int export_nar(struct store *s, const struct store_info *i, const struct sink *out, struct err *e)
{
	_cleanup_free_ char *real = store_real_path(s, i->path);
	struct sink_hash *h = sink_hash_begin(HASH_SHA256);
	struct sink hash = sink_hash(h);
	struct sink_tee both = {out, &hash};
	struct sink tee = sink_tee(&both);
	struct hash got;
	int r = nar_dump(real, NULL, &tee, e);

	sink_hash_end(h, &got, NULL);
	if (r < 0 || hash_eq(&got, &i->nar_hash))
		return r;
	_cleanup_free_ char *a = hash_format(&i->nar_hash, HASH_NIX32, true),
	                    *b = hash_format(&got, HASH_NIX32, true);
	return err_set(e, -EUCLEAN, "hash of path '%s' has changed from '%s' to '%s'!", i->path, a, b);
}

static int export_path(struct store *s, const char *path, const struct sink *out, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	_cleanup_buf_ struct buf b = {0};
	int r = store_query_info(s, path, &i, e);

	if (r < 0)
		return r;
	buf_add_le64(&b, 1);
	r = write_buf(out, &b, e);
	if (r == 0)
		r = export_nar(s, i, out, e);
	if (r < 0)
		return r;
	buf_add_le64(&b, EXPORT_MAGIC);
	wire_str(&b, i->path);
	wire_list(&b, i->refs);
	wire_str(&b, i->deriver ? i->deriver : "");
	buf_add_le64(&b, 0); // no signature of the old kind
	return write_buf(out, &b, e);
}

int store_export(struct store *s, char *const *paths, const struct sink *out, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	int r = store_flush(s, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = export_path(s, paths[i], out, e);
	buf_add_le64(&b, 0);
	return r < 0 ? r : write_buf(out, &b, e);
}

// What follows the NAR.
static int read_info(struct store *s, const struct source *in, struct store_info *i, struct err *e)
{
	uint64_t n;
	int r = wire_read_u64(in, &n, e);

	if (r == 0 && n != EXPORT_MAGIC)
		r = err_set(e, -EBADMSG, "Nix archive cannot be imported; wrong format");
	if (r == 0)
		r = wire_read_path(in, s->dir, &i->path, e);
	if (r == 0)
		r = wire_read_paths(in, s->dir, &i->refs, e);
	if (r == 0)
		r = wire_read_path_maybe(in, s->dir, &i->deriver, e);
	if (r == 0)
		r = wire_read_u64(in, &n, e);
	if (r == 0 && n) { // a signature of the old kind
		_cleanup_free_ char *sig = NULL;
		r = wire_read_str(in, WIRE_NAME_MAX, &sig, e);
	}
	return r;
}

// Small pieces gathered before they are written.
struct spool {
	int fd;
	struct buf waiting;
};

static int spool_flush(struct spool *s, struct err *e)
{
	int r = fs_write_all(s->fd, s->waiting.data, s->waiting.len, "temporary file of the import", e);

	buf_clear(&s->waiting);
	return r;
}

static int spool_write(void *ctx, const void *data, size_t len, struct err *e)
{
	struct spool *s = ctx;

	buf_add(&s->waiting, data, len);
	return s->waiting.len < SPOOL_BYTES ? 0 : spool_flush(s, e);
}

// A file without a name.
static int open_spool(struct store *s, struct err *e)
{
	_cleanup_free_ char *name = str_printf("%s/.tmp-import-%ld", s->real_dir, (long)getpid());
	int fd = fs_open(name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, e);

	if (fd >= 0)
		unlink(name);
	return fd;
}

// The path is known only behind the NAR, so this goes to a file first.
static int spool_nar(struct store *s, const struct source *in, int *ret_fd, struct hash *ret_hash,
        uint64_t *ret_size, struct err *e)
{
	_cleanup_close_ int fd = open_spool(s, e);
	struct spool spool = {.fd = fd};
	struct sink to = {spool_write, &spool};
	struct source_tee tee = {.from = in, .to = &to};
	struct source from = source_tee(&tee);

	if (fd < 0)
		return fd;
	int r = nar_hash_source(&from, HASH_SHA256, ret_hash, ret_size, e);
	if (r == 0)
		r = spool_flush(&spool, e);
	buf_release(&spool.waiting);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = err_sys(e, errno, "reading a temporary file in '%s'", s->real_dir);
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

static int import_one(struct store *s, const struct source *in, struct buf *paths, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NEW(struct store_info);
	_cleanup_free_ struct source_fd *spool = NEW(struct source_fd);
	_cleanup_close_ int fd = -1;
	int r = spool_nar(s, in, &fd, &i->nar_hash, &i->nar_size_bytes, e);

	if (r == 0)
		r = read_info(s, in, i, e);
	if (r < 0)
		return r;
	spool->fd = fd;
	struct source nar = source_fd(spool);
	r = store_add_nar(s, i, &nar, e);
	if (r == 0)
		strs_add(paths, i->path);
	return r;
}

int store_import(struct store *s, const struct source *in, char ***ret_paths, struct err *e)
{
	struct buf paths = {0};
	uint64_t more = 0;
	int r = store_refuse_read_only(s, e);

	for (;;) {
		if (r == 0)
			r = wire_read_u64(in, &more, e);
		if (r < 0 || more == 0)
			break;
		r = more == 1 ? import_one(s, in, &paths, e)
		              : err_set(e, -EBADMSG,
		                        "input doesn't look like something created by 'nix-store --export'");
	}
	char **list = strs_steal(&paths);
	if (r < 0)
		strv_free(list);
	else
		*ret_paths = list;
	return r;
}
