// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: TOML, as builtins.fromTOML reads it.
#include "form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return form_text(
	        "s: t: let v = builtins.fromTOML s; in [ v (builtins.toJSON v) (builtins.toXML v) (v == v) ]",
	        (const char *)data, size, 0);
}
