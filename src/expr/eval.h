// SPDX-License-Identifier: GPL-2.0-or-later
// The evaluator: one struct eval holds everything (symbols, sources, parsed files, memory). Single-threaded.
// It runs on a large stack of its own (eval_run), checks its depth, and so ends deep recursion with an error.
// Memory is given back only when the evaluator is freed.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/hmap.h"
#include "expr/access.h"
#include "expr/attrs.h"
#include "expr/context.h"
#include "expr/host.h"
#include "expr/settings.h"
#include "expr/source.h"
#include "expr/symbol.h"
#include "expr/throw.h"
#include "expr/value.h"

struct builtin;

struct eval {
	struct arena heap; // values, environments, sets, strings
	struct arena code; // syntax trees
	struct symbol_table symbols;
	struct source_table sources;
	struct eval_symbols sym;
	struct eval_settings settings;
	struct host host;
	struct try_point *try_top;
	struct frame *frames; // innermost first
	uint32_t call_depth;
	uint64_t escapes;          // counts what may have made older memory point to newer: see struct region
	char *stack_limit;         // address below which evaluation must not go
	struct attrs *builtins;    // the set 'builtins'
	struct env *base_env;      // global names
	struct hmap files;         // resolved path -> struct value * of what 'import' gave
	struct hmap parsed;        // resolved path -> struct expr *
	struct value derivation;   // builtins.derivation
	volatile int interrupted;  // set by a signal handler; checked at calls
	struct eval_private *priv; // the core's own (scope tables, regex cache, search path cache, counters)
	void *glue;                // of src/glue
};

// host is copied. NULL settings: defaults.
struct eval *eval_new(const struct host *host, const struct eval_settings *settings);
void eval_free(struct eval *ev);
// Runs f on the evaluator's big stack, inside an eval_try: false and *ret filled when it threw. Not nested.
bool eval_run(struct eval *ev, void (*f)(struct eval *ev, void *arg), void *arg, struct thrown *ret);

// ---- memory (zeroed, lives as long as the evaluator)
void *eval_alloc_slow(struct eval *ev, size_t size_bytes);
static inline void *eval_alloc(struct eval *ev, size_t size_bytes)
{
	if (UNLIKELY((size_t)(ev->heap.end - ev->heap.next) < size_bytes + 15))
		return eval_alloc_slow(ev, size_bytes);
	return arena_alloc(&ev->heap, size_bytes);
}
// A heap cell holding v.
struct value *eval_cell(struct eval *ev, struct value v);
struct value *eval_list_alloc(struct eval *ev, size_t len);
const struct string *eval_string(struct eval *ev, const char *s, size_t len, const struct context *context);
struct value eval_str(struct eval *ev, const char *s); // context-free string value

// ---- parsing and evaluating (throw)
struct expr *eval_parse_file(struct eval *ev, const char *path); // absolute; cached
struct expr *eval_parse_text(
        struct eval *ev, const char *text, size_t len, const char *base_path, enum source_kind kind);
void eval_top(struct eval *ev, struct expr *x, struct value *ret); // in the global scope
// The same, but only when somebody looks. The result must be stored in a heap slot at once.
struct value eval_later(struct eval *ev, struct expr *x);
void eval_import(struct eval *ev, const char *path, struct value *ret); // file or folder/default.nix; cached
// The same with more global names (scopedImport); not cached.
void eval_scoped_import(struct eval *ev, const char *path, struct attrs *names, struct value *ret);
// The search path: entries of host.nix_path, and the first file or folder that 'name' ("nixpkgs/lib") finds;
// throws where there is none.
struct search_entry {
	const char *prefix, *path;
};
size_t eval_search_entries(struct eval *ev, struct search_entry **ret);
const struct string *eval_find_in_path(
        struct eval *ev, const struct search_entry *entries, size_t count, const char *name, uint32_t pos);
const char *eval_find_file(struct eval *ev, const char *name); // in host.nix_path: --find-file
// Selects along 'a.b."c d".0' as -A does, calling functions on the way with what auto_args (NULL: none) has
// for them.
void eval_attr_path(
        struct eval *ev, struct attrs *auto_args, struct value *root, const char *path, struct value *ret);
// Evaluates a text with more names in scope (the REPL): those of 'names' hide the global ones.
void eval_text_scoped(struct eval *ev, const char *text, size_t len, const char *base_path,
        struct attrs *names, struct value *ret);
// Folder that relative paths of the command line and of the search path are taken from.
const char *eval_cwd(struct eval *ev);
void eval_expr(struct eval *ev, struct env *env, struct expr *x, struct value *ret); // to WHNF

// ---- forcing. Puts *v itself into WHNF; v may be a C variable or a heap slot. pos and what say why in the
// trace (what NULL: no line).
void eval_force_slow(struct eval *ev, struct value *v, uint32_t pos);
static inline void eval_force(struct eval *ev, struct value *v, uint32_t pos)
{
	if (UNLIKELY(!value_is_whnf(v)))
		eval_force_slow(ev, v, pos);
}
void eval_force_deep(struct eval *ev, struct value *v, uint32_t pos);
int64_t eval_int(struct eval *ev, struct value *v, uint32_t pos, const char *what);
double eval_number(struct eval *ev, struct value *v, uint32_t pos, const char *what); // int or float
bool eval_bool(struct eval *ev, struct value *v, uint32_t pos, const char *what);
struct attrs *eval_attrs(struct eval *ev, struct value *v, uint32_t pos, const char *what);
void eval_list(
        struct eval *ev, struct value *v, uint32_t pos, const char *what); // then list_len(v), v->elems
const struct string *eval_string_of(
        struct eval *ev, struct value *v, uint32_t pos, const char *what); // a string, context allowed
const struct string *eval_string_plain(
        struct eval *ev, struct value *v, uint32_t pos, const char *what); // context is an error
void eval_function(
        struct eval *ev, struct value *v, uint32_t pos, const char *what); // lambda, builtin, papp or functor
// Coercion to string as in interpolation (coerce_more: as toString: numbers, booleans, null, lists). copy:
// paths are copied to the store.
struct coerce {
	bool more, copy;
	const char *what;
};
const struct string *eval_coerce(struct eval *ev, struct value *v, uint32_t pos, const struct coerce *how);
// A path: string or path or set with outPath; realises nothing. Absolute path text, context returned beside
// it.
const struct string *eval_path(struct eval *ev, struct value *v, uint32_t pos, const char *what);
// Builds what a context needs (import from derivation); NULL is fine.
void eval_realise_context(struct eval *ev, const struct context *c, uint32_t pos);
// The same, and builds what its context needs (import from derivation): the path to read, which may be read
// (unchecked: eval_may_read is still to be asked).
const char *eval_realise_path(struct eval *ev, struct value *v, uint32_t pos, const char *what);
const char *eval_realise_unchecked(struct eval *ev, struct value *v, uint32_t pos, const char *what);

// ---- calling. args are C variables or heap slots, WHNF or REF (never in-place delayed C variables); ret is
// in WHNF.
void eval_call(
        struct eval *ev, struct value *fn, size_t argc, struct value *args, struct value *ret, uint32_t pos);
void eval_call2(struct eval *ev, struct value *fn, struct value *args, struct value *ret,
        uint32_t pos); // two arguments
void eval_call_builtin(struct eval *ev, const struct builtin *b, struct value *args, struct value *ret,
        uint32_t pos); // arity of them
// A delayed application f a, as a value that may be stored: fn and arg must be heap slots.
struct value eval_delay_call(struct value *fn_slot, struct value *arg_slot);
// Applies a function with formals to the arguments of args that it names ('auto call'), else leaves it.
void eval_auto_call(struct eval *ev, struct attrs *args, struct value *v, struct value *ret);

// ---- comparing, naming
// (eval_equal_nested: as elements of lists and sets are compared: the very same function is equal to itself.)
bool eval_equal_nested(struct eval *ev, struct value *a, struct value *b, uint32_t pos);
bool eval_equal(struct eval *ev, struct value *a, struct value *b, uint32_t pos, const char *what);
bool eval_less(struct eval *ev, struct value *a, struct value *b, uint32_t pos, const char *what);
bool eval_is_derivation(struct eval *ev, struct value *v);
const char *value_type_name(const struct value *v);   // "set", "int", "lambda": builtins.typeOf
const char *value_type_phrase(const struct value *v); // "a set", "an integer", "a built-in function"
const char *eval_phrase(struct eval *ev,
        const struct value *v); // the same, with names: "the built-in function 'map'": error messages
// An attribute's name as error messages show it: quoted unless it can be written bare; in the evaluator's
// memory.
const char *eval_show_name(struct eval *ev, uint32_t name);
// A value as error messages show it ("{ a = 1; }"); in the evaluator's memory.
const char *eval_show(struct eval *ev, const struct value *v);
// Throws "expected WANTED but found a set: { }".
_noreturn_ void eval_throw_expected(
        struct eval *ev, const char *wanted, const struct value *v, uint32_t pos) _cold_;
// Absolute path text without '.', '..', doubled and trailing slashes.
const struct string *eval_canonical_path(struct eval *ev, const char *s, size_t len);
// { column, file, line } of a position, or null.
void eval_pos_value(struct eval *ev, uint32_t pos, struct value *ret);
