// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: Makefiles of a kernel tree: what they build is found, or refused with a message, in bounded
// time and memory. The parts of an input are the top Kbuild, drivers/Makefile and a file to include.
#include "scratch.h"
#include "kconfig/builds.h"
#include "small-tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"Kbuild", "drivers/Makefile", "drivers/x.mk"};
	static struct kconfig *k; // loaded once: reading it takes longer than the input
	_cleanup_err_ struct err e = {};
	struct kbuild b = {};
	const char *text = (const char *)data, *part;
	size_t len;

	k = k ? k : small_tree_load();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = fs_join(scratch_dir(), names[i]);
		if (!scratch_part(&text, &size, &part, &len))
			part = "", len = 0;
		scratch_write(path, part, len);
	}
	if (kbuild_read(&b, k, &e) == 0) {
		json_decref(kbuilds_all(&b));
		json_decref(kbuilds_find(&b, "drivers/a.c", true));
		json_decref(kbuilds_find(&b, "a", true));
	} else if (!e.msg || !*e.msg) {
		abort();
	}
	kbuild_release(&b);
	return 0;
}
