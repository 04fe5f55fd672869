// SPDX-License-Identifier: GPL-2.0-or-later
// String contexts: sorted arrays without duplicates.

#include <stdlib.h>
#include <string.h>
#include "expr/eval.h"

int context_elem_cmp(const struct context_elem *a, const struct context_elem *b)
{
	int c = a->path == b->path ? 0 : strcmp(a->path->data, b->path->data);

	if (!c && a->kind != b->kind)
		c = a->kind < b->kind ? -1 : 1;
	if (!c && a->kind == CONTEXT_BUILT)
		c = strcmp(a->output->data, b->output->data);
	return c;
}

static int elem_cmp(const void *a, const void *b)
{
	return context_elem_cmp(a, b);
}

static struct context *context_new(struct eval *ev, size_t cap)
{
	return eval_alloc(ev, sizeof(struct context) + cap * sizeof(struct context_elem));
}

const struct context *context_one(
        struct eval *ev, enum context_kind kind, const struct string *path, const struct string *output)
{
	struct context *c = context_new(ev, 1);

	c->len = 1;
	c->elems[0] = (struct context_elem){.kind = kind, .path = path, .output = output};
	return c;
}

// Whether a holds all of b.
static bool holds(const struct context *a, const struct context *b)
{
	size_t i = 0;

	if (a->len < b->len)
		return false;
	for (size_t j = 0; j < b->len; j++) {
		int c = -1;
		while (i < a->len && (c = context_elem_cmp(&a->elems[i], &b->elems[j])) < 0)
			i++;
		if (c != 0)
			return false;
	}
	return true;
}

const struct context *context_join(struct eval *ev, const struct context *a, const struct context *b)
{
	if (!b || a == b)
		return a;
	if (!a)
		return b;
	if (holds(a, b))
		return a;
	if (holds(b, a))
		return b;
	struct context *r = context_new(ev, a->len + b->len);
	size_t i = 0, j = 0;
	while (i < a->len || j < b->len) {
		int c = i == a->len ? 1 : j == b->len ? -1 : context_elem_cmp(&a->elems[i], &b->elems[j]);
		r->elems[r->len++] = c <= 0 ? a->elems[i] : b->elems[j];
		i += c <= 0;
		j += c >= 0;
	}
	return r;
}

const struct context *context_of(struct eval *ev, struct context_elem *elems, size_t len)
{
	if (!len)
		return NULL;
	struct context *r = context_new(ev, len);
	memcpy(r->elems, elems, len * sizeof(*elems));
	qsort(r->elems, len, sizeof(*elems), elem_cmp);
	for (size_t i = 0; i < len; i++)
		if (!r->len || context_elem_cmp(&r->elems[r->len - 1], &r->elems[i]) != 0)
			r->elems[r->len++] = r->elems[i];
	return r;
}
