// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: the parser of NARs. What it accepts must print to the very same bytes.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "store/nar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf again = {0};
	struct source_mem m = {.data = (const char *)data, .len = size};
	struct source in = source_mem(&m);
	struct sink out = sink_buf(&again);
	struct nar_printer *p = nar_printer_begin(&out);
	struct nar_visitor v = nar_printer_visitor(p);
	int r = nar_parse(&in, &v, &e);

	if (nar_printer_end(p, r == 0, &e) == 0 && r == 0)
		if (again.len != m.pos || memcmp(again.data, data, again.len) != 0)
			abort();
	return 0;
}
