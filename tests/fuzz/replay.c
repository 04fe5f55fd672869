// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a fuzz target over the files of a folder: the corpus as a plain test. replay FOLDER
#include <stdint.h>
#include <stdio.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **names = NULL;
	size_t n = 0;

	if (argc != 2 || fs_list(argv[1], &names, &e) < 0) {
		fprintf(stderr, "replay: %s\n", e.msg ? e.msg : "one folder is needed");
		return 1;
	}
	for (; names && names[n]; n++) {
		_cleanup_free_ char *file = fs_join(argv[1], names[n]);
		_cleanup_buf_ struct buf data = {0};
		if (fs_read(file, 0, &data, &e) < 0)
			return 1;
		// A copy of exactly this size, so that a sanitizer sees every byte too much.
		_cleanup_free_ char *exact = mem_dup(buf_str(&data), data.len ? data.len : 1);
		LLVMFuzzerTestOneInput((const uint8_t *)exact, data.len);
	}
	printf("%zu inputs\n", n);
	return n ? 0 : 1;
}
