// SPDX-License-Identifier: GPL-2.0-or-later
// The three standard streams of every command, at its start and at its end. What was said on standard output
// and did not get there is a failure of the command; a reader that left (a closed pipe) is one without a
// word.
#pragma once

#include <stdbool.h>
#include "base/err.h"

#define STATUS_PIPE 141 // as a shell says it of a program that SIGPIPE ended

// First of all. Streams that are closed become /dev/null, lest the database's files get their numbers and our
// messages. A pipe that breaks is an error of the write from here on, so that a build outlives the reader of
// its messages; programs that are started get the default back.
void streams_open(void);
// Writes what is held of standard output. A failure is an error here, and none any more at the end.
int streams_flush(struct err *e);
// Last of all: writes what is still held. Gives the exit status: that of the command, or a failure.
int streams_close(int status);
// Has the reader of standard output left?
bool streams_broken(void);
