// SPDX-License-Identifier: GPL-2.0-or-later
// All that a tree says of one option: its place in the menu, its help, its conditions, and the other way
// round, which options depend on, select and imply it.
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kexpr.h"
#include "kconfig/reason.h"
#include "kconfig/search.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

struct show {
	struct kconfig *k;
	struct ksym *s;
	bool values;
};

int kconfig_unknown(struct kconfig *k, const char *name, struct err *e)
{
	_cleanup_free_ const char **near = kconfig_nearest(k, name, 5);
	_cleanup_buf_ struct buf b = {};

	err_set(e, -ENOENT, "%s: no Kconfig file of this tree and architecture defines it", name);
	kreason_elsewhere(k, name, &b);
	for (size_t i = 0; near[i]; i++)
		buf_addf(&b, "%s%s", i ? ", " : "names like it: ", near[i]);
	if (b.len)
		err_hint(e, "%s", buf_str(&b));
	return -ENOENT;
}

static json_t *expr_json(const struct show *x, const struct kexpr *expr)
{
	_cleanup_buf_ struct buf b = {};

	if (!expr || kexpr_is_yes(x->k, expr))
		return json_null();
	kexpr_print(x->k, expr, x->values, &b);
	return ksearch_text(buf_str(&b), b.len);
}

// Prompts of the menus above an entry, outermost first; the main menu is none. Options whose dependents are
// shown below them are menus as well.
static json_t *path_json(const struct show *x, const struct kmenu *m)
{
	json_t *path = json_array();

	for (const struct kmenu *p = m->parent; p && p != &x->k->root; p = p->parent)
		if (p->prompt && p->prompt->text)
			json_array_insert_new(
			        path, 0, ksearch_text(p->prompt->text, strlen(p->prompt->text)));
	return path;
}

static json_t *definitions_json(const struct show *x)
{
	json_t *list = json_array();

	for (const struct kmenu *m = x->s->menus; m; m = m->same) {
		_cleanup_buf_ struct buf help = {};
		json_t *o = json_pack("{s:s, s:i}", "file", m->file, "line", m->line);
		ksearch_help(m->help, m->help_len, &help);
		json_object_set_new(o, "prompt",
		        m->prompt ? ksearch_text(m->prompt->text, strlen(m->prompt->text)) : json_null());
		json_object_set_new(o, "if", m->prompt ? expr_json(x, m->prompt->own) : json_null());
		json_object_set_new(o, "menu", path_json(x, m));
		json_object_set_new(
		        o, "help", help.len ? ksearch_text(buf_str(&help), help.len) : json_null());
		json_object_set_new(o, "depends", expr_json(x, m->dep));
		json_array_append_new(list, o);
	}
	return list;
}

// Properties of s of one kind: what they give, and the condition as written.
static json_t *props_json(const struct show *x, const struct ksym *s, enum kprop_type type)
{
	json_t *list = json_array();

	for (const struct kprop *p = s->props; p; p = p->next)
		if (p->type == type)
			json_array_append_new(
			        list, json_pack("{s:o, s:o, s:s, s:i}", "value", expr_json(x, p->expr), "if",
			                      expr_json(x, p->own), "file", p->file, "line", p->line));
	return list;
}

// A default of plain y is no null.
static json_t *defaults_json(const struct show *x)
{
	json_t *list = props_json(x, x->s, KP_DEFAULT), *o;
	size_t i;

	json_array_foreach(list, i, o) if (json_is_null(json_object_get(o, "value")))
	        json_object_set_new(o, "value", json_string("y"));
	return list;
}

// Options that select or imply s.
static json_t *sources_json(const struct show *x, enum kprop_type type)
{
	json_t *list = json_array();

	for (size_t i = 0; i < x->k->syms_len; i++) {
		struct ksym *t = x->k->syms[i];
		for (struct kprop *p = t->menus && t->name ? t->props : NULL; p; p = p->next) {
			if (p->type != type || kprop_sym(p) != x->s)
				continue;
			json_t *o = ksearch_symbol(x->k, t, x->values);
			json_object_set_new(o, "if", expr_json(x, p->own));
			json_object_set_new(o, "file", json_string(p->file));
			json_object_set_new(o, "line", json_integer(p->line));
			json_array_append_new(list, o);
		}
	}
	return list;
}

static bool names(const struct kexpr *e, const struct ksym *s, unsigned depth)
{
	if (!e || depth > KDEPTH_MAX)
		return false;
	if (e->type == KE_OR || e->type == KE_AND)
		return names(e->l.e, s, depth + 1) || names(e->r.e, s, depth + 1);
	if (e->type == KE_NOT)
		return names(e->l.e, s, depth + 1);
	return e->l.s == s || (e->type != KE_SYM && e->r.s == s);
}

// Options whose dependencies (their menus' included) name s; and those which only ask for it in the condition
// of a prompt, default, select or range.
static void dependents_json(const struct show *x, json_t *depend, json_t *mention)
{
	for (size_t i = 0; i < x->k->syms_len; i++) {
		struct ksym *t = x->k->syms[i];
		bool found = false;
		if (!t->menus || !t->name || t == x->s || ksym_is_choice(t) || (t->flags & KS_CONST))
			continue;
		if (names(t->dir_dep, x->s, 0)) {
			json_array_append_new(depend, ksearch_symbol(x->k, t, x->values));
			continue;
		}
		for (struct kprop *p = t->props; p && !found; p = p->next)
			found = names(p->cond, x->s, 0) ||
			        (p->type != KP_SELECT && p->type != KP_IMPLY && names(p->expr, x->s, 0));
		if (found)
			json_array_append_new(mention, ksearch_symbol(x->k, t, x->values));
	}
}

static json_t *members_json(const struct show *x, const struct kmenu *choice)
{
	json_t *list = json_array();

	for (const struct kmenu *m = choice->list; m; m = m->next)
		if (m->sym && m->sym->name)
			json_array_append_new(list, ksearch_symbol(x->k, m->sym, x->values));
	return list;
}

static json_t *show_json(const struct show *x)
{
	json_t *o = ksearch_symbol(x->k, x->s, x->values), *depend = json_array(), *mention = json_array();
	struct kmenu *choice = ksym_choice_menu(x->k, x->s);

	json_object_set_new(o, "definitions", definitions_json(x));
	json_object_set_new(o, "depends", expr_json(x, x->s->dir_dep));
	json_object_set_new(o, "defaults", defaults_json(x));
	json_object_set_new(o, "ranges", props_json(x, x->s, KP_RANGE));
	json_object_set_new(o, "selects", props_json(x, x->s, KP_SELECT));
	json_object_set_new(o, "implies", props_json(x, x->s, KP_IMPLY));
	json_object_set_new(o, "selected by", sources_json(x, KP_SELECT));
	json_object_set_new(o, "implied by", sources_json(x, KP_IMPLY));
	dependents_json(x, depend, mention);
	json_object_set_new(o, "needed by", depend);
	json_object_set_new(o, "named by", mention);
	if (choice) {
		json_object_set_new(o, "choice",
		        choice->prompt ? ksearch_text(choice->prompt->text, strlen(choice->prompt->text))
		                       : json_string(""));
		json_object_set_new(o, "members", members_json(x, choice));
	}
	return o;
}

int kconfig_show(struct kconfig *k, const char *name, bool values, json_t **ret, struct err *e)
{
	const char *bare = str_after(name, "CONFIG_");
	struct show x = {.k = k, .values = values};
	bool quiet = k->quiet;

	name = bare ? bare : name;
	x.s = kconfig_find(k, name);
	if (!x.s)
		return kconfig_unknown(k, name, e);
	k->quiet = true;
	*ret = show_json(&x);
	k->quiet = quiet;
	return 0;
}
