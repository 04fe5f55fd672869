// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: boot.json and the small files beside it: parts of the input are boot.json, etc/fstab,
// nixos-version.
#include "scratch.h"
#include "boot/bootspec.h"
#include "store/store.h"

#define SYSTEM "/nix/store/00000000000000000000000000000000-nixos-system"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"boot.json", "etc/fstab", "nixos-version"};
	static struct store *s;
	_cleanup_bootspec_ struct bootspec b = {0};
	_cleanup_err_ struct err e = {0};
	const char *text = (const char *)data, *part;
	size_t len;

	if (!s && store_open(scratch_dir(), STORE_NO_SYNC | STORE_DB_LATER, &s, &e) < 0)
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = str_printf("%s" SYSTEM "/%s", scratch_dir(), names[i]);
		if (!scratch_part(&text, &size, &part, &len))
			part = "", len = 0;
		scratch_write(path, part, len);
	}
	if (bootspec_read(s, SYSTEM, &b, &e) < 0 ? !e.msg : !b.init || !b.label || !b.kernel || !b.params)
		abort();
	return 0;
}
