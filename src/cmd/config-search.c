// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config search and show: options by what they say, and all that is said of one.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config.h"
#include "kconfig/search.h"

#define NAMES_MAX 24 // of a list that is shown without --all

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static void print_value(const json_t *o)
{
	const char *value = text_of(o, "value");

	if (value)
		term_printf(stdout, " = %s%s", *value ? value : "\"\"",
		        json_is_true(json_object_get(o, "written")) ? "" : " (not in .config)");
}

static void print_found(const json_t *o)
{
	const char *prompt = text_of(o, "prompt"), *name = text_of(o, "name"), *text = text_of(o, "text");

	term_printf(stdout, "%s (%s)", name ? name : "-", text_of(o, "type"));
	print_value(o);
	term_printf(stdout, "  %s:%lld\n", text_of(o, "file"),
	        (long long)json_integer_value(json_object_get(o, "line")));
	if (prompt)
		term_printf(stdout, "    %s\n", prompt);
	if (text)
		term_printf(stdout, "    | %s\n", text);
}

int config_search(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	json_t *list = NULL, *o;
	size_t i;
	int r = 0;

	if (!a->words)
		r = err_set(e, -EINVAL,
		        "kernix config search REGEX...: for what? Names, prompts and help texts are looked "
		        "through");
	if (r >= 0)
		r = config_load_asked(a, &k, e);
	if (r >= 0)
		r = kconfig_search(k, a->words, a->base != NULL, &list, e);
	if (r < 0)
		return r;
	if (!json_array_size(list)) {
		_cleanup_free_ char *all = strv_join(a->words, "' and '");
		a->status = 1;
		term_printf(stderr, "no option's name, prompt or help matches '%s'\n", all);
	}
	if (a->json)
		return config_print_json(list, e);
	json_array_foreach(list, i, o) print_found(o);
	json_decref(list);
	return 0;
}

static void print_text(const char *text, const char *indent)
{
	_cleanup_buf_ struct buf b = {};

	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		buf_addf(&b, "%s%.*s\n", n ? indent : "", (int)n, p);
		p += n + (p[n] == '\n');
	}
	term_puts(stdout, buf_str(&b), b.len);
}

static void print_definition(const json_t *d)
{
	const char *prompt = text_of(d, "prompt"), *help = text_of(d, "help");
	json_t *menu = json_object_get(d, "menu"), *step;
	size_t i;

	term_printf(stdout, "  defined at %s:%lld", text_of(d, "file"),
	        (long long)json_integer_value(json_object_get(d, "line")));
	if (prompt)
		term_printf(stdout, " \"%s\"%s%s\n", prompt, text_of(d, "if") ? " if " : "",
		        text_of(d, "if") ? text_of(d, "if") : "");
	else
		term_printf(stdout, ", without a prompt: others decide\n");
	if (json_array_size(menu)) {
		term_printf(stdout, "    in the menu: ");
		json_array_foreach(menu, i, step)
		        term_printf(stdout, "%s%s", i ? " > " : "", json_string_value(step));
		term_printf(stdout, "\n");
	}
	if (help) {
		term_printf(stdout, "    help:\n");
		print_text(help, "      ");
	}
}

static void print_props(const json_t *o, const char *name, const char *label)
{
	json_t *list = json_object_get(o, name), *p;
	size_t i;

	json_array_foreach(list, i, p)
	{
		const char *cond = text_of(p, "if"), *value = text_of(p, "value");
		term_printf(stdout, "  %s: %s%s%s (%s:%lld)\n", label, value ? value : "y",
		        cond ? " if " : "", cond ? cond : "", text_of(p, "file"),
		        (long long)json_integer_value(json_object_get(p, "line")));
	}
}

static void print_names(const json_t *o, const char *name, const char *label, bool all)
{
	json_t *list = json_object_get(o, name), *s;
	size_t i, n = json_array_size(list);

	if (!n)
		return;
	term_printf(stdout, "  %s (%zu):", label, n);
	json_array_foreach(list, i, s)
	{
		const char *cond = text_of(s, "if"), *value = text_of(s, "value");
		if (!all && i == NAMES_MAX && n > NAMES_MAX + 4) {
			term_printf(stdout, " and %zu more (--all)", n - i);
			break;
		}
		term_printf(stdout, "%s %s", i ? "," : "", text_of(s, "name"));
		if (value && strcmp(value, "n"))
			term_printf(stdout, " [=%s]", value);
		if (cond)
			term_printf(stdout, " if %s", cond);
	}
	term_printf(stdout, "\n");
}

static void print_shown(const struct config_args *a, const json_t *o)
{
	const char *depends = text_of(o, "depends"), *choice = text_of(o, "choice");
	json_t *defs = json_object_get(o, "definitions"), *d;
	size_t i;

	term_printf(stdout, "%s (%s)", text_of(o, "name"), text_of(o, "type"));
	print_value(o);
	term_printf(stdout, "\n");
	json_array_foreach(defs, i, d) print_definition(d);
	if (choice)
		term_printf(stdout, "  one of the choice \"%s\"\n", choice);
	print_names(o, "members", "members of the choice", true);
	if (depends)
		term_printf(stdout, "  depends on: %s\n", depends);
	print_props(o, "defaults", "default");
	print_props(o, "ranges", "range");
	print_props(o, "selects", "selects");
	print_props(o, "implies", "implies");
	print_names(o, "selected by", "selected by", a->all);
	print_names(o, "implied by", "implied by", a->all);
	print_names(o, "needed by", "options that depend on it", a->all);
	print_names(o, "named by", "named in conditions of", a->all);
}

int config_show(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	json_t *list = json_array(), *o;
	size_t i;
	int r = 0;

	if (!a->words)
		r = err_set(e, -EINVAL, "kernix config show SYMBOL...: which symbol?");
	if (r >= 0)
		r = config_load_asked(a, &k, e);
	strv_for_each (name, a->words) {
		if (r >= 0)
			r = kconfig_show(k, name, a->base != NULL, &o, e);
		if (r >= 0)
			json_array_append_new(list, o);
	}
	if (r == -ENOENT && k)
		a->failed = 1; // nothing is found: no fault of the question
	if (r >= 0 && a->json) // one symbol is an object, several are a list of them
		r = config_print_json(
		        json_incref(json_array_size(list) == 1 ? json_array_get(list, 0) : list), e);
	else if (r >= 0)
		json_array_foreach(list, i, o) print_shown(a, o);
	json_decref(list);
	return r;
}
