// SPDX-License-Identifier: GPL-2.0-or-later
// libarchive's functions as forwards into the library, which is loaded at the first call: linking it costs every start of every command two
// milliseconds (it brings libxml2, ICU and the C++ library), and hardly any command unpacks. A function that is missing here is a link error:
// add its row, as archive.h declares it.

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/macro.h"

static void *find(const char *name)
{
	void *lib = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL); // counted: the same library each time
	void *f = lib ? dlsym(lib, name) : NULL;

	if (!f) {
		fprintf(stderr, "error: libarchive, which unpacking needs, cannot be used: %s\n", dlerror());
		exit(1);
	}
	return f;
}

#define FORWARD(type, name, params, args)                    \
	type name params                                     \
	{                                                    \
		static type(*f) params;                      \
                                                             \
		if (UNLIKELY(!f))                            \
			*(void **)&f = find(#name);          \
		return f args;                               \
	}
#define FORWARD_VOID(name, params, args)                     \
	void name params                                     \
	{                                                    \
		static void(*f) params;                      \
                                                             \
		if (UNLIKELY(!f))                            \
			*(void **)&f = find(#name);          \
		f args;                                      \
	}

FORWARD(struct archive *, archive_read_new, (void), ())
FORWARD(int, archive_read_free, (struct archive * a), (a))
FORWARD(int, archive_read_support_filter_all, (struct archive * a), (a))
FORWARD(int, archive_read_support_format_all, (struct archive * a), (a))
FORWARD(int, archive_read_support_format_raw, (struct archive * a), (a))
FORWARD(int, archive_read_open_filename, (struct archive * a, const char *name, size_t block), (a, name, block))
FORWARD(int, archive_read_open, (struct archive * a, void *data, archive_open_callback *o, archive_read_callback *r, archive_close_callback *c),
	(a, data, o, r, c))
FORWARD(int, archive_read_next_header, (struct archive * a, struct archive_entry **e), (a, e))
FORWARD(la_ssize_t, archive_read_data, (struct archive * a, void *buf, size_t n), (a, buf, n))
FORWARD(int, archive_read_data_block, (struct archive * a, const void **buf, size_t *n, la_int64_t *at), (a, buf, n, at))
FORWARD(int, archive_errno, (struct archive * a), (a))
FORWARD(const char *, archive_error_string, (struct archive * a), (a))
FORWARD(int, archive_format, (struct archive * a), (a))
FORWARD(struct archive *, archive_write_disk_new, (void), ())
FORWARD(int, archive_write_disk_set_options, (struct archive * a, int flags), (a, flags))
FORWARD(int, archive_write_header, (struct archive * a, struct archive_entry *e), (a, e))
FORWARD(la_ssize_t, archive_write_data_block, (struct archive * a, const void *buf, size_t n, la_int64_t at), (a, buf, n, at))
FORWARD(int, archive_write_close, (struct archive * a), (a))
FORWARD(int, archive_write_free, (struct archive * a), (a))
FORWARD(__LA_MODE_T, archive_entry_filetype, (struct archive_entry * e), (e))
FORWARD(const char *, archive_entry_hardlink, (struct archive_entry * e), (e))
FORWARD(const char *, archive_entry_pathname, (struct archive_entry * e), (e))
FORWARD(__LA_MODE_T, archive_entry_perm, (struct archive_entry * e), (e))
FORWARD(la_int64_t, archive_entry_size, (struct archive_entry * e), (e))
FORWARD_VOID(archive_entry_set_hardlink, (struct archive_entry * e, const char *s), (e, s))
FORWARD_VOID(archive_entry_set_pathname, (struct archive_entry * e, const char *s), (e, s))
FORWARD_VOID(archive_entry_set_perm, (struct archive_entry * e, __LA_MODE_T mode), (e, mode))
