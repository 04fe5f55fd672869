// SPDX-License-Identifier: GPL-2.0-or-later
// Building a derivation piece by piece, and asking it questions.
#include "store/drv.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "store/aterm.h"

struct drv *drv_new(const char *name)
{
	struct drv *d = NEW(struct drv);

	d->name = arena_strdup(&d->mem, name);
	d->system = d->builder = arena_strdup(&d->mem, "");
	return d;
}

void drv_free(struct drv *d)
{
	if (!d)
		return;
	arena_release(&d->mem);
	mem_free(d);
}

static char *copy(struct drv *d, const char *s)
{
	return arena_strdup(&d->mem, s ? s : "");
}

void drv_grow(struct drv *d, void *list, size_t *cap, size_t want, size_t size_bytes)
{
	void **array = list;

	if (want <= *cap)
		return;
	size_t n = MAX(MAX(want, *cap * 2), (size_t)4);
	void *more = arena_alloc(&d->mem, n * size_bytes);
	if (*cap)
		memcpy(more, *array, *cap * size_bytes);
	*array = more;
	*cap = n;
}

void drv_add_output(
        struct drv *d, const char *name, const char *path, const char *hash_algo, const char *hash)
{
	drv_grow(d, &d->outputs, &d->cap_outputs, d->n_outputs + 1, sizeof(*d->outputs));
	d->outputs[d->n_outputs++] =
	        (struct drv_output){copy(d, name), copy(d, path), copy(d, hash_algo), copy(d, hash)};
}

void drv_add_input(struct drv *d, const char *drv_path, const char *output)
{
	char **outputs = arena_alloc(&d->mem, 2 * sizeof(*outputs));

	outputs[0] = copy(d, output);
	drv_grow(d, &d->inputs, &d->cap_inputs, d->n_inputs + 1, sizeof(*d->inputs));
	d->inputs[d->n_inputs++] = (struct drv_input){copy(d, drv_path), outputs};
}

// Adds to a list that keeps a NULL behind its last element.
static void list_add(struct drv *d, char ***list, size_t *n, size_t *cap, char *s)
{
	drv_grow(d, list, cap, *n + 2, sizeof(**list));
	(*list)[(*n)++] = s;
	(*list)[*n] = NULL;
}

void drv_add_src(struct drv *d, const char *path)
{
	list_add(d, &d->srcs, &d->n_srcs, &d->cap_srcs, copy(d, path));
}

void drv_add_arg(struct drv *d, const char *arg)
{
	list_add(d, &d->args, &d->n_args, &d->cap_args, copy(d, arg));
}

// The first variable that is not before name.
static size_t env_place(const struct drv *d, const char *name)
{
	size_t lo = 0, hi = d->n_env;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (strcmp(d->env[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct drv_env *find_env(const struct drv *d, const char *name)
{
	size_t i = d->env_sorted ? env_place(d, name) : 0;
	size_t end = d->env_sorted ? MIN(i + 1, d->n_env) : d->n_env;

	for (; i < end; i++)
		if (strcmp(d->env[i].name, name) == 0)
			return &d->env[i];
	return NULL;
}

void drv_set_env(struct drv *d, const char *name, const char *value)
{
	// The evaluator's names come sorted: what follows the last one is new.
	bool sorted = d->n_env == 0 || d->env_sorted;
	bool after = !d->n_env || (sorted && strcmp(d->env[d->n_env - 1].name, name) < 0);
	struct drv_env *env = after ? NULL : find_env(d, name);

	if (env) {
		env->value = copy(d, value);
		return;
	}
	size_t at = after || !sorted ? d->n_env : env_place(d, name);
	drv_grow(d, &d->env, &d->cap_env, d->n_env + 1, sizeof(*d->env));
	memmove(&d->env[at + 1], &d->env[at], (d->n_env - at) * sizeof(*d->env));
	d->env[at] = (struct drv_env){copy(d, name), copy(d, value)};
	d->n_env++;
	d->env_sorted = sorted;
}

void drv_set_system(struct drv *d, const char *system)
{
	d->system = copy(d, system);
}

void drv_set_builder(struct drv *d, const char *builder)
{
	d->builder = copy(d, builder);
}

static int output_cmp(const void *a, const void *b)
{
	return strcmp(((const struct drv_output *)a)->name, ((const struct drv_output *)b)->name);
}

static int input_cmp(const void *a, const void *b)
{
	return strcmp(((const struct drv_input *)a)->path, ((const struct drv_input *)b)->path);
}

static int env_cmp(const void *a, const void *b)
{
	return strcmp(((const struct drv_env *)a)->name, ((const struct drv_env *)b)->name);
}

static int str_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// Sorts n strings and drops doubles; returns how many are left and puts NULL behind them (there is room for
// it).
static size_t sort_strings(char **list, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	if (n > 1)
		qsort(list, n, sizeof(*list), str_cmp);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(list[kept - 1], list[i]) != 0)
			list[kept++] = list[i];
	list[kept] = NULL;
	return kept;
}

// Joins neighbours of the same path.
static void merge_inputs(struct drv *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n_inputs; i++) {
		struct drv_input *in = &d->inputs[i], *last = kept ? &d->inputs[kept - 1] : NULL;
		if (!last || strcmp(last->path, in->path) != 0) {
			d->inputs[kept++] = *in;
			continue;
		}
		size_t n = strv_len(last->outputs), more = strv_len(in->outputs);
		char **both = arena_alloc(&d->mem, (n + more + 1) * sizeof(char *));
		memcpy(both, last->outputs, n * sizeof(char *));
		memcpy(both + n, in->outputs, (more + 1) * sizeof(char *));
		last->outputs = both;
	}
	d->n_inputs = kept;
}

void drv_finish(struct drv *d)
{
	if (d->n_outputs > 1)
		qsort(d->outputs, d->n_outputs, sizeof(*d->outputs), output_cmp);
	if (d->n_inputs > 1)
		qsort(d->inputs, d->n_inputs, sizeof(*d->inputs), input_cmp);
	merge_inputs(d);
	for (size_t i = 0; i < d->n_inputs; i++)
		sort_strings(d->inputs[i].outputs, strv_len(d->inputs[i].outputs));
	d->n_srcs = sort_strings(d->srcs, d->n_srcs);
	if (!d->env_sorted && d->n_env > 1)
		qsort(d->env, d->n_env, sizeof(*d->env), env_cmp);
	d->env_sorted = true;
}

struct drv_output *drv_output(const struct drv *d, const char *name)
{
	for (size_t i = 0; i < d->n_outputs; i++)
		if (strcmp(d->outputs[i].name, name) == 0)
			return &d->outputs[i];
	return NULL;
}

const char *drv_env(const struct drv *d, const char *name)
{
	struct drv_env *env = find_env(d, name);

	return env ? env->value : NULL;
}

bool drv_is_fixed(const struct drv *d)
{
	return d->n_outputs == 1 && strcmp(d->outputs[0].name, "out") == 0 && *d->outputs[0].hash;
}

bool drv_is_builtin(const struct drv *d)
{
	return str_has_prefix(d->builder, "builtin:");
}
