// SPDX-License-Identifier: GPL-2.0-or-later
// Sorting of values: a merge sort that starts from the runs that are in order already. Integers compared by
// 'lessThan' are sorted as machine words, strings by 'lessThan' without a call each.
#include "expr/builtin-sort.h"

#include <string.h>
#include "base/mem.h"
#include "expr/builtin-util.h"

struct sorter {
	struct eval *ev;
	struct value *fn;
	bool (*less)(struct sorter *s, struct value *a, struct value *b);
	struct value *from, *to; // for merging
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

enum { RUN_MIN = 8 }; // shorter runs are filled up by insertion

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

void sort_values(struct eval *ev, struct value *fn, struct value *elems, size_t len)
{
	struct sorter s = {.ev = ev, .fn = fn, .less = less_by_call};

	if (is_less_than(fn)) {
		s.less = less_by_order;
		if (all_of(elems, len, VALUE_INT))
			s.less = less_int;
		else if (all_of(elems, len, VALUE_STRING))
			s.less = less_string;
	}
	if (s.less == less_int && len > 64) {
		radix_sort(elems, len);
		return;
	}
	merge_sort(&s, elems, len);
}
