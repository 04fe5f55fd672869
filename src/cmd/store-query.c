// SPDX-License-Identifier: GPL-2.0-or-later
// nix-store --query: every question about paths.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/store-cmd.h"
#include "store/drv.h"
#include "store/roots.h"

#define HOPS_MAX 64

int store_cmd_follow(struct store_cmd *c, const char *word, char **ret, struct err *e)
{
	_cleanup_free_ char *path = NULL;
	int r = fs_absolute(word, &path, e);

	if (r < 0)
		return r;
	for (int hops = 0; !store_path_inside(store_dir(c->store), path); hops++) {
		_cleanup_free_ char *target = NULL, *dir = str_dirname(path);
		r = hops == HOPS_MAX ? 0 : fs_readlink_maybe(path, &target, e);
		if (r < 0)
			return r;
		if (r == 0)
			return err_set(e, -EINVAL, "path '%s' is not in the Nix store", path);
		_cleanup_free_ char *joined = *target == '/' ? mem_strdup(target) : fs_join(dir, target);
		mem_free(path);
		path = fs_clean(joined);
	}
	return store_path_of(store_dir(c->store), path, ret, NULL, e);
}

int store_cmd_follow_all(struct store_cmd *c, char ***ret, struct err *e)
{
	_cleanup_strv_ char **all = NULL;

	for (size_t i = 0; c->words && c->words[i]; i++) {
		char *path;
		int r = store_cmd_follow(c, c->words[i], &path, e);
		if (r < 0)
			return r;
		strv_take(&all, path);
	}
	*ret = TAKE_PTR(all);
	return 0;
}

static int outputs_of(struct store_cmd *c, const char *drv_path, char ***ret, struct err *e)
{
	_cleanup_drv_ struct drv *d = NULL;
	int r = drv_read(c->store, drv_path, &d, e);

	for (size_t i = 0; r == 0 && i < d->n_outputs; i++)
		if (*d->outputs[i].path)
			strv_add(ret, d->outputs[i].path);
	return r;
}

static int realise_first(struct store_cmd *c, const char *path, struct err *e)
{
	struct store_cmd one = *c;

	one.words = NULL;
	strv_add(&one.words, path);
	int r = store_op_realise(&one, e);
	strv_free(one.words);
	return r;
}

// The paths that the words stand for: themselves, or with use_output the outputs of derivations.
static int operands(struct store_cmd *c, bool use_output, char ***ret, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **all = NULL;
	int r = store_cmd_follow_all(c, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		if (c->force_realise)
			r = realise_first(c, paths[i], e);
		if (r == 0 && use_output && store_path_is_drv(paths[i]))
			r = outputs_of(c, paths[i], &all, e);
		else if (r == 0)
			strv_add(&all, paths[i]);
	}
	if (r == 0)
		*ret = TAKE_PTR(all);
	return r;
}

static void print_all(char *const *paths)
{
	strv_for_each (p, paths)
		puts(p);
}

static int query_outputs(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = operands(c, true, &paths, e);

	return r < 0 ? r : store_cmd_print_rooted(c, paths, e);
}

typedef int list_fn(struct store *s, const char *path, char ***ret, struct err *e);

static int closure_of(struct store *s, const char *path, int flags, char ***ret, struct err *e)
{
	int r = store_check_valid(s, path, e);

	return r < 0 ? r : store_closure(s, (char *const[]){(char *)path, NULL}, flags, ret, e);
}

// Paths around each operand, all together, in an order that no path comes before one that it refers to.
static int query_around(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **sorted = NULL, **all = NULL;
	_cleanup_hmap_ struct hmap seen = {0};
	int r = operands(c, c->use_output, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		_cleanup_strv_ char **some = NULL;
		if (c->query == QUERY_REFERENCES)
			r = store_query_refs(c->store, paths[i], &some, e);
		else if (c->query == QUERY_REFERRERS)
			r = store_query_referrers(c->store, paths[i], &some, e);
		else if (c->query == QUERY_VALID_DERIVERS)
			r = store_query_valid_derivers(c->store, paths[i], &some, e);
		else
			r = closure_of(c->store, paths[i],
			        c->query == QUERY_REFERRERS_CLOSURE ? CLOSURE_REFERRERS
			        : c->include_outputs                ? CLOSURE_OUTPUTS
			                                            : 0,
			        &some, e);
		strv_for_each (p, some)
			hmap_put(&seen, p, c);
	}
	if (r < 0)
		return r;
	all = mem_array(seen.live + 1, sizeof(*all));
	size_t n = 0;
	hmap_for_each (entry, &seen)
		all[n++] = mem_strdup(entry->key);
	r = store_topo_sort(c->store, all, &sorted, e);
	if (r == 0)
		print_all(sorted);
	return r;
}

static int query_info(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = operands(c, c->use_output, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		_cleanup_store_info_ struct store_info *info = NULL;
		r = store_query_info(c->store, paths[i], &info, e);
		if (r < 0)
			break;
		_cleanup_free_ char *hash = hash_format(&info->nar_hash, HASH_NIX32, true);
		if (c->query == QUERY_DERIVER)
			puts(info->deriver ? info->deriver : "unknown-deriver");
		else if (c->query == QUERY_HASH)
			puts(hash);
		else
			printf("%llu\n", (unsigned long long)info->nar_size_bytes);
	}
	return r;
}

static int query_binding(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = operands(c, false, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		_cleanup_drv_ struct drv *d = NULL;
		r = drv_read(c->store, paths[i], &d, e);
		if (r < 0)
			break;
		const char *value = drv_env(d, c->binding);
		if (!value)
			return err_set(e, -ENOENT, "derivation '%s' has no environment binding named '%s'",
			        paths[i], c->binding);
		puts(value);
	}
	return r;
}

static int query_tree(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = operands(c, c->use_output, &paths, e);

	if (r == 0 && c->query != QUERY_TREE)
		return store_print_graph(c->store, paths, c->query == QUERY_GRAPHML, e);
	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = store_print_tree(c->store, paths[i], e);
	return r;
}

static int query_resolve(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = operands(c, false, &paths, e);

	if (r == 0)
		print_all(paths);
	return r;
}

static int root_cmp(const void *a, const void *b)
{
	const struct root *x = a, *y = b;
	int by_path = strcmp(x->path, y->path);

	return by_path ? by_path : strcmp(x->link, y->link);
}

static int query_roots(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **closure = NULL;
	struct root_list roots = {0};
	int flags = CLOSURE_REFERRERS | (c->keep_outputs ? CLOSURE_OUTPUTS : 0) |
	            (c->no_keep_derivations ? 0 : CLOSURE_DERIVERS);
	int r = operands(c, c->use_output, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = store_check_valid(c->store, paths[i], e);
	if (r == 0)
		r = store_closure(c->store, paths, flags, &closure, e);
	if (r == 0)
		r = roots_find(c->store, ROOTS_RUNTIME | ROOTS_TEMP, &roots, e);
	if (r < 0)
		return r;
	_cleanup_hmap_ struct hmap wanted = {0};
	strv_for_each (p, closure)
		hmap_put(&wanted, p, c);
	if (roots.len)
		qsort(roots.roots, roots.len, sizeof(*roots.roots), root_cmp);
	for (size_t i = 0; i < roots.len; i++)
		if (hmap_has(&wanted, roots.roots[i].path))
			printf("%s -> %s\n", roots.roots[i].link, roots.roots[i].path);
	root_list_release(&roots);
	return 0;
}

int store_op_query(struct store_cmd *c, struct err *e)
{
	static store_op_fn *const queries[] = {
	        [QUERY_DEFAULT] = query_outputs,
	        [QUERY_OUTPUTS] = query_outputs,
	        [QUERY_REQUISITES] = query_around,
	        [QUERY_REFERENCES] = query_around,
	        [QUERY_REFERRERS] = query_around,
	        [QUERY_REFERRERS_CLOSURE] = query_around,
	        [QUERY_DERIVER] = query_info,
	        [QUERY_VALID_DERIVERS] = query_around,
	        [QUERY_BINDING] = query_binding,
	        [QUERY_HASH] = query_info,
	        [QUERY_SIZE] = query_info,
	        [QUERY_TREE] = query_tree,
	        [QUERY_GRAPH] = query_tree,
	        [QUERY_GRAPHML] = query_tree,
	        [QUERY_RESOLVE] = query_resolve,
	        [QUERY_ROOTS] = query_roots,
	};

	return queries[c->query](c, e);
}
