// SPDX-License-Identifier: GPL-2.0-or-later
// genericClosure: everything that is reached from a start set, each key once. Keys are kept in an ordered
// tree (a treap with hashed priorities, so that its depth is logarithmic whatever the keys are).
#include <string.h>
#include "expr/builtin-util.h"

struct node {
	struct value *key; // in WHNF
	struct value *elem;
	uint32_t priority;
	struct node *left, *right;
};

struct closure {
	struct eval *ev;
	struct value *op;
	struct node *root;
	uint32_t nodes;
	struct value *queue; // slots in the order in which they were found, which is the order of the result
	size_t len, cap;
};

// Trace lines that quote an element: printed only when something was thrown. b of the frame is the element.
static void print_comparing(struct eval *ev, const struct frame *f, struct buf *out)
{
	buf_addf(out, "while comparing element %s", eval_show(ev, f->b));
}

static void print_with(struct eval *ev, const struct frame *f, struct buf *out)
{
	buf_addf(out, "with element %s", eval_show(ev, f->b));
}

static void print_element(struct eval *ev, const struct frame *f, struct buf *out)
{
	buf_addf(out, "in genericClosure element %s", eval_show(ev, f->b));
}

static void print_calling(struct eval *ev, const struct frame *f, struct buf *out)
{
	buf_addf(out, "while calling operator on genericClosure element %s", eval_show(ev, f->b));
}

typedef void frame_printer(struct eval *ev, const struct frame *f, struct buf *out);

static void element_push(struct eval *ev, struct frame *f, frame_printer *print, const struct value *elem)
{
	*f = (struct frame){.up = ev->frames, .kind = FRAME_OTHER, .a = (const void *)print, .b = elem};
	ev->frames = f;
}

static bool node_less(struct closure *c, const struct node *a, const struct node *b)
{
	struct frame comparing, with;

	if (value_type(a->key) == VALUE_INT && value_type(b->key) == VALUE_INT)
		return a->key->integer < b->key->integer;
	element_push(c->ev, &comparing, print_comparing, a->elem);
	element_push(c->ev, &with, print_with, b->elem);
	bool less = eval_less(c->ev, a->key, b->key, 0, NULL);
	c->ev->frames = comparing.up;
	return less;
}

static uint32_t next_priority(struct closure *c)
{
	uint32_t x = ++c->nodes * 0x9e3779b9u;

	x ^= x >> 16;
	x *= 0x85ebca6bu;
	return x ^ x >> 13;
}

// Splits t into nodes before n and after it; no node equals n.
static void split(
        struct closure *c, struct node *t, struct node *n, struct node **before, struct node **after)
{
	while (t) {
		if (node_less(c, n, t)) {
			*after = t;
			after = &t->left;
			t = t->left;
		} else {
			*before = t;
			before = &t->right;
			t = t->right;
		}
	}
	*before = *after = NULL;
}

// False when the key is there already.
static bool insert(struct closure *c, struct value *key, struct value *elem)
{
	struct node *n = eval_alloc(c->ev, sizeof(*n)), **at = &c->root, **place = NULL;

	*n = (struct node){.key = key, .elem = elem, .priority = next_priority(c)};
	while (*at) {
		if (!place && (*at)->priority < n->priority)
			place = at;
		if (node_less(c, n, *at))
			at = &(*at)->left;
		else if (node_less(c, *at, n))
			at = &(*at)->right;
		else
			return false;
	}
	if (!place)
		place = at;
	split(c, *place, n, &n->left, &n->right);
	*place = n;
	return true;
}

static void enqueue(struct closure *c, struct value *list)
{
	size_t n = list_len(list);

	if (c->len + n > c->cap) {
		size_t cap = MAX(2 * c->cap, c->len + n);
		struct value *more = eval_list_alloc(c->ev, cap);
		if (c->len)
			memcpy(more, c->queue, c->len * sizeof(*more));
		c->queue = more;
		c->cap = cap;
	}
	for (size_t i = 0; i < n; i++) {
		eval_force(c->ev, &list->elems[i], 0);
		c->queue[c->len++] = list->elems[i];
	}
}

// Is the element one whose key is new? Then what the operator makes of it comes to the end of the queue.
static bool visit(struct closure *c, struct value elem)
{
	struct eval *ev = c->ev;
	struct value *e = heap_slot(ev, &elem), more;
	struct frame f;

	element_push(ev, &f, print_element, e);
	struct attrs *a = eval_attrs(ev, e, 0, NULL);
	struct attr *key = attr_need(ev, a, ev->sym.key, NULL);
	ev->frames = f.up;
	eval_force(ev, &key->value, 0);
	if (!insert(c, &key->value, e))
		return false;
	element_push(ev, &f, print_calling, e);
	eval_call(ev, c->op, 1, &elem, &more, 0);
	eval_list(ev, &more, 0,
	        "while evaluating the return value of the `operator` passed to builtins.genericClosure");
	ev->frames = f.up;
	enqueue(c, &more);
	return true;
}

static void b_generic_closure(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	static const char where[] = "in the attrset passed as argument to builtins.genericClosure";
	struct attrs *a = eval_attrs(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.genericClosure");
	struct value *start = &attr_need(ev, a, ev->sym.start_set, where)->value;

	eval_list(ev, start, 0,
	        "while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure");
	*ret = *start;
	if (!list_len(start))
		return;
	struct value *op = &attr_need(ev, a, ev->sym.operator_, where)->value;
	eval_function(ev, op, 0,
	        "while evaluating the 'operator' attribute passed as argument to builtins.genericClosure");
	struct closure c = {.ev = ev, .op = op};
	size_t found = 0;
	enqueue(&c, start);
	for (size_t i = 0; i < c.len; i++) {
		struct value elem = c.queue[i];
		if (visit(&c, elem))
			c.queue[found++] = elem;
	}
	*ret = value_list(c.queue, found);
}

static const struct builtin rows[] = {
        {"genericClosure", 1, 1, false, b_generic_closure, "attrset",
                "All sets reached from startSet by applying operator again and again, one for each value of "
                "their attribute 'key'."},
};

const struct builtin_table builtin_closures = {rows, ARRAY_SIZE(rows)};
