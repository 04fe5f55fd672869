// SPDX-License-Identifier: GPL-2.0-or-later
// Words about Debian packages that come from somebody who is not trusted, by the rules of Debian Policy
// (5.6.7, 5.6.8, 5.6.12) and deb-version(7). All checks give 0 or -EINVAL with a sentence that names word and
// rule.
#pragma once

#include "base/err.h"

int debname_check_package(const char *name, struct err *e);
int debname_check_version(const char *version, struct err *e);
int debname_check_arch(const char *arch, struct err *e);
// The place of a package's file in an archive, as an index's Filename has it: "pool/.../NAME.deb", no "..",
// no empty part, only characters that need no quoting in an address.
int debname_check_pool(const char *path, struct err *e);
