// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses of a package's file in Debian's archives.
#include "build/debmirror.h"

#include <string.h>
#include "base/mem.h"
#include "base/str.h"

void debmirror_add(char ***urls, const char *url)
{
	if (!strv_has(*urls, url))
		strv_add(urls, url);
}

static void debmirror_below(char ***list, char *const *archives, const char *pool, bool security)
{
	strv_for_each (archive, archives) {
		_cleanup_free_ char *url = str_printf("%s%s", archive, pool);
		if ((strstr(archive, "security") != NULL) == security)
			debmirror_add(list, url);
	}
}

char **debmirror_urls(const char *pool, char *const *archives)
{
	static const char updates[] = "pool/updates/";
	const char *moved = str_after(pool, updates);
	_cleanup_free_ char *later = moved ? str_printf("pool/%s", moved) : NULL;
	char **list = NULL;

	for (int other = 0; other < 2; other++)
		debmirror_below(&list, archives, pool, (moved != NULL) == !other);
	if (later)
		debmirror_below(&list, archives, later, false);
	return list;
}
