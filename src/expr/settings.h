// SPDX-License-Identifier: GPL-2.0-or-later
// What the command line decides about an evaluation, and the names that the evaluator itself knows.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lint { LINT_IGNORE, LINT_WARN, LINT_FATAL };

struct eval_settings {
	bool pure; // --pure-eval
	bool restrict_eval;
	char *const *allowed_uris; // of restricted evaluation (strv, borrowed)
	bool pipe_operators;       // experimental feature
	bool show_trace;
	bool no_advice;                    // undefined variables are told in Nix's words alone
	bool allow_import_from_derivation; // default true
	bool trace_verbose;
	bool abort_on_warn;
	bool colour;           // of errors and printed values
	char *const *features; // experimental features that are on (strv, borrowed)
	enum lint lint_url_literals, lint_absolute_path_literals, lint_short_path_literals;
	uint32_t max_call_depth; // 10000
	size_t stack_bytes;      // 0: 256 MB of address space
	size_t max_heap_bytes;   // 0: what the machine has
};

// Symbols that the evaluator itself needs; filled at start from a table.
struct eval_symbols {
	uint32_t functor, to_string, overrides, type, name, value, path, out_path, drv_path, outputs,
	        output_name, system, builder, args, meta, recurse_for_derivations, cur_pos, sub, less_than,
	        mul, div, find_file, nix_path, body, file, line, column, right, wrong, key, start_set,
	        operator_, prefix, structured_attrs, ignore_nulls, content_addressed, impure, output_hash,
	        output_hash_algo, output_hash_mode, or_;
};
