// SPDX-License-Identifier: GPL-2.0-or-later
// Where the file of a Debian package can be had: its place in the pool, below each of a list of archives.
#pragma once

#include "base/err.h"

// Adds url unless it is there.
void debmirror_add(char ***urls, const char *url);
// Every address to be tried of the file pool ("pool/main/h/hello/hello_1.0_amd64.deb"), below archives (each
// with a '/' at its end). Security updates ("pool/updates/...") are first looked for in the archives that
// have them, then where they move with the next point release. Owned; NULL when there is no archive.
char **debmirror_urls(const char *pool, char *const *archives);
