// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of a plan: a node for each derivation that is wanted or that a build needs, and who waits for
// whom.
#include "build/plan-impl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/str.h"

unsigned plan_jobs_auto(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned)n : 1;
}

int plan_new(struct store *s, const struct plan_opts *opts, struct progress *progress, struct plan **ret,
        struct err *e)
{
	struct builder *b = NULL;
	int r = builder_new(s, &opts->build, progress, &b, e);

	if (r < 0)
		return r;
	struct plan *p = NEW(struct plan);
	p->store = s;
	p->opts = *opts;
	p->builder = b;
	p->progress = progress;
	*ret = p;
	return 0;
}

static void plan_node_free(void *value)
{
	struct plan_node *n = value;

	mem_free(n->drv_path);
	drv_free(n->drv);
	strv_free(n->wanted);
	mem_free(n->dependents);
	mem_free(n);
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	hmap_release_with(&p->nodes, plan_node_free);
	builder_free(p->builder);
	hmap_release(&p->found);
	strv_free(p->paths);
	strv_free(p->fetches);
	strv_free(p->errors);
	mem_free(p);
}

static int plan_node_get(struct plan *p, const char *drv_path, struct plan_node **ret, struct err *e)
{
	struct plan_node *n = hmap_get(&p->nodes, drv_path);
	struct drv *d = NULL;

	if (!n) {
		int r = store_add_temp_root(p->store, drv_path, e);
		if (r == 0)
			r = drv_read(p->store, drv_path, &d, e);
		if (r < 0)
			return r;
		n = NEW(struct plan_node);
		n->drv_path = mem_strdup(drv_path);
		n->drv = d;
		hmap_put(&p->nodes, drv_path, n);
	}
	*ret = n;
	return 0;
}

// Adds outputs to what is wanted of n. *ret_new: n turned out to need a build, and its inputs must be looked
// at.
static int plan_want(struct plan *p, struct plan_node *n, char *const *outputs, bool *ret_new, struct err *e)
{
	bool was_valid = n->state == NODE_VALID;

	strv_for_each (name, outputs) {
		const struct drv_output *o = drv_output(n->drv, name);
		if (!o)
			return err_set(e, -ENOENT, "derivation '%s' does not have an output named '%s'",
			        n->drv_path, name);
		if (strv_has(n->wanted, name))
			continue;
		strv_add(&n->wanted, name);
		// Protected from the garbage collector before it is looked at: what is found valid stays so.
		int r = o->path[0] ? store_add_temp_root(p->store, o->path, e) : 0;
		bool valid = false;
		if (r == 0 && o->path[0])
			r = store_is_valid(p->store, o->path, &valid, e);
		if (r < 0)
			return r;
		if (!valid)
			n->state = NODE_WAITING;
	}
	if (n->top && p->opts.check)
		n->state = NODE_WAITING;
	*ret_new = was_valid && n->state != NODE_VALID;
	return 0;
}

// A growing list of nodes still to be looked at, instead of recursion.
struct plan_stack {
	struct plan_node **nodes;
	size_t len, cap;
};

static void stack_push(struct plan_stack *s, struct plan_node *n)
{
	mem_grow(&s->nodes, &s->cap, s->len + 1, sizeof(*s->nodes));
	s->nodes[s->len++] = n;
}

static void plan_add_edge(struct plan_node *input, struct plan_node *n)
{
	mem_grow(&input->dependents, &input->cap_dependents, input->n_dependents + 1,
	        sizeof(*input->dependents));
	input->dependents[input->n_dependents++] = n;
	n->missing_inputs++;
}

// Asks for those of paths that nobody was asked for yet.
static int plan_look_up(struct plan *p, char *const *paths, struct err *e)
{
	_cleanup_strv_ char **new = NULL;
	int r = 0;

	strv_for_each (path, paths)
		if (p->opts.find && !hmap_has(&p->found, path)) {
			hmap_put(&p->found, path, &p->found);
			strv_add(&new, path);
		}
	size_t n = strv_len(new);
	_cleanup_free_ bool *has = mem_array(n + 1, sizeof(*has));
	if (n)
		r = p->opts.find(p->opts.find_ctx, new, has, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (has[i])
			hmap_put(&p->found, new[i], p);
	return r;
}

static bool plan_is_found(const struct plan *p, const char *path)
{
	return hmap_get(&p->found, path) == p;
}

static void plan_fetch(struct plan *p, const char *path)
{
	if (!strv_has(p->fetches, path))
		strv_add(&p->fetches, path);
}

static int plan_require_path(struct plan *p, const char *path, struct err *e)
{
	bool valid;
	int r = store_is_valid(p->store, path, &valid, e);

	if (r < 0 || valid)
		return r;
	r = plan_look_up(p, (char *const[]){(char *)path, NULL}, e);
	if (r < 0)
		return r;
	if (plan_is_found(p, path)) {
		plan_fetch(p, path);
		return 0;
	}
	return err_set(
	        e, -ENOENT, "path '%s' is required, but there is no substituter that can build it", path);
}

static int plan_expand(struct plan *p, struct plan_node *n, struct plan_stack *todo, struct err *e)
{
	for (size_t i = 0; i < n->drv->n_inputs; i++) {
		const struct drv_input *in = &n->drv->inputs[i];
		struct plan_node *input = NULL;
		bool is_new = false;
		int r = plan_node_get(p, in->path, &input, e);
		if (r == 0)
			r = plan_want(p, input, in->outputs, &is_new, e);
		if (r < 0)
			return r;
		if (is_new)
			stack_push(todo, input);
		if (input->state != NODE_VALID)
			plan_add_edge(input, n);
	}
	for (size_t i = 0; i < n->drv->n_srcs; i++) {
		int r = plan_require_path(p, n->drv->srcs[i], e);
		if (r < 0)
			return err_hint(e, "it is a source of '%s'", n->drv_path);
	}
	return 0;
}

// What of a node is wanted and not there.
static int plan_lacks(struct plan *p, const struct plan_node *n, char ***ret, struct err *e)
{
	strv_for_each (name, n->wanted) {
		const struct drv_output *o = drv_output(n->drv, name);
		bool valid = false;
		int r = o->path[0] ? store_is_valid(p->store, o->path, &valid, e) : 0;
		if (r < 0)
			return r;
		if (!valid)
			strv_add(ret, o->path);
	}
	return 0;
}

// Nodes of which somebody has all that is lacking need no build and no inputs; one question for all of them.
static int plan_find(struct plan *p, struct plan_stack *todo, struct err *e)
{
	_cleanup_strv_ char **all = NULL;
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < todo->len; i++)
		r = plan_lacks(p, todo->nodes[i], &all, e);
	if (r == 0)
		r = plan_look_up(p, all, e);
	for (size_t i = 0; r == 0 && i < todo->len; i++) {
		struct plan_node *n = todo->nodes[i];
		_cleanup_strv_ char **lacks = NULL;
		bool found = !(n->top && p->opts.check);
		r = plan_lacks(p, n, &lacks, e);
		strv_for_each (path, lacks)
			found = found && plan_is_found(p, path);
		if (!found) {
			todo->nodes[kept++] = n;
			continue;
		}
		n->state = NODE_VALID;
		for (size_t k = 0; k < n->n_dependents; k++)
			n->dependents[k]->missing_inputs--; // they do not wait for it any more
		n->n_dependents = 0;
		strv_for_each (path, lacks)
			plan_fetch(p, path);
	}
	todo->len = kept;
	return r;
}

// Level by level, so that each level is one question.
static int plan_expand_levels(struct plan *p, struct plan_stack *todo, struct err *e)
{
	int r = 0;

	while (r == 0 && todo->len) {
		struct plan_stack level = *todo;
		*todo = (struct plan_stack){0};
		r = plan_find(p, &level, e);
		for (size_t i = 0; r == 0 && i < level.len; i++)
			r = plan_expand(p, level.nodes[i], todo, e);
		mem_free(level.nodes);
	}
	return r;
}

char **plan_fetches(const struct plan *p)
{
	char **list = NULL;

	strv_for_each (path, p->fetches)
		strv_add(&list, path);
	return list;
}

static size_t plan_count_unbuilt(const struct plan *p)
{
	size_t n = 0;

	hmap_for_each (entry, &p->nodes)
		n += ((struct plan_node *)entry->value)->state != NODE_VALID;
	return n;
}

struct plan_node **plan_order(const struct plan *p, size_t *ret_n)
{
	size_t total = plan_count_unbuilt(p), len = 0;
	struct plan_node **order = mem_array(total + 1, sizeof(*order));
	size_t *missing = mem_array(p->nodes.len + 1, sizeof(*missing));
	struct hmap at = {0}; // node -> &missing of it

	for (size_t i = p->nodes.len; i-- > 0;) { // what was found last is deepest
		struct plan_node *n = p->nodes.entries[i].value;
		missing[i] = n->missing_inputs;
		hmap_put(&at, n->drv_path, &missing[i]);
		if (n->state != NODE_VALID && n->missing_inputs == 0)
			order[len++] = n;
	}
	for (size_t i = 0; i < len; i++) {
		for (size_t k = 0; k < order[i]->n_dependents; k++) {
			size_t *left = hmap_get(&at, order[i]->dependents[k]->drv_path);
			if (--*left == 0)
				order[len++] = order[i]->dependents[k];
		}
	}
	hmap_release(&at);
	mem_free(missing);
	*ret_n = len;
	return order;
}

static int plan_check_cycle(const struct plan *p, struct err *e)
{
	size_t n;
	_cleanup_free_ struct plan_node **order = plan_order(p, &n);
	_cleanup_hmap_ struct hmap ordered = {0};

	if (n == plan_count_unbuilt(p))
		return 0;
	for (size_t i = 0; i < n; i++)
		hmap_put(&ordered, order[i]->drv_path, order[i]);
	hmap_for_each (entry, &p->nodes) {
		struct plan_node *node = entry->value;
		if (node->state != NODE_VALID && !hmap_has(&ordered, node->drv_path))
			return err_set(e, -ELOOP, "derivation '%s' needs itself (a cycle of derivations)",
			        node->drv_path);
	}
	return 0;
}

int plan_add_drv(struct plan *p, const char *drv_path, char *const *outputs, struct err *e)
{
	struct plan_stack todo = {0};
	_cleanup_strv_ char **all = NULL;
	struct plan_node *n = NULL;
	bool is_new = false;
	int r = plan_node_get(p, drv_path, &n, e);

	if (r < 0)
		return r;
	n->top = true;
	for (size_t i = 0; !outputs && i < n->drv->n_outputs; i++)
		strv_add(&all, n->drv->outputs[i].name);
	r = plan_want(p, n, outputs ? outputs : all, &is_new, e);
	if (r == 0 && is_new)
		stack_push(&todo, n);
	if (r == 0 && p->opts.find)
		r = plan_expand_levels(p, &todo, e);
	while (r == 0 && todo.len)
		r = plan_expand(p, todo.nodes[--todo.len], &todo, e);
	mem_free(todo.nodes);
	return r < 0 ? r : plan_check_cycle(p, e);
}

int plan_add_given(struct plan *p, const char *drv_path, struct drv *drv, struct err *e)
{
	struct plan_node *n;

	if (hmap_has(&p->nodes, drv_path)) {
		drv_free(drv);
		return err_set(e, -EEXIST, "derivation '%s' is in the plan already", drv_path);
	}
	n = NEW(struct plan_node);
	n->drv_path = mem_strdup(drv_path);
	n->drv = drv;
	hmap_put(&p->nodes, drv_path, n);
	return plan_add_drv(p, drv_path, NULL, e);
}

int plan_add_path(struct plan *p, const char *path, struct err *e)
{
	int r = plan_require_path(p, path, e);

	if (r == 0)
		strv_add(&p->paths, path);
	return r;
}

size_t plan_build_count(const struct plan *p)
{
	return plan_count_unbuilt(p);
}

char **plan_builds(const struct plan *p)
{
	size_t n;
	_cleanup_free_ struct plan_node **order = plan_order(p, &n);
	char **list = NULL;

	for (size_t i = 0; i < n; i++)
		strv_add(&list, order[i]->drv_path);
	return list;
}

void plan_print(const struct plan *p, struct buf *out)
{
	_cleanup_strv_ char **list = plan_builds(p);
	size_t n = strv_len(list);

	if (n == 1)
		buf_adds(out, "this derivation will be built:\n");
	else if (n > 1)
		buf_addf(out, "these %zu derivations will be built:\n", n);
	strv_for_each (path, list)
		buf_addf(out, "  %s\n", path);
}

char *const *plan_errors(const struct plan *p)
{
	return p->errors;
}

int plan_exit_code(const struct plan *p)
{
	static const struct {
		enum build_outcome outcome;
		int bits;
	} rows[] = {{BUILD_FAILED, 4}, {BUILD_TIMED_OUT, 4 | 1}, {BUILD_HASH_MISMATCH, 4 | 2},
	        {BUILD_NOT_DETERMINISTIC, 8}};
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (p->outcomes & (1u << rows[i].outcome))
			code |= 96 | rows[i].bits;
	}
	return code ? code : p->errors ? 1 : 0;
}
