// SPDX-License-Identifier: GPL-2.0-or-later
// Many downloads at once over few connections: libcurl's multi interface, HTTP/2 where the server has it. For
// binary caches, whose files are many and mostly small. What may pass (no answer, cut short, 408, 429, 5xx)
// is tried again after a pause, going on where it broke off. http and https only, redirects included.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct fetch_many_opts {
	unsigned connections;       // at a time; 0: 25, as Nix's http-connections
	unsigned attempts;          // for each file; 0: 5
	unsigned connect_timeout_s; // 0: 15
	unsigned stalled_s;         // without a byte; 0: 300, as Nix's stalled-download-timeout
	unsigned pause_ms;          // before the second attempt, doubled for each further one; 0: 250
};

struct fetch_many_request {
	const char *url;      // copied
	int fd;               // an empty regular file that the content goes to; the caller's
	uint64_t limit_bytes; // 0: none
	void *tag;            // the caller's
};

// 0; -ENOENT: the server says that there is none; -ENETUNREACH: no server was reached; -EFBIG; else -EIO.
struct fetch_many_result {
	void *tag;
	int code;
	char *message; // NULL with 0; owned by who took the result
	uint64_t size_bytes;
};

struct fetch_many;
int fetch_many_new(const struct fetch_many_opts *opts, struct fetch_many **ret, struct err *e);
void fetch_many_free(struct fetch_many *m);
int fetch_many_add(struct fetch_many *m, const struct fetch_many_request *r, struct err *e);
// How many have no result yet.
size_t fetch_many_running(const struct fetch_many *m);
// Goes on, and waits for at most timeout_ms for something to do: bytes, or wake_fd (-1: none) to be readable.
int fetch_many_step(struct fetch_many *m, int wake_fd, int timeout_ms, struct err *e);
// One that has ended; false: none has.
bool fetch_many_take(struct fetch_many *m, struct fetch_many_result *ret);
