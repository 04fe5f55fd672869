// SPDX-License-Identifier: GPL-2.0-or-later
// What builds and hardware share: from devices to drivers.
#pragma once

#include "cmd/config.h"
#include "kconfig/devfind.h"

int device_aliases(const struct config_args *a, struct kconfig *k, char *const *queries, struct daliases *ret,
        struct err *e);
json_t *device_drivers(
        const struct config_args *a, struct kbuild *b, const struct daliases *d, char *const *queries);
// On standard error.
void device_not_found(const struct config_args *a, const char *word, const struct daliases *d);
