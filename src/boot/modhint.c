// SPDX-License-Identifier: GPL-2.0-or-later
// Hints for an unknown module name, from modules.dep, modules.builtin and the kernel's configuration.
#include "boot/modhint.h"

#include <ctype.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define NEAR_MAX   5
#define OPTION_MAX 4

// Module name of a path like kernel/fs/ext4/ext4.ko.xz; owned.
static char *name_of(const char *path, size_t len)
{
	const char *slash = memrchr(path, '/', len);
	const char *base = slash ? slash + 1 : path;
	size_t n = len - (size_t)(base - path);
	const char *ko = memmem(base, n, ".ko", 3);
	char *name = mem_strndup(base, ko ? (size_t)(ko - base) : n);

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static size_t limit_of(const char *name)
{
	size_t n = strlen(name);

	return n <= 3 ? 1 : n <= 7 ? 2 : 3;
}

// Keeps the nearest names: ret[d] are those at distance d.
static void near_file(const char *path, const char *name, char ***ret)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err ignored = {0};
	size_t limit = limit_of(name);

	if (fs_read(path, 0, &text, &ignored) < 0)
		return;
	for (const char *p = buf_str(&text); *p;) {
		size_t line = strcspn(p, "\n");
		_cleanup_free_ char *candidate = name_of(p, strcspn(p, ":\n"));
		size_t d = str_distance(candidate, name, limit);

		if (d <= limit && !strv_has(ret[d], candidate))
			strv_add(&ret[d], candidate);
		p += line + (p[line] == '\n');
	}
}

static void add_near(struct buf *b, const char *name, const char *dir)
{
	char **near[4] = {NULL};
	_cleanup_free_ char *dep = fs_join(dir, "modules.dep");
	_cleanup_free_ char *builtin = fs_join(dir, "modules.builtin");
	size_t count = 0;

	near_file(dep, name, near);
	near_file(builtin, name, near);
	for (size_t d = 0; d < 4; d++) {
		strv_for_each (s, near[d])
			if (count < NEAR_MAX)
				buf_addf(b, "%s %s", count++ ? "," : "\ndid you mean:", s);
		strv_free(near[d]);
	}
	if (count)
		buf_adds(b, "?");
}

// CONFIG_SATA_AHCI for ahci, CONFIG_EXT4_FS for ext4, CONFIG_VIRTIO_BLK for virtio_blk.
static bool option_fits(const char *option, size_t n, const char *upper)
{
	size_t len = strlen(upper);

	if (n < len)
		return false;
	if (memcmp(option, upper, len) == 0 &&
	        (n == len || (n == len + 3 && memcmp(option + len, "_FS", 3) == 0)))
		return true;
	return n > len && option[n - len - 1] == '_' && memcmp(option + n - len, upper, len) == 0;
}

static void add_options(struct buf *b, const char *name, const char *kernel_config)
{
	static const char head[] = "# CONFIG_", tail[] = " is not set";
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err ignored = {0};
	_cleanup_free_ char *upper = mem_strdup(name);
	size_t count = 0;

	if (fs_read(kernel_config, 0, &text, &ignored) < 0)
		return;
	for (char *p = upper; *p; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	for (const char *p = buf_str(&text); *p && count < OPTION_MAX;) {
		size_t line = strcspn(p, "\n");
		const char *option = str_after(p, head);
		size_t n = option ? strcspn(option, " \n") : 0;

		if (option && str_has_prefix(option + n, tail) && option_fits(option, n, upper)) {
			if (count == 0)
				buf_addf(b, "\nthis kernel is configured without");
			buf_addf(b, "%s CONFIG_%.*s", count++ ? "," : "", (int)n, option);
		}
		p += line + (p[line] == '\n');
	}
	if (count)
		buf_addf(b,
		        "; %s may provide it: boot.kernelPatches = [ { name = \"%s\"; patch = null; "
		        "structuredExtraConfig.OPTION = lib.kernel.module; } ];",
		        count == 1 ? "that" : "one of them", name);
}

void modhint_add(struct buf *b, const char *name, const char *dir, const char *kernel_config)
{
	add_near(b, name, dir);
	if (kernel_config)
		add_options(b, name, kernel_config);
}
