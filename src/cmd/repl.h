// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of the REPL share: its state, evaluation of one line, completion.
#pragma once

#include <stdbool.h>
#include "cmd/session.h"

struct repl {
	struct session s;
	struct attrs *scope; // names on top of the global ones; evaluator memory
	char **loaded;       // what :l was given, for :r
	bool quit;
};

// Evaluates text in the scope; throws. Inside the evaluator.
void repl_eval(struct repl *r, const char *text, struct value *ret);
// Adds all attributes of a set to the scope; how many.
size_t repl_add(struct repl *r, struct attrs *set);

// Sets up line editing: history file, completion of names, attribute paths and files. The repl must stay
// where it is.
void repl_edit_init(struct repl *r);
// One line without its newline, owned; NULL at the end of input. prompt is shown on a terminal.
char *repl_edit_line(const char *prompt);
void repl_edit_remember(const char *text);
void repl_edit_end(void);
