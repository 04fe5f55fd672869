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
#include "store/nar.h"

#define UNPACK_BLOCK 65536

static int unpack_error(struct archive *a, const char *file, struct err *e)
{
	const char *why = archive_error_string(a);
	int errnum = archive_errno(a);

	return err_set(e, errnum == ENOSPC ? -ENOSPC : -EBADMSG, "unpacking '%s': %s", file,
	        why ? why : "it is no archive of a known kind");
}

static int unpack_data(struct archive *in, struct archive *out, const char *file, struct err *e)
{
	const void *data;
	size_t len;
	la_int64_t offset;
	int r;

	while ((r = archive_read_data_block(in, &data, &len, &offset)) == ARCHIVE_OK) {
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

static int unpack_entries(struct archive *in, const char *file, const char *dest, struct err *e)
{
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
		unpack_place(entry, dest);
		if (archive_write_header(out, entry) < ARCHIVE_WARN)
			r = unpack_error(out, file, e);
		else if (archive_entry_size(entry) > 0)
			r = unpack_data(in, out, file, e);
	}
	if (archive_write_close(out) < ARCHIVE_WARN && r == 0)
		r = unpack_error(out, file, e);
	archive_write_free(out);
	return r;
}

static struct archive *unpack_reader(void)
{
	struct archive *in = archive_read_new();

	archive_read_support_filter_all(in);
	archive_read_support_format_all(in);
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

// A .deb is an ar archive; what is installed is in its member data.tar.*.
static int unpack_deb(
        struct archive *outer, struct archive_entry *entry, const char *file, const char *dest, struct err *e)
{
	while (!is_data(entry)) {
		if (archive_read_next_header(outer, &entry) != ARCHIVE_OK)
			return err_set(
			        e, -EBADMSG, "unpacking '%s': it is no Debian package (no data.tar)", file);
	}
	struct member *m = NEW(struct member);
	struct archive *in = unpack_reader();
	m->outer = outer;
	int r = archive_read_open(in, m, NULL, member_read, NULL) == ARCHIVE_OK
	                ? unpack_entries(in, file, dest, e)
	                : unpack_error(in, file, e);
	archive_read_free(in);
	mem_free(m);
	return r;
}

// The kind of an archive is known after its first header; so that header is read twice.
static int unpack_into(const char *file, const char *dest, struct err *e)
{
	struct archive *in = unpack_reader();
	struct archive_entry *entry;
	int r = 0;

	if (archive_read_open_filename(in, file, UNPACK_BLOCK) != ARCHIVE_OK ||
	        archive_read_next_header(in, &entry) < ARCHIVE_WARN) {
		r = unpack_error(in, file, e);
	} else if ((archive_format(in) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR) {
		r = unpack_deb(in, entry, file, dest, e);
	} else {
		archive_read_free(in);
		in = unpack_reader();
		r = archive_read_open_filename(in, file, UNPACK_BLOCK) == ARCHIVE_OK
		            ? unpack_entries(in, file, dest, e)
		            : unpack_error(in, file, e);
	}
	archive_read_free(in);
	return r;
}

// The decompressed file, whatever it holds.
static struct archive *unpack_raw(const char *file)
{
	struct archive *in = archive_read_new();
	struct archive_entry *entry;

	archive_read_support_filter_all(in);
	archive_read_support_format_raw(in);
	if (archive_read_open_filename(in, file, UNPACK_BLOCK) == ARCHIVE_OK &&
	        archive_read_next_header(in, &entry) == ARCHIVE_OK)
		return in;
	archive_read_free(in);
	return NULL;
}

static ssize_t raw_read(void *ctx, void *data, size_t len, struct err *e)
{
	la_ssize_t n = archive_read_data(ctx, data, len);

	return n < 0 ? unpack_error(ctx, "NAR", e) : n;
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

static int unpack_nar(const char *file, const char *dest, struct err *e)
{
	struct archive *in = unpack_raw(file);
	const struct source source = {raw_read, in};

	if (!in)
		return err_set(e, -EBADMSG, "unpacking '%s' failed", file);
	int r = nar_restore(&source, dest, false, e);
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

static int unpack_to(const char *file, const char *dest, int flags, struct err *e)
{
	_cleanup_free_ char *work = str_printf("%s.unpack", dest);
	_cleanup_err_ struct err ignored = {0};
	int r;

	if (unpack_is_nar(file))
		return unpack_nar(file, dest, e);
	r = fs_rm_rf(work, e);
	if (r == 0 && mkdir(work, 0755) < 0)
		r = err_sys(e, errno, "making '%s'", work);
	if (r == 0)
		r = unpack_into(file, work, e);
	if (r == 0)
		r = unpack_finish(work, dest, flags, e);
	fs_rm_rf(work, &ignored);
	return r;
}

int unpack_archive(const char *file, const char *dest, int flags, struct err *e)
{
	// Names in archives are UTF-8, whatever the caller's locale is.
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t old = utf8 ? uselocale(utf8) : (locale_t)0;
	int r = unpack_to(file, dest, flags, e);

	if (utf8) {
		uselocale(old);
		freelocale(utf8);
	}
	return r;
}
