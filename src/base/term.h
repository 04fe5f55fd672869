// SPDX-License-Identifier: GPL-2.0-or-later
// Text that somebody else chose (what builders say, names in archives and errors) on its way to a terminal.
// Whatever a terminal would obey is taken out: escape sequences (window titles, the clipboard, links,
// cursor), control characters in C0, C1 and as UTF-8, and the marks that turn the direction of writing.
// Everything that is printed goes through here, terminal or not: a pipe often ends in one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "base/buf.h"
#include "base/macro.h"

enum term_flags {
	TERM_COLOURS = 1, // colours and weights (SGR) stay; they end with their line
	TERM_ONE_LINE = 2 // a newline becomes a space
};

// Appends what of text is safe. Tabs and newlines stay, a carriage return in the midst becomes a newline
// (what stood before it is not hidden), bytes that are no UTF-8 become '?'.
void term_clean(struct buf *out, const char *text, size_t len, int flags);
// The same for a string; owned.
char *term_clean_str(const char *text, int flags);
// TERM_COLOURS where what is written to the descriptor may have colours: a terminal that is not dumb, and the
// user has not said NO_COLOR (no-color.org). 0 otherwise.
int term_flags(int fd);
// fprintf and fputs of such text, with colours where term_flags says so.
void term_printf(FILE *to, const char *fmt, ...) _printf_(2, 3);
void term_puts(FILE *to, const char *text, size_t len);
