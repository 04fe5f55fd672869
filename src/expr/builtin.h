// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins are rows of tables. To add one: write 'static void b_NAME(struct eval *ev, struct value *args,
// struct value *ret, uint32_t pos)' in the builtin-FAMILY.c that it belongs to, add its row to that file's
// table, and a case to tests/lang. Glue adds tables of its own (derivation, store, fetchers) with
// builtin_add_table before evaluation starts.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "expr/eval.h"

enum { BUILTIN_MAX_ARGS = 3 };

struct builtin {
	const char *name; // without "__"
	uint8_t arity;    // 0: a constant, made by calling fn once at start
	uint8_t strict;   // bit i: fn forces args[i] (eval_force and the like, with its own words) before it
	                // copies it anywhere: then the core passes a delayed argument in args[i] itself, and
	                // spares it a heap cell
	bool global; // reachable by its bare name; all others by "__name"
	// args: arity of them, each WHNF or REF. pos: of the call. Result in WHNF into ret (ret may alias
	// args[0]).
	void (*fn)(struct eval *ev, struct value *args, struct value *ret, uint32_t pos);
	const char *args_doc; // names of the arguments: "f list"
	const char *doc;      // one paragraph for ':doc'
	bool no_trace;        // errors get no line "while calling the 'x' builtin" (addErrorContext)
};

// A builtin with fewer arguments than its arity.
struct papp {
	const struct builtin *builtin;
	uint8_t count;
	struct value args[BUILTIN_MAX_ARGS]; // heap slots
};

// Adds all rows; a row of a name that is there replaces it.
void builtin_add_table(struct eval *ev, const struct builtin *rows, size_t count);
// One name of the global scope, one attribute of 'builtins': for what is no row (glue's 'derivation'). Before
// evaluation starts.
void builtin_set_global(struct eval *ev, const char *name, struct value v);
void builtin_set_attr(struct eval *ev, const char *name, struct value v);
// All rows known, for did-you-mean, ':doc' and the manual.
size_t builtin_count(const struct eval *ev);
const struct builtin *builtin_at(const struct eval *ev, size_t i);

// The tables of src/expr, one a family.
struct builtin_table {
	const struct builtin *rows;
	size_t count;
};
extern const struct builtin_table builtin_types, builtin_arith, builtin_lists, builtin_attrs, builtin_strings,
        builtin_regexes, builtin_versions, builtin_paths, builtin_jsons, builtin_tomls, builtin_xmls,
        builtin_hashes, builtin_contexts, builtin_control, builtin_imports, builtin_closures;
