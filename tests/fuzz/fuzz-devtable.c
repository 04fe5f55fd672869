// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: tables of device ids in C sources, in bounded time and memory. The parts of an input are the
// driver, a header a.h and code b.c that it may include.
#include "scratch.h"
#include "kconfig/devtable.h"
#include "small-tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *ctx, const char *alias)
{
	*(size_t *)ctx += strlen(alias);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"drivers/a.h", "drivers/b.c"};
	static struct kconfig *k; // loaded once: reading it takes longer than the input
	_cleanup_buf_ struct buf driver = {};
	struct cworld w = {.k = k = k ? k : small_tree_load()};
	size_t sum = 0;
	struct dscan x = {.w = &w, .emit = take, .ctx = &sum};
	const char *text = (const char *)data, *part;
	size_t len;

	if (scratch_part(&text, &size, &part, &len))
		buf_add(&driver, part, len);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = fs_join(scratch_dir(), names[i]);
		if (!scratch_part(&text, &size, &part, &len))
			part = "", len = 0;
		scratch_write(path, part, len);
	}
	dscan_wants(&x, buf_str(&driver), driver.len);
	dscan_file(&x, "drivers/c.c", &driver);
	cworld_release(&w);
	return 0;
}
