// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: what builders say, cut into lines; the first byte says in how large pieces it comes.
#include "scratch.h"
#include "build/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_line(void *ctx, const char *line, size_t len)
{
	if (len && memchr(line, '\n', len))
		abort();
}

static void on_phase(void *ctx, const char *phase)
{
	*(size_t *)ctx += strlen(phase);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *path = fs_join(scratch_dir(), "log");
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf tail = {0};
	size_t phases = 0, step = size ? data[0] + 1u : 1;
	struct log_listener to = {on_line, on_phase, &phases};
	struct build_log *l;

	if (!size || build_log_open(path, step % 5, &l, &e) < 0)
		return 0;
	for (size_t at = 1; at < size; at += step)
		build_log_feed(l, (const char *)data + at, MIN(step, size - at), &to);
	build_log_end(l, &to);
	build_log_tail(l, &tail);
	build_log_tail_has(l, "error");
	build_log_free(l);
	return 0;
}
