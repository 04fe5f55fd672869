// SPDX-License-Identifier: GPL-2.0-or-later
// Forcing to a type, with Nix's words where it is another; names of types; strings and paths as values.

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include "expr/eval-private.h"
#include "expr/print.h"

// ---- making values

#if SIZE_MAX > UINT32_MAX
#define HEAP_LIMIT ((size_t)1 << 44) // beyond is no memory of this world
#else
#define HEAP_LIMIT (SIZE_MAX / 4 * 3) // the rest is the kernel's, or the stack's and the libraries'
#endif

void *eval_alloc_slow(struct eval *ev, size_t size_bytes)
{
	size_t limit = ev->settings.max_heap_bytes ? ev->settings.max_heap_bytes : HEAP_LIMIT;

	if (size_bytes > limit || ev->heap.total_bytes > limit - size_bytes)
		eval_throw(ev, THROW_EVAL, 0, "out of memory");
	if (UNLIKELY(ev->interrupted))
		eval_throw(ev, THROW_INTERRUPT, 0, "interrupted by the user");
	return arena_alloc(&ev->heap, size_bytes);
}

const struct string *eval_string(struct eval *ev, const char *s, size_t len, const struct context *context)
{
	if (UNLIKELY(len >= EVAL_STRING_MAX))
		eval_throw(ev, THROW_EVAL, 0, "string of %zu bytes is too long", len);
	struct string *str = eval_alloc(ev, sizeof(*str) + len + 1);
	str->context = context;
	str->len = (uint32_t)len;
	if (len)
		memcpy(str->data, s, len);
	return str;
}

struct value eval_str(struct eval *ev, const char *s)
{
	return value_string(eval_string(ev, s, strlen(s), NULL));
}

struct value *eval_cell(struct eval *ev, struct value v)
{
	struct value *cell = eval_alloc(ev, sizeof(*cell));

	*cell = v;
	return cell;
}

struct value *eval_list_alloc(struct eval *ev, size_t len)
{
	if (UNLIKELY(len > LIST_MAX))
		eval_throw(ev, THROW_EVAL, 0, "out of memory");
	return len ? eval_alloc(ev, len * sizeof(struct value)) : NULL;
}

// Absolute path text without '.', '..', doubled or trailing slashes.
const struct string *eval_canonical_path(struct eval *ev, const char *s, size_t len)
{
	struct buf b = {0};

	for (size_t i = 0; i < len;) {
		while (i < len && s[i] == '/')
			i++;
		size_t start = i;
		while (i < len && s[i] != '/')
			i++;
		size_t n = i - start;
		if (!n || (n == 1 && s[start] == '.'))
			continue;
		if (n == 2 && s[start] == '.' && s[start + 1] == '.') {
			while (b.len && b.data[--b.len] != '/')
				;
			continue;
		}
		buf_addc(&b, '/');
		buf_add(&b, s + start, n);
	}
	const struct string *r = eval_string(ev, b.len ? b.data : "/", b.len ? b.len : 1, NULL);
	buf_release(&b);
	return r;
}

void eval_pos_value(struct eval *ev, uint32_t pos, struct value *ret)
{
	struct source_place p;

	if (!source_place(&ev->sources, pos, &p) ||
	        (p.source->kind != SOURCE_FILE && p.source->kind != SOURCE_STRING)) {
		*ret = value_null();
		return;
	}
	if (p.source->kind == SOURCE_STRING) {
		*ret = value_null();
		return;
	}
	struct attrs *a = attrs_new(ev, 3);
	*attrs_push(a, ev->sym.column, 0) = value_int(p.column);
	*attrs_push(a, ev->sym.file, 0) = eval_str(ev, p.source->path);
	*attrs_push(a, ev->sym.line, 0) = value_int(p.line);
	attrs_finish(a);
	*ret = value_attrs(a);
}

// ---- names

const char *value_type_name(const struct value *v)
{
	static const char *const names[] = {[VALUE_NULL] = "null",
	        [VALUE_BOOL] = "bool",
	        [VALUE_INT] = "int",
	        [VALUE_FLOAT] = "float",
	        [VALUE_STRING] = "string",
	        [VALUE_PATH] = "path",
	        [VALUE_LIST] = "list",
	        [VALUE_ATTRS] = "set",
	        [VALUE_LAMBDA] = "lambda",
	        [VALUE_BUILTIN] = "lambda",
	        [VALUE_PAPP] = "lambda",
	        [VALUE_EXTERNAL] = "external"};

	return value_is_whnf(v) ? names[value_type(v)] : "thunk";
}

// For a builtin the text is in a static table of its own: see eval_phrase for what includes the name.
const char *value_type_phrase(const struct value *v)
{
	static const char *const phrases[] = {[VALUE_NULL] = "null",
	        [VALUE_BOOL] = "a Boolean",
	        [VALUE_INT] = "an integer",
	        [VALUE_FLOAT] = "a float",
	        [VALUE_STRING] = "a string",
	        [VALUE_PATH] = "a path",
	        [VALUE_LIST] = "a list",
	        [VALUE_ATTRS] = "a set",
	        [VALUE_LAMBDA] = "a function",
	        [VALUE_BUILTIN] = "a built-in function",
	        [VALUE_PAPP] = "a partially applied built-in function",
	        [VALUE_EXTERNAL] = "an external value"};

	if (value_type(v) == VALUE_STRING && v->string->context)
		return "a string with context";
	return value_is_whnf(v) ? phrases[value_type(v)] : "a thunk";
}

const char *eval_phrase(struct eval *ev, const struct value *v)
{
	if (value_type(v) == VALUE_BUILTIN)
		return arena_printf(&ev->heap, "the built-in function '%s'", v->builtin->name);
	if (value_type(v) == VALUE_PAPP)
		return arena_printf(
		        &ev->heap, "the partially applied built-in function '%s'", v->papp->builtin->name);
	return value_type_phrase(v);
}

const char *eval_show_name(struct eval *ev, uint32_t name)
{
	const struct string *s = symbol_string(&ev->symbols, name);
	struct buf b = {0};

	print_attr_name(s->data, s->len, &b);
	const char *shown = arena_strndup(&ev->heap, buf_str(&b), b.len);
	buf_release(&b);
	return shown;
}

const char *eval_show(struct eval *ev, const struct value *v)
{
	static const struct print_opts opts = {
	        .max_depth = 10, .max_attrs = 10, .max_items = 10, .max_string = 1024};
	struct buf b = {0};
	struct value copy = *v;

	print_value(ev, &copy, &opts, &b);
	const char *s = arena_strndup(&ev->heap, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

void eval_throw_expected(struct eval *ev, const char *wanted, const struct value *v, uint32_t pos)
{
	eval_throw(ev, THROW_TYPE, pos, "expected %s but found %s: %s", wanted, eval_phrase(ev, v),
	        eval_show(ev, v));
}

// ---- forcing to a type

// Forces with the words of why, and throws unless the type is the one wanted.
_noinline_ static void force_type(struct eval *ev, struct value *v, enum value_type type, const char *wanted,
        uint32_t pos, const char *what)
{
	struct frame f;

	if (what)
		frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
	eval_force(ev, v, pos);
	if (value_type(v) != type)
		eval_throw_expected(ev, wanted, v, pos);
	if (what)
		frame_pop(ev, &f);
}

int64_t eval_int(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	if (UNLIKELY(value_type(v) != VALUE_INT))
		force_type(ev, v, VALUE_INT, "an integer", pos, what);
	return v->integer;
}

bool eval_bool(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	if (UNLIKELY(value_type(v) != VALUE_BOOL))
		force_type(ev, v, VALUE_BOOL, "a Boolean", pos, what);
	return v->boolean;
}

// For sets and lists the words are told only when the type is wrong, not when forcing fails.
_noinline_ static void force_container(struct eval *ev, struct value *v, enum value_type type,
        const char *wanted, uint32_t pos, const char *what)
{
	struct frame f;

	eval_force(ev, v, pos);
	if (value_type(v) == type)
		return;
	if (what)
		frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
	eval_throw_expected(ev, wanted, v, 0);
}

struct attrs *eval_attrs(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	if (UNLIKELY(value_type(v) != VALUE_ATTRS))
		force_container(ev, v, VALUE_ATTRS, "a set", pos, what);
	return v->attrs;
}

void eval_list(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	if (UNLIKELY(value_type(v) != VALUE_LIST))
		force_container(ev, v, VALUE_LIST, "a list", pos, what);
}

const struct string *eval_string_of(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	if (UNLIKELY(value_type(v) != VALUE_STRING))
		force_type(ev, v, VALUE_STRING, "a string", pos, what);
	return v->string;
}

double eval_number(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	struct frame f;

	if (value_type(v) == VALUE_FLOAT)
		return v->fpoint;
	if (value_type(v) == VALUE_INT)
		return (double)v->integer;
	if (what)
		frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
	eval_force(ev, v, pos);
	if (value_type(v) != VALUE_INT && value_type(v) != VALUE_FLOAT)
		eval_throw_expected(ev, "a float", v, pos);
	if (what)
		frame_pop(ev, &f);
	return value_type(v) == VALUE_INT ? (double)v->integer : v->fpoint;
}

const struct string *eval_string_plain(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	const struct string *s = eval_string_of(ev, v, pos, what);
	struct frame f;

	if (LIKELY(!s->context))
		return s;
	if (what)
		frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
	const struct context_elem *e = &s->context->elems[0];
	const char *elem = e->kind == CONTEXT_OPAQUE ? e->path->data
	                   : e->kind == CONTEXT_DRV_DEEP
	                           ? e->path->data
	                           : arena_printf(&ev->heap, "%s^%s", e->path->data, e->output->data);
	eval_throw(ev, THROW_EVAL, 0,
	        "the string '%s' is not allowed to refer to a store path (such as '%s')", s->data, elem);
}

static bool is_function(struct eval *ev, const struct value *v)
{
	enum value_type t = value_type(v);

	return t == VALUE_LAMBDA || t == VALUE_BUILTIN || t == VALUE_PAPP ||
	       (t == VALUE_ATTRS && attrs_get(v->attrs, ev->sym.functor));
}

void eval_function(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	struct frame f;

	if (LIKELY(value_is_whnf(v) && is_function(ev, v)))
		return;
	if (what)
		frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
	eval_force(ev, v, pos);
	if (!is_function(ev, v))
		eval_throw_expected(ev, "a function", v, pos);
	if (what)
		frame_pop(ev, &f);
}

bool eval_is_derivation(struct eval *ev, struct value *v)
{
	if (value_type(v) != VALUE_ATTRS)
		return false;
	struct attr *a = attrs_get(v->attrs, ev->sym.type);
	if (!a)
		return false;
	eval_force(ev, &a->value, a->pos);
	return value_type(&a->value) == VALUE_STRING && a->value.string->len == 10 &&
	       memcmp(a->value.string->data, "derivation", 10) == 0;
}

// ---- deep forcing

enum { DEEP_SEEN_MIN = 64 };

struct deep {
	struct eval *ev;
	struct hmap seen; // attribute sets and lists visited
};

static void deep_cleanup(void *arg)
{
	hmap_release(&((struct deep *)arg)->seen);
}

static bool first_visit(struct deep *d, const void *p)
{
	return hmap_putn(&d->seen, &p, sizeof(p), d) == NULL;
}

// Where a value was written, as far as its kind knows.
static uint32_t pos_of_value(const struct value *v, uint32_t pos)
{
	enum value_type t = value_type(v);

	if (t == VALUE_REF)
		return pos_of_value(v->ref, pos);
	if (t == VALUE_LAMBDA)
		return ((struct expr_lambda *)value_meta_ptr(v))->x.pos;
	if (t == VALUE_ATTRS)
		return v->attrs->pos;
	if (t == VALUE_APP2) {
		const struct value *fn = value_meta_ptr(v);
		return value_type(fn) != VALUE_REF || fn->ref[1].boolean ? pos_of_value(fn, pos) : pos;
	}
	if (t == VALUE_APP || t == VALUE_APP_INT || t == VALUE_APP2_PLACED)
		return pos_of_value(value_meta_ptr(v), pos);
	return pos;
}

static void force_deep(struct deep *d, struct value *v)
{
	struct eval *ev = d->ev;
	struct frame f;

	eval_check_stack(ev);
	depth_enter(ev, 0);
	eval_force(ev, v, pos_of_value(v, 0));
	if (value_type(v) == VALUE_ATTRS && v->attrs->total) {
		if (!first_visit(d, v->attrs)) {
			depth_leave(ev);
			return;
		}
		struct attrs *a = attrs_flat(ev, v->attrs);
		attrs_for_each (at, a) {
			frame_push(ev, &f, FRAME_ATTR, at->pos, (void *)(uintptr_t)at->name, NULL);
			force_deep(d, &at->value);
			frame_pop(ev, &f);
		}
	} else if (value_type(v) == VALUE_LIST && list_len(v)) {
		if (!first_visit(d, v->elems)) {
			depth_leave(ev);
			return;
		}
		for (size_t i = 0; i < list_len(v); i++) {
			frame_push(ev, &f, FRAME_INDEX, 0, (void *)(uintptr_t)i, NULL);
			force_deep(d, &v->elems[i]);
			frame_pop(ev, &f);
		}
	}
	depth_leave(ev);
}

void eval_force_deep(struct eval *ev, struct value *v, uint32_t pos)
{
	struct deep d = {.ev = ev};
	struct frame f;

	frame_push(ev, &f, FRAME_CLEANUP, 0, (void *)deep_cleanup, &d);
	force_deep(&d, v);
	frame_pop(ev, &f);
	deep_cleanup(&d);
}
