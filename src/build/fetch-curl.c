// SPDX-License-Identifier: GPL-2.0-or-later
// Finds libcurl's functions at run time, and sets what every request has.

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
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
	        .multi_init = curl_multi_init,
	        .multi_cleanup = curl_multi_cleanup,
	        .multi_setopt = (curl_multi_setopt),
	        .multi_add = curl_multi_add_handle,
	        .multi_remove = curl_multi_remove_handle,
	        .multi_perform = curl_multi_perform,
	        .multi_poll = curl_multi_poll,
	        .multi_info = curl_multi_info_read,
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

#ifdef KERNIX_STATIC
static const char *fetch_certs_here(void)
{
	static const char *const usual[] = {
	        "/etc/ssl/certs/ca-certificates.crt", // Debian, Arch, Alpine
	        "/etc/pki/tls/certs/ca-bundle.crt",   // Fedora
	        "/etc/ssl/ca-bundle.pem",             // openSUSE
	        "/etc/ssl/cert.pem",
	        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	};

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (access(usual[i], R_OK) == 0)
			return usual[i];
	return NULL;
}
#endif

static void fetch_curl_protocols(const struct fetch_curl *lib, CURL *c, enum fetch_curl_schemes schemes)
{
	bool all = schemes == FETCH_CURL_ALL;

#if LIBCURL_VERSION_NUM >= 0x075500
	lib->setopt(c, CURLOPT_PROTOCOLS_STR, all ? "http,https,ftp,ftps,file" : "http,https");
	lib->setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, all ? "http,https,ftp,ftps" : "http,https");
#else // before 7.85
	long redirected = CURLPROTO_HTTP | CURLPROTO_HTTPS | (all ? CURLPROTO_FTP | CURLPROTO_FTPS : 0);

	lib->setopt(c, CURLOPT_PROTOCOLS, redirected | (all ? CURLPROTO_FILE : 0));
	lib->setopt(c, CURLOPT_REDIR_PROTOCOLS, redirected);
#endif
}

void fetch_curl_prepare(const struct fetch_curl *lib, CURL *c, enum fetch_curl_schemes schemes,
        const char *url, unsigned connect_timeout_s, unsigned stalled_s, char *why)
{
	const char *certs = getenv("NIX_SSL_CERT_FILE");

	lib->reset(c);
	lib->setopt(c, CURLOPT_URL, url);
	lib->setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	lib->setopt(c, CURLOPT_MAXREDIRS, 10L);
	fetch_curl_protocols(lib, c, schemes);
	lib->setopt(c, CURLOPT_NOSIGNAL, 1L);
	lib->setopt(c, CURLOPT_USERAGENT, "kernix/" KERNIX_VERSION " curl/" LIBCURL_VERSION);
	lib->setopt(c, CURLOPT_CONNECTTIMEOUT, (long)(connect_timeout_s ? connect_timeout_s : 15));
	lib->setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	lib->setopt(c, CURLOPT_LOW_SPEED_TIME, (long)stalled_s);
	lib->setopt(c, CURLOPT_ERRORBUFFER, why);
	if (!certs || !*certs)
		certs = getenv("SSL_CERT_FILE");
#ifdef KERNIX_STATIC // its library was made for one distribution, and is run on others
	if (!certs || !*certs)
		certs = fetch_certs_here();
#endif
	if (certs && *certs)
		lib->setopt(c, CURLOPT_CAINFO, certs);
}
