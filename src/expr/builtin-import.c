// SPDX-License-Identifier: GPL-2.0-or-later
// Other files and the world outside: import, scopedImport, getEnv, currentSystem, nixPath, ...
#include <string.h>
#include "base/str.h"
#include "expr/builtin-util.h"

static void b_import(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const char *path = eval_realise_path(ev, &args[0], 0, "while realising the context of a path");

	eval_import(ev, path, ret);
}

static void b_scoped_import(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const char *path = eval_realise_path(ev, &args[1], 0, "while realising the context of a path");
	struct attrs *scope = eval_attrs(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.scopedImport");

	eval_scoped_import(ev, path, scope, ret);
}

static void b_get_env(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.getEnv");
	bool closed = ev->settings.pure || ev->settings.restrict_eval;
	const char *value = closed ? NULL : ev->host.get_env(ev->host.ctx, name->data);

	*ret = eval_str(ev, value ? value : "");
}

static void b_current_system(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = eval_str(ev, ev->host.system ? ev->host.system : "");
}

static void b_current_time(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_int(ev->host.now ? ev->host.now(ev->host.ctx) : 0);
}

static void b_store_dir(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = eval_str(ev, ev->host.store_dir ? ev->host.store_dir : "/nix/store");
}

static void b_nix_path(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct search_entry *entries = NULL;
	size_t n = ev->settings.pure ? 0 : eval_search_entries(ev, &entries);
	struct value *list = eval_list_alloc(ev, n);

	for (size_t i = 0; i < n; i++) {
		struct attrs *a = attrs_new(ev, 2);
		*attrs_push(a, ev->sym.path, 0) = eval_str(ev, entries[i].path);
		*attrs_push(a, ev->sym.prefix, 0) = eval_str(ev, entries[i].prefix);
		attrs_finish(a);
		list[i] = value_attrs(a);
	}
	*ret = value_list(list, n);
}

static const struct builtin rows[] = {
        {"import", 1, 1, true, b_import, "path",
                "The value of the expression in a file, or in the file default.nix of a folder."},
        {"scopedImport", 2, 3, true, b_scoped_import, "scope path",
                "As import, with the attributes of a set as further global names."},
        {"getEnv", 1, 1, false, b_get_env, "s", "The environment variable of that name, or an empty string."},
        {"currentSystem", 0, 0, false, b_current_system, "",
                "The kind of system that evaluates, such as \"x86_64-linux\"."},
        {"currentTime", 0, 0, false, b_current_time, "",
                "The time when evaluation began, in seconds since 1970."},
        {"storeDir", 0, 0, false, b_store_dir, "", "The folder of the store."},
        {"nixPath", 0, 0, false, b_nix_path, "", "The search path of <...>, as a list of { prefix, path }."},
};

const struct builtin_table builtin_imports = {rows, ARRAY_SIZE(rows)};
