// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: the kernel command line, as stage 1 reads it, and as the boot menu's makers do.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "stage1/cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = {1, 2, 16, 64, 4096};
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);
	_cleanup_strv_ char **words = cmdline_words(text);
	struct cmdline c;

	cmdline_has(text, "root");
	cmdline_parse(text, &c);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_free_ char *options = mem_alloc(sizes[i]);
		if (cmdline_module_options(&c, "a_b", options, sizes[i]) != strlen(options))
			abort();
	}
	cmdline_blacklists(&c, "a_b");
	cmdline_release(&c);
	return 0;
}
