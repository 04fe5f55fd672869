// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: .narinfo files, and the small texts beside them: content addresses, store paths, keys.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "store/narinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void small_texts(const char *text)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *public = NULL;
	struct ca ca;

	if (ca_parse(text, &ca, &e) == 0) {
		_cleanup_free_ char *again = ca_format(&ca);
		if (!*again)
			abort();
	}
	store_path_check("/nix/store", text, &e);
	sign_public_of(text, &public, &e);
	sign_verify(text, "x", 1, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf one = {0}, two = {0};
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);
	struct narinfo n, again;

	small_texts(text);
	if (narinfo_parse("/nix/store", (const char *)data, size, &n, &e) < 0)
		return 0;
	narinfo_print(&n, &one);
	if (narinfo_parse("/nix/store", one.data, one.len, &again, &e) < 0)
		abort();
	narinfo_print(&again, &two);
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
		abort();
	narinfo_release(&n);
	narinfo_release(&again);
	return 0;
}
