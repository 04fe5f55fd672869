// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: the parser of .drv files. What it accepts must print and parse to the same again, and hash
// without a crash.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "store/drv.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_drv_ struct drv *d = NULL, *again = NULL;
	_cleanup_buf_ struct buf one = {0}, two = {0};
	struct store *s = NULL;
	struct hash h;

	if (drv_parse((const char *)data, size, "fuzz", &d, &e) < 0)
		return 0;
	drv_print(d, &one);
	if (drv_parse(one.data, one.len, "fuzz", &again, &e) < 0)
		abort();
	drv_print(again, &two);
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
		abort();
	if (store_open("dummy://", 0, &s, &e) == 0) {
		drv_hash_modulo(s, d, true, &h, &e);
		drv_check_outputs(s, d, &e);
		store_close(s);
	}
	return 0;
}
