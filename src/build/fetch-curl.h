// SPDX-License-Identifier: GPL-2.0-or-later
// libcurl, loaded when the first download begins: linking it costs every start of every command several
// milliseconds (it brings TLS, Kerberos, LDAP and twenty more libraries), and hardly any command downloads.
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include "base/err.h"

// The functions of libcurl that fetch.c calls, as in curl/easy.h.
struct fetch_curl {
	CURL *(*init)(void);
	void (*cleanup)(CURL *c);
	void (*reset)(CURL *c);
	CURLcode (*setopt)(CURL *c, CURLoption option, ...);
	CURLcode (*getinfo)(CURL *c, CURLINFO info, ...);
	CURLcode (*perform)(CURL *c);
	const char *(*strerror)(CURLcode code);
	struct curl_slist *(*slist_append)(struct curl_slist *list, const char *s);
	void (*slist_free_all)(struct curl_slist *list);
	// as in curl/multi.h
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_cleanup)(CURLM *m);
	CURLMcode (*multi_setopt)(CURLM *m, CURLMoption option, ...);
	CURLMcode (*multi_add)(CURLM *m, CURL *c);
	CURLMcode (*multi_remove)(CURLM *m, CURL *c);
	CURLMcode (*multi_perform)(CURLM *m, int *running);
	CURLMcode (*multi_poll)(CURLM *m, struct curl_waitfd *extra, unsigned n, int timeout_ms, int *ready);
	CURLMsg *(*multi_info)(CURLM *m, int *left);
};

// -ENOENT and a word about it when the library is not installed.
int fetch_curl_load(struct fetch_curl *ret, struct err *e);

// Which schemes a request may begin with; a redirection never leads to a file.
enum fetch_curl_schemes { FETCH_CURL_ALL, FETCH_CURL_HTTP };
// Takes back what c was set to, and sets what every request has: address, redirections, schemes, time-outs
// (0: the usual 15 s for connecting), certificates of $NIX_SSL_CERT_FILE or $SSL_CERT_FILE, and why
// (CURL_ERROR_SIZE) for messages.
void fetch_curl_prepare(const struct fetch_curl *lib, CURL *c, enum fetch_curl_schemes schemes,
        const char *url, unsigned connect_timeout_s, unsigned stalled_s, char *why);
