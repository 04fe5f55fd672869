// SPDX-License-Identifier: GPL-2.0-or-later
// Sorting of values: a merge sort that starts from the runs that are in order already. Integers compared by
// 'lessThan' are sorted as machine words, strings by 'lessThan' without a call each.
#include "expr/builtin-sort.h"

#include <string.h>
#include "base/mem.h"
#include "expr/ast.h"
#include "expr/builtin-util.h"

struct sorter {
	struct eval *ev;
	struct value *fn;
	bool (*less)(struct sorter *s, struct value *a, struct value *b);
	struct value *from, *to; // for merging
	struct value *keys;      // of less_key
	bool (*key_less)(struct sorter *s, struct value *a, struct value *b);
};

static bool less_by_call(struct sorter *s, struct value *a, struct value *b)
{
	struct value two[2] = {*a, *b}, res;

	eval_call(s->ev, s->fn, 2, two, &res, 0);
	return eval_bool(s->ev, &res, 0,
	        "while evaluating the return value of the sorting function passed to builtins.sort");
}

static bool less_by_order(struct sorter *s, struct value *a, struct value *b)
{
	return eval_less(s->ev, a, b, 0, "while evaluating the ordering function passed to builtins.sort");
}

static bool less_int(struct sorter *s, struct value *a, struct value *b)
{
	return a->integer < b->integer;
}

static bool less_string(struct sorter *s, struct value *a, struct value *b)
{
	size_t n = MIN(a->string->len, b->string->len);
	int c = memcmp(a->string->data, b->string->data, n);

	return c ? c < 0 : a->string->len < b->string->len;
}

static bool all_of(const struct value *v, size_t len, enum value_type type)
{
	for (size_t i = 0; i < len; i++)
		if (value_type(&v[i]) != type)
			return false;
	return true;
}

// Merges from[a..b) and from[b..c) into to[a..c).
static void merge(struct sorter *s, size_t a, size_t b, size_t c)
{
	size_t i = a, k = b, at = a;

	while (i < b && k < c)
		s->to[at++] = s->less(s, &s->from[k], &s->from[i]) ? s->from[k++] : s->from[i++];
	memcpy(&s->to[at], &s->from[i], (b - i) * sizeof(struct value));
	memcpy(&s->to[at + (b - i)], &s->from[k], (c - k) * sizeof(struct value));
}

static void reverse(struct value *v, size_t len)
{
	for (size_t i = 0, k = len; i + 1 < k; i++) {
		struct value t = v[i];
		v[i] = v[--k];
		v[k] = t;
	}
}

enum { RADIX_MIN = 64, RUN_MIN = 8 }; // shorter runs are filled up by insertion

// Length of the run at v[0..len): in order, or strictly descending and then turned round; at least RUN_MIN or
// all there is.
static size_t next_run(struct sorter *s, struct value *v, size_t len)
{
	size_t n = 1;

	if (len < 2)
		return len;
	if (s->less(s, &v[1], &v[0])) {
		for (n = 2; n < len && s->less(s, &v[n], &v[n - 1]);)
			n++;
		reverse(v, n);
	} else {
		for (n = 2; n < len && !s->less(s, &v[n], &v[n - 1]);)
			n++;
	}
	for (; n < len && n < RUN_MIN; n++) {
		struct value x = v[n];
		size_t at = n;
		while (at && s->less(s, &x, &v[at - 1]))
			at--;
		memmove(&v[at + 1], &v[at], (n - at) * sizeof(*v));
		v[at] = x;
	}
	return n;
}

// runs[0..n] are the ends of n runs; merges neighbours until one is left.
static void merge_runs(struct sorter *s, size_t *runs, size_t n)
{
	while (n > 1) {
		size_t out = 0;
		for (size_t i = 0; i < n; i += 2) {
			size_t a = runs[i], b = runs[i + 1], c = i + 2 <= n ? runs[i + 2] : b;
			merge(s, a, b, c);
			runs[++out] = c;
		}
		n = out;
		struct value *t = s->from;
		s->from = s->to;
		s->to = t;
	}
}

static void merge_sort(struct sorter *s, struct value *elems, size_t len)
{
	size_t *runs = eval_alloc(s->ev, (len / RUN_MIN + 3) * sizeof(*runs)), n = 0;

	for (size_t at = 0; at < len; runs[++n] = at)
		at += next_run(s, elems + at, len - at);
	if (n < 2)
		return;
	s->from = elems;
	s->to = eval_alloc(s->ev, len * sizeof(*elems));
	merge_runs(s, runs, n);
	if (s->from != elems)
		memcpy(elems, s->from, len * sizeof(*elems));
}

// Least significant byte first, only the bytes in which the numbers differ.
static void radix_sort(struct value *elems, size_t len)
{
	uint64_t *a = mem_array(len, sizeof(*a)), *b = mem_array(len, sizeof(*b));
	uint64_t any = 0, all = UINT64_MAX;

	for (size_t i = 0; i < len; i++) {
		a[i] = elems[i].raw ^ 1ull << 63;
		any |= a[i];
		all &= a[i];
	}
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t count[257] = {0};
		if (!((any ^ all) >> shift & 0xff))
			continue;
		for (size_t i = 0; i < len; i++)
			count[(a[i] >> shift & 0xff) + 1]++;
		for (size_t i = 0; i < 256; i++)
			count[i + 1] += count[i];
		for (size_t i = 0; i < len; i++)
			b[count[a[i] >> shift & 0xff]++] = a[i];
		uint64_t *t = a;
		a = b;
		b = t;
	}
	for (size_t i = 0; i < len; i++)
		elems[i] = value_int((int64_t)(a[i] ^ 1ull << 63));
	mem_free(a);
	mem_free(b);
}

static bool is_less_than(const struct value *fn)
{
	return value_type(fn) == VALUE_BUILTIN && !strcmp(fn->builtin->name, "lessThan");
}

// ---- comparators that are seen through: 'a: b: a < b', 'a: b: a.x > b.x' and the like

// What a comparator compares: the elements, or one attribute of each.
struct seen {
	bool descending;
	uint32_t attr; // symbol, 0: the element itself
};

// Is x the variable at this depth (slot 0), or one attribute of it?
static bool is_operand(const struct expr *x, uint32_t depth, uint32_t *ret_attr)
{
	*ret_attr = 0;
	if (x->kind == EXPR_SELECT) {
		const struct expr_select *s = (const struct expr_select *)x;
		if (s->path.len != 1 || !s->path.elems[0].name || s->fallback)
			return false;
		*ret_attr = s->path.elems[0].name;
		x = s->subject;
	}
	const struct expr_var *v = (const struct expr_var *)x;
	return x->kind == EXPR_LOCAL && v->depth == depth && v->index == 0;
}

static const struct expr_lambda *plain_lambda(const struct expr *x)
{
	const struct expr_lambda *l = (const struct expr_lambda *)x;

	return x->kind == EXPR_LAMBDA && !l->formals ? l : NULL;
}

static bool see_through(const struct value *fn, struct seen *ret)
{
	const struct expr_lambda *outer =
	        value_type(fn) == VALUE_LAMBDA ? plain_lambda(value_meta_ptr(fn)) : NULL;
	const struct expr_lambda *inner = outer ? plain_lambda(outer->body) : NULL;
	uint32_t left, right;

	if (!inner || inner->body->kind != EXPR_LESS)
		return false;
	const struct expr_call *less = (const struct expr_call *)inner->body;
	if (less->len != 2)
		return false;
	ret->descending = is_operand(less->args[0], 0, &left) && is_operand(less->args[1], 1, &right);
	if (!ret->descending &&
	        !(is_operand(less->args[0], 1, &left) && is_operand(less->args[1], 0, &right)))
		return false;
	ret->attr = left;
	return left == right;
}

// The keys of all elements, evaluated; NULL when an element has none.
static struct value *sort_keys(struct eval *ev, const struct seen *seen, struct value *elems, size_t len)
{
	struct value *keys = eval_alloc(ev, len * sizeof(*keys));

	for (size_t i = 0; i < len; i++) {
		struct attr *at =
		        value_type(&elems[i]) == VALUE_ATTRS ? attrs_get(elems[i].attrs, seen->attr) : NULL;
		if (!at)
			return NULL;
		eval_force(ev, &at->value, 0);
		keys[i] = at->value;
	}
	return keys;
}

static bool less_int_down(struct sorter *s, struct value *a, struct value *b)
{
	return less_int(s, b, a);
}

static bool less_string_down(struct sorter *s, struct value *a, struct value *b)
{
	return less_string(s, b, a);
}

// The elements are numbers of keys.
static bool less_key(struct sorter *s, struct value *a, struct value *b)
{
	return s->key_less(s, &s->keys[a->integer], &s->keys[b->integer]);
}

static void sort_by_keys(struct sorter *s, struct value *elems, size_t len)
{
	struct value *order = eval_alloc(s->ev, 2 * len * sizeof(*order)), *sorted = order + len;

	for (size_t i = 0; i < len; i++)
		order[i] = value_int((int64_t)i);
	s->less = less_key;
	merge_sort(s, order, len);
	for (size_t i = 0; i < len; i++)
		sorted[i] = elems[order[i].integer];
	memcpy(elems, sorted, len * sizeof(*elems));
}

// Sorts by keys that are all integers or all strings: then nothing can fail, and nobody sees that the
// function was not called.
static bool sort_seen(struct sorter *s, const struct seen *seen, struct value *elems, size_t len)
{
	s->keys = seen->attr ? sort_keys(s->ev, seen, elems, len) : elems;
	if (!s->keys)
		return false;
	if (all_of(s->keys, len, VALUE_INT))
		s->key_less = seen->descending ? less_int_down : less_int;
	else if (all_of(s->keys, len, VALUE_STRING))
		s->key_less = seen->descending ? less_string_down : less_string;
	else
		return false;
	if (seen->attr) {
		sort_by_keys(s, elems, len);
	} else if (s->key_less == less_int && len > RADIX_MIN) {
		radix_sort(elems, len);
	} else {
		s->less = s->key_less;
		merge_sort(s, elems, len);
	}
	return true;
}

void sort_values(struct eval *ev, struct value *fn, struct value *elems, size_t len)
{
	struct sorter s = {.ev = ev, .fn = fn, .less = less_by_call};
	struct seen seen = {0};

	if ((is_less_than(fn) || see_through(fn, &seen)) && len > 1 && sort_seen(&s, &seen, elems, len))
		return;
	s.less = is_less_than(fn) ? less_by_order : less_by_call;
	merge_sort(&s, elems, len);
}
