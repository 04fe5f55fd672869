// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: systemd-boot's loader.conf (first part of the input) and entries: of each further part the
// first line is the end of its file's name.
#include "loader.h"

#define ENTRIES_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void entry(const char *dir, const char *part, size_t len)
{
	const char *line = memchr(part, '\n', len);
	size_t n = line ? (size_t)(line - part) : 0;

	if (!line || n > 100 || memchr(part, '/', n) || memchr(part, 0, n))
		return;
	_cleanup_free_ char *file = str_printf("%s/kernix-%.*s.conf", dir, (int)n, part);
	scratch_write(file, line, len - n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *loader = str_printf("%s/boot/loader", scratch_dir()),
	                    *config = fs_join(loader, "loader.conf"), *dir = fs_join(loader, "entries");
	_cleanup_err_ struct err e = {0};
	const char *text = (const char *)data, *part = "";
	size_t len = 0;

	if (fs_rm_rf(loader, &e) < 0)
		abort();
	scratch_part(&text, &size, &part, &len);
	scratch_write(config, part, len);
	for (int i = 0; i < ENTRIES_MAX && scratch_part(&text, &size, &part, &len); i++)
		entry(dir, part, len);
	loader_run(&loader_systemd, scratch_dir());
	return 0;
}
