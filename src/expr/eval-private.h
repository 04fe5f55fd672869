// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of the evaluator's core share with each other and with nobody else.
#pragma once

#include "expr/ast.h"
#include "expr/builtin.h"
#include "expr/eval.h"
#include "expr/limits.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "expr/region.h"

// Slots of one scope. Evaluation finds a variable by walking 'depth' times up and taking slot 'index'.
struct env {
	struct env *up;
	struct value slots[];
};

struct source_file;

// One level of the static environment while a text is resolved.
struct scope {
	const struct scope *up;
	const struct expr_with *with; // a 'with' level: no names
	const uint32_t *names;        // sorted by symbol; NULL: look in attrs or lambda
	const uint32_t *slots;        // slot of names[i]; NULL: i
	uint32_t len;
	const struct expr_attrs *attrs;
	const struct expr_lambda *lambda;
};

struct builtin_list {
	const struct builtin **rows;
	size_t len, cap;
};

struct eval_private {
	struct builtin_list builtins;
	struct scope *base_scope; // names of base_env
	struct hmap lookup_cache; // search path: entry -> resolved folder
	struct hmap copied;       // path text -> struct string *: store path with its context
	struct hmap allowed;      // paths that pure or restricted evaluation may read
	char *stack_low,
	        *stack_reserve; // evaluation stops at the first, error texts may go down to the second
	uint32_t builtins_cap, space;
	bool search_path_allowed; // for restricted evaluation
	const char *cwd;
	struct builtin_state *builtin_state; // of builtin-util.c
};

// What a slot holds whose evaluation was caught by tryEval.
struct failed {
	struct value delayed; // as it was before
	struct thrown thrown;
};

// The folder or file that one entry of the search path stands for; NULL when it does not exist.
const char *eval_search_folder(struct eval *ev, const char *entry);

static inline struct env *env_new(struct eval *ev, struct env *up, uint32_t slots)
{
	struct env *env = eval_alloc(ev, sizeof(*env) + slots * sizeof(struct value));

	env->up = up;
	return env;
}

static inline struct value value_lambda(const struct expr_lambda *l, struct env *env)
{
	return (struct value){.meta = value_meta(VALUE_LAMBDA, l), .env = env};
}

static inline struct value value_pending(const struct expr *x, struct env *env)
{
	return (struct value){.meta = value_meta(VALUE_PENDING, x), .env = env};
}

_noreturn_ void eval_overflow(struct eval *ev) _cold_;
_noreturn_ void eval_too_deep(struct eval *ev, uint32_t pos) _cold_;

// Calls and what recurses like them are counted; a throw resets the count.
static inline void depth_enter(struct eval *ev, uint32_t pos)
{
	if (UNLIKELY(ev->call_depth++ > ev->settings.max_call_depth))
		eval_too_deep(ev, pos);
}

static inline void depth_leave(struct eval *ev)
{
	ev->call_depth--;
}

static inline void eval_check_stack(struct eval *ev)
{
	if (UNLIKELY((char *)__builtin_frame_address(0) < ev->stack_limit))
		eval_overflow(ev);
}

static inline void frame_push(
        struct eval *ev, struct frame *f, enum frame_kind kind, uint32_t pos, const void *a, const void *b)
{
	f->up = ev->frames;
	f->pos = pos;
	f->kind = (uint8_t)kind;
	f->a = a;
	f->b = b;
// Frames lie on the C stack by design, and where they are conditional gcc does not see that they are taken
// away under the same condition.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas" // before gcc 12 there is no such warning
#pragma GCC diagnostic ignored "-Wdangling-pointer"
#endif
	ev->frames = f;
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
}

static inline void frame_pop(struct eval *ev, const struct frame *f)
{
	ev->frames = f->up;
}

// The bound of a depth-0 variable that is safe to share while its environment is being filled: all.
enum { ALL_FILLED = UINT32_MAX };

// Puts x, to be evaluated in env when needed, into a slot (of the heap, or a C variable that is forced before
// anything else reads it). filled: slots of env below this index are set already.
void eval_delay(struct eval *ev, struct env *env, struct expr *x, struct value *slot, uint32_t filled);
// The same for an argument: what is cheap and cannot fail is evaluated at once.
void eval_delay_arg(struct eval *ev, struct env *env, struct expr *x, struct value *slot);
void eval_call_expr(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
void eval_arith(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
bool eval_try_arith(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
void eval_strings(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
void eval_attrs_expr(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
void eval_let(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
void eval_select(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
void eval_has(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
void eval_update(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
void eval_concat(struct eval *ev, struct env *env, struct expr *x, struct value *ret);
// Where an expression is said to be: constants are nowhere.
uint32_t expr_pos(const struct expr *x);
bool eval_expr_bool(struct eval *ev, struct env *env, struct expr *x, uint32_t pos, const char *what);
// Names of a select's path as 'a.b.c' (computed ones as far as they are known).
void eval_print_path(struct eval *ev, const struct expr_select *s, struct buf *b);
const struct source_file *eval_add_source(
        struct eval *ev, enum source_kind kind, const char *path, const char *text, size_t len);
struct expr *eval_parse_scoped(
        struct eval *ev, const struct source_file *s, const char *base_path, const struct scope *scope);
struct env *eval_scope_of(struct eval *ev, struct attrs *names, struct scope *sc);
void builtin_init(struct eval *ev);
const struct string *eval_copy_to_store(struct eval *ev, const struct string *path, uint32_t pos);
// Throws what makes 'assert a == b' fail, if a difference can be named.
void eval_assert_equal(struct eval *ev, struct value *a, struct value *b, uint32_t pos);
