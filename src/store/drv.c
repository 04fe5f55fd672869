// SPDX-License-Identifier: GPL-2.0-or-later
// Building a derivation piece by piece, and asking it questions.
#include "store/drv.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"

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
	for (size_t i = 0; i < d->n_inputs; i++)
		mem_free(d->inputs[i].outputs);
	mem_free(d->outputs);
	mem_free(d->inputs);
	mem_free(d->srcs);
	mem_free(d->args);
	mem_free(d->env);
	arena_release(&d->mem);
	mem_free(d);
}

static char *copy(struct drv *d, const char *s)
{
	return arena_strdup(&d->mem, s ? s : "");
}

void drv_add_output(
        struct drv *d, const char *name, const char *path, const char *hash_algo, const char *hash)
{
	mem_grow(&d->outputs, &d->cap_outputs, d->n_outputs + 1, sizeof(*d->outputs));
	d->outputs[d->n_outputs++] =
	        (struct drv_output){copy(d, name), copy(d, path), copy(d, hash_algo), copy(d, hash)};
}

void drv_add_input(struct drv *d, const char *drv_path, const char *output)
{
	char **outputs = mem_array(2, sizeof(*outputs));

	outputs[0] = copy(d, output);
	mem_grow(&d->inputs, &d->cap_inputs, d->n_inputs + 1, sizeof(*d->inputs));
	d->inputs[d->n_inputs++] = (struct drv_input){copy(d, drv_path), outputs};
}

// Adds to a list that keeps a NULL behind its last element.
static void list_add(char ***list, size_t *n, size_t *cap, char *s)
{
	mem_grow(list, cap, *n + 2, sizeof(**list));
	(*list)[(*n)++] = s;
	(*list)[*n] = NULL;
}

void drv_add_src(struct drv *d, const char *path)
{
	list_add(&d->srcs, &d->n_srcs, &d->cap_srcs, copy(d, path));
}

void drv_add_arg(struct drv *d, const char *arg)
{
	list_add(&d->args, &d->n_args, &d->cap_args, copy(d, arg));
}

static struct drv_env *find_env(const struct drv *d, const char *name)
{
	for (size_t i = 0; i < d->n_env; i++)
		if (strcmp(d->env[i].name, name) == 0)
			return &d->env[i];
	return NULL;
}

void drv_set_env(struct drv *d, const char *name, const char *value)
{
	// The evaluator's names come sorted: what follows the last one is new.
	bool after = d->n_env && strcmp(d->env[d->n_env - 1].name, name) < 0 && d->env_sorted;
	struct drv_env *env = after ? NULL : find_env(d, name);

	if (env) {
		env->value = copy(d, value);
		return;
	}
	d->env_sorted = d->n_env == 0 || after;
	mem_grow(&d->env, &d->cap_env, d->n_env + 1, sizeof(*d->env));
	d->env[d->n_env++] = (struct drv_env){copy(d, name), copy(d, value)};
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
		last->outputs = mem_realloc(last->outputs, (n + more + 1) * sizeof(char *));
		memcpy(last->outputs + n, in->outputs, (more + 1) * sizeof(char *));
		mem_free(in->outputs);
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
	for (size_t i = 1; i < d->n_env; i++) // what the evaluator makes is sorted
		if (env_cmp(&d->env[i - 1], &d->env[i]) > 0) {
			qsort(d->env, d->n_env, sizeof(*d->env), env_cmp);
			break;
		}
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
