// SPDX-License-Identifier: GPL-2.0-or-later
// Looks firmware up in the packages of the initrd's spec.
#include "boot/initrd-firmware.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <glob.h>
#include <string.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "stage1/format.h"

#define LIMIT_BYTES ((size_t)1 << 30)

static int read_raw(struct archive *a, const char *path, struct buf *b, struct err *e)
{
	struct archive_entry *en;
	char chunk[65536];
	la_ssize_t n = 0;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	int r = archive_read_open_filename(a, path, sizeof(chunk));
	if (r == ARCHIVE_OK)
		r = archive_read_next_header(a, &en);
	while (r == ARCHIVE_OK && (n = archive_read_data(a, chunk, sizeof(chunk))) > 0) {
		buf_add(b, chunk, (size_t)n);
		if (b->len > LIMIT_BYTES)
			return err_set(e, -EFBIG, "%s is larger than 1 GiB", path);
	}
	if (r != ARCHIVE_OK || n < 0)
		return err_set(e, -EIO, "unpack %s: %s", path, archive_error_string(a));
	return 0;
}

int initrd_unpack(const char *path, struct buf *b, struct err *e)
{
	struct archive *a = archive_read_new();
	int r = read_raw(a, path, b, e);

	archive_read_free(a);
	return r;
}

// How packages compress firmware, and the option of a kernel that reads it.
static const struct {
	const char *suffix, *option;
} forms[] = {{"", NULL}, {".zst", "FW_LOADER_COMPRESS_ZSTD"}, {".xz", "FW_LOADER_COMPRESS_XZ"}};

struct adding {
	const struct initrd_spec *s;
	struct cpio *c;
	const char *config; // text of the kernel's .config, or NULL
	struct buf missing; // drivers with what they lack
	size_t missing_drivers;
};

static bool reads(const struct adding *a, const char *option)
{
	return !option || !a->config || initrd_config_has(a->config, option);
}

static int add_firmware_file(
        const struct adding *a, const char *base, const char *file, size_t form, struct err *e)
{
	_cleanup_free_ char *to = str_printf("%s%s", S1_FIRMWARE_PATH, file + strlen(base));
	_cleanup_buf_ struct buf data = {0};
	bool as_it_is = reads(a, forms[form].option);

	if (!as_it_is)
		to[strlen(to) - strlen(forms[form].suffix)] = '\0';
	if (cpio_has(a->c, to))
		return 0;
	if (as_it_is)
		return cpio_file(a->c, to, 0444, file, e);
	int r = initrd_unpack(file, &data, e);
	return r < 0 ? r : cpio_data(a->c, to, 0444, data.data, data.len, e);
}

static int glob_error(const char *path, int errnum)
{
	return errnum != ENOENT && errnum != ENOTDIR;
}

// All files below base that match name (it may have wildcards), also compressed ones; *ret_found when there
// was any.
static int add_firmware_from(
        const struct adding *a, const char *base, const char *name, bool *ret_found, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(forms) && r == 0; i++) {
		_cleanup_free_ char *pattern = str_printf("%s/%s%s", base, name, forms[i].suffix);
		glob_t g = {0};

		// glob takes what it cannot look at for missing.
		r = strpbrk(name, "*?[") ? 1 : fs_lstat_maybe(pattern, NULL, e);
		if (r <= 0)
			continue;
		int found = glob(pattern, 0, glob_error, &g);
		r = found == GLOB_ABORTED ? err_sys(e, errno, "looking for '%s'", pattern) : 0;
		if (found == 0)
			for (size_t j = 0; j < g.gl_pathc && r == 0; j++) {
				r = add_firmware_file(a, base, g.gl_pathv[j], i, e);
				*ret_found = true;
			}
		globfree(&g);
	}
	return r;
}

static int add_firmware(const struct adding *a, const char *name, bool *ret_found, struct err *e)
{
	int r = 0;

	// A name that would leave the firmware folder is no firmware.
	*ret_found = strstr(name, "..") || name[0] == '/';
	strv_for_each (path, a->s->firmware) {
		_cleanup_free_ char *lib = fs_join(path, "lib/firmware");

		if (r < 0 || *ret_found)
			break;
		int is_dir = fs_is_dir_maybe(lib, e);
		r = MIN(is_dir, 0);
		if (r == 0)
			r = add_firmware_from(a, is_dir ? lib : path, name, ret_found, e);
	}
	return r;
}

static int add_driver(struct adding *a, const char *driver, char *const *names, struct err *e)
{
	_cleanup_strv_ char **missing = NULL;
	int r = 0;

	strv_for_each (name, names) {
		bool found = true;
		if (r == 0)
			r = add_firmware(a, name, &found, e);
		if (!found)
			strv_add(&missing, name);
	}
	size_t n = strv_len(missing);
	if (n == 0)
		return r;
	buf_addf(&a->missing, "%s%s (%s", a->missing_drivers++ ? ", " : "", driver, missing[0]);
	if (n > 1)
		buf_addf(&a->missing, " and %zu more", n - 1);
	buf_addc(&a->missing, ')');
	return r;
}

int initrd_add_firmware(
        const struct initrd_spec *s, struct cpio *c, const struct modclosure *mods, struct err *e)
{
	_cleanup_buf_ struct buf config = {0};
	struct adding a = {.s = s, .c = c};
	int r = s->kernel_config ? fs_read(s->kernel_config, 0, &config, e) : 0;

	a.config = s->kernel_config ? buf_str(&config) : NULL;
	for (size_t i = 0; i < mods->count && r == 0; i++)
		r = add_driver(&a, mods->modules[i].name, mods->modules[i].firmware, e);
	if (r == 0)
		r = add_driver(&a, "what is built in", mods->builtin_firmware, e);
	if (r == 0 && a.missing_drivers)
		log_note(
		        "drivers of the initrd may ask for firmware that hardware.firmware does not have: %s",
		        buf_str(&a.missing));
	buf_release(&a.missing);
	return r;
}
