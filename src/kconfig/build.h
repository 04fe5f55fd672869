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
	bool finished;    // base is a file, and what comes out is that file
	char *const *env; // NAME=VALUE list of the build: PATH, CC, CROSS_COMPILE, ...; NULL: this process's
	const struct kconfig_place *place; // where the tools are; NULL: where this process is
	const char *dir; // the build's folder: requests.json, config-so-far and report.txt are left there
	const char *out; // file to write
	const char *cache_path; // known probe results, or NULL
	kconfig_warn_fn *warn;  // warnings of the tree and of optional requests
	kconfig_warn_fn *info;  // what the tree prints with $(info); NULL: as warnings
	void *warn_ctx;
};

// The arguments of a derivation, from its environment (NAME=VALUE list): src, arch, base, requests,
// kernelVersion, autoModules, preferBuiltin, ignoreConfigErrors, finished, trim. This is the one place that
// knows those names: the builder and 'kernix config' both read them here. *ret borrows from env, and leaves
// what is no argument as it was.
int kconfig_build_read(struct kconfig_build *ret, char *const *env, struct err *e);
// The environment in which that derivation's probes run: its variables, and a PATH of its toolPath (cross
// compilers) and of the host's programs, whatever PATH the user has. Owned.
char **kconfig_build_env(char *const *env);
// Loads the tree of args; its base is not set.
int kconfig_build_tree(const struct kconfig_build *args, struct kconfig **ret, struct err *e);
// Writes args->out. When a request that counts does not hold, nothing is written there, and the error has all
// failures with reasons and fixes.
int kconfig_build(const struct kconfig_build *args, struct err *e);
