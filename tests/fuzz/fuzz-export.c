// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: streams of nix-store --export, imported into a store of their own; what is taken is there,
// whole.
#include "scratch.h"
#include "store/narinfo.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void remove_store(const char *root)
{
	_cleanup_err_ struct err e = {0};

	if (fs_rm_rf(root, &e) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct store *s;
	_cleanup_free_ char *root = fs_join(scratch_dir(), "root");
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **paths = NULL;
	struct source_mem m = {.data = (const char *)data, .len = size};
	struct source in = source_mem(&m);

	if (!s && store_open(root, STORE_NO_SYNC, &s, &e) < 0)
		abort();
	int r = store_import(s, &in, &paths, &e);
	if (r < 0 && (!e.msg || !*e.msg))
		abort();
	strv_for_each (p, paths)
		if (store_verify_path(s, p, &e) < 0)
			abort();
	if (r == 0 ? paths != NULL : m.pos > 1000) { // something may be valid: the next input begins anew
		store_close(s);
		s = NULL;
		remove_store(root);
	}
	return 0;
}
