// SPDX-License-Identifier: GPL-2.0-or-later
// The scanner: one token at a call. Strings, indented strings and interpolated paths are states of a stack,
// as a '${' may open any expression.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "expr/eval.h"

enum lexer_state { LEX_CODE, LEX_STRING, LEX_INDENTED, LEX_PATH, LEX_PATH_SLASH, LEX_PATH_START };

struct lexer {
	struct eval *ev;
	const struct source_file *source;
	const char *p, *end;
	const char *token; // start of the token read last
	// The last runs of characters that may be a path's first part or a URI's scheme: looked for at every
	// word, walked over once.
	const char *path_from, *path_to, *scheme_from, *scheme_to;
	uint8_t *states; // heap, owned
	size_t depth, cap;
};

union lexer_value {
	uint32_t symbol;
	struct {
		const char *s; // in the code arena, or in the source's text: only paths and URIs end with a 0
		uint32_t len;
		bool indentation; // of an indented string: blanks count, as they were not escaped
	} text;
	int64_t integer;
	double fpoint;
	// What the grammar's rules give each other.
	struct expr *expr;
	struct expr_attrs *attrs;
	struct expr_lambda *lambda;
	struct formal *formal;
	struct attr_path *path;
	struct path_elem *elem;
	struct part_list *parts;
	struct expr_builder *list;
};

void lexer_init(struct lexer *lx, struct eval *ev, const struct source_file *s);
void lexer_release(struct lexer *lx);
// The token's number (a character or one of parser.h); 0 at the end. *pos is its position.
int lexer_next(struct lexer *lx, union lexer_value *v, uint32_t *pos);
