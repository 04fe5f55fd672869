// SPDX-License-Identifier: GPL-2.0-or-later
// What people call by a name that is no option: a thing that takes several (DOCKER, LUKS, WIFI).
#pragma once

#include "kconfig/kconfig.h"

// The options behind such a name that the tree has, at most max, the first ones first; borrowed. 0: it is
// none.
size_t kconcept_names(struct kconfig *k, const char *name, const char **ret, size_t max);
// Says what it takes, and what of that is not set; nothing for other names. The tree holds a solved base.
void kconcept_say(struct kconfig *k, const char *name, struct buf *b);
