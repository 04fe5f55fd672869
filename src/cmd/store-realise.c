// SPDX-License-Identifier: GPL-2.0-or-later
// nix-store --realise: builds what is not there.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "cmd/session.h"
#include "cmd/store-cmd.h"
#include "store/drv.h"

// "PATH", "DRV!OUT,OUT" or a link to either, as session_build takes them.
static int wanted_of(struct store_cmd *c, const char *word, char **ret, struct err *e)
{
	const char *bang = strrchr(word, '!');
	_cleanup_free_ char *plain = bang ? mem_strndup(word, (size_t)(bang - word)) : mem_strdup(word),
	                    *path = NULL;
	int r = store_cmd_follow(c, plain, &path, e);

	if (r == 0)
		*ret = store_path_is_drv(path) ? str_printf("%s!%s", path, bang ? bang + 1 : "*")
		                               : TAKE_PTR(path);
	return r;
}

static int results_of(struct store_cmd *c, const char *wanted, char ***ret, struct err *e)
{
	const char *bang = strrchr(wanted, '!');

	if (!bang) {
		strv_add(ret, wanted);
		return 0;
	}
	_cleanup_free_ char *drv_path = mem_strndup(wanted, (size_t)(bang - wanted));
	_cleanup_strv_ char **names = str_eq(bang + 1, "*") ? NULL : strv_split(bang + 1, ",");
	_cleanup_drv_ struct drv *d = NULL;
	int r = drv_read(c->store, drv_path, &d, e);
	for (size_t i = 0; r == 0 && i < d->n_outputs; i++)
		if (!names || strv_has(names, d->outputs[i].name))
			strv_add(ret, d->outputs[i].path);
	return r;
}

int store_op_realise(struct store_cmd *c, struct err *e)
{
	struct session s = {
	        .store = c->store,
	        .build = c->build,
	        .dry_run = c->dry_run,
	        .check = c->check,
	        .quiet_builds = c->quiet_builds,
	};
	_cleanup_strv_ char **wanted = NULL, **results = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && c->words && c->words[i]; i++) {
		char *one;
		r = wanted_of(c, c->words[i], &one, e);
		if (r == 0)
			strv_take(&wanted, one);
	}
	if (r < 0)
		return r;
	int status = session_build(&s, wanted);
	if (status || c->dry_run || c->force_realise)
		return status;
	for (size_t i = 0; r == 0 && wanted && wanted[i]; i++)
		r = results_of(c, wanted[i], &results, e);
	return r < 0 ? r : store_cmd_print_rooted(c, results, e);
}
