// SPDX-License-Identifier: GPL-2.0-or-later
// A view of the host for programs that are started for somebody who is no builder: shells, and the questions
// that 'kernix config' asks compilers. In a mount namespace of its own, /nix is that of a private store, and
// usr, bin, sbin and lib* are those of a build root, with everything else of the host beside them (as FHS
// shells have it): the user's home, /etc, /tmp, /run. Nothing on the host changes.
//
// Of the host's /usr only /usr/src stays, where the root has none: kernel trees lie there.
#pragma once

#include "base/err.h"

struct store;

// Moves this process, which must have one thread, into such a view. root: the files of a build root
// (buildroot_find), or NULL. Does nothing where neither is needed: a store that is where its names say, and
// no root. The working directory is kept where it still is to be seen, else it is "/".
int enter_view(const struct store *s, const char *root, struct err *e);

// A view that processes can be moved into again and again: it lives as long as it is held open.
struct enter_place;
int enter_place_make(const struct store *s, const char *root, struct enter_place **ret, struct err *e);
// For a child right after fork: moves it; 0 or a negative errno. The working directory is "/" afterwards.
int enter_place_go(const struct enter_place *p);
void enter_place_free(struct enter_place *p);
