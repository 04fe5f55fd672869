// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config builds: which option builds a file, a folder, a module, or the driver of a device.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config-device.h"

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static void print_list(const json_t *list, const char *between)
{
	const json_t *c;
	size_t i;

	json_array_foreach(list, i, c) term_printf(stdout, "%s%s", i ? between : "", json_string_value(c));
}

static void print_option(const json_t *o)
{
	const json_t *option = json_object_get(o, "option");
	const char *prompt = text_of(option, "prompt"), *type = text_of(option, "type"),
	           *value = text_of(option, "value");

	if (json_is_null(option)) {
		term_printf(stdout, "  by no option: it is always built\n");
		return;
	}
	term_printf(stdout, "  by %s", text_of(option, "name"));
	if (value)
		term_printf(stdout, " [=%s]", value);
	if (!type) {
		term_printf(stdout, ", which no Kconfig file of this architecture defines\n");
		return;
	}
	term_printf(stdout, " (%s%s%s%s) %s:%lld\n", type, prompt ? " \"" : "", prompt ? prompt : "",
	        prompt ? "\"" : ", without a prompt", text_of(option, "file"),
	        (long long)json_integer_value(json_object_get(option, "line")));
}

// More than the one option that is shown anyway.
static void print_conditions(const json_t *o, const char *name, const char *label)
{
	const json_t *list = json_object_get(o, name);
	const char *option = text_of(json_object_get(o, "option"), "name");

	if (!json_array_size(list) ||
	        (json_array_size(list) == 1 &&
	                str_eq(json_string_value(json_array_get(list, 0)), option ? option : "")))
		return;
	term_printf(stdout, "  %s ", label);
	print_list(list, " and ");
	term_printf(stdout, "\n");
}

static void print_folders(const json_t *o)
{
	const json_t *list = json_object_get(o, "folders"), *f, *way;
	size_t i, j;

	json_array_foreach(list, i, f)
	{
		term_printf(stdout, "  %s/ needs ", text_of(f, "folder"));
		json_array_foreach(json_object_get(f, "ways"), j, way)
		{
			term_printf(stdout, "%s", j ? ", or " : "");
			print_list(way, " and ");
		}
		term_printf(stdout, "\n");
	}
}

static void print_answer(const json_t *o)
{
	static const char *const built[][2] = {{"n", "not built"}, {"m", "as a module"}, {"y", "built in"}};
	const char *module = text_of(o, "module"), *value = text_of(o, "value"), *whole = text_of(o, "whole"),
	           *kind = text_of(o, "kind");

	if (text_of(o, "device"))
		term_printf(stdout, "%s: %s %s\n", text_of(o, "device"),
		        json_is_true(json_object_get(o, "sure")) ? "named as"
		                                                 : "perhaps, if it is of the kind",
		        text_of(o, "alias"));
	term_printf(stdout, "%s: ", text_of(o, "object"));
	if (text_of(o, "included"))
		term_printf(stdout, "includes %s, ", text_of(o, "included"));
	if (whole)
		term_printf(stdout, "part of %s%s", module ? "the module " : "", module ? module : whole);
	else
		term_printf(stdout, "%s%s%s", kind, module ? " " : "", module ? module : "");
	for (size_t i = 0; value && i < ARRAY_SIZE(built); i++)
		if (str_eq(value, built[i][0]))
			term_printf(stdout, ", %s", built[i][1]);
	term_printf(stdout, "\n");
	print_option(o);
	print_conditions(o, "conditions", "needs");
	print_conditions(o, "part if", "in it with");
	print_folders(o);
}

// A path on the disk becomes one below the tree; other words stay. Owned.
static char *below_tree(const struct config_args *a, const char *word)
{
	_cleanup_free_ char *tree = NULL, *full = NULL;
	_cleanup_err_ struct err skip = {};

	if (!strchr(word, '/') || fs_absolute(a->source, &tree, &skip) < 0 ||
	        fs_absolute(word, &full, &skip) < 0)
		return mem_strdup(word);
	const char *rest = str_after(full, tree);
	if (rest && *rest == '/')
		return str_printf("%s%s", rest + 1, word[strlen(word) - 1] == '/' ? "/" : "");
	const char *in_modules = strstr(word, "/kernel/"); // of /lib/modules/VERSION/kernel/...
	if (word[0] == '/' && in_modules && strstr(word, "/modules/"))
		return mem_strdup(in_modules + strlen("/kernel/"));
	return mem_strdup(str_has_prefix(word, "./") ? word + 2 : word);
}

static void not_found(const struct config_args *a, const char *word)
{
	_cleanup_free_ char *full = fs_join(a->source, word);
	bool header = str_has_suffix(word, ".h"), there = strchr(word, '/') && fs_exists(full);

	term_printf(stderr, "%s: %s\n", word,
	        header  ? "a header is not built by itself"
	        : there ? "no Makefile of this architecture lists it"
	        : *word == '/' || strchr(word, '/')
	                ? "no such file or folder in this tree, and no Makefile lists it"
	                : "no module, file or folder of that name is built by this tree and architecture");
}

static int list_all(const struct config_args *a, struct kbuild *b, struct err *e)
{
	json_t *list = kbuilds_all(b), *o;
	size_t i;

	if (a->json)
		return config_print_json(list, e);
	json_array_foreach(list, i, o) term_printf(stdout, "%s %s %s\n", text_of(o, "value"),
	        text_of(o, "object"), text_of(json_object_get(o, "option"), "name"));
	json_decref(list);
	return 0;
}

static void answer_device(
        struct config_args *a, struct kbuild *b, const struct daliases *d, const char *word, json_t *all)
{
	_cleanup_strv_ char **queries = NULL;

	dquery(word, &queries);
	json_t *list = device_drivers(a, b, d, queries);
	if (!json_array_size(list)) {
		a->status = 1;
		device_not_found(a, word, d);
	}
	json_array_extend(all, list);
	json_decref(list);
}

static void answer_word(struct config_args *a, struct kbuild *b, const char *word, json_t *all)
{
	_cleanup_free_ char *path = below_tree(a, word);
	json_t *list = kbuilds_find(b, path, a->base != NULL);

	if (!json_array_size(list)) {
		a->status = 1;
		not_found(a, path);
	}
	json_array_extend(all, list);
	json_decref(list);
}

static int answer(struct config_args *a, struct kbuild *b, struct err *e)
{
	_cleanup_daliases_ struct daliases d = {};
	_cleanup_strv_ char **devices = NULL;
	json_t *all = json_array(), *o;
	size_t i;
	int r = 0;

	strv_for_each (word, a->words)
		dquery(word, &devices);
	if (devices)
		r = device_aliases(a, b->k, devices, &d, e);
	strv_for_each (word, a->words) {
		_cleanup_strv_ char **queries = NULL;
		if (r < 0)
			break;
		if (dquery(word, &queries))
			answer_device(a, b, &d, word, all);
		else
			answer_word(a, b, word, all);
	}
	if (a->json && r >= 0)
		r = config_print_json(json_incref(all), e);
	else if (r >= 0)
		json_array_foreach(all, i, o) print_answer(o);
	json_decref(all);
	return r;
}

int config_builds(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	struct kbuild b = {};
	int r = 0;

	if (!a->words && !a->all)
		r = err_set(e, -EINVAL,
		        "kernix config builds WORD...: which option builds what? A file or folder of the "
		        "tree, or a "
		        "module; --all lists all modules of a configuration");
	if (r >= 0)
		r = config_load_asked(a, &k, e);
	if (r >= 0 && !a->words && !a->base)
		r = err_set(
		        e, -EINVAL, "--all lists what a configuration builds: which one? --base names it");
	if (r < 0)
		return r;
	r = kbuild_read(&b, k, e);
	if (r >= 0 && !b.files)
		r = err_set(
		        e, -ENOENT, "%s: there is no Kbuild file, so nothing says what is built", a->source);
	else if (r >= 0)
		r = a->words ? answer(a, &b, e) : list_all(a, &b, e);
	kbuild_release(&b);
	return r;
}
