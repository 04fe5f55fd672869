// SPDX-License-Identifier: GPL-2.0-or-later
// Functions of libraries that are loaded when they are needed.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/lazy.h"

#ifdef KERNIX_STATIC
bool lazy_is_there(const char *library)
{
	return true;
}
#else
void *lazy_find(const char *library, const char *purpose, const char *name)
{
	void *lib = dlopen(library, RTLD_NOW | RTLD_LOCAL); // counted: the same library each time
	void *f = lib ? dlsym(lib, name) : NULL;

	if (!f) {
		fprintf(stderr, "error: %s, which %s needs, cannot be used: %s\n", library, purpose,
		        dlerror());
		exit(1);
	}
	return f;
}

bool lazy_is_there(const char *library)
{
	return dlopen(library, RTLD_NOW | RTLD_LOCAL) != NULL;
}
#endif
