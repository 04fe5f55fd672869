// SPDX-License-Identifier: GPL-2.0-or-later
// The processes that talk to binary caches: confined like a fetcher's build (a user of their own, no files
// but certificates and resolver, the network), because downloads and compressed archives are strangers' and
// the libraries that read them are large. They give back plain bytes: texts, and NARs in open files. What
// these say is decided by the caller.
//
// A socket of packets connects each worker: requests of struct worker_wire with an address, answers with a
// text or a descriptor.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "build/fetch-many.h"

enum worker_kind {
	WORKER_TEXT, // a small file (WORKER_TEXT_MAX): .narinfo, nix-cache-info
	WORKER_NAR,  // a NAR, its compression undone
};
#define WORKER_TEXT_MAX 60000u

struct worker_request {
	enum worker_kind kind;
	const char *url;         // http or https, at most 4095 bytes; with file_fd only for messages
	int file_fd;             // the file itself, where it is on this machine; -1: url
	const char *compression; // of a NAR; see decode.h
	uint64_t nar_size_bytes; // 0: not known
	void *tag;               // the caller's
};

struct worker_answer {
	void *tag;
	int code;        // 0, -ENOENT: there is none, else another negative errno
	char *message;   // of an error
	struct buf text; // of a WORKER_TEXT
	int nar_fd;      // of a WORKER_NAR, at its beginning; -1
};
void worker_answer_release(struct worker_answer *a);

struct workers;
// state_dir: of the store, for the users of builds. Nothing is started before the first request.
int workers_new(
        const char *state_dir, const struct fetch_many_opts *opts, struct workers **ret, struct err *e);
void workers_free(struct workers *w);
int workers_ask(struct workers *w, const struct worker_request *r, struct err *e);
// How many have no answer yet.
size_t workers_pending(const struct workers *w);
// Waits for the next answer. A worker that dies gives -EIO for each request that it had.
int workers_wait(struct workers *w, struct worker_answer *ret, struct err *e);
