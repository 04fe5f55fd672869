// SPDX-License-Identifier: GPL-2.0-or-later
// snapshot.debian.org keeps every file that ever was in Debian's archive, and tells its address by package,
// version and architecture (https://salsa.debian.org/snapshot-team/snapshot/blob/master/API).
#pragma once

#include "base/err.h"

// Addresses of a binary package's file, one for each file of that name that there was. All words are checked
// by debname.h before. -ENOENT: it knows none.
int snapshot_find(const char *package, const char *version, const char *arch, char ***ret, struct err *e);
// The same of an answer that is there.
int snapshot_parse(const char *json, const char *arch, char ***ret, struct err *e);
