// SPDX-License-Identifier: GPL-2.0-or-later
// Values of the Nix language: 16 bytes, passed by value.
//
// Word 0 (meta) holds the type in its lowest 8 bits and a 48-bit pointer or length above bit 16; word 1 is
// the payload. Invariants:
// - A value is either in weak head normal form (type <= VALUE_LAST_WHNF) or delayed (PENDING, APP, APP_INT,
// REF, BLACKHOLE).
// - PENDING, APP, APP_INT and BLACKHOLE live only on the evaluator's heap (slots of environments, lists,
// attribute sets, cells), never
//   in a C variable: evaluation updates them in place. To copy a value out of a slot use value_share(): it
//   gives the value itself where that is final, else a REF to the slot. So nothing is evaluated twice and no
//   thunk costs memory beside its slot.
// - A REF points to a heap slot and never to another REF's C variable. Heap slots never move and live as long
// as the evaluator.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/macro.h"

struct attrs;
struct builtin;
struct context;
struct env;
struct expr;
struct expr_lambda;
struct papp;

enum value_type {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_STRING,
	VALUE_PATH,
	VALUE_LIST,
	VALUE_ATTRS,
	VALUE_LAMBDA,   // meta pointer: struct expr_lambda; env
	VALUE_BUILTIN,  // builtin
	VALUE_PAPP,     // a builtin with some of its arguments
	VALUE_EXTERNAL, // reserved
	VALUE_LAST_WHNF = VALUE_EXTERNAL,
	VALUE_REF,     // ref: the slot that holds (or will hold) it
	VALUE_PENDING, // meta pointer: struct expr; env: not evaluated yet
	VALUE_APP,     // meta pointer: heap slot of the function; ref: heap slot of the argument
	VALUE_APP_INT, // meta pointer: heap slot of the function; integer: the argument (genList)
	VALUE_APP2,    // meta pointer: struct value[3] on the heap: reference to the function and whether it
	               // was called, two arguments (mapAttrs)
	VALUE_APP2_PLACED, // the same with the function itself (zipAttrsWith)
	VALUE_FAILED,      // meta pointer: struct failed: threw an error that tryEval caught
	VALUE_BLACKHOLE, // under evaluation: forcing it is infinite recursion; the force frame knows what it
	                 // was
};

// Payload of strings and paths. Immutable. data[len] is NUL.
struct string {
	const struct context *context; // NULL: none (see expr/context.h)
	uint32_t len;                  // bytes; longer strings are an error
	uint32_t symbol;               // the interned symbol of this very text, or 0 when not known
	char data[];
};

struct value {
	uint64_t meta;
	union {
		bool boolean;
		int64_t integer;
		double fpoint;
		const struct string *string; // VALUE_STRING, VALUE_PATH (absolute, canonical)
		struct value *elems;         // VALUE_LIST: list_len() of them
		struct attrs *attrs;
		struct env *env;
		const struct builtin *builtin;
		struct papp *papp;
		struct value *ref;
		uint64_t raw;
	};
};

_Static_assert(sizeof(struct value) == 16, "values are 16 bytes");

static inline enum value_type value_type(const struct value *v)
{
	return (enum value_type)(v->meta & 0xff);
}

static inline void *value_meta_ptr(const struct value *v)
{
	return (void *)(uintptr_t)(v->meta >> 16);
}

static inline uint64_t value_meta(enum value_type type, const void *p)
{
	return (uint64_t)type | (uint64_t)(uintptr_t)p << 16;
}

static inline bool value_is_whnf(const struct value *v)
{
	return value_type(v) <= VALUE_LAST_WHNF;
}

// Copies a value out of a heap slot without losing sharing: see the invariants above.
static inline struct value value_share(struct value *slot)
{
	if (LIKELY(value_is_whnf(slot)))
		return *slot;
	if (value_type(slot) == VALUE_REF)
		return value_is_whnf(slot->ref) ? (*slot = *slot->ref) : *slot;
	return (struct value){.meta = VALUE_REF, .ref = slot};
}

static inline struct value value_null(void)
{
	return (struct value){.meta = VALUE_NULL};
}

static inline struct value value_bool(bool b)
{
	return (struct value){.meta = VALUE_BOOL, .raw = b};
}

static inline struct value value_int(int64_t n)
{
	return (struct value){.meta = VALUE_INT, .integer = n};
}

static inline struct value value_float(double d)
{
	return (struct value){.meta = VALUE_FLOAT, .fpoint = d};
}

static inline struct value value_string(const struct string *s)
{
	return (struct value){.meta = VALUE_STRING, .string = s};
}

static inline struct value value_path(const struct string *s)
{
	return (struct value){.meta = VALUE_PATH, .string = s};
}

static inline struct value value_list(struct value *elems, size_t len)
{
	return (struct value){.meta = VALUE_LIST | (uint64_t)len << 16, .elems = elems};
}

static inline struct value value_attrs(struct attrs *a)
{
	return (struct value){.meta = VALUE_ATTRS, .attrs = a};
}

static inline struct value value_builtin(const struct builtin *b)
{
	return (struct value){.meta = VALUE_BUILTIN, .builtin = b};
}

static inline size_t list_len(const struct value *v)
{
	return v->meta >> 16;
}
