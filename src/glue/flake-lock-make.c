// SPDX-License-Identifier: GPL-2.0-or-later
// Makes a flake's lock complete: what the lock file has for an input that did not change is kept, what is new
// is fetched, overrides and 'follows' of flakes further out win, relative paths stay relative.
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/glue.h"

enum { DEPTH_MAX = 60, INPUTS_MAX = 50000 };

// An input's input that a flake further out gives something else.
struct override {
	const struct input_path *path;
	const struct flake_input *input;
	const char *folder;              // of the flake that says so
	const struct input_path *parent; // where that flake is
	const struct ref *from;          // what that flake is; NULL: the command line
	bool typed, used;                // on the command line
};

struct making {
	struct eval *ev;
	const struct flake_options *options;
	struct override **overrides; // sorted by path
	size_t n_overrides, cap_overrides;
	const struct input_path **updates;
	size_t n_updates;
	bool *updates_used;
	const struct ref *open[DEPTH_MAX]; // flakes whose inputs are being looked at
	size_t n_open, n_inputs;
};

// One flake whose inputs are made into edges of node.
struct level {
	const struct flake_input *inputs;
	size_t len;
	struct lock_node *node;
	const struct input_path *at;
	struct lock_node *old;               // its node in the lock file; NULL: none
	const struct input_path *follows_at; // what 'follows' of the old nodes is counted from
	const char *folder;
	const struct ref *from; // the flake, locked
	bool trust;
};

static void make(struct making *m, const struct level *l);

// Where that path is or belongs.
static size_t override_place(struct making *m, const struct input_path *path)
{
	size_t low = 0, high = m->n_overrides;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (input_path_compare(m->overrides[mid]->path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct override *override_find(struct making *m, const struct input_path *path)
{
	size_t i = override_place(m, path);

	return i < m->n_overrides && input_path_equal(m->overrides[i]->path, path) ? m->overrides[i] : NULL;
}

static void check_count(struct making *m, const struct input_path *at)
{
	if (at->len > DEPTH_MAX || m->n_inputs > INPUTS_MAX)
		eval_throw(m->ev, THROW_RECURSE, 0,
		        "inputs of inputs are nested too deeply, or too many, at '%.200s'",
		        input_path_show(m->ev, at));
}

// The first of a path counts: it is of the flake that is further out.
static void override_add(struct making *m, const struct override *o)
{
	size_t i = override_place(m, o->path);
	struct override *copy;

	m->n_inputs++;
	check_count(m, o->path);
	if (i < m->n_overrides && input_path_equal(m->overrides[i]->path, o->path))
		return;
	if (m->n_overrides == m->cap_overrides) {
		struct override **more =
		        eval_alloc(m->ev, (m->cap_overrides * 2 + 16) * sizeof(struct override *));
		if (m->n_overrides)
			memcpy(more, m->overrides, m->n_overrides * sizeof(struct override *));
		m->overrides = more;
		m->cap_overrides = m->cap_overrides * 2 + 16;
	}
	copy = eval_alloc(m->ev, sizeof(*copy));
	*copy = *o;
	memmove(&m->overrides[i + 1], &m->overrides[i], (m->n_overrides - i) * sizeof(struct override *));
	m->overrides[i] = copy;
	m->n_overrides++;
}

static void add_overrides(
        struct making *m, const struct level *l, const struct flake_input *input, const struct input_path *at)
{
	for (size_t i = 0; i < input->len; i++) {
		const struct flake_input *in = &input->inputs[i];
		const struct input_path *path = input_path_add(m->ev, at, in->id);
		if (in->ref || in->has_follows)
			override_add(
			        m, &(struct override){path, in, l->folder, l->at, l->from, false, false});
		add_overrides(m, l, in, path);
	}
}

static bool has_input(const struct level *l, const char *id)
{
	size_t low = 0, high = l->len;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = strcmp(l->inputs[mid].id, id);
		if (c == 0)
			return true;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static void say(struct making *m, const char *line)
{
	m->ev->host.say(m->ev->host.ctx, line);
}

// Those below a path stand together.
static void warn_of_strangers(struct making *m, const struct level *l)
{
	for (size_t i = override_place(m, l->at); i < m->n_overrides; i++) {
		const struct input_path *p = m->overrides[i]->path, up = {p->parts, MIN(p->len, l->at->len)};
		if (!input_path_equal(&up, l->at))
			return;
		if (p->len == l->at->len + 1 && !has_input(l, p->parts[l->at->len]))
			say(m, arena_printf(&m->ev->heap,
			               "warning: input '%s' has an override for a non-existent input '%s'",
			               input_path_show(m->ev, l->at), p->parts[l->at->len]));
	}
}

static bool is_update(struct making *m, const struct input_path *p, bool below)
{
	for (size_t i = 0; i < m->n_updates; i++) {
		const struct input_path *u = m->updates[i], head = {u->parts, MIN(p->len, u->len)};
		if (input_path_equal(&head, p) && (below ? u->len > p->len : u->len == p->len)) {
			m->updates_used[i] |= !below;
			return true;
		}
	}
	return false;
}

// One input on its way to a node.
struct step {
	const struct flake_input *input; // after overrides
	const struct ref *original;      // what the lock file is told
	const struct input_path *path;
	const char *folder;
	const struct input_path *parent; // NULL: no relative path
	const struct ref *from;          // the flake that names it; NULL: the command line
	bool typed, is_flake;
};

// The folder of a relative input, which must stay in the source that it is part of.
static const char *relative_folder(struct making *m, const struct step *s, const struct ref *r)
{
	struct eval *ev = m->ev;
	const char *joined = arena_printf(&ev->heap, "%s/%s", s->folder, ref_text(r, "path"));
	const char *folder = eval_canonical_path(ev, joined, strlen(joined))->data;
	size_t n = strlen(ev->host.store_dir);
	size_t top = n + 1 + strcspn(s->folder + n + 1, "/");

	if (strncmp(folder, s->folder, top) != 0 || (folder[top] && folder[top] != '/'))
		eval_throw(ev, THROW_EVAL, 0,
		        "the relative path '%s' of the input '%s' leads out of the source of its flake",
		        ref_text(r, "path"), input_path_show(ev, s->path));
	return folder;
}

// A flake from elsewhere must not say which of this machine's folders is copied into the store, where
// everybody can read it.
static void check_source(struct making *m, const struct step *s, const struct ref *r)
{
	struct eval *ev = m->ev;

	if (!s->from || ref_is_here(s->from) || ref_is_relative(r))
		return;
	r = registry_resolve(ev, r);
	if (ref_is_elsewhere(r))
		return;
	if (!ref_is_here(r))
		eval_throw(ev, THROW_RESTRICTED, 0,
		        "the flake '%s', which is not of this machine, names '%s' as its input '%s': only "
		        "addresses of http, https, ssh, git and the forges are taken from it",
		        ref_show(ev, s->from), ref_show(ev, r), s->path->parts[s->path->len - 1]);
	eval_throw_hint(ev, THROW_RESTRICTED, 0,
	        arena_printf(&ev->heap, "If that is meant: --override-input %s '%s'",
	                input_path_show(ev, s->path), ref_show(ev, r)),
	        "the flake '%s', which is not of this machine, names '%s' here as its input '%s'",
	        ref_show(ev, s->from), ref_show(ev, r), s->path->parts[s->path->len - 1]);
}

static void fetch_flake(struct making *m, const struct step *s, const struct ref *r, struct flake *ret)
{
	if (!ref_is_relative(r)) {
		flake_fetch(m->ev, r, s->path, ret);
		return;
	}
	*ret = (struct flake){.original = ref_copy(m->ev, r), .locked = ref_copy(m->ev, r)};
	ret->folder = relative_folder(m, s, r);
	flake_read(m->ev, ret, s->path);
}

static struct lock_node *new_node(struct making *m, const struct step *s, const struct ref *locked)
{
	struct lock_node *n = lock_node_new(m->ev);

	n->locked = locked ? ref_copy(m->ev, locked) : NULL;
	n->original = ref_copy(m->ev, s->original);
	n->is_flake = s->is_flake;
	n->has_parent = s->parent != NULL;
	if (s->parent)
		n->parent = *s->parent;
	return n;
}

static void descend(struct making *m, const struct flake *f, struct lock_node *n, const struct step *s,
        struct lock_node *old, const struct input_path *follows_at)
{
	const struct level l = {.inputs = f->inputs,
	        .len = f->len,
	        .node = n,
	        .at = s->path,
	        .old = old,
	        .follows_at = follows_at,
	        .folder = f->folder,
	        .from = ref_is_relative(f->locked) ? s->from : f->locked};

	for (size_t i = 0; i < m->n_open; i++)
		if (ref_equal(m->open[i], s->input->ref))
			eval_throw(m->ev, THROW_EVAL, 0, "found circular import of flake '%s'",
			        ref_show(m->ev, s->input->ref));
	if (m->n_open == DEPTH_MAX)
		eval_throw(m->ev, THROW_RECURSE, 0, "inputs of inputs are nested too deeply at '%s'",
		        input_path_show(m->ev, s->path));
	m->open[m->n_open++] = s->input->ref;
	make(m, &l);
	m->n_open--;
}

// An input that the lock file has: its inputs are those of the lock file, unless one has to be looked for in
// the flake itself.
static void keep(struct making *m, const struct level *l, const struct step *s, struct lock_node *old)
{
	struct eval *ev = m->ev;
	struct lock_node *n = new_node(m,
	        &(struct step){.original = old->original,
	                .is_flake = old->is_flake,
	                .parent = old->has_parent ? &old->parent : NULL},
	        old->locked);
	struct flake_input *inputs = eval_alloc(ev, (old->len + 1) * sizeof(*inputs));
	bool again = is_update(m, s->path, true);

	lock_edge_put(ev, l->node, s->path->parts[s->path->len - 1])->node = n;
	n->embedded = !m->options->own_nixpkgs && nixpkgs_is(old->locked);
	for (size_t i = 0; i < old->len && !again; i++) {
		const struct lock_edge *e = &old->edges[i];
		inputs[i] = (struct flake_input){.id = e->id, .is_flake = true};
		if (e->node) {
			inputs[i].ref = e->node->original;
			inputs[i].is_flake = e->node->is_flake;
			continue;
		}
		// Who follows may have been told so by a flake that does not say it any more.
		again = !l->trust && !override_find(m, input_path_add(ev, s->path, e->id));
		struct input_path follows = *l->follows_at;
		for (size_t k = 0; k < e->follows.len; k++)
			follows = *input_path_add(ev, &follows, e->follows.parts[k]);
		inputs[i].has_follows = true;
		inputs[i].follows = follows;
	}
	if (n->embedded)
		return;
	if (again && old->is_flake) {
		struct flake f;
		fetch_flake(m, s, old->locked, &f);
		n->source = f.source;
		descend(m, &f, n, s, old, l->follows_at);
		return;
	}
	make(m, &(struct level){inputs, old->len, n, s->path, old, l->follows_at, l->folder,
	                ref_is_relative(old->locked) ? l->from : old->locked, true});
}

static void add(struct making *m, const struct level *l, const struct step *s)
{
	struct eval *ev = m->ev;
	const struct ref *r = s->input->ref;
	const char *id = s->path->parts[s->path->len - 1];
	struct lock_node *n;

	if (!m->options->own_nixpkgs && nixpkgs_is(registry_resolve(ev, r))) {
		n = new_node(m, s, NULL);
		n->embedded = true;
		lock_edge_put(ev, l->node, id)->node = n;
		return;
	}
	if (m->options->locked_only && !ref_is_locked(r) && !ref_is_relative(r))
		eval_throw(ev, THROW_EVAL, 0, "cannot update unlocked flake input '%s' in pure mode",
		        input_path_show(ev, s->path));
	if (s->is_flake) {
		struct flake f;
		fetch_flake(m, s, r, &f);
		n = new_node(m, s, f.locked);
		n->source = f.source;
		lock_edge_put(ev, l->node, id)->node = n;
		const char *file = arena_printf(&ev->heap, "%s/flake.lock", f.folder);
		descend(m, &f, n, s, lock_read(ev, file), s->path);
	} else if (ref_is_relative(r)) {
		relative_folder(m, s, r);
		lock_edge_put(ev, l->node, id)->node = new_node(m, s, r);
	} else {
		struct ref *plain = ref_copy(ev, registry_resolve(ev, r));
		const char *dir = ref_text(plain, "dir");
		struct fetched f;
		ref_remove(plain, "dir");
		tree_fetch(ev, plain, input_path_show(ev, s->path), &f);
		if (dir)
			ref_set(ev, f.locked, "dir", dir);
		n = new_node(m, s, f.locked);
		n->source = f;
		lock_edge_put(ev, l->node, id)->node = n;
	}
}

static void make_one(struct making *m, const struct level *l, const struct flake_input *input)
{
	struct eval *ev = m->ev;
	const struct input_path *path = input_path_add(ev, l->at, input->id);
	struct override *o = override_find(m, path);
	const struct flake_input *in = o ? o->input : input;
	struct lock_edge *was;

	if (o)
		o->used = true;
	if (in->has_follows) {
		lock_edge_put(ev, l->node, input->id)->follows = in->follows;
		return;
	}
	struct step s = {.input = in,
	        .original = o && o->typed && input->ref ? input->ref : in->ref,
	        .path = path,
	        .folder = o ? o->folder : l->folder,
	        .from = o ? o->from : l->from,
	        .typed = o && o->typed,
	        .is_flake = input->is_flake};
	if (ref_is_relative(in->ref))
		s.parent = o ? o->parent : l->at;
	bool update = is_update(m, path, false);
	was = l->old && !update ? lock_edge_get(l->old, input->id) : NULL;
	struct lock_node *old = was ? was->node : NULL;
	bool same = old && ref_equal(old->original, in->ref) && old->has_parent == (s.parent != NULL) &&
	            (!s.parent || input_path_equal(&old->parent, s.parent));
	check_source(m, &s, same && !s.typed ? old->locked : in->ref);
	if (same && !s.typed)
		keep(m, l, &s, old);
	else
		add(m, l, &s);
}

static void make(struct making *m, const struct level *l)
{
	struct eval *ev = m->ev;
	struct frame frame;

	m->n_inputs += l->len;
	check_count(m, l->at);
	for (size_t i = 0; i < l->len; i++)
		add_overrides(m, l, &l->inputs[i], input_path_add(ev, l->at, l->inputs[i].id));
	warn_of_strangers(m, l);
	for (size_t i = 0; i < l->len; i++) {
		const char *name = input_path_show(ev, input_path_add(ev, l->at, l->inputs[i].id));
		text_push(ev, &frame, arena_printf(&ev->heap, "while updating the flake input '%s'", name));
		make_one(m, l, &l->inputs[i]);
		text_pop(ev, &frame);
	}
}

// ---- the command line's part

static void add_typed(struct making *m, const char *folder)
{
	static const struct input_path top = {NULL, 0};
	struct eval *ev = m->ev;

	for (char **o = m->options->overrides; o && o[0] && o[1]; o += 2) {
		struct input_path *path = eval_alloc(ev, sizeof(*path));
		struct flake_input *in = eval_alloc(ev, sizeof(*in));
		*path = input_path_parse(ev, o[0], &top);
		if (!path->len)
			eval_throw(ev, THROW_EVAL, 0, "--override-input needs the name of an input");
		*in = (struct flake_input){.id = path->parts[path->len - 1], .is_flake = true};
		in->ref = ref_parse(ev, o[1], REF_HERE | REF_FLAKE, NULL);
		override_add(m, &(struct override){path, in, folder, &top, NULL, true, false});
	}
	m->n_updates = strv_len(m->options->updates);
	m->updates = eval_alloc(ev, (m->n_updates + 1) * sizeof(*m->updates));
	m->updates_used = eval_alloc(ev, m->n_updates + 1);
	for (size_t i = 0; i < m->n_updates; i++) {
		struct input_path *path = eval_alloc(ev, sizeof(*path));
		*path = input_path_parse(ev, m->options->updates[i], &top);
		m->updates[i] = path;
	}
}

static void warn_of_unused(struct making *m)
{
	struct eval *ev = m->ev;

	for (size_t i = 0; i < m->n_overrides; i++)
		if (m->overrides[i]->typed && !m->overrides[i]->used)
			say(m, arena_printf(&ev->heap,
			               "warning: the flag '--override-input %s %s' does not match any input",
			               input_path_show(ev, m->overrides[i]->path),
			               ref_show(ev, m->overrides[i]->input->ref)));
	for (size_t i = 0; i < m->n_updates; i++)
		if (!m->updates_used[i])
			say(m, arena_printf(&ev->heap, "warning: '%s' does not match any input of this flake",
			               input_path_show(ev, m->updates[i])));
}

// Whoever follows may be followed; one that comes back to itself is no input.
static void check_cycle(struct making *m, struct lock_node *root, const struct input_path *from)
{
	struct eval *ev = m->ev;
	const struct input_path *at = from;
	struct scratch s;

	scratch_begin(ev, &s);
	buf_adds(&s.buf, input_path_show(ev, from));
	for (unsigned i = 0; i < DEPTH_MAX; i++) {
		const struct input_path up = {at->parts, at->len - 1};
		struct lock_node *n = at->len ? lock_find(root, &up) : NULL;
		struct lock_edge *e = n ? lock_edge_get(n, at->parts[up.len]) : NULL;
		if (!e || e->node)
			break;
		at = &e->follows;
		buf_addf(&s.buf, " -> %s", input_path_show(ev, at));
		if (input_path_equal(at, from))
			eval_throw(ev, THROW_EVAL, 0, "follow cycle detected: [%s]", buf_str(&s.buf));
	}
	scratch_end(ev, &s);
}

static void check_follows(
        struct making *m, struct lock_node *root, struct lock_node *n, const struct input_path *at)
{
	struct eval *ev = m->ev;

	for (size_t i = 0; i < n->len && at->len < DEPTH_MAX; i++) {
		const struct lock_edge *e = &n->edges[i];
		const struct input_path *path = input_path_add(ev, at, e->id);
		if (e->node) {
			check_follows(m, root, e->node, path);
		} else if (e->follows.len && !lock_find(root, &e->follows)) {
			check_cycle(m, root, path);
			eval_throw(ev, THROW_EVAL, 0, "input '%s' follows a non-existent input '%s'",
			        input_path_show(ev, path), input_path_show(ev, &e->follows));
		}
	}
}

struct lock_node *flake_lock_make(
        struct eval *ev, const struct flake *f, const struct flake_options *options, struct lock_node *old)
{
	static const struct input_path top = {NULL, 0};
	struct making m = {.ev = ev, .options = options};
	struct lock_node *root = lock_node_new(ev);

	add_typed(&m, f->folder);
	make(&m, &(struct level){f->inputs, f->len, root, &top, options->recreate ? NULL : old, &top,
	                 f->folder, f->locked, false});
	warn_of_unused(&m);
	check_follows(&m, root, root, &top);
	return root;
}
