// SPDX-License-Identifier: GPL-2.0-or-later
// Reading of a report of `kernix hardware` (doc/hardware.md has its form; src/cmd/machine-report.c writes
// it).
#pragma once

#include <jansson.h>
#include <stddef.h>
#include "base/err.h"

#define HWREPORT_FORMAT  "kernix-hardware"
#define HWREPORT_VERSION 1

// The text is anybody's: an error names the key that is wrong. 0: the text is no report (another JSON, or
// none); 1: modaliases and modules are appended. Modules are also the names of file systems and layers.
int hwreport_read(
        const char *text, size_t len, const char *name, char ***modaliases, char ***modules, struct err *e);
// The same of one that is parsed already; 0 or an error.
int hwreport_take(
        const struct json_t *o, const char *name, char ***modaliases, char ***modules, struct err *e);
