// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config what-if: the .config as it is beside the one that comes out when some options are set
// otherwise, and why they would not hold.
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config.h"
#include "kconfig/search.h"
#include "kconfig/tools.h"

struct what_if {
	struct kconfig *k;
	struct krequests before, now; // what the configuration asks for; the same with what is tried
	size_t tried;                 // how many of now are the user's, from its end
	struct buf a, b;              // both .config files
	struct kreport rep;
};

// "X=y", "CONFIG_X=y", "X=" and "X" (y, or m where only that can be had is not guessed).
static int take_word(struct what_if *w, const char *word, struct err *e)
{
	const char *bare = str_after(word, "CONFIG_"), *eq;
	_cleanup_free_ char *name = NULL, *value = NULL;

	bare = bare ? bare : word;
	eq = strchr(bare, '=');
	if (!eq || eq == bare) {
		err_set(e, -EINVAL, "%s: no value is given", word);
		return err_hint(e, "as SYMBOL=VALUE: %s=y, %s=m, %s=n, or a number or text", eq ? "X" : bare,
		        eq ? "X" : bare, eq ? "X" : bare);
	}
	name = mem_strndup(bare, (size_t)(eq - bare));
	if (!kconfig_find(w->k, name))
		return kconfig_unknown(w->k, name, e);
	value = mem_strdup(eq + 1);
	size_t n = strlen(value);
	if (n >= 2 && value[0] == '"' && value[n - 1] == '"') { // as .config has it
		memmove(value, value + 1, n - 2);
		value[n - 2] = '\0';
	}
	krequests_add(&w->now, name, value, false, NULL);
	w->tried++;
	return 0;
}

// What the configuration asks for, but for the options that are tried.
static void take_others(struct what_if *w, char *const *words)
{
	for (size_t i = 0; i < w->before.len; i++) {
		const struct krequest *r = &w->before.v[i];
		bool tried = false;
		strv_for_each (word, words) {
			const char *bare = str_after(word, "CONFIG_"),
			           *rest = str_after(bare ? bare : word, r->name);
			tried |= rest && *rest == '=';
		}
		if (tried)
			continue;
		krequests_add(&w->now, r->name, r->value, r->optional, r->why);
		w->now.v[w->now.len - 1].freeform = r->freeform;
	}
}

static bool is_tried(const struct what_if *w, const struct krequest *r)
{
	return r >= w->now.v + w->now.len - w->tried && r < w->now.v + w->now.len;
}

// The kernel's options once more, with what is tried; other requests that break are told as well.
static int solve_both(struct config_args *a, struct what_if *w, struct err *e)
{
	int r;

	kconfig_write(w->k, &w->a);
	r = kconfig_base(w->k, a->base, a->fragments, e);
	a->policy.no_fixes = false;
	if (r >= 0)
		r = krequests_apply(w->k, &w->now, &a->policy, &w->rep, e);
	if (r < 0)
		return r;
	kconfig_write(w->k, &w->b);
	return 0;
}

// What does not hold and is either tried or did hold before. Only these are kept.
static void keep_news(struct what_if *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->rep.len; i++) {
		struct kfailure *f = &w->rep.v[i];
		if (is_tried(w, f->request) || f->fatal)
			w->rep.v[n++] = *f;
	}
	w->rep.len = n;
}

static json_t *diff_list(const struct kdiffs *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->len; i++)
		json_array_append_new(list, json_pack("{s:s, s:s?, s:s?}", "name", d->v[i].name, "now",
		                                    d->v[i].a, "then", d->v[i].b));
	return list;
}

static int say_json(const struct what_if *w, const struct kdiffs *d, struct err *e)
{
	_cleanup_buf_ struct buf text = {};

	kreport_json(&w->rep, &text);
	json_t *o = json_loads(buf_str(&text), 0, NULL);
	if (!o)
		return err_set(e, -EINVAL, "the report is no JSON");
	json_object_del(o, "questions");
	json_object_set_new(o, "ok", json_boolean(!w->rep.len));
	json_object_set_new(o, "changes", diff_list(d));
	return config_print_json(o, e);
}

static void print_side(const char *value)
{
	term_printf(stdout, "%s", value ? value : "(not in .config)");
}

static void say_text(const struct config_args *a, const struct what_if *w, const struct kdiffs *d)
{
	_cleanup_buf_ struct buf text = {};

	kreport_text(&w->rep, false, &text);
	if (config_wants_lines(a))
		config_lines(w->k, &text);
	if (w->rep.len)
		term_printf(stdout, "this does not hold:\n\n%s\n", buf_str(&text));
	term_printf(stdout, d->len ? "%zu option%s would change:\n" : "nothing would change\n", d->len,
	        d->len == 1 ? "" : "s");
	for (size_t i = 0; i < d->len; i++) {
		term_printf(stdout, "  %s ", d->v[i].name);
		print_side(d->v[i].a);
		term_printf(stdout, " -> ");
		print_side(d->v[i].b);
		term_printf(stdout, "\n");
	}
}

static int answer(struct config_args *a, struct what_if *w, struct err *e)
{
	_cleanup_kdiffs_ struct kdiffs d = {};
	int r = 0;

	keep_news(w);
	kconfig_diff(buf_str(&w->a), w->a.len, buf_str(&w->b), w->b.len, !a->all, &d);
	a->status = w->rep.len ? 1 : 0;
	if (a->json)
		r = say_json(w, &d, e);
	else
		say_text(a, w, &d);
	return r >= 0 && a->out ? config_write_out(a, &w->b, e) : r;
}

int config_what_if(struct config_args *a, struct err *e)
{
	struct what_if w = {};
	int r = 0;

	if (!a->words)
		r = err_set(e, -EINVAL, "kernix config what-if SYMBOL=VALUE...: what is to be set?");
	if (r >= 0)
		r = config_load_asked(a, &w.k, e);
	if (r >= 0 && !a->base) {
		err_set(e, -EINVAL, "what would change, from which configuration?");
		r = err_hint(e,
		        "--base defconfig, or the path of a .config; a .config in the tree is taken by "
		        "itself");
	}
	if (r >= 0)
		r = config_requests(a, &w.before, e);
	if (r >= 0)
		take_others(&w, a->words);
	strv_for_each (word, a->words)
		if (r >= 0)
			r = take_word(&w, word, e);
	if (r >= 0)
		r = solve_both(a, &w, e);
	if (r >= 0)
		r = answer(a, &w, e);
	kreport_release(&w.rep);
	krequests_release(&w.before);
	krequests_release(&w.now);
	buf_release(&w.a);
	buf_release(&w.b);
	kconfig_free(w.k);
	return r;
}
