// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: files of `kernix config solve --request`, JSON or a .config fragment, for a small tree.
#include "scratch.h"
#include "kconfig/request.h"
#include "small-tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_krequests_ struct krequests req = {0};
	_cleanup_kreport_ struct kreport rep = {0};
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};
	const struct kpolicy policy = {.auto_modules = size % 3 == 1, .prefer_builtin = size % 2};
	const char *text = (const char *)data;
	int r = size && *text == '#' ? krequests_parse_fragment(&req, text, size, "fuzz", &e)
	                             : krequests_parse(&req, text, size, "fuzz", &e);

	if (r < 0) {
		if (!e.msg || !*e.msg)
			abort();
		return 0;
	}
	_cleanup_kconfig_ struct kconfig *k = small_tree_load();
	krequests_apply(k, &req, &policy, &rep, &e);
	kreport_text(&rep, false, &b);
	kreport_json(&rep, &b);
	for (size_t i = 0; i < req.len; i++)
		krequest_nix(&req.v[i], "  ", &b);
	return 0;
}
