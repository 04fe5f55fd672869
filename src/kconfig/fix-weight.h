// SPDX-License-Identifier: GPL-2.0-or-later
// What it costs to turn an option off: how many others that are on would go with it.
#pragma once

#include "kconfig/model.h"

struct kweights;

// For the values that the tree has now.
struct kweights *kweights_new(struct kconfig *k);
void kweights_free(struct kweights *w);
// How many options that are on need s, directly or through others. Not more than a limit are counted.
unsigned kweights_of(struct kweights *w, const struct ksym *s);
