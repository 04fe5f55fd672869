// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: structured attributes, the JSON that a derivation carries: what is printed is the same JSON,
// and a shell's words in single quotes end where they should.
#include <stdint.h>
#include <stdlib.h>
#include "build/attrs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf text = {0}, sh = {0};
	json_t *value = json_loadb((const char *)data, size, 0, NULL);

	if (!value)
		return 0;
	attrs_print_json(value, &text);
	if (json_is_object(value))
		attrs_print_sh(value, &sh);
	json_t *again = json_loadb(text.data, text.len, 0, NULL);
	if (!again || !json_equal(value, again))
		abort();
	json_decref(value);
	json_decref(again);
	return 0;
}
