// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of the initrd (cryptsetup, lvm, mdadm), started by stage 1 and waited for.
#pragma once

#include <stddef.h>
#include "stage1/say.h"

#define RUN_SLOW_MS    2000
#define RUN_NO_PROGRAM 127 // as a shell says it: the program is not in this initrd

struct run_opts {
	const void *input; // what the program reads on standard input; NULL: nothing
	size_t input_bytes;
	char *out; // gets what it writes on standard output and error, cut to out_size with its NUL
	size_t out_size;
	// Said to the person once the program has run for RUN_SLOW_MS; NULL: nothing.
	const char *slow;
	const struct say *say;
};

// argv[0] is an absolute path. The exit status, 128 + signal when a signal ended it, RUN_NO_PROGRAM when it
// is not there, or a negative errno when it could not be started.
int run_program(char *const *argv, const struct run_opts *o);
// The same, and what it wrote goes to the kernel log, line by line; as warnings when it failed.
int run_logged(const struct say *s, char *const *argv);
// Each line of text as one message.
void run_tell(const struct say *s, const char *program, const char *text, int status);
