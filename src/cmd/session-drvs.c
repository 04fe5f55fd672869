// SPDX-License-Identifier: GPL-2.0-or-later
// Which derivations a value stands for: itself, or those in it, as nix-build and nix-instantiate take them.

#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "cmd/session.h"

enum { DEPTH_MAX = 1000 };

struct finding {
	struct session *s;
	struct attrs *auto_args;
	struct found_drvs *found;
	struct hmap seen; // attribute sets by address
	unsigned depth;
};

static void add(struct finding *f, struct value *v, const char *attr_path)
{
	struct eval *ev = f->s->ev;
	struct attrs *set = v->attrs;
	struct found_drvs *l = f->found;
	struct attr *name = attrs_get(set, ev->sym.output_name), *drv = attrs_get(set, ev->sym.drv_path);

	if (hmap_getn(&f->seen, &set, sizeof(set)))
		return;
	hmap_putn(&f->seen, &set, sizeof(set), set);
	if (!attrs_get(set, ev->sym.name))
		eval_throw(ev, THROW_TYPE, 0, "derivation name missing");
	if (!drv)
		eval_throw(
		        ev, THROW_EVAL, 0, "derivation '%s' does not have a 'drvPath' attribute", attr_path);
	if (l->len == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;
		struct found_drv *more = eval_alloc(ev, cap * sizeof(*more));

		if (l->len)
			memcpy(more, l->drvs, l->len * sizeof(*more));
		l->drvs = more;
		l->cap = cap;
	}
	struct found_drv *d = &l->drvs[l->len];
	d->attr_path = attr_path;
	eval_force(ev, &drv->value, 0);
	d->drv_path = eval_string_of(
	        ev, &drv->value, drv->pos, "while evaluating the 'drvPath' attribute of a derivation")
	                      ->data;
	d->output_name = name ? eval_string_of(ev, &name->value, name->pos,
	                                "while evaluating the output name of a derivation")
	                                 ->data
	                      : "";
	d->value = *v;
	l->len++;
}

static bool plain_name(const char *s)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_",
	                  rest[] = "0123456789-+";

	if (!*s || !strchr(first, *s))
		return false;
	for (; *s; s++)
		if (!strchr(first, *s) && !strchr(rest, *s))
			return false;
	return true;
}

static bool wants_recursion(struct finding *f, struct value *v)
{
	struct eval *ev = f->s->ev;
	struct attr *at =
	        value_type(v) == VALUE_ATTRS ? attrs_get(v->attrs, ev->sym.recurse_for_derivations) : NULL;

	return at &&
	       eval_bool(ev, &at->value, at->pos, "while evaluating the attribute `recurseForDerivations`");
}

static void find(struct finding *f, struct value *in, const char *attr_path, bool top);

static void find_in_attrs(struct finding *f, struct attrs *set, const char *attr_path)
{
	struct eval *ev = f->s->ev;
	struct attrs *flat = attrs_flat(ev, set);
	struct attr **sorted = attrs_sorted(ev, flat);

	for (size_t i = 0; i < flat->len; i++) {
		const char *name = symbol_text(&ev->symbols, sorted[i]->name);

		if (!plain_name(name))
			continue;
		struct buf b = {0};
		buf_addf(&b, "%s%s%s", attr_path, *attr_path ? "." : "", name);
		const char *path = eval_string(ev, buf_str(&b), b.len, NULL)->data;
		buf_release(&b);
		struct value v = value_share(&sorted[i]->value);
		find(f, &v, path, false);
	}
}

static void find(struct finding *f, struct value *in, const char *attr_path, bool top)
{
	struct eval *ev = f->s->ev;
	struct value v;

	if (++f->depth > DEPTH_MAX)
		eval_throw(
		        ev, THROW_RECURSE, 0, "sets of derivations are nested too deeply at '%s'", attr_path);
	if (top) // functions inside of a set are not called
		eval_auto_call(ev, f->auto_args, in, &v);
	else
		v = *in;
	eval_force(ev, &v, 0);
	if (eval_is_derivation(ev, &v)) {
		add(f, &v, attr_path);
	} else if (value_type(&v) == VALUE_ATTRS) {
		if ((top || wants_recursion(f, &v)) && !hmap_getn(&f->seen, &v.attrs, sizeof(v.attrs))) {
			hmap_putn(&f->seen, &v.attrs, sizeof(v.attrs), v.attrs);
			find_in_attrs(f, v.attrs, attr_path);
		}
	} else if (value_type(&v) == VALUE_LIST && top) {
		for (size_t i = 0; i < list_len(&v); i++) {
			struct value item = value_share(&v.elems[i]);

			find(f, &item, attr_path, true);
		}
	} else if (top) {
		eval_throw(ev, THROW_TYPE, 0,
		        "expression does not evaluate to a derivation (or a set or list of those)");
	}
	f->depth--;
}

static void release_seen(void *p)
{
	hmap_release(p);
}

void session_find_drvs(struct session *s, struct value *v, const char *attr_path, struct found_drvs *ret)
{
	struct finding f = {.s = s, .auto_args = session_auto_args(s), .found = ret};
	struct frame clean = {
	        .up = s->ev->frames, .kind = FRAME_CLEANUP, .a = (const void *)release_seen, .b = &f.seen};

	s->ev->frames = &clean;
	find(&f, v, attr_path, true);
	s->ev->frames = clean.up;
	hmap_release(&f.seen);
}

void session_find_word(struct session *s, const char *word, struct found_drvs *ret)
{
	struct attrs *auto_args = session_auto_args(s);
	struct value root, v;

	if (s->flakes) {
		session_find_flake_word(s, word, ret);
		return;
	}
	session_word(s, word, &root);
	if (!s->attrs) {
		session_find_drvs(s, &root, "", ret);
		return;
	}
	strv_for_each (path, s->attrs) {
		eval_attr_path(s->ev, auto_args, &root, path, &v);
		session_find_drvs(s, &v, path, ret);
	}
}
