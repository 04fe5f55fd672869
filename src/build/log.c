// SPDX-License-Identifier: GPL-2.0-or-later
// Build logs: writing, cutting into lines, remembering the tail, compressing, reading back.
#include "build/log.h"

#include <bzlib.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/drv.h"
#include "store/path.h"
#include "store/store.h"

// A line that never ends is given in pieces of this size.
#define LOG_LINE_MAX 65536

// tail is a ring of owned lines: the oldest is at tail_next once tail_len == tail_cap.
struct build_log {
	int fd;
	struct buf line;
	char **tail;
	size_t tail_cap, tail_len, tail_next;
};

int build_log_open(const char *path, size_t tail_lines, struct build_log **ret, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(path);
	int r = fs_mkdir_p(dir, 0755, e);

	if (r < 0)
		return r;
	int fd = fs_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644, e);
	if (fd < 0)
		return fd;
	struct build_log *l = NEW(struct build_log);
	l->fd = fd;
	l->tail_cap = tail_lines;
	l->tail = mem_array(tail_lines + 1, sizeof(*l->tail));
	*ret = l;
	return 0;
}

static void log_remember(struct build_log *l, const char *line, size_t len)
{
	if (l->tail_cap == 0)
		return;
	mem_free(l->tail[l->tail_next]);
	l->tail[l->tail_next] = mem_strndup(line, len);
	l->tail_next = (l->tail_next + 1) % l->tail_cap;
	l->tail_len = MIN(l->tail_len + 1, l->tail_cap);
}

// "@nix {"action": "setPhase", "phase": "buildPhase"}"; true when the line was such a message.
static bool log_json_line(const char *line, size_t len, const struct log_listener *to)
{
	if (len < 5 || memcmp(line, "@nix ", 5) != 0)
		return false;
	json_t *msg = json_loadb(line + 5, len - 5, 0, NULL);
	if (!msg)
		return false;
	const char *action = json_string_value(json_object_get(msg, "action"));
	const char *phase = json_string_value(json_object_get(msg, "phase"));
	if (phase && str_eq(action, "setPhase") && to && to->phase)
		to->phase(to->ctx, phase);
	json_decref(msg);
	return true;
}

static void log_phase_line(const char *line, const struct log_listener *to)
{
	const char *phase = str_after(line, "Running phase: ");

	if (phase && to && to->phase)
		to->phase(to->ctx, phase);
}

static void log_line(struct build_log *l, const struct log_listener *to)
{
	const char *line = buf_str(&l->line);
	size_t len = l->line.len;
	const char *cr = len ? memrchr(line, '\r', len - 1) : NULL; // what a terminal would show in the end

	if (len && line[len - 1] == '\r')
		len--;
	if (cr) {
		len -= (size_t)(cr + 1 - line);
		line = cr + 1;
	}
	if (!log_json_line(line, len, to)) {
		log_remember(l, line, len);
		log_phase_line(line, to);
		if (to && to->line)
			to->line(to->ctx, line, len);
	}
	buf_clear(&l->line);
}

void build_log_feed(struct build_log *l, const char *data, size_t len, const struct log_listener *to)
{
	_cleanup_err_ struct err ignored = {0};

	if (l->fd >= 0 && fs_write_all(l->fd, data, len, "log", &ignored) < 0) {
		close(l->fd);
		l->fd = -1;
	}
	while (len > 0) {
		const char *nl = memchr(data, '\n', len);
		size_t part = nl ? (size_t)(nl - data) : len;
		part = MIN(part, (size_t)LOG_LINE_MAX);
		buf_add(&l->line, data, part);
		data += part;
		len -= part;
		bool ended = len > 0 && data == nl;
		if (ended || l->line.len >= LOG_LINE_MAX)
			log_line(l, to);
		if (ended) {
			data++;
			len--;
		}
	}
}

void build_log_end(struct build_log *l, const struct log_listener *to)
{
	if (l->line.len)
		log_line(l, to);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static const char *log_tail_at(const struct build_log *l, size_t i)
{
	size_t first = l->tail_len < l->tail_cap ? 0 : l->tail_next;

	return l->tail[(first + i) % l->tail_cap];
}

size_t build_log_tail(const struct build_log *l, struct buf *out)
{
	for (size_t i = 0; i < l->tail_len; i++)
		buf_addf(out, "> %s\n", log_tail_at(l, i));
	return l->tail_len;
}

bool build_log_tail_has(const struct build_log *l, const char *text)
{
	for (size_t i = 0; i < l->tail_len; i++) {
		if (strstr(log_tail_at(l, i), text))
			return true;
	}
	return false;
}

void build_log_free(struct build_log *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	for (size_t i = 0; i < l->tail_cap; i++)
		mem_free(l->tail[i]);
	mem_free(l->tail);
	buf_release(&l->line);
	mem_free(l);
}

static int log_bz_error(int r, const char *path, struct err *e)
{
	return err_set(
	        e, r == BZ_MEM_ERROR ? -ENOMEM : -EIO, "compressing '%s' failed (bzip2 error %d)", path, r);
}

// The smallest block that holds the log: most logs are short, and the memory is touched in full.
static int log_block_size(size_t len)
{
	return (int)MIN(len / 100000 + 1, (size_t)9);
}

// A log is in memory as a whole while it is compressed or read: a longer one stays as it is, and a short file
// that swells to more is not read.
#define LOG_PACK_MAX (256u << 20)
#define LOG_READ_MAX (512u << 20)

int build_log_compress(const char *path, struct err *e)
{
	_cleanup_buf_ struct buf in = {0}, out = {0};
	_cleanup_free_ char *to = str_printf("%s.bz2", path);
	int r = fs_read(path, LOG_PACK_MAX, &in, e);

	if (r < 0)
		return r;
	unsigned out_len = (unsigned)(in.len + in.len / 100 + 601); // bzip2's own bound
	buf_reserve(&out, out_len);
	r = BZ2_bzBuffToBuffCompress(out.data, &out_len, in.len ? in.data : out.data, (unsigned)in.len,
	        log_block_size(in.len), 0, 0);
	if (r != BZ_OK)
		return log_bz_error(r, path, e);
	// Not durable, on purpose: a log is worth no fsync, and the plain one stays until the rename.
	_cleanup_free_ char *tmp = str_printf("%s.tmp", to);
	unlink(tmp); // of a build that was killed; in somebody else's store it may be a link
	_cleanup_close_ int fd = fs_open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644, e);
	if (fd < 0)
		return fd;
	r = fs_write_all(fd, out.data, out_len, tmp, e);
	if (r == 0 && rename(tmp, to) < 0)
		r = err_sys(e, errno, "renaming '%s'", tmp);
	unlink(r < 0 ? tmp : path);
	return r;
}

static int log_read_bz2(const char *path, struct buf *out, struct err *e)
{
	_cleanup_buf_ struct buf in = {0};
	bz_stream bz = {0};
	_cleanup_close_ int fd = fs_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, e);
	int r = fd < 0 ? fd : fs_read_fd(fd, path, LOG_READ_MAX, &in, e);

	if (r < 0)
		return r;
	r = BZ2_bzDecompressInit(&bz, 0, 0);
	if (r != BZ_OK)
		return err_set(e, -EIO, "reading '%s' failed (bzip2 error %d)", path, r);
	bz.next_in = in.data;
	bz.avail_in = (unsigned)in.len;
	do {
		buf_reserve(out, 1 << 16);
		bz.next_out = out->data + out->len;
		bz.avail_out = 1 << 16;
		r = BZ2_bzDecompress(&bz);
		out->len += (1 << 16) - bz.avail_out;
	} while (r == BZ_OK && out->len < LOG_READ_MAX && (bz.avail_in > 0 || bz.avail_out == 0));
	BZ2_bzDecompressEnd(&bz);
	if (r == BZ_OK && out->len >= LOG_READ_MAX)
		return err_set(e, -EFBIG, "'%s' is longer than %u bytes", path, LOG_READ_MAX);
	buf_adds(out, "");
	return r == BZ_STREAM_END ? 0 : err_set(e, -EBADMSG, "'%s' is damaged", path);
}

// 0, or -ENOENT without a message.
static int log_read_drv(struct store *s, const char *drv_path, struct buf *out, struct err *e)
{
	_cleanup_free_ char *plain = store_log_path(s, drv_path);
	_cleanup_free_ char *packed = str_printf("%s.bz2", plain);

	int r = fs_read_maybe(plain, 0, out, e);
	if (r != 0)
		return MIN(r, 0);
	r = fs_lstat_maybe(packed, NULL, e);
	return r > 0 ? log_read_bz2(packed, out, e) : r < 0 ? r : -ENOENT;
}

int build_log_read(struct store *s, const char *path, struct buf *out, struct err *e)
{
	_cleanup_strv_ char **drvs = NULL;
	_cleanup_store_info_ struct store_info *info = NULL;

	if (store_path_is_drv(path)) {
		strv_add(&drvs, path);
	} else {
		_cleanup_strv_ char **more = NULL;
		bool valid = false;
		int r = store_is_valid(s, path, &valid, e);
		if (r == 0 && valid)
			r = store_query_info(s, path, &info, e);
		if (r == 0)
			r = store_query_valid_derivers(s, path, &more, e);
		if (r < 0)
			return r;
		if (info && info->deriver)
			strv_add(&drvs, info->deriver);
		strv_for_each (m, more)
			strv_add(&drvs, m);
	}
	strv_for_each (d, drvs) {
		int r = log_read_drv(s, d, out, e);
		if (r != -ENOENT)
			return r;
	}
	return err_set(e, -ENOENT, "build log of derivation '%s' is not available", path);
}
