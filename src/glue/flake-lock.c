// SPDX-License-Identifier: GPL-2.0-or-later
// Lock files as a tree of nodes: paths of inputs, looking for one, reading Nix's format (versions 5 to 7).
#include <string.h>
#include "base/fs.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/json-parse.h"
#include "glue/flake.h"
#include "glue/glue.h"

enum { DEPTH_MAX = 100, FILE_BYTES = 64 << 20 };

// ---- paths of inputs

const struct input_path *input_path_add(struct eval *ev, const struct input_path *p, const char *id)
{
	struct input_path *more = eval_alloc(ev, sizeof(*more));

	more->len = p->len + 1;
	more->parts = eval_alloc(ev, more->len * sizeof(*more->parts));
	if (p->len)
		memcpy(more->parts, p->parts, p->len * sizeof(*more->parts));
	more->parts[p->len] = id;
	return more;
}

int input_path_compare(const struct input_path *a, const struct input_path *b)
{
	for (size_t i = 0; i < a->len && i < b->len; i++) {
		int c = strcmp(a->parts[i], b->parts[i]);
		if (c)
			return c;
	}
	return a->len < b->len ? -1 : a->len > b->len;
}

bool input_path_equal(const struct input_path *a, const struct input_path *b)
{
	return input_path_compare(a, b) == 0;
}

const char *input_path_show(struct eval *ev, const struct input_path *p)
{
	struct scratch s;

	scratch_begin(ev, &s);
	for (size_t i = 0; i < p->len; i++)
		buf_addf(&s.buf, "%s%s", i ? "/" : "", p->parts[i]);
	return scratch_string(ev, &s, NULL)->data;
}

static bool is_id(const char *s)
{
	return *s && ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')) &&
	       !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")];
}

struct input_path input_path_parse(struct eval *ev, const char *text, const struct input_path *before)
{
	struct input_path p = *before;

	while (*text) {
		size_t n = strcspn(text, "/");
		const char *id = arena_strndup(&ev->heap, text, n);
		if (n && !is_id(id))
			eval_throw(ev, THROW_EVAL, 0, "invalid flake input attribute path element '%s'", id);
		if (n)
			p = *input_path_add(ev, &p, id);
		text += n + (text[n] == '/');
	}
	return p;
}

// ---- nodes

struct lock_node *lock_node_new(struct eval *ev)
{
	struct lock_node *n = eval_alloc(ev, sizeof(*n));

	n->is_flake = true;
	return n;
}

static size_t place(const struct lock_node *n, const char *id)
{
	size_t low = 0, high = n->len;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (strcmp(n->edges[mid].id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct lock_edge *lock_edge_get(struct lock_node *n, const char *id)
{
	size_t i = place(n, id);

	return i < n->len && str_eq(n->edges[i].id, id) ? &n->edges[i] : NULL;
}

struct lock_edge *lock_edge_put(struct eval *ev, struct lock_node *n, const char *id)
{
	size_t i = place(n, id);

	if (i == n->len || !str_eq(n->edges[i].id, id)) {
		if (n->len == n->cap) {
			struct lock_edge *more = eval_alloc(ev, (n->cap * 2 + 8) * sizeof(*more));
			if (n->len)
				memcpy(more, n->edges, n->len * sizeof(*more));
			n->edges = more;
			n->cap = n->cap * 2 + 8;
		}
		memmove(&n->edges[i + 1], &n->edges[i], (n->len - i) * sizeof(*n->edges));
		n->len++;
	}
	n->edges[i] = (struct lock_edge){.id = id};
	return &n->edges[i];
}

static struct lock_node *find(struct lock_node *root, const struct input_path *p, unsigned depth, bool *deep);

// What follows may follow again, and each step of that, too: every edge is followed once. One that comes back
// to itself leads nowhere.
static struct lock_node *follow(struct lock_node *root, struct lock_edge *e, unsigned depth, bool *deep)
{
	if (e->node || e->state != LOCK_UNKNOWN)
		return e->node ? e->node : e->found;
	if (depth > DEPTH_MAX) {
		*deep = true;
		return NULL;
	}
	e->state = LOCK_OPEN;
	struct lock_node *n = find(root, &e->follows, depth + 1, deep);
	e->found = n;
	e->state = *deep ? LOCK_UNKNOWN : LOCK_FOUND; // from nearer it may be found
	return n;
}

static struct lock_node *find(struct lock_node *root, const struct input_path *p, unsigned depth, bool *deep)
{
	struct lock_node *n = root;

	for (size_t i = 0; n && i < p->len; i++) {
		struct lock_edge *e = lock_edge_get(n, p->parts[i]);
		n = e ? follow(root, e, depth, deep) : NULL;
	}
	return n;
}

struct lock_node *lock_find(struct lock_node *root, const struct input_path *p)
{
	bool deep = false;

	return find(root, p, 0, &deep);
}

// ---- reading

struct reading {
	struct eval *ev;
	const char *file;
	struct attrs *nodes;
	struct hmap done; // key -> node
	struct lock_node *root;
};

_noreturn_ static void throw_bad(struct reading *x, const char *what)
{
	eval_throw(x->ev, THROW_EVAL, 0, "lock file '%s' is not what Nix writes: %s", x->file, what);
}

static struct attr *member(struct reading *x, struct attrs *a, const char *name)
{
	return attrs_get(a, symbol_of(&x->ev->symbols, name));
}

static struct attrs *set_of(struct reading *x, struct attr *at, const char *what)
{
	if (!at || value_type(&at->value) != VALUE_ATTRS)
		throw_bad(x, what);
	return attrs_flat(x->ev, at->value.attrs);
}

static struct input_path path_of(struct reading *x, struct value *list)
{
	struct input_path p = {NULL, 0};

	if (value_type(list) != VALUE_LIST)
		throw_bad(x, "an input is neither a node nor a list of names");
	for (size_t i = 0; i < list_len(list); i++) {
		if (value_type(&list->elems[i]) != VALUE_STRING)
			throw_bad(x, "the name of an input is no string");
		p = *input_path_add(x->ev, &p, list->elems[i].string->data);
	}
	return p;
}

static void check_locked(struct reading *x, const struct ref *locked)
{
	struct eval *ev = x->ev;

	ref_check(ev, locked);
	if (ref_is_locked(locked) || ref_is_relative(locked))
		return;
	eval_throw(ev, THROW_EVAL, 0, "in lock file '%s': lock file contains unlocked input '%s'", x->file,
	        ref_show(ev, locked));
}

static struct lock_node *read_node(struct reading *x, const char *key, bool root, unsigned depth);

static void read_edges(struct reading *x, struct lock_node *n, struct attrs *inputs, unsigned depth)
{
	attrs_for_each (at, inputs) {
		struct lock_edge *e = lock_edge_put(x->ev, n, symbol_text(&x->ev->symbols, at->name));
		if (value_type(&at->value) == VALUE_STRING) {
			struct lock_node *child = read_node(x, at->value.string->data, false, depth + 1);
			lock_edge_get(n, symbol_text(&x->ev->symbols, at->name))->node = child;
		} else {
			e->follows = path_of(x, &at->value);
		}
	}
}

static struct lock_node *read_node(struct reading *x, const char *key, bool root, unsigned depth)
{
	struct lock_node *n = hmap_get(&x->done, key);
	struct eval *ev = x->ev;

	if (n && n == x->root)
		throw_bad(x, "it contains a cycle to the root node");
	if (n)
		return n;
	if (depth > DEPTH_MAX)
		throw_bad(x, "its nodes are nested too deeply");
	struct attrs *a = set_of(x, member(x, x->nodes, key), "a node is missing");
	n = lock_node_new(ev);
	hmap_put(&x->done, key, n);
	if (root) {
		x->root = n;
	} else {
		struct attr *locked = member(x, a, "locked"), *flake = member(x, a, "flake"),
		            *parent = member(x, a, "parent");
		n->locked = ref_of_attrs(
		        ev, set_of(x, locked ? locked : member(x, a, "info"), "a node is not locked"));
		n->original = ref_of_attrs(ev, set_of(x, member(x, a, "original"), "a node has no original"));
		ref_check(ev, n->original);
		check_locked(x, n->locked);
		n->is_flake = !flake || value_type(&flake->value) != VALUE_BOOL || flake->value.boolean;
		n->has_parent = parent != NULL;
		if (parent)
			n->parent = path_of(x, &parent->value);
	}
	struct attr *inputs = member(x, a, "inputs");
	if (inputs)
		read_edges(x, n, set_of(x, inputs, "inputs are no set"), depth);
	return n;
}

static void release_done(void *p)
{
	hmap_release(p);
}

static struct lock_node *read_nodes(struct reading *x, struct value *v)
{
	struct eval *ev = x->ev;
	struct frame clean = {
	        .up = ev->frames, .kind = FRAME_CLEANUP, .a = (const void *)release_done, .b = &x->done};

	ev->frames = &clean;
	if (value_type(v) != VALUE_ATTRS)
		throw_bad(x, "it is no set");
	struct attr *version = member(x, v->attrs, "version"), *root = member(x, v->attrs, "root");
	if (!version || value_type(&version->value) != VALUE_INT)
		throw_bad(x, "it has no version");
	if (version->value.integer < 5 || version->value.integer > 7)
		eval_throw(ev, THROW_EVAL, 0, "lock file '%s' has unsupported version %lld", x->file,
		        (long long)version->value.integer);
	if (!root || value_type(&root->value) != VALUE_STRING)
		throw_bad(x, "it has no root");
	x->nodes = set_of(x, member(x, v->attrs, "nodes"), "it has no nodes");
	struct lock_node *n = read_node(x, root->value.string->data, true, 0);
	ev->frames = clean.up;
	hmap_release(&x->done);
	return n;
}

struct lock_node *lock_read(struct eval *ev, const char *file)
{
	struct reading x = {.ev = ev, .file = file};
	char *real = ev->host.real_path(ev->host.ctx, file);
	struct buf b = {0};
	struct err e = {0};
	int r = fs_read_maybe(real, FILE_BYTES, &b, &e);
	const struct string *text = r > 0 ? eval_string(ev, buf_str(&b), b.len, NULL) : NULL;
	struct value v;

	mem_free(real);
	buf_release(&b);
	if (r < 0)
		eval_throw_err(ev, 0, &e);
	if (!text)
		return lock_node_new(ev);
	json_parse(ev, text->data, text->len, &v);
	return read_nodes(&x, &v);
}
