// SPDX-License-Identifier: GPL-2.0-or-later
// Tokens of Kconfig files. Included files are a stack in the lexer, so the parser sees one stream. Words and
// strings are slices of the file where no macro was expanded in them.
#pragma once

#include "kconfig/macro.h"

enum ktoken {
	KT_END,
	KT_FATAL,
	KT_EOL,
	KT_WORD,
	KT_QUOTED,
	KT_VALUE,
	KT_BOOL,
	KT_CHOICE,
	KT_COMMENT,
	KT_CONFIG,
	KT_DEF_BOOL,
	KT_DEF_TRISTATE,
	KT_DEFAULT,
	KT_DEPENDS,
	KT_ENDCHOICE,
	KT_ENDIF,
	KT_ENDMENU,
	KT_HELP,
	KT_HEX,
	KT_IF,
	KT_IMPLY,
	KT_INT,
	KT_MAINMENU,
	KT_MENU,
	KT_MENUCONFIG,
	KT_MODULES,
	KT_ON,
	KT_OPTIONAL,
	KT_PROMPT,
	KT_RANGE,
	KT_SELECT,
	KT_SOURCE,
	KT_STRING,
	KT_TRANSITIONAL,
	KT_TRISTATE,
	KT_VISIBLE,
	KT_OR,
	KT_AND,
	KT_EQ,
	KT_NE,
	KT_LT,
	KT_LE,
	KT_GT,
	KT_GE,
	KT_NOT,
	KT_OPEN,
	KT_CLOSE,
	KT_COLON_EQ,
	KT_PLUS_EQ,
};

struct klex_file {
	const char *name, *p;
	const char *end;
	int line;
	int source_line; // where it included the next one
};

struct klex {
	struct kconfig *k;
	struct kmacro macro;
	struct klex_file *stack; // last is the current one
	size_t depth, cap;
	enum ktoken tok, prev, prev_prev;
	const char *text; // of words, strings and values
	size_t len;
	int stmt_line;       // of the first token of the statement under way
	bool in_value;       // behind NAME =
	struct hmap sourced; // file name -> struct klex_place, where trees want each file once
	struct buf scratch;
	struct err *err;
};

// Opens the root file.
int klex_begin(struct klex *x, struct kconfig *k, const char *name, struct err *e);
enum ktoken klex_next(struct klex *x); // sets tok, text, len; KT_FATAL with *err set
// To be called when the end of line of a source statement is the current token.
int klex_source(struct klex *x, const char *name, size_t len);
// To be called when the end of line of "help" is the current token: takes the text, which is given as it
// stands in the file. *ret_blank: nothing but white space.
void klex_help(struct klex *x, const char **ret, size_t *ret_len, bool *ret_blank);
const char *klex_file(const struct klex *x);
int klex_line(const struct klex *x); // where it reads now, not where the statement began
void klex_end(struct klex *x);
