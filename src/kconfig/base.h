// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of kconfig_base that have a file of their own.
#pragma once

#include "kconfig/model.h"

// Random values for all that has none, from KCONFIG_SEED (else the time) with KCONFIG_PROBABILITY, as conf
// --randconfig does it.
int kbase_random(struct kconfig *k, struct err *e);
