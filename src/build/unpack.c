// SPDX-License-Identifier: GPL-2.0-or-later
// Archives to trees.
#include "build/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/builder.h"
#include "store/nar.h"

#define UNPACK_BLOCK       65536
#define UNPACK_CHECK_BYTES (16u << 20) // so often it is looked whether there still is room and time
#define UNPACK_ENTRY_BYTES 4096        // what an entry counts at least

// One archive on its way to a tree.
struct unpack {
	const char *file, *dest;
	const struct fetch_limits *limits;
	uint64_t size_bytes, checked_bytes; // written so far; at the last look
	int64_t deadline_ms;                // 0: none
	int64_t newest;                     // time of the newest entry, seconds since 1970
};

static int unpack_look(struct unpack *u, struct err *e)
{
	if (u->deadline_ms && build_now_ms() >= u->deadline_ms)
		return err_set(e, -ETIMEDOUT, "unpacking '%s' timed out after %u seconds", u->file,
		        u->limits->timeout_s);
	u->checked_bytes = u->size_bytes;
	_cleanup_free_ char *dir = str_dirname(u->dest);
	int r = fetch_check_space(u->limits, dir, -1, e);
	return r < 0 ? err_wrap(e, "unpacking '%s'", u->file) : 0;
}

// More bytes are going to be written.
static int unpack_count(struct unpack *u, uint64_t more, struct err *e)
{
	uint64_t max = fetch_limit(u->limits->unpacked_bytes, FETCH_UNPACKED_BYTES);

	if (more > max || u->size_bytes > max - more)
		return err_set(e, -EFBIG,
		        "unpacking '%s': it is larger than %llu bytes (setting max-unpacked-size)", u->file,
		        (unsigned long long)max);
	u->size_bytes += more;
	return u->size_bytes - u->checked_bytes < UNPACK_CHECK_BYTES ? 0 : unpack_look(u, e);
}

int unpack_error(struct archive *a, const char *file, struct err *e)
{
	const char *why = archive_error_string(a);
	int errnum = archive_errno(a);

	return err_set(e, errnum == ENOSPC ? -ENOSPC : -EBADMSG, "unpacking '%s': %s", file,
	        why ? why : "it is no archive of a known kind");
}

// Holes count as if they were there: reading them takes as long.
static int unpack_data(struct archive *in, struct archive *out, struct unpack *u, struct err *e)
{
	const char *file = u->file;
	const void *data;
	size_t len;
	la_int64_t offset, end = 0;
	int r;

	while ((r = archive_read_data_block(in, &data, &len, &offset)) == ARCHIVE_OK) {
		la_int64_t next = offset + (la_int64_t)len;
		int full = next > end ? unpack_count(u, (uint64_t)(next - end), e) : 0;
		if (full < 0)
			return full;
		end = MAX(end, next);
		if (archive_write_data_block(out, data, len, offset) < ARCHIVE_WARN)
			return unpack_error(out, file, e);
	}
	return r == ARCHIVE_EOF ? 0 : unpack_error(in, file, e);
}

// Names are made to lie below dest; libarchive refuses ".." and links on the way. Modes are those of a fresh
// checkout.
static void unpack_place(struct archive_entry *entry, const char *dest)
{
	const char *name = archive_entry_pathname(entry), *link = archive_entry_hardlink(entry);
	mode_t type = archive_entry_filetype(entry), perm = archive_entry_perm(entry);
	_cleanup_free_ char *path = str_printf("%s/%s", dest, name ? name : "");

	archive_entry_set_pathname(entry, path);
	if (link) {
		_cleanup_free_ char *target = str_printf("%s/%s", dest, link);
		archive_entry_set_hardlink(entry, target);
	}
	archive_entry_set_perm(entry, type == AE_IFDIR || (perm & 0100) ? 0755 : 0644);
}

static int unpack_entries(struct archive *in, struct unpack *u, const char *dest, struct err *e)
{
	const char *file = u->file;
	struct archive *out = archive_write_disk_new();
	struct archive_entry *entry;
	int r = 0, status;

	archive_write_disk_set_options(out,
	        ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS);
	while (r == 0 && (status = archive_read_next_header(in, &entry)) != ARCHIVE_EOF) {
		mode_t type;
		if (status < ARCHIVE_WARN) {
			r = unpack_error(in, file, e);
			break;
		}
		type = archive_entry_filetype(entry);
		if (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK &&
		        !archive_entry_hardlink(entry))
			continue; // devices and pipes have no place in a store
		u->newest = MAX(u->newest, (int64_t)archive_entry_mtime(entry));
		unpack_place(entry, dest);
		r = unpack_count(u, UNPACK_ENTRY_BYTES, e);
		if (r < 0)
			break;
		if (archive_write_header(out, entry) < ARCHIVE_WARN)
			r = unpack_error(out, file, e);
		else if (archive_entry_size(entry) > 0)
			r = unpack_data(in, out, u, e);
	}
	if (archive_write_close(out) < ARCHIVE_WARN && r == 0)
		r = unpack_error(out, file, e);
	archive_write_free(out);
	return r;
}

// What is unpacked, by name. libarchive knows more, but some compressions are programs that it would run for
// whoever made the archive (lrzip, grzip, lzop), and not all formats are archives (mtree).
typedef int unpack_support(struct archive *a);

static unpack_support *const unpack_filters[] = {
        archive_read_support_filter_gzip,
        archive_read_support_filter_bzip2,
        archive_read_support_filter_xz,
        archive_read_support_filter_lzma,
        archive_read_support_filter_lzip,
        archive_read_support_filter_zstd,
        archive_read_support_filter_lz4,
        archive_read_support_filter_compress,
};

static unpack_support *const unpack_formats[] = {
        archive_read_support_format_tar,
        archive_read_support_format_zip,
        archive_read_support_format_cpio,
        archive_read_support_format_ar,
        archive_read_support_format_7zip,
};

static struct archive *unpack_reader_raw(void)
{
	struct archive *in = archive_read_new();

	for (size_t i = 0; i < ARRAY_SIZE(unpack_filters); i++)
		unpack_filters[i](in);
	return in;
}

static struct archive *unpack_reader(void)
{
	struct archive *in = unpack_reader_raw();

	for (size_t i = 0; i < ARRAY_SIZE(unpack_formats); i++)
		unpack_formats[i](in);
	return in;
}

struct member {
	struct archive *outer;
	char data[UNPACK_BLOCK];
};

static la_ssize_t member_read(struct archive *a, void *ctx, const void **ret)
{
	struct member *m = ctx;

	(void)a;
	*ret = m->data;
	return archive_read_data(m->outer, m->data, sizeof(m->data));
}

// A member of a broken ar archive may have no name.
static bool is_data(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	return name && str_has_prefix(name, "data.tar");
}

// A .deb is an ar archive; what is installed is in its member data.tar.*. entry is the one that outer is at;
// f(ctx, in) reads that member.
static int unpack_deb_data(struct archive *outer, struct archive_entry *entry, const char *file,
        int (*f)(void *ctx, struct archive *in, struct err *e), void *ctx, struct err *e)
{
	while (!is_data(entry)) {
		if (archive_read_next_header(outer, &entry) != ARCHIVE_OK)
			return err_set(
			        e, -EBADMSG, "unpacking '%s': it is no Debian package (no data.tar)", file);
	}
	struct member *m = NEW(struct member);
	struct archive *in = unpack_reader();
	m->outer = outer;
	int r = archive_read_open(in, m, NULL, member_read, NULL) == ARCHIVE_OK ? f(ctx, in, e)
	                                                                        : unpack_error(in, file, e);
	archive_read_free(in);
	mem_free(m);
	return r;
}

struct deb_unpack {
	struct unpack *u;
	const char *dest;
};

static int deb_entries(void *ctx, struct archive *in, struct err *e)
{
	struct deb_unpack *d = ctx;

	return unpack_entries(in, d->u, d->dest, e);
}

static int unpack_deb(
        struct archive *outer, struct archive_entry *entry, struct unpack *u, const char *dest, struct err *e)
{
	struct deb_unpack d = {u, dest};

	return unpack_deb_data(outer, entry, u->file, deb_entries, &d, e);
}

struct deb_walk {
	const char *file;
	int (*f)(void *ctx, struct archive *in, struct archive_entry *entry, struct err *e);
	void *ctx;
};

static int deb_walk(void *ctx, struct archive *in, struct err *e)
{
	const struct deb_walk *w = ctx;
	struct archive_entry *entry;
	int r = 0, status;

	while (r == 0 && (status = archive_read_next_header(in, &entry)) != ARCHIVE_EOF)
		r = status < ARCHIVE_WARN ? unpack_error(in, w->file, e) : w->f(w->ctx, in, entry, e);
	return r;
}

// The kind of an archive is known after its first header; so that header is read twice.
static int unpack_into(struct unpack *u, const char *dest, struct err *e)
{
	const char *file = u->file;
	struct archive *in = unpack_reader();
	struct archive_entry *entry;
	int r = 0;

	if (archive_read_open_filename(in, file, UNPACK_BLOCK) != ARCHIVE_OK ||
	        archive_read_next_header(in, &entry) < ARCHIVE_WARN) {
		r = unpack_error(in, file, e);
	} else if ((archive_format(in) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR) {
		r = unpack_deb(in, entry, u, dest, e);
	} else {
		archive_read_free(in);
		in = unpack_reader();
		r = archive_read_open_filename(in, file, UNPACK_BLOCK) == ARCHIVE_OK
		            ? unpack_entries(in, u, dest, e)
		            : unpack_error(in, file, e);
	}
	archive_read_free(in);
	return r;
}

// The decompressed file, whatever it holds.
static struct archive *unpack_raw(const char *file)
{
	struct archive *in = unpack_reader_raw();
	struct archive_entry *entry;

	archive_read_support_format_raw(in);
	if (archive_read_open_filename(in, file, UNPACK_BLOCK) == ARCHIVE_OK &&
	        archive_read_next_header(in, &entry) == ARCHIVE_OK)
		return in;
	archive_read_free(in);
	return NULL;
}

struct raw {
	struct archive *in;
	struct unpack *u;
};

static ssize_t raw_read(void *ctx, void *data, size_t len, struct err *e)
{
	struct raw *raw = ctx;
	la_ssize_t n = archive_read_data(raw->in, data, len);
	int r = n > 0 ? unpack_count(raw->u, (uint64_t)n, e) : 0;

	if (r < 0)
		return r;
	return n < 0 ? unpack_error(raw->in, "NAR", e) : n;
}

static bool unpack_is_nar(const char *file)
{
	static const char magic[] = "\r\0\0\0\0\0\0\0nix-archive-1";
	char head[sizeof(magic) - 1];
	struct archive *in = unpack_raw(file);
	bool is = in && archive_read_data(in, head, sizeof(head)) == (la_ssize_t)sizeof(head) &&
	          memcmp(head, magic, sizeof(head)) == 0;

	archive_read_free(in);
	return is;
}

static int unpack_nar(struct unpack *u, const char *dest, struct err *e)
{
	const char *file = u->file;
	struct archive *in = unpack_raw(file);
	struct raw raw = {in, u};
	const struct source source = {raw_read, &raw};

	if (!in)
		return err_set(e, -EBADMSG, "unpacking '%s' failed", file);
	int r = nar_restore(&source, dest, false, e);
	if (r < 0)
		fs_rm_rf(dest, NULL);
	archive_read_free(in);
	return r;
}

static int unpack_move(const char *from, const char *dest, struct err *e)
{
	return rename(from, dest) < 0 ? err_sys(e, errno, "renaming '%s' to '%s'", from, dest) : 0;
}

// work holds what was unpacked: it, or its only folder, becomes dest.
static int unpack_finish(const char *work, const char *dest, int flags, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = flags & UNPACK_STRIP ? fs_list(work, &names, e) : 0;

	if (r < 0)
		return r;
	if (strv_len(names) == 1) {
		_cleanup_free_ char *only = fs_join(work, names[0]);
		struct stat st;
		if (lstat(only, &st) == 0 && S_ISDIR(st.st_mode))
			return unpack_move(only, dest, e);
	}
	return unpack_move(work, dest, e);
}

static int unpack_to(struct unpack *u, int flags, struct err *e)
{
	const char *file = u->file, *dest = u->dest;
	_cleanup_free_ char *work = str_printf("%s.unpack", dest);
	_cleanup_err_ struct err ignored = {0};
	int r;

	if (unpack_is_nar(file))
		return unpack_nar(u, dest, e);
	r = fs_rm_rf(work, e);
	if (r == 0 && mkdir(work, 0755) < 0)
		r = err_sys(e, errno, "making '%s'", work);
	if (r == 0)
		r = unpack_into(u, work, e);
	if (r == 0)
		r = unpack_finish(work, dest, flags, e);
	fs_rm_rf(work, &ignored);
	return r;
}

// Names in archives are UTF-8, whatever the caller's locale is.
static locale_t unpack_locale(locale_t *ret_old)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	*ret_old = utf8 ? uselocale(utf8) : (locale_t)0;
	return utf8;
}

static void unpack_locale_back(locale_t utf8, locale_t old)
{
	if (!utf8)
		return;
	uselocale(old);
	freelocale(utf8);
}

int unpack_deb_each(const char *file,
        int (*f)(void *ctx, struct archive *in, struct archive_entry *entry, struct err *e), void *ctx,
        struct err *e)
{
	struct deb_walk w = {file, f, ctx};
	struct archive *outer = unpack_reader_raw();
	struct archive_entry *entry;
	locale_t old, utf8 = unpack_locale(&old);

	archive_read_support_format_ar(outer);
	int r = archive_read_open_filename(outer, file, UNPACK_BLOCK) == ARCHIVE_OK &&
	                        archive_read_next_header(outer, &entry) == ARCHIVE_OK
	                ? unpack_deb_data(outer, entry, file, deb_walk, &w, e)
	                : unpack_error(outer, file, e);
	archive_read_free(outer);
	unpack_locale_back(utf8, old);
	return r;
}

int unpack_archive_within(
        const char *file, const char *dest, int flags, const struct fetch_limits *limits, struct err *e)
{
	return unpack_archive_dated(file, dest, flags, limits, NULL, e);
}

int unpack_archive_dated(const char *file, const char *dest, int flags, const struct fetch_limits *limits,
        int64_t *ret_newest, struct err *e)
{
	struct unpack u = {.file = file, .dest = dest, .limits = limits};
	locale_t old, utf8 = unpack_locale(&old);

	if (limits->timeout_s)
		u.deadline_ms = build_now_ms() + (int64_t)limits->timeout_s * 1000;
	int r = unpack_to(&u, flags, e);

	if (ret_newest)
		*ret_newest = u.newest;
	unpack_locale_back(utf8, old);
	return r;
}

int unpack_archive(const char *file, const char *dest, int flags, struct err *e)
{
	const struct fetch_limits only_room = {.unpacked_bytes = UINT64_MAX};

	return unpack_archive_within(file, dest, flags, &only_room, e);
}
