// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: the JSON that builtin:initrd is given.
#include <stdint.h>
#include "base/mem.h"
#include "boot/initrd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);
	_cleanup_initrd_spec_ struct initrd_spec s = {0};
	_cleanup_err_ struct err e = {0};

	if (initrd_spec_parse_json(text, &s, &e) < 0 && (!e.msg || !*e.msg))
		__builtin_trap();
	return 0;
}
