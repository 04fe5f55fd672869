// SPDX-License-Identifier: GPL-2.0-or-later
// What a person sees of builds and downloads. On a terminal: one status line at the bottom that is drawn anew
// (what builds, phase, elapsed, objects, time left, n of m, last log line), with finished messages above it.
// Elsewhere: plain lines. Everything goes to one descriptor; a progress that is NULL is legal and silent.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/macro.h"

enum progress_flags {
	PROGRESS_PLAIN = 1,   // no status line, even on a terminal
	PROGRESS_LOGS = 2,    // print builders' lines (the default off a terminal)
	PROGRESS_NO_LOGS = 4, // never print them (nix-build -Q)
	PROGRESS_PREFIX = 8,  // "NAME> " before them (-L)
	PROGRESS_STATUS = 16, // a status line even when fd is no terminal (tests)
};

struct progress;
struct progress *progress_new(int fd, int flags);
void progress_free(struct progress *p); // takes the status line away

// How many builds the plan has altogether.
void progress_total(struct progress *p, size_t builds);
void progress_start(struct progress *p, const char *drv_path, bool check);
// What the last build of that name took: lines of kbuild that make an object (0: not known), and time.
void progress_expect(struct progress *p, const char *drv_path, uint64_t objects, uint64_t took_ms);
// What this one came to so far; nothing where p is NULL or the build is not one of p.
void progress_counted(struct progress *p, const char *drv_path, uint64_t *objects, uint64_t *took_ms);
void progress_phase(struct progress *p, const char *drv_path, const char *phase);
void progress_line(struct progress *p, const char *drv_path, const char *line, size_t len);
void progress_end(struct progress *p, const char *drv_path, bool ok);
// A line of its own, above the status line. The command's log sink ends here.
void progress_message(struct progress *p, const char *fmt, ...) _printf_(2, 3);
// A download; total_bytes 0: not known. done_bytes == total_bytes or ended: it goes from the line.
void progress_transfer(
        struct progress *p, const char *what, uint64_t done_bytes, uint64_t total_bytes, bool ended);
// Draws the line again when it is time; call it every 100 ms or so. *ret: ms until the next time, -1 when
// never.
int progress_tick(struct progress *p);
