// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: apt's sources, as one-line lists and as deb822. What comes of it are addresses that end with
// '/' and have no blanks.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "build/apt-sources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);
	_cleanup_strv_ char **archives = NULL;

	apt_sources_parse_list(text, &archives);
	apt_sources_parse_deb822(text, &archives);
	strv_for_each (a, archives) {
		if (!str_has_suffix(a, "/") || !strchr(a, ':') || strpbrk(a, " \t\n"))
			abort();
	}
	return 0;
}
