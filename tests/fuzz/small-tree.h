// SPDX-License-Identifier: GPL-2.0-or-later
// A small Kconfig tree with a symbol of each type, a choice and a select, for targets that need one.
#pragma once

#include "scratch.h"
#include "kconfig/kconfig.h"

static const char small_tree[] = "config MODULES\n\tbool \"modules\"\n\tdefault y\n\tmodules\n"
                                 "config A\n\tbool \"a\"\n"
                                 "config T\n\ttristate \"t\"\n\tdepends on A\n\tselect S\n"
                                 "config S\n\ttristate\n\tdepends on N > 3\n"
                                 "config N\n\tint \"n\"\n\trange 1 9\n\tdefault 3\n"
                                 "config H\n\thex \"h\"\n\tdefault 0x10\n"
                                 "config TEXT\n\tstring \"text\"\n\tdefault \"x\"\n"
                                 "choice\n\tprompt \"c\"\nconfig C1\n\tbool \"c1\"\nconfig C2\n\tbool "
                                 "\"c2\"\n\tdepends on A\nconfig C3\n\tbool \"c3\"\nendchoice\n";

static struct kconfig *small_tree_load(void)
{
	_cleanup_free_ char *path = fs_join(scratch_dir(), "Kconfig");
	_cleanup_err_ struct err e = {0};
	char *vars[] = {(char *)"KERNELVERSION=6.12", (char *)"SRCARCH=none", NULL};
	struct kconfig_env env = {.srctree = scratch_dir(), .vars = vars};
	struct kconfig *k = NULL;

	scratch_write(path, small_tree, sizeof(small_tree) - 1);
	if (kconfig_load(&k, &env, &e) < 0)
		abort();
	return k;
}
