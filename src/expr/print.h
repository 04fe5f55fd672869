// SPDX-License-Identifier: GPL-2.0-or-later
// Values and expressions as text: what --eval prints, what error messages quote, --xml, --json, --parse.
#pragma once

#include <stdbool.h>
#include "base/buf.h"
#include "expr/eval.h"

struct print_opts {
	bool classic; // as 'nix-instantiate --eval': <CODE>, <LAMBDA>, <PRIMOP>; else «thunk», «lambda f @
	              // place», ...
	bool force;   // evaluate what is printed; an error inside shows as «error: ...»
	bool errors_throw;  // with force: errors below the top are thrown, else shown as «error: ...»
	bool show_repeated; // false: «repeated» for sets printed before
	bool top_is_shared; // a list at the top may be an element of itself, and counts as printed
	bool multi_line;    // pretty, as the REPL and Nix >= 2.20 do
	bool colour;
	bool derivation_paths;                              // «derivation /nix/store/x.drv»
	size_t max_depth, max_attrs, max_items, max_string; // 0: no limit
};

void print_value(struct eval *ev, struct value *v, const struct print_opts *opts, struct buf *out);
// JSON (sorted keys) as builtins.toJSON and --json; contexts of strings are added to *context where given.
// copy: paths copied to the store.
void print_json(struct eval *ev, struct value *v, uint32_t pos, bool copy, struct buf *out,
        const struct context **context);
// The same without evaluating anything: what is not evaluated yet is an error.
void print_json_lazy(struct eval *ev, struct value *v, struct buf *out);
void print_xml(struct eval *ev, struct value *v, uint32_t pos, bool strict, bool location, struct buf *out,
        const struct context **context);
// Nix syntax of a tree as 'nix-instantiate --parse' writes it.
void print_expr(struct eval *ev, const struct expr *x, struct buf *out);
// A quoted, escaped string literal.
void print_string(const char *s, size_t len, struct buf *out);
// An attribute name, quoted where it must be.
void print_attr_name(const char *s, size_t len, struct buf *out);
void print_float(double d, struct buf *out);      // as toString and printing do ("%g"-like)
void print_json_float(double d, struct buf *out); // shortest that reads back the same
