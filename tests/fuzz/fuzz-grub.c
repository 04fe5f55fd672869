// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: GRUB's environment block, custom.cfg and grub.cfg: the parts of the input.
#include "loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"kernix/grubenv", "grub/custom.cfg", "grub/grub.cfg"};
	const char *text = (const char *)data, *part;
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = str_printf("%s/boot/%s", scratch_dir(), names[i]);
		if (!scratch_part(&text, &size, &part, &len))
			part = "", len = 0;
		scratch_write(path, part, len);
	}
	loader_run(&loader_grub, scratch_dir());
	return 0;
}
