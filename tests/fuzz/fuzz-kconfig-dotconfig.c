// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: .config files, against one small tree: any bytes are read or refused, and what is
// written is read again as itself.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "kconfig/tools.h"
#include "small-tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_kconfig_ struct kconfig *k = small_tree_load();
	_cleanup_buf_ struct buf first = {}, second = {};
	_cleanup_kdiffs_ struct kdiffs d = {};
	_cleanup_err_ struct err e = {};
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);

	if (kconfig_read_text(k, text, size, "fuzz", &e) < 0)
		return 0;
	kconfig_write(k, &first);
	if (kconfig_read_text(k, first.data, first.len, "again", &e) < 0)
		abort();
	kconfig_write(k, &second);
	if (first.len != second.len || memcmp(first.data, second.data, first.len))
		abort();
	kconfig_diff(text, size, first.data, first.len, true, &d);
	return 0;
}
