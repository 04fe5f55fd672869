// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: extlinux.conf.
#include "loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *path = str_printf("%s/boot/extlinux/extlinux.conf", scratch_dir());

	scratch_write(path, (const char *)data, size);
	loader_run(&loader_extlinux, scratch_dir());
	return 0;
}
