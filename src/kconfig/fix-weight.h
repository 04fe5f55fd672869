// SPDX-License-Identifier: GPL-2.0-or-later
// What it costs to turn an option off, or on: how many others that are on would go with that.
#pragma once

#include "kconfig/model.h"

struct kweights;

// For the values that the tree has now.
struct kweights *kweights_new(struct kconfig *k);
void kweights_free(struct kweights *w);
// How many options that are on need s to be off (on), directly or through others. Not more than a limit are
// counted.
unsigned kweights_of(struct kweights *w, const struct ksym *s, bool off);
