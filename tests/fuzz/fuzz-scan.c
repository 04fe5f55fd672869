// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: finding references in what a builder left. The first two bytes say how much stands before the
// rest, so that it lies anywhere on the seams of reading; a plain search is the oracle.
#include "scratch.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *candidates[] = {(char *)"/nix/store/00000000000000000000000000000000-a",
	        (char *)"/nix/store/0123456789abcdfghijklmnpqrsvwxyz-b",
	        (char *)"/nix/store/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-c", NULL};
	_cleanup_free_ char *file = fs_join(scratch_dir(), "scanned");
	_cleanup_strv_ char **refs = NULL;
	_cleanup_buf_ struct buf all = {0};
	_cleanup_err_ struct err e = {0};
	struct hash h;
	uint64_t bytes;

	if (size < 2)
		return 0;
	buf_addn(&all, '.', (size_t)(data[0] | data[1] << 8) * 3);
	buf_add(&all, data + 2, size - 2);
	scratch_write(file, all.data, all.len);
	if (store_scan_references(file, candidates, &h, &bytes, &refs, &e) < 0)
		abort();
	strv_for_each (c, candidates)
		if (strv_has(refs, c) !=
		        (memmem(all.data, all.len, store_path_hash(c), STORE_HASH_CHARS) != NULL))
			abort();
	return 0;
}
