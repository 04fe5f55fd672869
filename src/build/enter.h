// SPDX-License-Identifier: GPL-2.0-or-later
// Makes a private store (files below a root folder) appear at its logical place for this process and its
// children, as shells and scripts of the store need it: a mount namespace of its own with the root's /nix
// beside everything else of the host. Nothing on the host changes.
#pragma once

#include "base/err.h"

struct store;

// Does nothing for a store that is where its names say. The process must have one thread. The working
// directory is kept.
int enter_store(const struct store *s, struct err *e);
