// SPDX-License-Identifier: GPL-2.0-or-later
// The outputs of a flake by the rules for their names: which hold derivations of a system, which modules,
// systems, overlays. What no rule knows is shown as unknown and not looked into.
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/flake-show.h"
#include "expr/builtin-util.h"
#include "expr/print.h"

enum what {
	WHAT_DRV,
	WHAT_CHECK,
	WHAT_SHELL,
	WHAT_APP,
	WHAT_LEGACY,
	WHAT_SYSTEM,
	WHAT_MODULE,
	WHAT_OVERLAY,
	WHAT_TEMPLATE
};

static const struct output_kind {
	const char *name;
	bool by_system, single; // NAME.SYSTEM.x; NAME (or NAME.SYSTEM) is it itself
	enum what what;
} output_kinds[] = {
        {"apps", true, false, WHAT_APP},
        {"checks", true, false, WHAT_CHECK},
        {"defaultApp", true, true, WHAT_APP},
        {"defaultPackage", true, true, WHAT_DRV},
        {"devShell", true, true, WHAT_SHELL},
        {"devShells", true, false, WHAT_SHELL},
        {"formatter", true, true, WHAT_DRV},
        {"legacyPackages", true, true, WHAT_LEGACY},
        {"nixosConfigurations", false, false, WHAT_SYSTEM},
        {"nixosModule", false, true, WHAT_MODULE},
        {"nixosModules", false, false, WHAT_MODULE},
        {"overlay", false, true, WHAT_OVERLAY},
        {"overlays", false, false, WHAT_OVERLAY},
        {"packages", true, false, WHAT_DRV},
        {"templates", false, false, WHAT_TEMPLATE},
};

static const struct {
	const char *text, *type; // printed; of JSON
} whats[] = {
        [WHAT_DRV] = {"package", "derivation"},
        [WHAT_CHECK] = {"derivation", "derivation"},
        [WHAT_LEGACY] = {"", ""},
        [WHAT_SHELL] = {"development environment", "derivation"},
        [WHAT_APP] = {"app", "app"},
        [WHAT_SYSTEM] = {"NixOS configuration", "nixos-configuration"},
        [WHAT_MODULE] = {"NixOS module", "nixos-module"},
        [WHAT_OVERLAY] = {"Nixpkgs overlay", "nixpkgs-overlay"},
        [WHAT_TEMPLATE] = {"template", "template"},
};

static const struct output_kind *kind_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(output_kinds); i++)
		if (str_eq(output_kinds[i].name, name))
			return &output_kinds[i];
	return NULL;
}

struct walk {
	struct eval *ev;
	const char *system;
	bool all, other; // other: of another system than this one
	struct buf out;  // the tree or the JSON
	bool json;
};

static struct attrs *set_of(struct eval *ev, struct value *v)
{
	eval_force(ev, v, 0);
	return value_type(v) == VALUE_ATTRS ? attrs_flat(ev, v->attrs) : NULL;
}

static const char *text_at(struct eval *ev, struct attrs *a, const char *name)
{
	struct attr *at = a ? attrs_get(a, symbol_of(&ev->symbols, name)) : NULL;

	return at ? eval_string_of(ev, &at->value, at->pos, NULL)->data : NULL;
}

static void add_text(struct walk *w, const char *text)
{
	struct value v = eval_str(w->ev, text);

	print_json(w->ev, &v, 0, false, &w->out, NULL);
}

static void add_json(struct walk *w, const char *name, const char *text)
{
	buf_addf(&w->out, "%s\"%s\":", w->out.data[w->out.len - 1] == '{' ? "" : ",", name);
	add_text(w, text);
}

// Of a derivation or an app: meta.description; of a template its own.
static const char *description_of(struct eval *ev, struct attrs *a, enum what what)
{
	struct attr *meta = a ? attrs_get(a, ev->sym.meta) : NULL;
	const char *text = what == WHAT_TEMPLATE ? text_at(ev, a, "description")
	                   : meta                ? text_at(ev, set_of(ev, &meta->value), "description")
	                                         : NULL;

	return text ? text : "";
}

static void show_leaf(struct walk *w, struct value *v, enum what what)
{
	struct eval *ev = w->ev;
	bool drv = what == WHAT_DRV || what == WHAT_CHECK || what == WHAT_SHELL;
	bool described = drv || what == WHAT_APP || what == WHAT_TEMPLATE;
	struct attrs *a = described ? set_of(ev, v) : NULL;
	const char *name = drv ? text_at(ev, a, "name") : NULL, *said = description_of(ev, a, what);

	if (w->json) {
		buf_addc(&w->out, '{');
		if (described && (what != WHAT_APP || *said))
			add_json(w, "description", said);
		if (name)
			add_json(w, "name", name);
		add_json(w, "type", whats[what].type);
		buf_addc(&w->out, '}');
		return;
	}
	buf_addf(&w->out, ": %s", whats[what].text);
	if (name)
		buf_addf(&w->out, " '%s'", name);
	if (what == WHAT_APP || what == WHAT_TEMPLATE)
		buf_addf(&w->out, ": %s", *said ? said : "no description");
	buf_addc(&w->out, '\n');
}

static void show_word(struct walk *w, const char *text)
{
	if (!w->json)
		buf_addf(&w->out, "%s%s\n", *text == ' ' ? "" : ": ", text);
	else
		buf_adds(&w->out, *text == ' ' ? "{}" : "{\"type\":\"unknown\"}");
}

static void show_level(
        struct walk *w, struct value *v, const struct output_kind *k, unsigned level, const char *indent);

// One attribute: of the outputs (level 0), of an output, of an output's system.
static void show_attr(
        struct walk *w, struct attr *at, const struct output_kind *k, unsigned level, const char *indent)
{
	const char *name = symbol_text(&w->ev->symbols, at->name);
	unsigned depth = k ? (unsigned)k->by_system + !k->single : 0;
	struct value v = value_share(&at->value);

	if (k && k->by_system && level == 1)
		w->other = !w->all && !str_eq(name, w->system);
	if (!k)
		show_word(w, "unknown");
	else if (level < depth)
		show_level(w, &v, k, level + 1, indent);
	else if (k->what == WHAT_LEGACY)
		show_word(w, " omitted (they are many)");
	else if (k->by_system && w->other)
		show_word(w, " omitted (use '--all-systems' to show)");
	else
		show_leaf(w, &v, k->what);
}

static void show_level(
        struct walk *w, struct value *v, const struct output_kind *k, unsigned level, const char *indent)
{
	struct eval *ev = w->ev;
	struct attrs *a = set_of(ev, v);
	struct attr **sorted = a ? attrs_sorted(ev, a) : NULL;

	buf_addc(&w->out, w->json ? '{' : '\n');
	for (size_t i = 0; a && i < a->len; i++) {
		const char *name = symbol_text(&ev->symbols, sorted[i]->name);
		bool last = i + 1 == a->len;
		if (w->json) {
			buf_adds(&w->out, i ? "," : "");
			add_text(w, name);
			buf_addc(&w->out, ':');
		} else {
			buf_addf(&w->out, "%s%s%s", indent, last ? "└───" : "├───", name);
		}
		show_attr(w, sorted[i], level ? k : kind_of(name), level,
		        arena_printf(&ev->heap, "%s%s", indent, last ? "    " : "│   "));
	}
	if (w->json)
		buf_addc(&w->out, '}');
}

static void release(void *p)
{
	buf_release(&((struct walk *)p)->out);
}

// The outputs alone, without what a flake is told beside them.
static struct value only_outputs(struct eval *ev, struct value *flake)
{
	struct attr *at = attrs_get(flake->attrs, symbol_of(&ev->symbols, "outputs"));

	return value_share(&at->value);
}

void flake_show(
        struct eval *ev, const struct flake *f, struct value *flake, const char *system, bool json, bool all)
{
	struct walk w = {.ev = ev, .system = system, .json = json, .all = all};
	struct frame clean = {.up = ev->frames, .kind = FRAME_CLEANUP, .a = (const void *)release, .b = &w};
	struct value outputs = only_outputs(ev, flake);

	ev->frames = &clean;
	if (!json)
		buf_adds(&w.out, ref_show(ev, f->locked));
	show_level(&w, &outputs, NULL, 0, "");
	char *safe = term_clean_str(buf_str(&w.out), 0);
	printf("%s%s", safe, json ? "\n" : "");
	mem_free(safe);
	ev->frames = clean.up;
	release(&w);
}

// ---- check

static void check_leaf(struct eval *ev, struct value *v, enum what what, const char *where)
{
	const char *const toplevel[] = {"config", "system", "build", "toplevel", "drvPath"};
	struct value at = *v;

	eval_force(ev, &at, 0);
	switch (what) {
	case WHAT_DRV:
	case WHAT_CHECK:
	case WHAT_SHELL:
		if (!eval_is_derivation(ev, &at))
			eval_throw(ev, THROW_TYPE, 0, "flake attribute '%s' is not a derivation", where);
		at = value_share(&attr_need(ev, attrs_flat(ev, at.attrs), ev->sym.drv_path, NULL)->value);
		eval_force(ev, &at, 0);
		break;
	case WHAT_SYSTEM:
		for (size_t i = 0; i < ARRAY_SIZE(toplevel); i++) {
			struct attrs *a = set_of(ev, &at);
			if (!a)
				eval_throw(ev, THROW_TYPE, 0,
				        "flake attribute '%s' is not a NixOS configuration", where);
			at = value_share(
			        &attr_need(ev, a, symbol_of(&ev->symbols, toplevel[i]), NULL)->value);
		}
		eval_force(ev, &at, 0);
		break;
	case WHAT_OVERLAY:
		if (value_type(&at) != VALUE_LAMBDA)
			eval_throw(ev, THROW_TYPE, 0, "flake attribute '%s' is not an overlay", where);
		break;
	case WHAT_APP:
	case WHAT_TEMPLATE:
		if (value_type(&at) != VALUE_ATTRS)
			eval_throw(ev, THROW_TYPE, 0, "flake attribute '%s' is not a set", where);
		break;
	case WHAT_MODULE:
	case WHAT_LEGACY:
		break;
	}
}

static void check_level(struct eval *ev, struct value *v, const struct output_kind *k, unsigned level,
        const char *where, const char *system, bool all)
{
	struct attrs *a = set_of(ev, v);
	struct attr **sorted = a ? attrs_sorted(ev, a) : NULL;
	struct frame frame;

	for (size_t i = 0; a && i < a->len; i++) {
		const char *name = symbol_text(&ev->symbols, sorted[i]->name);
		const struct output_kind *kind = level ? k : kind_of(name);
		const char *at = arena_printf(&ev->heap, "%s%s%s", where, level ? "." : "", name);
		struct value child = value_share(&sorted[i]->value);
		if (!kind || kind->what == WHAT_LEGACY ||
		        (level == 1 && kind->by_system && !all && !str_eq(name, system)))
			continue;
		text_push(ev, &frame, arena_printf(&ev->heap, "while checking flake output '%s'", at));
		if (level == (unsigned)kind->by_system + !kind->single) {
			fprintf(stderr, "checking '%s'...\n", at);
			check_leaf(ev, &child, kind->what, at);
		} else {
			check_level(ev, &child, kind, level + 1, at, system, all);
		}
		text_pop(ev, &frame);
	}
}

void flake_check(struct eval *ev, struct value *flake, const char *system, bool all)
{
	struct value outputs = only_outputs(ev, flake);

	check_level(ev, &outputs, NULL, 0, "", system, all);
	fprintf(stderr, "all checks are evaluated; 'nix build .#checks.%s.NAME' runs one\n", system);
}
