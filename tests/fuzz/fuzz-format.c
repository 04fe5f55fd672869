// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: small forms that builtins read. The first letter of an input says which: v versions and names,
// p paths, h hashes.
#include "base/macro.h"
#include "form.h"

// Functions of the first line and of the rest; of the whole text, where the second argument is not used.
static const struct {
	char letter;
	int two;
	const char *function;
} forms[] = {
        {'v', 1,
                "s: t: [ (builtins.parseDrvName s) (builtins.splitVersion s) (builtins.compareVersions s t) "
                "(s "
                "< t) (builtins.replaceStrings [ s ] [ t ] t) ]"},
        {'p', 0, "s: t: [ (baseNameOf s) (dirOf s) (/. + s) (toString (/a + (\"/\" + t))) ]"},
        {'h', 0, "s: t: builtins.convertHash { hash = s; hashAlgo = \"sha256\"; toHashFormat = \"sri\"; }"},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; size && i < ARRAY_SIZE(forms); i++)
		if (forms[i].letter == (char)data[0])
			form_text(forms[i].function, (const char *)data + 1, size - 1, forms[i].two);
	return 0;
}
