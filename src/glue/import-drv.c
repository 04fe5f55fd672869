// SPDX-License-Identifier: GPL-2.0-or-later
// 'import' of a .drv file of the store: the derivation that it describes, as the function 'derivation' would
// have returned it.
#include <string.h>
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/eval-private.h"
#include "glue/glue.h"
#include "store/drv.h"
#include "store/store.h"

static const char wrapper_text[] =
        "{ drvPath, name, outputs, ... }@read:\n"
        "let\n"
        "  shared = builtins.listToAttrs each // { all = map (x: x.value) each; inherit drvPath name; type = "
        "\"derivation\"; };\n"
        "  one = outputName: {\n"
        "    name = outputName;\n"
        "    value = shared // { outPath = builtins.getAttr outputName read; inherit outputName; };\n"
        "  };\n"
        "  each = map one outputs;\n"
        "in (builtins.head each).value\n";

// What the file says: drvPath, name, the names of the outputs and the path of each.
static struct value described(struct eval *ev, const struct string *path, const struct drv *d)
{
	struct attrs *a = attrs_new(ev, d->n_outputs + 3);
	struct value *names = eval_list_alloc(ev, d->n_outputs);
	const char *name = drv_env(d, "name");

	for (size_t i = 0; i < d->n_outputs; i++) {
		const struct drv_output *o = &d->outputs[i];
		const struct string *output = eval_string(ev, o->name, strlen(o->name), NULL);
		const struct context *c = context_one(ev, CONTEXT_BUILT, path, output);
		names[i] = value_string(output);
		*attrs_push(a, symbol_of(&ev->symbols, o->name), 0) =
		        value_string(eval_string(ev, o->path, strlen(o->path), c));
	}
	*attrs_push(a, ev->sym.drv_path, 0) = value_string(
	        eval_string(ev, path->data, path->len, context_one(ev, CONTEXT_DRV_DEEP, path, NULL)));
	*attrs_push(a, ev->sym.name, 0) = eval_str(ev, name ? name : d->name);
	*attrs_push(a, ev->sym.outputs, 0) = value_list(names, d->n_outputs);
	attrs_finish_unique(a);
	return value_attrs(a);
}

static void import_drv(struct eval *ev, const char *path, struct value *ret)
{
	struct value wrapper, arg;
	struct err e = {0};
	struct drv *d = NULL;

	if (drv_read(glue_of(ev)->store, path, &d, &e) < 0)
		eval_throw_err(ev, 0, &e);
	arg = described(ev, eval_string(ev, path, strlen(path), NULL), d);
	drv_free(d);
	const struct source_file *s = eval_add_source(ev, SOURCE_INTERNAL,
	        "«nix-internal»/imported-drv-to-derivation.nix", wrapper_text, sizeof(wrapper_text) - 1);
	eval_top(ev, eval_parse_scoped(ev, s, "/", ev->priv->base_scope), &wrapper);
	eval_call(ev, &wrapper, 1, &arg, ret, 0);
}

static void b_import(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const char *path = eval_realise_path(ev, &args[0], 0, "while realising the context of a path");
	struct store *store = glue_of(ev)->store;
	struct err e = {0};
	bool valid = false;

	if (str_has_suffix(path, STORE_DRV_SUFFIX) && store_path_valid(store_dir(store), path) &&
	        store_is_valid(store, path, &valid, &e) < 0)
		eval_throw_err(ev, 0, &e);
	if (valid)
		import_drv(ev, path, ret);
	else
		eval_import(ev, path, ret);
}

static const struct builtin rows[] = {
        {"import", 1, 1, true, b_import, "path",
                "The value of the expression in a file, or in the file default.nix of a folder; the "
                "derivation of a .drv file."},
};

const struct builtin_table builtin_drv_imports = {rows, ARRAY_SIZE(rows)};
