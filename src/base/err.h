// SPDX-License-Identifier: GPL-2.0-or-later
// Errors outside src/expr: a function returns 0 or a negative errno and fills a struct err with a sentence
// that says what was being done, to what, why it failed and what the user can do. Untouched on success.
#pragma once

#include <stdarg.h>
#include "base/macro.h"

// All zero is 'no error'. The message may have several lines; it does not end with a newline and does not
// begin with "error:".
struct err {
	int code; // negative errno
	char *msg;
};

// Sets the error (replacing one that is there) and returns code. code is negative.
int err_set(struct err *e, int code, const char *fmt, ...) _printf_(3, 4) _cold_;
int err_vset(struct err *e, int code, const char *fmt, va_list ap) _printf_(3, 0) _cold_;
// For a failed system call: the message, then ": " and the text of errnum (positive); returns -errnum.
int err_sys(struct err *e, int errnum, const char *fmt, ...) _printf_(3, 4) _cold_;
// Puts the sentence before the message that is there, joined by ": "; returns its code.
int err_wrap(struct err *e, const char *fmt, ...) _printf_(2, 3) _cold_;
// Adds a line after the message (a hint: what the user can do); returns its code.
int err_hint(struct err *e, const char *fmt, ...) _printf_(2, 3) _cold_;
// Moves src into dst (dst's old message is freed); returns its code.
int err_move(struct err *dst, struct err *src);
void err_release(struct err *e);

#define _cleanup_err_ _cleanup_(err_release)
