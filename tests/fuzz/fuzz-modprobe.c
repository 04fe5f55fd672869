// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: modprobe.d's language, as boot.extraModprobeConfig has it.
#include <stdint.h>
#include "base/mem.h"
#include "boot/modconf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);
	_cleanup_err_ struct err e = {0};
	struct modconf c = {0};

	modconf_parse(&c, text, "fuzz", &e);
	_cleanup_free_ char *options = modconf_options(&c, "a_b");
	modconf_install(&c, "a_b");
	modconf_release(&c);
	return 0;
}
