// SPDX-License-Identifier: GPL-2.0-or-later
// builtin:kconfig: a .config as a derivation makes it, from a source tree, a base and requests.
#pragma once

#include "kconfig/request.h"

struct kconfig_build {
	const char *src;            // the (patched) source tree
	const char *arch;           // ARCH= of make
	const char *base;           // a base of kconfig_base; NULL or "": defconfig
	const char *requests;       // JSON text (see krequests_parse); NULL or "": none
	char *const *fragments;     // files merged onto the base; may be NULL
	const char *kernel_version; // NULL: from the tree's Makefile
	struct kpolicy policy;
	char *const *env; // NAME=VALUE list of the build: PATH, CC, CROSS_COMPILE, ...; NULL: this process's
	const char *dir;  // the build's folder: requests.json, config-so-far and report.txt are left there
	const char *out;  // file to write
	const char *cache_path; // known probe results, or NULL
	kconfig_warn_fn *warn;  // warnings of the tree and of optional requests
	void *warn_ctx;
};

// Writes args->out. When a request that counts does not hold, nothing is written there, and the error has all
// failures with reasons and fixes.
int kconfig_build(const struct kconfig_build *args, struct err *e);
