// SPDX-License-Identifier: GPL-2.0-or-later
// Downloads: http, https, ftp and file URLs, through libcurl (whose environment variables for proxies hold;
// $NIX_SSL_CERT_FILE or $SSL_CERT_FILE name another set of certificates). A list of URLs is a list of
// mirrors: each is tried in turn; what may pass (no answer, cut short, 408, 429, 5xx) is tried again after a
// pause, going on where it broke off. The error names every URL and why it failed.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

struct progress;
struct fetch_limits;
struct fetch_session;

// A file:// address that is read from somewhere else, or not at all.
struct fetch_local {
	const char *url, *path;
	const char *why; // not NULL: why it cannot be had
	bool gone;       // there is no such file
};

// All zero but urls is fine.
struct fetch_opts {
	char *const *urls;    // strv, at least one
	char *const *headers; // more request headers, "Name: value"
	const struct fetch_local *locals;
	size_t n_locals;
	const char *etag;                  // of a copy that is there: an unchanged file is not sent again
	unsigned attempts;                 // rounds over the mirrors; 0: 5
	unsigned connect_timeout_s;        // 0: 15
	unsigned stalled_s;                // without a byte; 0: 60
	unsigned pause_ms;                 // before the second round, doubled for each further one; 0: 250
	uint64_t limit_bytes;              // 0: none
	const struct fetch_limits *limits; // NULL: only that room is left on the file system
	struct progress *progress;         // NULL: silent
	struct fetch_session *session;     // NULL: one of its own
};

// Keeps connections and addresses of servers from one download to the next, of one thread.
int fetch_session_new(struct fetch_session **ret, struct err *e);
void fetch_session_free(struct fetch_session *s);

struct fetch_result {
	char *url;         // where it came from in the end, redirects followed
	char *etag;        // NULL: none
	char *immutable;   // the address that the server says never changes; NULL: it says none
	bool not_modified; // the copy with opts->etag is current; nothing was written
	uint64_t size_bytes;
};
void fetch_result_release(struct fetch_result *r);

// Into fd, which is empty and can be truncated (a regular file). ret may be NULL. -ENETUNREACH when no server
// could even be reached, -ENOENT when the answers say that there is no such file, -EFBIG beyond the limit,
// else -EIO.
int fetch_to_fd(const struct fetch_opts *opts, int fd, struct fetch_result *ret, struct err *e);
// Creates or replaces path, whole or not at all.
int fetch_to_file(const struct fetch_opts *opts, const char *path, struct fetch_result *ret, struct err *e);
// One URL into memory (appended); limit_bytes 0: 64 MiB.
int fetch_url(const char *url, uint64_t limit_bytes, struct buf *out, struct err *e);
// Can this URL's scheme be fetched?
bool fetch_knows(const char *url);
// The address as people may see it, in logs say: without a user's name and password. Owned.
char *fetch_url_shown(const char *url);
// The path that a file:// address means, decoded; NULL when it is no such address.
char *fetch_file_path(const char *url);
