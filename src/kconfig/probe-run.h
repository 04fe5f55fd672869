// SPDX-License-Identifier: GPL-2.0-or-later
// Running the command of one $(shell), and knowing whether all of it ran to its end: a compiler that is
// killed for want of memory makes the shell around it answer "n", as one does that refuses a flag.
#pragma once

#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

#define PROBE_RESULT_MAX 4095u // what conf reads of a command's output

struct probe_end {
	int signal; // of a process of the command that a signal ended; 0: none
};

struct kconfig_place;

// Runs sh -c CMD in dir (NULL: the current one) of place (NULL: here) with exactly env. Its output, at most
// PROBE_RESULT_MAX bytes, is appended to out. Ended by force after timeout_ms: -ETIMEDOUT.
int probe_run(const char *cmd, char *const *env, const struct kconfig_place *place, const char *dir,
        int timeout_ms, struct buf *out, struct probe_end *ret, struct err *e);
