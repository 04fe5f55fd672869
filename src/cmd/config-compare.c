// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config diff and compare: finished configurations beside each other.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config.h"
#include "kconfig/tools.h"

static json_t *diff_json(const struct kdiffs *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->len; i++)
		json_array_append_new(list,
		        json_pack("{s:s, s:s?, s:s?}", "name", d->v[i].name, "a", d->v[i].a, "b", d->v[i].b));
	return json_pack("{s:I, s:o}", "same", (json_int_t)d->same, "differences", list);
}

static void print_diff(const struct kdiffs *d)
{
	for (size_t i = 0; i < d->len; i++) {
		const struct kdiff *x = &d->v[i];
		if (x->a && x->b)
			term_printf(stdout, " %s %s -> %s\n", x->name, x->a, x->b);
		else
			term_printf(stdout, "%c%s %s\n", x->a ? '-' : '+', x->name, x->a ? x->a : x->b);
	}
}

int config_diff(struct config_args *a, struct err *e)
{
	_cleanup_buf_ struct buf x = {}, y = {};
	_cleanup_kdiffs_ struct kdiffs d = {};
	int r;

	if (strv_len(a->words) != 2)
		return err_set(e, -EINVAL, "kernix config diff A B: two configurations, not %zu",
		        strv_len(a->words));
	r = config_find(a, a->words[0], &x, e);
	if (r >= 0)
		r = config_find(a, a->words[1], &y, e);
	if (r < 0)
		return r;
	kconfig_diff(buf_str(&x), x.len, buf_str(&y), y.len, !a->all, &d);
	if (a->json)
		return config_print_json(diff_json(&d), e);
	print_diff(&d);
	return 0;
}

// One configuration beside ours.
struct other {
	const char *name;
	struct kdiffs d;
};

struct beside {
	const struct krequests *asked; // empty: all options
	struct other *v;
	size_t len;
};

static bool is_asked(const struct beside *x, const char *name)
{
	for (size_t i = 0; i < x->asked->len; i++)
		if (str_eq(x->asked->v[i].name, name))
			return true;
	return !x->asked->len;
}

// Drops what nobody asked for.
static void only_asked(const struct beside *x, struct kdiffs *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->len; i++)
		if (is_asked(x, d->v[i].name))
			d->v[n++] = d->v[i];
	d->len = n;
}

static const struct kdiff *difference(const struct kdiffs *d, const char *name)
{
	for (size_t i = 0; i < d->len; i++)
		if (str_eq(d->v[i].name, name))
			return &d->v[i];
	return NULL;
}

static const char *shown(const char *value)
{
	return value ? value : "-";
}

// Names that differ anywhere, sorted, each once.
static char **all_names(const struct beside *x)
{
	char **names = NULL;
	size_t n = 0;

	for (size_t i = 0; i < x->len; i++)
		for (size_t j = 0; j < x->v[i].d.len; j++)
			strv_add(&names, x->v[i].d.v[j].name);
	if (!names)
		return NULL;
	strv_sort(names);
	for (size_t i = 0; names[i]; i++) {
		if (n && str_eq(names[n - 1], names[i]))
			mem_free(names[i]);
		else
			names[n++] = names[i];
	}
	names[n] = NULL;
	return names;
}

static void print_row(const struct beside *x, const char *name)
{
	const char *here = NULL;

	for (size_t i = 0; i < x->len && !here; i++) {
		const struct kdiff *d = difference(&x->v[i].d, name);
		here = d ? shown(d->a) : NULL;
	}
	term_printf(stdout, "%-34s %-10s", name, here);
	for (size_t i = 0; i < x->len; i++) {
		const struct kdiff *d = difference(&x->v[i].d, name);
		term_printf(stdout, i + 1 < x->len ? " %-10s" : " %s", d ? shown(d->b) : here);
	}
	term_printf(stdout, "\n");
}

// Several at once: a table with one column each.
static void print_table(const struct beside *x)
{
	_cleanup_strv_ char **names = all_names(x);

	for (size_t i = 0; i < x->len; i++)
		term_printf(stdout, "%zu: %s\n", i + 1, x->v[i].name);
	term_printf(stdout, "%-34s %-10s", "option", "here");
	for (size_t i = 0; i < x->len; i++)
		term_printf(stdout, i + 1 < x->len ? " %-10zu" : " %zu", i + 1);
	term_printf(stdout, "\n");
	strv_for_each (name, names)
		print_row(x, name);
}

static int say_beside(const struct config_args *a, const struct beside *x, struct err *e)
{
	if (a->json) {
		json_t *all = json_object();
		for (size_t i = 0; i < x->len; i++)
			json_object_set_new(all, x->v[i].name, diff_json(&x->v[i].d));
		return config_print_json(all, e);
	}
	for (size_t i = 0; i < x->len; i++)
		term_printf(stdout, "%s: %zu options are the same, %zu%s differ%s\n", x->v[i].name,
		        x->v[i].d.same, x->v[i].d.len, x->asked->len ? " of those asked for" : "",
		        x->len == 1 ? " (here -> there)" : "");
	if (x->len == 1)
		print_diff(&x->v[0].d);
	else
		print_table(x);
	return 0;
}

static int compare_with(
        const struct config_args *a, const struct buf *own, const char *word, struct beside *x, struct err *e)
{
	_cleanup_buf_ struct buf b = {};
	struct other *o = &x->v[x->len];
	int r = config_find(a, word, &b, e);

	if (r < 0)
		return r;
	x->len++;
	o->name = word;
	kconfig_diff(own->data, own->len, buf_str(&b), b.len, !a->all, &o->d);
	only_asked(x, &o->d);
	return 0;
}

int config_compare(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {}, none = {};
	_cleanup_buf_ struct buf own = {};
	struct beside x = {.asked = a->all ? &none : &req};
	int r = a->words
	                ? config_load_base(a, &k, e)
	                : err_set(e, -EINVAL, "kernix config compare OTHER...: against which configuration?");

	if (r >= 0)
		r = config_apply_quietly(a, k, &req, e);
	if (r < 0)
		return r;
	kconfig_write(k, &own);
	buf_str(&own);
	x.v = mem_array(strv_len(a->words), sizeof(*x.v));
	strv_for_each (word, a->words)
		if (r >= 0)
			r = compare_with(a, &own, word, &x, e);
	if (r >= 0)
		r = say_beside(a, &x, e);
	for (size_t i = 0; i < x.len; i++)
		kdiffs_release(&x.v[i].d);
	mem_free(x.v);
	return r;
}
