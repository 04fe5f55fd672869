// SPDX-License-Identifier: GPL-2.0-or-later
// Finds libcurl's functions at run time.

#include <dlfcn.h>
#include <errno.h>
#include "base/macro.h"
#include "build/fetch-curl.h"

#ifdef KERNIX_STATIC
int fetch_curl_load(struct fetch_curl *ret, struct err *e)
{
	// In parentheses: they are macros, too.
	*ret = (struct fetch_curl){
	        .init = curl_easy_init,
	        .cleanup = curl_easy_cleanup,
	        .reset = curl_easy_reset,
	        .setopt = (curl_easy_setopt),
	        .getinfo = (curl_easy_getinfo),
	        .perform = curl_easy_perform,
	        .strerror = curl_easy_strerror,
	        .slist_append = curl_slist_append,
	        .slist_free_all = curl_slist_free_all,
	};
	return 0;
}
#else
int fetch_curl_load(struct fetch_curl *ret, struct err *e)
{
	const struct {
		const char *name;
		void *slot;
	} rows[] = {
	        {"curl_easy_init", &ret->init},
	        {"curl_easy_cleanup", &ret->cleanup},
	        {"curl_easy_reset", &ret->reset},
	        {"curl_easy_setopt", &ret->setopt},
	        {"curl_easy_getinfo", &ret->getinfo},
	        {"curl_easy_perform", &ret->perform},
	        {"curl_easy_strerror", &ret->strerror},
	        {"curl_slist_append", &ret->slist_append},
	        {"curl_slist_free_all", &ret->slist_free_all},
	        {"curl_multi_init", &ret->multi_init},
	        {"curl_multi_cleanup", &ret->multi_cleanup},
	        {"curl_multi_setopt", &ret->multi_setopt},
	        {"curl_multi_add_handle", &ret->multi_add},
	        {"curl_multi_remove_handle", &ret->multi_remove},
	        {"curl_multi_perform", &ret->multi_perform},
	        {"curl_multi_poll", &ret->multi_poll},
	        {"curl_multi_info_read", &ret->multi_info},
	};
	void *lib = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL); // kept until the process ends

	if (!lib)
		return err_set(e, -ENOENT, "libcurl, which downloads need, cannot be loaded: %s", dlerror());
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		void *f = dlsym(lib, rows[i].name);

		if (!f)
			return err_set(e, -ENOENT, "libcurl has no function %s", rows[i].name);
		*(void **)rows[i].slot = f;
	}
	return 0;
}
#endif
