// SPDX-License-Identifier: GPL-2.0-or-later
// The kinds of expressions, and which struct of ast.h each is.
#pragma once

enum expr_kind {
	EXPR_CONST,   // struct expr_const: numbers, strings, paths
	EXPR_VAR,     // not resolved yet
	EXPR_LOCAL,   // struct expr_var: slot 'index' of the environment 'depth' levels up
	EXPR_GLOBAL,  // struct expr_var: a global name: its slot
	EXPR_WITHVAR, // struct expr_var: looked up in the enclosing 'with' sets, innermost first
	EXPR_SELECT,  // struct expr_select
	EXPR_HAS,     // struct expr_select
	EXPR_ATTRS,   // struct expr_attrs
	EXPR_LIST,    // struct expr_list
	EXPR_LAMBDA,  // struct expr_lambda
	EXPR_CALL,    // struct expr_call
	EXPR_SUB,     // struct expr_call whose function is the global __sub (and so on), with two arguments
	EXPR_MUL,
	EXPR_DIV,
	EXPR_LESS,
	EXPR_LET,    // struct expr_let
	EXPR_WITH,   // struct expr_with
	EXPR_IF,     // struct expr_if
	EXPR_ASSERT, // struct expr_with: head is the condition
	EXPR_NOT,    // struct expr_binary, a only
	EXPR_EQ,     // struct expr_binary
	EXPR_NE,
	EXPR_AND,
	EXPR_OR,
	EXPR_IMPL,
	EXPR_UPDATE,
	EXPR_CONCAT,  // '++'
	EXPR_STRINGS, // struct expr_strings: interpolation and '+'
	EXPR_POS,     // __curPos
	EXPR_KIND_COUNT,
};
