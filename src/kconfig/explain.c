// SPDX-License-Identifier: GPL-2.0-or-later
// Explaining one symbol.
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/dotconfig.h"
#include "kconfig/prove.h"
#include "kconfig/reason.h"
#include "kconfig/search.h"
#include "kconfig/solve.h"
#include "kconfig/tools.h"
#include "kconfig/tree.h"

static const char *const tri_text[] = {"n", "m", "y"};

struct explain {
	struct kconfig *k;
	struct ksym *s;
	bool search;
	uint8_t now;
	struct kproof *proof;
	bool never[3];       // by value: proven
	const char *ways[3]; // by value: what to set for it, "" for nothing; NULL: no way, or not looked for
	struct arena arena;
};

static void line(struct buf *b, const char *label, struct kconfig *k, struct kexpr *e)
{
	buf_addf(b, "  %s: ", label);
	kexpr_print(k, e, true, b);
	buf_addc(b, '\n');
}

// Would the symbol be what it is if the configuration said nothing of it? Then it is no wish of anybody.
static bool is_default(struct kconfig *k, struct ksym *s)
{
	uint16_t flags = s->flags;
	_cleanup_free_ char *now = mem_strdup(ksym_text(s));

	s->flags &= ~KS_USER;
	ksolve_clear(k);
	ksym_calc(k, s);
	bool same = !strcmp(now, ksym_text(s));
	s->flags = flags;
	ksolve_clear(k);
	ksym_calc(k, s);
	return same;
}

static void say_value(struct kconfig *k, const struct kprop *p, struct buf *b)
{
	kexpr_print(k, p->expr, true, b);
	if (p->own) {
		buf_adds(b, " if ");
		kexpr_print(k, p->own, true, b);
	}
	buf_addf(b, " (%s:%d)", p->file, p->line);
}

static void say_default(struct kconfig *k, struct ksym *s, const struct kprop *p, struct buf *b)
{
	_cleanup_buf_ struct buf test = {};

	buf_adds(b, "  why: its default: ");
	say_value(k, p, b);
	if (kreason_tests(k, s, &test))
		buf_addf(b, "; what decides is a test: %s", buf_str(&test));
	buf_addc(b, '\n');
}

static void why_member(struct kconfig *k, struct ksym *s, struct kmenu *choice, struct buf *b)
{
	bool first = true;

	buf_addf(b, "  member of the choice \"%s\" (%s:%d)\n", choice->prompt ? choice->prompt->text : "",
	        choice->file, choice->line);
	if (k->dialect.new_choice && s->visible != KCONFIG_N)
		kchoice_calc(k, choice);
	buf_adds(b, "  its members: ");
	for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice)) {
		if (!m->sym || ksym_choice_menu(k, m->sym) != choice)
			continue;
		ksym_calc(k, m->sym);
		buf_addf(b, "%s%s [=%s]", first ? "" : ", ", kconfig_sym_name(m->sym), ksym_text(m->sym));
		first = false;
	}
	buf_addc(b, '\n');
	if (s->visible == KCONFIG_N)
		buf_adds(b, "  why: it cannot be picked\n");
	else if (s->tri != KCONFIG_Y)
		buf_adds(b, "  why: another member is y\n");
	else
		buf_adds(b, kchoice_default(k, choice->sym) == s ? "  why: it is the choice's default\n"
		                                                 : "  why: the configuration picks it\n");
}

static void why_tri(struct kconfig *k, struct ksym *s, struct buf *b)
{
	struct kmenu *choice = ksym_choice_menu(k, s);
	struct kprop *p = ksym_default_prop(k, s);

	if (choice) {
		why_member(k, s, choice, b);
		return;
	}
	if (s->rev_tri > KCONFIG_N) {
		buf_addf(b, "  why: others select it, at least %s\n", tri_text[s->rev_tri]);
		kreason_selectors(k, s, KCONFIG_M, "    ", b);
		if (s->rev_tri >= s->tri)
			return;
	}
	if (s->visible > KCONFIG_N && ksym_has_user(s) && !is_default(k, s))
		buf_addf(b, "  why: the configuration says %s%s\n", tri_text[s->user_tri],
		        s->user_tri > s->visible ? ", which its dependencies limit" : "");
	else if (p && p->tri)
		say_default(k, s, p, b);
	else if (s->imp_tri > KCONFIG_N)
		buf_adds(b, "  why: others imply it\n");
	else
		buf_adds(b, s->visible > KCONFIG_N ? "  why: nobody asked for it\n"
		                                   : "  why: it cannot be set, and nothing turns it on\n");
}

static void why_text(struct kconfig *k, struct ksym *s, struct buf *b)
{
	struct kprop *p = ksym_default_prop(k, s), *range = ksym_range_prop(k, s);

	if (s->visible > KCONFIG_N && ksym_has_user(s) && !is_default(k, s))
		buf_adds(b, "  why: the configuration says so\n");
	else if (p)
		say_default(k, s, p, b);
	else
		buf_adds(b, "  why: nothing gives it a value\n");
	for (struct kprop *q = s->visible == KCONFIG_N ? s->props : NULL; q; q = q->next)
		if (q->type == KP_DEFAULT && q != p) {
			buf_adds(b, "  else: ");
			say_value(k, q, b);
			buf_addc(b, '\n');
		}
	if (range)
		buf_addf(b, "  range: %s to %s (%s:%d)\n", ksym_text(range->expr->l.s),
		        ksym_text(range->expr->r.s), range->file, range->line);
}

static void props(struct kconfig *k, struct ksym *s, struct buf *b)
{
	for (struct kprop *p = s->props; p; p = p->next) {
		const char *word = p->type == KP_SELECT ? "selects" : p->type == KP_IMPLY ? "implies" : NULL;
		if (!word || kexpr_calc(k, p->cond) == KCONFIG_N)
			continue;
		buf_addf(b, "  %s %s (%s:%d)\n", word, kprop_sym(p)->name, p->file, p->line);
	}
}

// What to set for s to become tri; NULL: no way was found.
static const char *way_to(struct explain *x, uint8_t tri)
{
	struct kfix_item target = {.sym = x->s, .tri = tri};
	struct kfix fix = {};
	struct buf b = {};

	if (!kfix_search(x->k, &(struct kfix_goal){.targets = &target, .targets_len = 1}, &fix))
		return NULL;
	for (size_t i = 0; i < fix.len; i++)
		buf_addf(&b, "%s%s=%s", i ? " " : "", fix.v[i].sym->name,
		        fix.v[i].text ? fix.v[i].text : tri_text[fix.v[i].tri]);
	const char *text = arena_strdup(&x->arena, buf_str(&b));
	buf_release(&b);
	return text;
}

static bool possible(const struct explain *x, uint8_t tri)
{
	return tri != x->now && !(tri == KCONFIG_M && x->s->type == KCONFIG_BOOL);
}

static void say_never(struct explain *x, uint8_t tri, struct buf *b)
{
	struct kfix_item target = {.sym = x->s, .tri = tri};

	x->never[tri] = !kproof_possible(x->proof, &target, 1, true);
	buf_addf(b, "  to get %s: %s\n", tri_text[tri],
	        x->never[tri] ? "impossible, whatever is set:" : "no way was found");
	if (x->never[tri])
		kproof_text(x->proof, "    ", b);
}

static void ways(struct explain *x, struct buf *b)
{
	const char **found = x->ways;

	if (!x->search || !ktype_is_tri(x->s->type))
		return;
	for (uint8_t t = 0; t < 3; t++)
		if (possible(x, t))
			found[t] = way_to(x, t);
	ksolve_clear(x->k);
	ksym_calc(x->k, x->s);
	x->proof = kproof_new(x->k);
	for (uint8_t t = 0; t < 3; t++) {
		if (!possible(x, t))
			continue;
		bool direct = x->s->visible >= t && x->s->rev_tri <= t && x->s->visible > x->s->rev_tri;
		if (!found[t])
			say_never(x, t, b);
		else if (!*found[t])
			buf_addf(b, "  to get %s: set it\n", tri_text[t]);
		else
			buf_addf(b, "  to get %s: set %s%s\n", tri_text[t], found[t],
			        direct ? "" : ", then it");
	}
	kproof_free(x->proof);
}

static void text_of(struct explain *x, struct buf *b)
{
	struct kconfig *k = x->k;
	struct ksym *s = x->s;

	ksym_calc(k, s);
	x->now = s->tri;
	buf_addf(b, "%s = %s%s\n", s->name, *ksym_text(s) ? ksym_text(s) : "\"\"",
	        s->flags & KS_WRITE ? "" : " (not in .config)");
	kreason_definitions(k, s, "  ", b);
	if (ktype_is_tri(s->type))
		why_tri(k, s, b);
	else
		why_text(k, s, b);
	if (s->dir_dep)
		line(b, "depends on", k, s->dir_dep);
	if (s->dir_dep && s->dir_tri < KCONFIG_Y)
		kreason_unmet(k, s->dir_dep, KCONFIG_Y, 0, "    ", b);
	if (s->rev_dep && s->rev_tri == KCONFIG_N) {
		buf_adds(b, "  would be selected by: ");
		kexpr_print(k, s->rev_dep, true, b);
		buf_addc(b, '\n');
	}
	if (s->implied)
		line(b, "implied by", k, s->implied);
	props(k, s, b);
}

// Value -> list of NAME=VALUE to set (none: it only has to be set itself), or null: no way was found.
static json_t *ways_json(struct explain *x)
{
	json_t *o = json_object();

	for (uint8_t t = 0; t < 3; t++) {
		if (!possible(x, t))
			continue;
		_cleanup_strv_ char **set = strv_split(x->ways[t] ? x->ways[t] : "", " ");
		json_t *list = x->ways[t] ? json_array() : json_null();
		strv_for_each (w, set)
			json_array_append_new(list, json_string(w));
		json_object_set_new(o, tri_text[t], list);
	}
	return o;
}

static void json_of(struct explain *x, const char *text, struct buf *b)
{
	json_t *o = json_object(), *defs = json_array(), *lines = json_array(), *never = json_array();
	struct ksym *s = x->s;

	ksym_calc(x->k, s);
	json_object_set_new(o, "name", json_string(s->name));
	json_object_set_new(o, "type", json_string(ktype_name(s->type)));
	json_object_set_new(o, "value", json_string(ksym_text(s)));
	json_object_set_new(o, "written", json_boolean((s->flags & KS_WRITE) != 0));
	json_object_set_new(o, "visible", json_string(tri_text[s->visible]));
	json_object_set_new(o, "selected", json_string(tri_text[s->rev_tri]));
	for (const struct kmenu *m = s->menus; m; m = m->same)
		json_array_append_new(defs, json_pack("{s:s, s:i, s:s?}", "file", m->file, "line", m->line,
		                                    "prompt", m->prompt ? m->prompt->text : NULL));
	json_object_set_new(o, "definitions", defs);
	_cleanup_strv_ char **v = strv_split(text, "\n");
	strv_for_each (l, v) {
		const char *why = strstr(l, "why: ");
		json_array_append_new(lines, json_string(l));
		if (why)
			json_object_set_new(o, "why", json_string(why + strlen("why: ")));
	}
	json_object_set_new(o, "text", lines);
	if (x->search && ktype_is_tri(s->type))
		json_object_set_new(o, "ways", ways_json(x));
	for (uint8_t t = 0; t < 3; t++)
		if (x->never[t])
			json_array_append_new(never, json_string(tri_text[t]));
	json_object_set_new(o, "impossible", never);
	char *dump = json_dumps(o, JSON_INDENT(2));
	buf_addf(b, "%s\n", dump ? dump : "{}");
	free(dump);
	json_decref(o);
}

int kconfig_explain(struct kconfig *k, const char *name, bool search, bool json, struct buf *b, struct err *e)
{
	const char *bare = str_after(name, "CONFIG_");
	struct explain x = {.k = k, .s = kconfig_find(k, bare ? bare : name), .search = search};
	_cleanup_buf_ struct buf config = {}, text = {};
	bool quiet = k->quiet;

	if (!x.s)
		return kconfig_unknown(k, bare ? bare : name, e);
	k->quiet = true;
	for (size_t i = 0; i < k->syms_len; i++)
		k->syms[i]->flags &= ~KS_SEEN;
	text_of(&x, &text);
	if (search) {
		kconfig_write(k, &config); // fixes are searched from a .config that was read
		kdot_read(k, buf_str(&config), config.len, ".config");
		ways(&x, &text);
	}
	k->quiet = quiet;
	if (json)
		json_of(&x, buf_str(&text), b);
	else
		buf_add(b, text.data, text.len);
	arena_release(&x.arena);
	return 0;
}
