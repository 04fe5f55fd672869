// SPDX-License-Identifier: GPL-2.0-or-later
// Attribute sets: sorted arrays in layers.

#include <stdlib.h>
#include <string.h>
#include "expr/eval-private.h"

// A set of no more than this is copied by '//' rather than layered over.
enum { LAYER_MIN = 16, LAYER_RATIO = 2 };

struct attrs attrs_empty;

struct attrs *attrs_new(struct eval *ev, size_t cap)
{
	struct attrs *a = eval_alloc(ev, sizeof(*a) + cap * sizeof(struct attr));

	a->entries = (struct attr *)(a + 1);
	return a;
}

struct value *attrs_push(struct attrs *a, uint32_t name, uint32_t pos)
{
	struct attr *at = &a->entries[a->len++];

	at->name = name;
	at->pos = pos;
	return &at->value;
}

static int by_name(const void *x, const void *y)
{
	uint32_t a = ((const struct attr *)x)->name, b = ((const struct attr *)y)->name;

	return (a > b) - (a < b);
}

static bool is_sorted(const struct attrs *a)
{
	for (uint32_t i = 1; i < a->len; i++)
		if (a->entries[i - 1].name >= a->entries[i].name)
			return false;
	return true;
}

// Nobody refers to the slots before the set is finished, but for delayed values that are in them: those move
// with their slots.
void attrs_finish(struct attrs *a)
{
	if (!is_sorted(a))
		qsort(a->entries, a->len, sizeof(*a->entries), by_name);
	a->total = a->len;
}

// Merge sort keeps equal names in their order.
static void sort_stable(struct attr *v, struct attr *tmp, size_t n)
{
	if (n < 2)
		return;
	size_t half = n / 2, i = 0, j = half, k = 0;
	sort_stable(v, tmp, half);
	sort_stable(v + half, tmp, n - half);
	while (i < half && j < n)
		tmp[k++] = v[j].name < v[i].name ? v[j++] : v[i++];
	while (i < half)
		tmp[k++] = v[i++];
	while (j < n)
		tmp[k++] = v[j++];
	memcpy(v, tmp, n * sizeof(*v));
}

void attrs_finish_unique(struct attrs *a)
{
	if (!is_sorted(a)) {
		struct attr *tmp = malloc(a->len * sizeof(*tmp));
		if (!tmp)
			abort();
		sort_stable(a->entries, tmp, a->len);
		free(tmp);
		uint32_t n = 0;
		for (uint32_t i = 0; i < a->len; i++)
			if (!n || a->entries[n - 1].name != a->entries[i].name)
				a->entries[n++] = a->entries[i];
		a->len = n;
	}
	a->total = a->len;
}

_hot_ struct attr *attrs_get(const struct attrs *a, uint32_t name)
{
	for (; a; a = a->base) {
		const struct attr *v = a->entries;
		uint32_t n = a->len;
		while (n > 4) {
			uint32_t half = n / 2;
			if (v[half].name <= name) {
				v += half;
				n -= half;
			} else {
				n = half;
			}
		}
		for (uint32_t i = 0; i < n; i++)
			if (v[i].name == name)
				return (struct attr *)&v[i];
	}
	return NULL;
}

// Both have one layer; a's attributes are hidden by b's.
static struct attrs *merge(struct eval *ev, const struct attrs *a, const struct attrs *b)
{
	struct attrs *r = attrs_new(ev, (size_t)a->len + b->len);
	struct attr *x = a->entries, *x_end = x + a->len, *y = b->entries, *y_end = y + b->len;

	while (x < x_end || y < y_end) {
		struct attr *at;
		if (y == y_end || (x < x_end && x->name < y->name)) {
			at = x++;
		} else {
			if (x < x_end && x->name == y->name)
				x++;
			at = y++;
		}
		*attrs_push(r, at->name, at->pos) = value_share(&at->value);
	}
	r->total = r->len;
	return r;
}

struct attrs *attrs_flat(struct eval *ev, struct attrs *a)
{
	if (!a->base)
		return a;
	ev->escapes++;
	// Layers merged pairwise from the top, where they are smallest.
	struct attrs top = *a, *base = a->base;
	struct attrs *r = &top;
	for (; base; base = base->base) {
		struct attrs below = *base;
		below.base = NULL;
		r = merge(ev, &below, r);
	}
	r->total = r->len;
	a->entries = r->entries;
	a->len = r->len;
	a->total = r->len;
	a->depth = 0;
	a->base = NULL;
	return a;
}

static uint32_t count_new(const struct attrs *a, const struct attrs *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->len; i++)
		n += attrs_get(a, b->entries[i].name) == NULL;
	return n;
}

struct attrs *attrs_update(struct eval *ev, struct attrs *a, struct attrs *b)
{
	if (!b->total)
		return a;
	if (!a->total)
		return b;
	b = attrs_flat(ev, b);
	if (a->total <= LAYER_MIN || a->total < b->total * LAYER_RATIO) {
		struct attrs *r = merge(ev, attrs_flat(ev, a), b);
		return r;
	}
	struct attrs *layer = b;
	struct attrs *base = a;
	uint32_t added = count_new(a, b);
	while (base->base &&
	        base->len < layer->len * LAYER_RATIO) { // the layer below is not much larger: one of both
		layer = merge(ev, base, layer);
		base = base->base;
	}
	if (!base->base && base->len < layer->len * LAYER_RATIO) {
		return merge(ev, base, layer);
	}
	struct attrs *r = eval_alloc(ev, sizeof(*r));
	*r = (struct attrs){.base = base,
	        .len = layer->len,
	        .total = a->total + added,
	        .depth = base->depth + 1,
	        .entries = layer->entries};
	return r;
}

struct sort_ctx {
	const struct symbol_table *symbols;
};

static int by_text(const void *x, const void *y, void *ctx)
{
	const struct attr *const *a = x, *const *b = y;

	return symbol_cmp(((struct sort_ctx *)ctx)->symbols, (*a)->name, (*b)->name);
}

struct attr **attrs_sorted(struct eval *ev, struct attrs *a)
{
	struct sort_ctx ctx = {&ev->symbols};
	struct attr **v = eval_alloc(ev, (a->len + 1) * sizeof(*v));

	for (uint32_t i = 0; i < a->len; i++)
		v[i] = &a->entries[i];
	qsort_r(v, a->len, sizeof(*v), by_text, &ctx);
	return v;
}
