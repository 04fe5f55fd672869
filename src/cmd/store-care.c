// SPDX-License-Identifier: GPL-2.0-or-later
// nix-store: checking the store and collecting its garbage.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/builder.h"
#include "cmd/store-cmd.h"
#include "store/roots.h"

int store_op_init(struct store_cmd *c, struct err *e)
{
	(void)c;
	(void)e;
	return 0; // it was made when it was opened
}

int store_op_verify(struct store_cmd *c, struct err *e)
{
	size_t bad = 0;

	if (c->words)
		return err_set(e, -EINVAL, "no arguments expected");
	if (log_get_level() == LOG_NOTE)
		log_set_level(LOG_INFO);
	int r = store_verify(c->store, c->check_contents, c->repair, &bad, e);
	if (r == 0 && bad) {
		log_warn("not all store errors were fixed");
		return 1;
	}
	return r;
}

int store_op_verify_path(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int status = 0, r = store_cmd_follow_all(c, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		_cleanup_err_ struct err found = {0};
		log_info("checking path '%s'...", paths[i]);
		r = store_verify_path(c->store, paths[i], &found);
		if (r == -EUCLEAN) {
			log_error("%s", found.msg);
			status = 1;
			r = 0;
		} else if (r < 0) {
			err_move(e, &found);
		}
	}
	return r < 0 ? r : status;
}

int store_op_check_validity(struct store_cmd *c, struct err *e)
{
	for (size_t i = 0; c->words && c->words[i]; i++) {
		_cleanup_free_ char *path = NULL;
		bool valid;
		int r = store_cmd_follow(c, c->words[i], &path, e);
		if (r == 0)
			r = c->print_invalid ? store_is_valid(c->store, path, &valid, e)
			                     : store_check_valid(c->store, path, e);
		if (r < 0)
			return r;
		if (c->print_invalid && !valid)
			puts(path);
	}
	return 0;
}

void store_cmd_print_freed(size_t count, uint64_t bytes)
{
	printf("%zu store paths deleted, %.2f MiB freed\n", count, (double)bytes / (1024.0 * 1024.0));
}

static void say_deleted(void *ctx, const char *path)
{
	(void)ctx;
	log_note("deleting '%s'", path);
}

static int run_gc(struct store_cmd *c, enum gc_action action, char *const *paths, struct err *e)
{
	struct gc_opts opts = {
	        .action = action,
	        .paths = paths,
	        .ignore_liveness = c->ignore_liveness,
	        .keep_outputs = c->keep_outputs,
	        .keep_derivations = !c->no_keep_derivations,
	        .max_freed_bytes = c->max_freed_bytes,
	        .deleted = say_deleted,
	        .leftover = build_leftover,
	};
	struct gc_result result;
	int r = gc_run(c->store, &opts, &result, e);

	if (r < 0)
		return r;
	if (action == GC_RETURN_LIVE || action == GC_RETURN_DEAD)
		strv_for_each (p, result.paths)
			puts(p);
	else
		store_cmd_print_freed(strv_len(result.paths), result.freed_bytes);
	gc_result_release(&result);
	return 0;
}

int store_op_delete(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = store_cmd_follow_all(c, &paths, e);

	return r < 0 ? r : run_gc(c, GC_DELETE_SPECIFIC, paths, e);
}

static int root_cmp(const void *a, const void *b)
{
	const struct root *x = a, *y = b;
	int by_link = strcmp(x->link, y->link);

	return by_link ? by_link : strcmp(x->path, y->path);
}

static int print_roots(struct store_cmd *c, struct err *e)
{
	struct root_list roots = {0};
	int r = roots_find(c->store, ROOTS_RUNTIME | ROOTS_TEMP, &roots, e);

	if (r < 0)
		return r;
	if (roots.len)
		qsort(roots.roots, roots.len, sizeof(*roots.roots), root_cmp);
	for (size_t i = 0; i < roots.len; i++)
		if (i == 0 || root_cmp(&roots.roots[i - 1], &roots.roots[i]) != 0)
			printf("%s -> %s\n", roots.roots[i].link, roots.roots[i].path);
	root_list_release(&roots);
	return 0;
}

int store_op_gc(struct store_cmd *c, struct err *e)
{
	if (c->words)
		return err_set(e, -EINVAL, "no arguments expected");
	return c->print_roots ? print_roots(c, e) : run_gc(c, c->gc_action, NULL, e);
}

int store_op_optimise(struct store_cmd *c, struct err *e)
{
	uint64_t saved_bytes = 0, files = 0;

	if (c->words)
		return err_set(e, -EINVAL, "no arguments expected");
	int r = store_optimise(c->store, &saved_bytes, &files, e);
	if (r == 0)
		log_note("%.2f MiB freed by hard-linking %llu files", (double)saved_bytes / (1024.0 * 1024.0),
		        (unsigned long long)files);
	return r;
}
