// SPDX-License-Identifier: GPL-2.0-or-later
// Child processes: run a program, feed it, capture what it says.
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"

// All zero: inherit everything, no input.
struct proc_opts {
	const char *cwd;
	char *const *env;  // NULL: the caller's
	const void *input; // standard input; NULL with input_len 0: /dev/null unless inherit_stdin
	size_t input_len;
	bool inherit_stdin;
	struct buf *out;    // captured standard output, or NULL to inherit
	struct buf *err;    // captured standard error, or NULL to inherit; may be == out
	int timeout_ms;     // 0: none; on expiry the process group is killed and -ETIMEDOUT returned
	size_t limit_bytes; // of out; 0: none; beyond it the child is killed and -EFBIG returned
};

// Runs argv[0] (looked up in PATH) and waits. *ret_status is the exit status (0..255), or 128 + signal.
// 0 when it could be run at all; a status other than 0 is no error here. -ENOENT: there is no such program.
int proc_run(char *const *argv, const struct proc_opts *opts, int *ret_status, struct err *e);
// The same and a status other than 0 is -EIO with the command line and the last lines of what it said.
int proc_run_ok(char *const *argv, const struct proc_opts *opts, struct err *e);
// Full path of a program in PATH, or NULL; owned.
char *proc_which(const char *name);
