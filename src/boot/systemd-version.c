// SPDX-License-Identifier: GPL-2.0-or-later
// The program has the text "#### LoaderInfo: systemd-boot VERSION ####" for those who ask.
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/systemd-version.h"

#define MARK        "LoaderInfo: systemd-boot "
#define LIMIT_BYTES (4 << 20)

static unsigned version_in(const struct buf *program)
{
	const char *at = program->len ? memmem(program->data, program->len, MARK, strlen(MARK)) : NULL;
	const char *end = program->data + program->len;
	unsigned version = 0;

	for (at = at ? at + strlen(MARK) : end; at < end && *at >= '0' && *at <= '9' && version < 10000; at++)
		version = version * 10 + (unsigned)(*at - '0');
	return version;
}

int systemd_boot_version(const struct boot_place *p, unsigned *ret, struct err *e)
{
	_cleanup_free_ char *loader = str_dirname(p->config), *esp = str_dirname(loader),
	                    *dir = str_printf("%s/EFI/systemd", esp);
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(dir, &names, e);

	*ret = 0;
	for (size_t i = 0; r == 0 && !*ret && names && names[i]; i++) {
		_cleanup_free_ char *file = fs_join(dir, names[i]);
		_cleanup_buf_ struct buf program = {0};
		if (!str_has_prefix(names[i], "systemd-boot") || !str_has_suffix(names[i], ".efi"))
			continue;
		r = place_read(p, file, LIMIT_BYTES, &program, e);
		*ret = r == 0 ? version_in(&program) : 0;
	}
	return r;
}
