// SPDX-License-Identifier: GPL-2.0-or-later
// Where this machine gets its Debian packages from: the archives in apt's sources, read as sources.list(5)
// has them. No program of apt is needed. Only addresses that can be fetched from count (http, https, ftp,
// file).
#pragma once

#include "base/err.h"

// The archives of ETC/apt/sources.list, sources.list.d/*.list and *.sources (etc: "/etc"), each once, in
// apt's order, every one with a '/' at its end. What cannot be read is left out.
char **apt_sources_read(const char *etc);
// Adds those of one file's text, in the one-line and in the deb822 format.
void apt_sources_parse_list(const char *text, char ***archives);
void apt_sources_parse_deb822(const char *text, char ***archives);
