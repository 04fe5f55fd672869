// SPDX-License-Identifier: GPL-2.0-or-later
// Lock files as text, to the byte as Nix writes them, and what is new in one in words.
#include <string.h>
#include <time.h>
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/print.h"
#include "glue/flake.h"
#include "glue/glue.h"

enum { NODES_MAX = 100000 };

// ---- the set

struct dump {
	struct eval *ev;
	struct lock_node **nodes; // in the order of their keys' choice
	size_t len, cap;
	bool without_embedded;
};

static struct value *put(struct eval *ev, struct attrs *a, const char *name, struct value v)
{
	struct value *slot = attrs_push(a, symbol_of(&ev->symbols, name), 0);

	*slot = v;
	return slot;
}

static bool key_taken(const struct dump *d, const char *key)
{
	for (size_t i = 0; i < d->len; i++)
		if (str_eq(d->nodes[i]->key, key))
			return true;
	return false;
}

static bool seen(const struct dump *d, const struct lock_node *n)
{
	for (size_t i = 0; i < d->len; i++)
		if (d->nodes[i] == n)
			return true;
	return false;
}

// The name of its input, or NAME_2, NAME_3, ... where another node has that.
static void choose_key(struct dump *d, struct lock_node *n, const char *id)
{
	struct eval *ev = d->ev;

	n->key = id;
	for (unsigned i = 2; key_taken(d, n->key); i++)
		n->key = arena_printf(&ev->heap, "%s_%u", id, i);
	if (d->len == d->cap) {
		struct lock_node **more = eval_alloc(ev, (d->cap * 2 + 16) * sizeof(struct lock_node *));
		if (d->len)
			memcpy(more, d->nodes, d->len * sizeof(struct lock_node *));
		d->nodes = more;
		d->cap = d->cap * 2 + 16;
	}
	d->nodes[d->len++] = n;
}

static bool is_left_out(const struct dump *d, const struct lock_edge *e)
{
	return d->without_embedded && e->node && !e->node->locked;
}

static void collect(struct dump *d, struct lock_node *n, const char *id)
{
	if (seen(d, n) || d->len > NODES_MAX)
		return;
	choose_key(d, n, id);
	for (size_t i = 0; i < n->len; i++)
		if (n->edges[i].node && !is_left_out(d, &n->edges[i]))
			collect(d, n->edges[i].node, n->edges[i].id);
}

static struct value path_value(struct eval *ev, const struct input_path *p)
{
	struct value *elems = eval_list_alloc(ev, p->len);

	for (size_t i = 0; i < p->len; i++)
		elems[i] = eval_str(ev, p->parts[i]);
	return value_list(elems, p->len);
}

static struct value node_value(struct dump *d, struct lock_node *n)
{
	struct eval *ev = d->ev;
	struct attrs *a = attrs_new(ev, 8), *inputs = attrs_new(ev, n->len);

	for (size_t i = 0; i < n->len; i++) {
		struct lock_edge *e = &n->edges[i];
		if (!is_left_out(d, e))
			put(ev, inputs, e->id,
			        e->node ? eval_str(ev, e->node->key) : path_value(ev, &e->follows));
	}
	attrs_finish(inputs);
	if (inputs->len)
		put(ev, a, "inputs", value_attrs(inputs));
	if (n->original)
		put(ev, a, "original", ref_value(ev, n->original));
	if (n->locked)
		put(ev, a, "locked", ref_value(ev, n->locked));
	if (!n->is_flake)
		put(ev, a, "flake", value_bool(false));
	if (n->has_parent)
		put(ev, a, "parent", path_value(ev, &n->parent));
	attrs_finish(a);
	return value_attrs(a);
}

struct value lock_value(struct eval *ev, struct lock_node *root, bool without_embedded)
{
	struct dump d = {.ev = ev, .without_embedded = without_embedded};
	struct attrs *all = attrs_new(ev, 3);

	collect(&d, root, "root");
	struct attrs *nodes = attrs_new(ev, d.len);
	for (size_t i = 0; i < d.len; i++)
		put(ev, nodes, d.nodes[i]->key, node_value(&d, d.nodes[i]));
	attrs_finish(nodes);
	put(ev, all, "nodes", value_attrs(nodes));
	put(ev, all, "root", eval_str(ev, "root"));
	put(ev, all, "version", value_int(7));
	attrs_finish(all);
	return value_attrs(all);
}

// ---- the text

static void print_in(struct eval *ev, struct value *v, unsigned indent, struct buf *out);

static void new_line(struct buf *out, unsigned indent)
{
	buf_addc(out, '\n');
	buf_addn(out, ' ', indent);
}

static void print_set(struct eval *ev, struct attrs *a, unsigned indent, struct buf *out)
{
	struct attr **sorted = attrs_sorted(ev, a);

	for (size_t i = 0; i < a->len; i++) {
		struct value name = eval_str(ev, symbol_text(&ev->symbols, sorted[i]->name));
		buf_adds(out, i ? "," : "{");
		new_line(out, indent + 2);
		print_json(ev, &name, 0, false, out, NULL);
		buf_adds(out, ": ");
		print_in(ev, &sorted[i]->value, indent + 2, out);
	}
	if (a->len)
		new_line(out, indent);
	buf_adds(out, a->len ? "}" : "{}");
}

static void print_list(struct eval *ev, struct value *v, unsigned indent, struct buf *out)
{
	for (size_t i = 0; i < list_len(v); i++) {
		buf_adds(out, i ? "," : "[");
		new_line(out, indent + 2);
		print_in(ev, &v->elems[i], indent + 2, out);
	}
	if (list_len(v))
		new_line(out, indent);
	buf_adds(out, list_len(v) ? "]" : "[]");
}

// The depth is that of a lock file: five levels.
static void print_in(struct eval *ev, struct value *v, unsigned indent, struct buf *out)
{
	if (value_type(v) == VALUE_ATTRS)
		print_set(ev, v->attrs, indent, out);
	else if (value_type(v) == VALUE_LIST)
		print_list(ev, v, indent, out);
	else
		print_json(ev, v, 0, false, out, NULL);
}

const char *lock_text(struct eval *ev, const struct value *lock)
{
	struct value v = *lock;
	struct scratch s;

	scratch_begin(ev, &s);
	print_in(ev, &v, 0, &s.buf);
	buf_addc(&s.buf, '\n');
	return scratch_string(ev, &s, NULL)->data;
}

bool lock_equal(struct eval *ev, struct lock_node *a, struct lock_node *b)
{
	struct value x = lock_value(ev, a, true), y = lock_value(ev, b, true);

	return str_eq(lock_text(ev, &x), lock_text(ev, &y));
}

// ---- what changed

struct flat {
	struct {
		struct input_path path;
		const struct lock_edge *edge;
	} * rows;
	size_t len, cap;
};

static void flatten(struct eval *ev, struct flat *f, struct lock_node *n, const struct input_path *at)
{
	if (at->len > 50 || f->len > NODES_MAX)
		return;
	for (size_t i = 0; i < n->len; i++) {
		const struct input_path *p = input_path_add(ev, at, n->edges[i].id);
		if (n->edges[i].node && !n->edges[i].node->locked)
			continue; // the package set stands for it
		if (f->len == f->cap) {
			void *more = eval_alloc(ev, (f->cap * 2 + 32) * sizeof(*f->rows));
			if (f->len)
				memcpy(more, f->rows, f->len * sizeof(*f->rows));
			f->rows = more;
			f->cap = f->cap * 2 + 32;
		}
		f->rows[f->len].path = *p;
		f->rows[f->len++].edge = &n->edges[i];
		if (n->edges[i].node)
			flatten(ev, f, n->edges[i].node, p);
	}
}

static const char *edge_text(struct eval *ev, const struct lock_edge *e)
{
	if (!e->node)
		return arena_printf(&ev->heap, "follows '%s'", input_path_show(ev, &e->follows));
	const struct ref_attr *when = ref_get(e->node->locked, "lastModified");
	time_t at = when ? (time_t)when->number : 0;
	char date[32] = "";
	struct tm tm;

	gmtime_r(&at, &tm);
	if (when)
		strftime(date, sizeof(date), " (%Y-%m-%d)", &tm);
	return arena_printf(&ev->heap, "'%s'%s", ref_show(ev, e->node->locked), date);
}

const char *lock_diff(struct eval *ev, struct lock_node *before, struct lock_node *after)
{
	const struct input_path top = {NULL, 0};
	struct flat a = {.len = 0}, b = {.len = 0};
	struct scratch s;
	size_t i = 0, k = 0;

	flatten(ev, &a, before, &top);
	flatten(ev, &b, after, &top);
	scratch_begin(ev, &s);
	while (i < a.len || k < b.len) {
		int c = i == a.len   ? 1
		        : k == b.len ? -1
		                     : input_path_compare(&a.rows[i].path, &b.rows[k].path);
		const char *was = c <= 0 ? edge_text(ev, a.rows[i].edge) : "",
		           *is = c >= 0 ? edge_text(ev, b.rows[k].edge) : "";
		const char *name = input_path_show(ev, c <= 0 ? &a.rows[i].path : &b.rows[k].path);
		if (c > 0)
			buf_addf(&s.buf, "• Added input '%s':\n    %s\n", name, is);
		else if (c < 0)
			buf_addf(&s.buf, "• Removed input '%s'\n", name);
		else if (!str_eq(was, is))
			buf_addf(&s.buf, "• Updated input '%s':\n    %s\n  → %s\n", name, was, is);
		i += c <= 0;
		k += c >= 0;
	}
	buf_str(&s.buf);
	while (s.buf.len && s.buf.data[s.buf.len - 1] == '\n')
		s.buf.data[--s.buf.len] = 0;
	return scratch_string(ev, &s, NULL)->data;
}
