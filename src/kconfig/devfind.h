// SPDX-License-Identifier: GPL-2.0-or-later
// From a device to the options that build its drivers.
#pragma once

#include "kconfig/builds.h"
#include "kconfig/devscan.h"

// Drivers for one query (dquery), as answers of kbuilds_find with {device, alias: the pattern that matched,
// source: file, sure} besides; each module once, sure ones first. Those that
// may be it by class are only there if they name the device, too, or if all is asked for. modules: the
// aliases name modules, not files.
json_t *dfind(
        struct kbuild *b, const struct daliases *a, const char *query, bool modules, bool values, bool all);
// The prefix by which aliases of this query begin; owned.
char *dquery_prefix(const char *query);
// The query for people: * for what is not known; owned.
char *dquery_shown(const char *query);
// Does the pattern name this very device, by all that comes before the first field that is not known, or its
// class, as far as that is known?
bool dnames(const char *pattern, const char *query);
// "alias PATTERN MODULE" for all, sorted, as depmod writes them.
void daliases_print(struct kbuild *b, const struct daliases *a, struct buf *out);
