// SPDX-License-Identifier: GPL-2.0-or-later
// Between the grammar (parser.y) and the syntax trees: the functions that the grammar's rules call. Errors
// throw.
#pragma once

#include "expr/ast.h"
#include "expr/eval.h"
#include "expr/lexer.h"

// Growing arrays of the grammar's lists; in the code arena.
struct expr_builder {
	struct expr **v;
	uint32_t len, cap;
};

struct part {
	uint32_t pos;
	struct expr *expr; // NULL: text
	const char *text;
	uint32_t len;
	bool indentation;
};

struct part_list {
	struct part *v;
	uint32_t len, cap;
};

struct parse {
	struct eval *ev;
	struct lexer lexer;
	const char *base_path; // folder that relative paths are taken from
	struct expr *result;
	const struct expr *or_call; // the last 'f or', which is 'f' called with a variable of that name
};

// A node of size_bytes that begins with a struct expr, in the code arena; kind: enum expr_kind.
void *parse_node(struct parse *p, size_t size_bytes, enum expr_kind kind, uint32_t pos);
// Room for one more in an array of the code arena.
void parse_grow(struct parse *p, void *array, uint32_t *cap, uint32_t len, size_t size_bytes);
struct expr *parse_const(struct parse *p, uint32_t pos, struct value v);
struct expr *parse_text(struct parse *p, uint32_t pos, const char *s, size_t len);
struct expr *parse_path_literal(struct parse *p, uint32_t pos, const char *s, size_t len, bool home);
// What the lint-*-literals settings say about a literal: nothing, a warning, or an error that is thrown.
void parse_lint_path(struct parse *p, uint32_t pos, const char *literal, bool home);
struct expr *parse_url(struct parse *p, uint32_t pos, const char *s, size_t len);
struct expr *parse_search_path(struct parse *p, uint32_t pos, const char *s, size_t len);
struct expr *parse_var(struct parse *p, uint32_t pos, uint32_t name);
struct expr *parse_named_call(struct parse *p, uint32_t pos, const char *fn, struct expr *a, struct expr *b);
struct expr *parse_call(struct parse *p, uint32_t pos, struct expr *fn, struct expr *arg);
struct expr *parse_pipe(struct parse *p, uint32_t pos, struct expr *fn, struct expr *arg);
// 'f or', where no set stands before it: a call. As an element or an argument it will mean something else in
// a later Nix, which is warned about; parentheses (parse_parens) keep the meaning.
struct expr *parse_or_call(struct parse *p, uint32_t pos, struct expr *fn, struct expr *or_var);
struct expr *parse_operand(struct parse *p, struct expr *x);
struct expr *parse_parens(struct parse *p, struct expr *x);
struct expr *parse_binary(struct parse *p, enum expr_kind kind, uint32_t pos, struct expr *a, struct expr *b);
struct expr *parse_plus(
        struct parse *p, uint32_t pos, uint32_t a_pos, struct expr *a, uint32_t b_pos, struct expr *b);
struct expr *parse_select(struct parse *p, enum expr_kind kind, uint32_t pos, struct expr *subject,
        struct attr_path *path, struct expr *fallback);
struct expr *parse_select_body(struct parse *p, uint32_t pos, struct expr_attrs *a); // 'let { .. }'
struct expr *parse_if(struct parse *p, uint32_t pos, struct expr *cond, struct expr *yes, struct expr *no);
struct expr *parse_with(
        struct parse *p, enum expr_kind kind, uint32_t pos, struct expr *head, struct expr *body);
struct expr *parse_let(struct parse *p, uint32_t pos, struct expr_attrs *a, struct expr *body);
struct expr *parse_list(struct parse *p, uint32_t pos, struct expr_builder *list);
struct expr *parse_lambda(struct parse *p, uint32_t pos, struct expr_lambda *l, uint32_t arg,
        struct expr *body); // l NULL: 'arg: body'
struct expr_lambda *parse_formals(struct parse *p);
void parse_formal(struct parse *p, struct expr_lambda *l, uint32_t name, uint32_t pos, struct expr *fallback);
struct expr_builder *parse_builder_add(
        struct parse *p, struct expr_builder *b, struct expr *x); // b NULL: a new one
struct part_list *parse_part_text(
        struct parse *p, struct part_list *l, uint32_t pos, const union lexer_value *v);
struct part_list *parse_part_expr(struct parse *p, struct part_list *l, uint32_t pos, struct expr *x);
struct expr *parse_strings(struct parse *p, uint32_t pos, const struct part_list *l);
struct expr *parse_path_parts(struct parse *p, uint32_t pos, struct expr *first, const struct part_list *l);
struct expr *parse_indented(struct parse *p, uint32_t pos, const struct part_list *l);
struct expr_attrs *parse_attrs_new(struct parse *p, uint32_t pos);
void parse_attrs_add(struct parse *p, struct expr_attrs *a, const struct attr_path *path, uint32_t pos,
        struct expr *value);
void parse_attrs_inherit(struct parse *p, struct expr_attrs *a, const struct attr_path *names,
        struct expr *from, uint32_t from_pos);
struct attr_path *parse_attrpath_add(
        struct parse *p, struct attr_path *path, uint32_t name, struct expr *computed, uint32_t pos);
// A name from an interpolation or string that may turn out to be constant.
struct attr_path *parse_attrpath_add_expr(
        struct parse *p, struct attr_path *path, struct expr *x, uint32_t pos);

// Resolves variables in a tree: 'globals' is the static environment at its top.
struct scope;
void scope_resolve(struct eval *ev, struct expr *x, const struct scope *top);
