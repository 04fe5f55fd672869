// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: nix.conf, with files that it includes: parts of the input are nix.conf, a, b.
#include "scratch.h"
#include "store/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"nix.conf", "a", "b"};
	const char *text = (const char *)data, *part;
	size_t len;

	setenv("NIX_CONF_DIR", scratch_dir(), 1);
	setenv("NIX_USER_CONF_FILES", "/nonexistent", 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = fs_join(scratch_dir(), names[i]);
		if (!scratch_part(&text, &size, &part, &len))
			part = "", len = 0;
		scratch_write(path, part, len);
	}
	_cleanup_free_ char *value = store_conf_get("substituters");
	store_conf_bool("sandbox", true);
	return 0;
}
