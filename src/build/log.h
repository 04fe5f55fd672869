// SPDX-License-Identifier: GPL-2.0-or-later
// Logs of builds: LOGDIR/drvs/XX/REST.drv while the builder runs (plain, so that it can be read as it grows),
// LOGDIR/drvs/XX/REST.drv.bz2 afterwards, as Nix has them. Besides writing what comes, a log cuts it into
// lines, takes the messages to the status line out ("@nix {json}", "Running phase: X"), and remembers the
// last lines.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

struct store;

// Called for each whole line without its newline. A carriage return begins the line anew.
struct log_listener {
	void (*line)(void *ctx, const char *line, size_t len);
	void (*phase)(void *ctx, const char *phase);
	void *ctx;
};

struct build_log;

// path: from store_log_path. tail_lines: how many last lines are remembered.
int build_log_open(const char *path, size_t tail_lines, struct build_log **ret, struct err *e);
// Writes data and tells the listener. A full disk ends the writing, not the build.
void build_log_feed(struct build_log *l, const char *data, size_t len, const struct log_listener *to);
// The last line may lack its newline: gives it to the listener. Closes the file.
void build_log_end(struct build_log *l, const struct log_listener *to);
// "> LINE\n" for each of the last lines; returns how many.
size_t build_log_tail(const struct build_log *l, struct buf *out);
// Does any of the remembered lines hold text?
bool build_log_tail_has(const struct build_log *l, const char *text);
void build_log_free(struct build_log *l);

// Makes PATH.bz2 of PATH and removes PATH. Nothing is lost when it fails: PATH stays.
int build_log_compress(const char *path, struct err *e);
// The log of a derivation, or of the derivation that made the store path; appended to out. -ENOENT when there
// is none. A log that is still being written is given as far as it is.
int build_log_read(struct store *s, const char *path, struct buf *out, struct err *e);
