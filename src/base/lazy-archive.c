// SPDX-License-Identifier: GPL-2.0-or-later
// libarchive's functions, loaded at the first call: linking it brings libxml2, ICU and the C++ library.

#include <archive.h>
#include <archive_entry.h>
#include "base/lazy.h"

#define LAZY_LIBRARY "libarchive.so.13"
#define LAZY_PURPOSE "unpacking"

LAZY(struct archive *, archive_read_new, (void), ())
LAZY(int, archive_read_free, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_all, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_gzip, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_bzip2, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_xz, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_lzma, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_lzip, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_zstd, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_lz4, (struct archive * a), (a))
LAZY(int, archive_read_support_filter_compress, (struct archive * a), (a))
LAZY(int, archive_read_support_format_tar, (struct archive * a), (a))
LAZY(int, archive_read_support_format_zip, (struct archive * a), (a))
LAZY(int, archive_read_support_format_cpio, (struct archive * a), (a))
LAZY(int, archive_read_support_format_ar, (struct archive * a), (a))
LAZY(int, archive_read_support_format_7zip, (struct archive * a), (a))
LAZY(int, archive_read_support_format_raw, (struct archive * a), (a))
LAZY(int, archive_read_open_filename, (struct archive * a, const char *name, size_t block), (a, name, block))
LAZY(int, archive_read_open_memory, (struct archive * a, const void *p, size_t n), (a, p, n))
LAZY(int, archive_read_open,
        (struct archive * a, void *data, archive_open_callback *o, archive_read_callback *r,
                archive_close_callback *c),
        (a, data, o, r, c))
LAZY(int, archive_read_next_header, (struct archive * a, struct archive_entry **e), (a, e))
LAZY(la_ssize_t, archive_read_data, (struct archive * a, void *buf, size_t n), (a, buf, n))
LAZY(int, archive_read_data_block, (struct archive * a, const void **buf, size_t *n, la_int64_t *at),
        (a, buf, n, at))
LAZY(int, archive_errno, (struct archive * a), (a))
LAZY(const char *, archive_error_string, (struct archive * a), (a))
LAZY(int, archive_format, (struct archive * a), (a))
LAZY(struct archive *, archive_write_disk_new, (void), ())
LAZY(int, archive_write_disk_set_options, (struct archive * a, int flags), (a, flags))
LAZY(int, archive_write_header, (struct archive * a, struct archive_entry *e), (a, e))
LAZY(la_ssize_t, archive_write_data_block, (struct archive * a, const void *buf, size_t n, la_int64_t at),
        (a, buf, n, at))
LAZY(int, archive_write_close, (struct archive * a), (a))
LAZY(int, archive_write_free, (struct archive * a), (a))
LAZY(__LA_MODE_T, archive_entry_filetype, (struct archive_entry * e), (e))
LAZY(const char *, archive_entry_hardlink, (struct archive_entry * e), (e))
LAZY(const char *, archive_entry_symlink, (struct archive_entry * e), (e))
LAZY(const char *, archive_entry_pathname, (struct archive_entry * e), (e))
LAZY(__LA_MODE_T, archive_entry_perm, (struct archive_entry * e), (e))
LAZY(time_t, archive_entry_mtime, (struct archive_entry * e), (e))
LAZY(la_int64_t, archive_entry_size, (struct archive_entry * e), (e))
LAZY_VOID(archive_entry_set_hardlink, (struct archive_entry * e, const char *s), (e, s))
LAZY_VOID(archive_entry_set_pathname, (struct archive_entry * e, const char *s), (e, s))
LAZY_VOID(archive_entry_set_perm, (struct archive_entry * e, __LA_MODE_T mode), (e, mode))
