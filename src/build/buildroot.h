// SPDX-License-Identifier: GPL-2.0-or-later
// The build root of a derivation: a store path whose tree stands where the host's /usr, /bin and /lib would.
// A derivation names it in its variable `buildRoot`; everything that runs tools for that derivation (its
// builder, nix-shell, the questions of 'kernix config') asks here. What makes such a tree: builtin-debroot.c.
//
// A tree is one when it has a folder `usr`. It may have bin, sbin and lib* (links into usr, or folders) and
// etc/alternatives.
#pragma once

#include <stdbool.h>
#include "base/err.h"
#include "store/drv.h"
#include "store/store.h"

#define BUILDROOT_VARIABLE "buildRoot"

// *ret: the logical store path, owned; NULL where the derivation names none. Whether it is there is not
// asked.
int buildroot_of(const struct store *s, const struct drv *d, char **ret, struct err *e);
// *ret: where the files of path (of buildroot_of) are on the host, owned. The path has to be an output of an
// input of the derivation, or a source of it, and a build root.
int buildroot_find(struct store *s, const struct drv *d, const char *path, char **ret, struct err *e);
// Is NAME, an entry of the top of a root, shown in place of the host's: usr, bin, sbin, lib, lib64, ...?
bool buildroot_entry(const char *name);
