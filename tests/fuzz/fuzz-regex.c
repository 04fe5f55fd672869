// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: regular expressions: the first line, matched with the rest.
#include "form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return form_text("s: t: [ (builtins.match s t) (builtins.split s t) ]", (const char *)data, size, 1);
}
