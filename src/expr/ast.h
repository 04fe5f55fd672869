// SPDX-License-Identifier: GPL-2.0-or-later
// Syntax trees. The parser makes them, scope_resolve() decides once where each variable lives (so that
// evaluation needs no names), and the evaluator only reads them but for the small caches of selections. All
// of it lives in the evaluator's 'code' arena.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "expr/expr-kind.h"
#include "expr/value.h"

struct expr {
	uint8_t kind; // enum expr_kind
	uint32_t pos;
};

struct expr_const {
	struct expr x;
	struct value value;
};

struct expr_var {
	struct expr x;
	uint32_t name;
	union { // by kind: a quarter of a tree's memory is variables
		struct {
			uint32_t depth, index; // EXPR_LOCAL
		};
		struct value *slot;     // EXPR_GLOBAL
		struct with_ref *withs; // EXPR_WITHVAR
	};
};

// The enclosing 'with' of depth levels up, and those around it.
struct with_ref {
	uint32_t depth;
	const struct expr_with *with;
	struct with_ref *up;
};

struct path_elem {
	uint32_t name; // 0: computed
	uint32_t pos;
	struct expr *expr;
};

struct attr_path {
	uint32_t len;
	struct path_elem *elems;
};

struct expr_select {
	struct expr x;
	struct expr *subject;
	struct attr_path path;
	struct expr *fallback;         // 'or', or NULL
	const struct attrs *cache_set; // of the first name: the set seen last and where it was
	struct attr *cache_attr;
};

enum attr_kind { ATTR_PLAIN, ATTR_INHERIT, ATTR_INHERIT_FROM };

struct attr_def {
	uint32_t name, pos;
	uint8_t kind;
	uint32_t from; // ATTR_INHERIT_FROM: index into froms
	struct expr *value;
};

struct dynamic_def {
	struct expr *name, *value;
	uint32_t pos;
};

struct expr_attrs {
	struct expr x;
	bool rec, let;  // let: from 'let { body }' or 'let .. in'
	bool overrides; // rec and defines __overrides
	uint32_t len, dyn_len, from_len;
	uint32_t cap, dyn_cap, from_cap;
	struct attr_def *defs; // sorted by symbol once parsed
	struct dynamic_def *dyns;
	struct expr **froms; // what 'inherit (x)' takes from
};

struct expr_list {
	struct expr x;
	uint32_t len;
	struct expr **elems;
};

struct formal {
	uint32_t name, pos;
	struct expr *fallback;
};

struct expr_lambda {
	struct expr x;
	uint32_t name; // what it is bound to, 0: anonymous
	uint32_t arg;  // 0: none
	bool formals, ellipsis;
	uint32_t len;
	uint32_t slots;       // of its environment: the argument if named, then the formals
	struct formal *elems; // sorted by symbol
	struct expr *body;
};

struct expr_call {
	struct expr x;
	struct expr *fn;
	uint32_t len, cap;
	struct expr **args;
};

struct expr_let {
	struct expr x;
	struct expr_attrs *attrs;
	struct expr *body;
};

struct expr_with {
	struct expr x;
	struct expr *head, *body;
};

struct expr_if {
	struct expr x;
	struct expr *cond, *yes, *no;
};

struct expr_binary {
	struct expr x;
	struct expr *a, *b;
};

struct string_part {
	uint32_t pos;
	struct expr *expr;
};

struct expr_strings {
	struct expr x;
	bool interpolation; // a string even when the first part is none; else '+' (or an interpolated path)
	uint32_t len;
	struct string_part *parts;
};
