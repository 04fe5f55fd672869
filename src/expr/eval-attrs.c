// SPDX-License-Identifier: GPL-2.0-or-later
// Attribute sets, 'let', selection, '?', '//' and '++'.

#include <string.h>
#include "expr/advice.h"
#include "expr/eval-private.h"

// ---- building

// The environment of the sources of 'inherit (x)': one slot each, so that each is evaluated once.
static struct env *make_from_env(struct eval *ev, struct env *env, const struct expr_attrs *a)
{
	struct env *from = env_new(ev, env, a->from_len);

	for (uint32_t i = 0; i < a->from_len; i++)
		from->slots[i] = value_pending(a->froms[i], env);
	return from;
}

static void fill_def(struct eval *ev, const struct attr_def *d, struct env *env, struct env *outer,
        struct env *from, struct value *slot, uint32_t filled)
{
	if (d->kind == ATTR_PLAIN)
		eval_delay(ev, env, d->value, slot, filled);
	else if (d->kind == ATTR_INHERIT)
		eval_delay(ev, outer, d->value, slot, ALL_FILLED);
	else
		*slot = value_pending(d->value, from);
}

// Adds '${name} = value;' attributes; a null name adds none.
static void add_dynamic(struct eval *ev, const struct expr_attrs *x, struct env *env, struct attrs *a)
{
	struct frame f;
	struct value name;
	uint32_t fixed = a->len;

	for (uint32_t i = 0; i < x->dyn_len; i++) {
		const struct dynamic_def *d = &x->dyns[i];
		eval_expr(ev, env, d->name, &name);
		if (value_type(&name) == VALUE_NULL)
			continue;
		frame_push(
		        ev, &f, FRAME_TEXT, d->pos, "while evaluating the name of a dynamic attribute", NULL);
		const struct string *s = eval_string_plain(ev, &name, d->pos, NULL);
		frame_pop(ev, &f);
		uint32_t sym = symbol_intern(&ev->symbols, s->data, s->len);
		const struct attr *have = NULL;
		for (uint32_t j = 0; j < a->len && !have; j++)
			if (a->entries[j].name == sym && (j < fixed || x->dyn_len))
				have = &a->entries[j];
		if (have) {
			struct buf at = {0};
			source_print(&ev->sources, have->pos, &at);
			const char *where = arena_strdup(&ev->heap, buf_str(&at));
			buf_release(&at);
			eval_throw(ev, THROW_EVAL, d->pos, "dynamic attribute '%s' already defined at %s",
			        eval_show_name(ev, sym), where);
		}
		eval_delay(ev, env, d->value, attrs_push(a, sym, d->pos), ALL_FILLED);
		// A function gets its name here, where it is known.
		if (d->value->kind == EXPR_LAMBDA && !((struct expr_lambda *)d->value)->name)
			((struct expr_lambda *)d->value)->name = sym;
	}
	if (a->len != fixed)
		attrs_finish(a);
}

// '__overrides': its attributes replace those of the set, for the set's own references too.
static struct attrs *apply_overrides(
        struct eval *ev, const struct expr_attrs *x, struct env *env, struct attrs *a)
{
	struct attr *o = attrs_get(a, ev->sym.overrides);
	struct attrs *over = attrs_flat(
	        ev, eval_attrs(ev, &o->value, o->pos, "while evaluating the `__overrides` attribute"));
	struct attrs *all = attrs_new(ev, a->len + over->len);

	attrs_for_each (at, a) {
		struct attr *by = attrs_get(over, at->name);
		*attrs_push(all, at->name, by ? by->pos : at->pos) =
		        value_share(by ? &by->value : &at->value);
	}
	attrs_for_each (ot, over)
		if (!attrs_get(a, ot->name))
			*attrs_push(all, ot->name, ot->pos) = value_share(&ot->value);
	attrs_finish(all);
	for (uint32_t i = 0; i < x->len; i++)
		env->slots[i] = value_share(&attrs_get(all, x->defs[i].name)->value);
	return all;
}

static void eval_rec(struct eval *ev, struct env *outer, const struct expr_attrs *x, struct value *ret)
{
	struct env *env = env_new(ev, outer, x->len), *from = x->from_len ? make_from_env(ev, env, x) : NULL;
	struct attrs *a = attrs_new(ev, x->len + x->dyn_len);

	for (uint32_t i = 0; i < x->len; i++) {
		const struct attr_def *d = &x->defs[i];
		struct value *slot = attrs_push(a, d->name, d->pos);
		fill_def(ev, d, env, outer, from, slot, x->overrides ? 0 : i);
		env->slots[i] = value_share(slot);
	}
	a->total = a->len;
	a->pos = x->x.pos;
	if (x->overrides)
		a = apply_overrides(ev, x, env, a);
	if (x->dyn_len) {
		struct attrs *all = attrs_new(ev, a->len + x->dyn_len);
		attrs_for_each (at, a)
			*attrs_push(all, at->name, at->pos) = value_share(&at->value);
		all->total = all->len;
		all->pos = x->x.pos;
		add_dynamic(ev, x, env, all);
		a = all;
	}
	*ret = value_attrs(a);
}

void eval_attrs_expr(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_attrs *ax = (struct expr_attrs *)x;

	if (ax->rec) {
		eval_rec(ev, env, ax, ret);
		return;
	}
	struct attrs *a = attrs_new(ev, ax->len + ax->dyn_len);
	struct env *from = ax->from_len ? make_from_env(ev, env, ax) : NULL;
	for (uint32_t i = 0; i < ax->len; i++)
		fill_def(ev, &ax->defs[i], env, env, from, attrs_push(a, ax->defs[i].name, ax->defs[i].pos),
		        ALL_FILLED);
	a->total = a->len;
	a->pos = x->pos;
	if (ax->dyn_len)
		add_dynamic(ev, ax, env, a);
	*ret = value_attrs(a);
}

void eval_let(struct eval *ev, struct env *outer, struct expr *x, struct value *ret)
{
	const struct expr_let *l = (struct expr_let *)x;
	const struct expr_attrs *a = l->attrs;
	struct env *env = env_new(ev, outer, a->len), *from = a->from_len ? make_from_env(ev, env, a) : NULL;

	for (uint32_t i = 0; i < a->len; i++)
		fill_def(ev, &a->defs[i], env, outer, from, &env->slots[i], i);
	eval_expr(ev, env, l->body, ret);
}

// ---- selecting

// The symbol of one element of a path. 0 where a computed name was never seen before (then no set has it):
// *text says it.
static uint32_t elem_name(
        struct eval *ev, struct env *env, const struct path_elem *e, const struct string **text)
{
	struct value v;

	if (e->name)
		return e->name;
	eval_expr(ev, env, e->expr, &v);
	*text = eval_string_plain(ev, &v, expr_pos(e->expr), "while evaluating an attribute name");
	return (*text)->symbol ? (*text)->symbol : symbol_intern(&ev->symbols, (*text)->data, (*text)->len);
}

static void print_select_name(struct eval *ev, const struct path_elem *e, struct buf *b)
{
	struct value v;

	if (e->name) {
		const struct string *s = symbol_string(&ev->symbols, e->name);
		print_attr_name(s->data, s->len, b);
	} else if (e->expr->kind == EXPR_CONST &&
	           (v = ((struct expr_const *)e->expr)->value, value_type(&v) == VALUE_STRING)) {
		print_attr_name(v.string->data, v.string->len, b);
	} else {
		buf_adds(b, "\"${");
		print_expr(ev, e->expr, b);
		buf_adds(b, "}\"");
	}
}

void eval_print_path(struct eval *ev, const struct expr_select *s, struct buf *b)
{
	for (uint32_t i = 0; i < s->path.len; i++) {
		if (i)
			buf_addc(b, '.');
		print_select_name(ev, &s->path.elems[i], b);
	}
}

_noreturn_ _cold_ static void missing_attr(struct eval *ev, uint32_t pos, uint32_t name, struct attrs *a)
{
	struct attrs *flat = attrs_flat(ev, a);
	uint32_t *names = eval_alloc(ev, (flat->len + 1) * sizeof(*names)), n = 0;

	attrs_for_each (at, flat)
		names[n++] = at->name;
	eval_throw_hint(ev, THROW_MISSING, pos, missing_hint(ev, name, names, n, a), "attribute '%s' missing",
	        eval_show_name(ev, name));
}

// Walks the path. Each step's attribute is forced for the next one; the last too. NULL where a name is
// missing and there is a fallback.
static struct value *select_path(
        struct eval *ev, struct env *env, struct expr_select *s, struct value *subject, struct frame *f)
{
	const struct string *text;
	struct value *v = subject;

	for (uint32_t i = 0; i < s->path.len; i++) {
		const struct path_elem *e = &s->path.elems[i];
		uint32_t name = elem_name(ev, env, e, &text);
		if (s->fallback) {
			eval_force(ev, v, s->x.pos);
			if (value_type(v) != VALUE_ATTRS)
				return NULL;
		} else if (!value_is_whnf(v) || value_type(v) != VALUE_ATTRS) {
			eval_attrs(ev, v, s->x.pos,
			        "while selecting an attribute"); // the message itself has no place
		}
		struct attr *a = attrs_get(v->attrs, name);
		if (!a && s->fallback)
			return NULL;
		if (!a)
			missing_attr(ev, s->x.pos, name, v->attrs);
		v = &a->value;
		f->pos = a->pos;
	}
	if (!value_is_whnf(v))
		eval_force_slow(ev, v, f->pos ? f->pos : s->x.pos);
	return v;
}

enum { CACHE_MIN = 8 }; // small sets are searched as fast

void eval_select(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	struct expr_select *s = (struct expr_select *)x;
	struct value subject, *v;
	struct frame f;

	if (s->subject->kind == EXPR_CONST) {
		eval_expr(ev, env, s->subject, &subject);
	} else {
		frame_push(ev, &f, FRAME_SELECT, 0, s, env);
		eval_expr(ev, env, s->subject, &subject);
		frame_pop(ev, &f);
	}
	if (s->path.len == 1 && s->path.elems[0].name &&
	        value_type(&subject) == VALUE_ATTRS) { // the common case, with a cache
		struct attr *a = s->cache_set == subject.attrs
		                         ? s->cache_attr
		                         : attrs_get(subject.attrs, s->path.elems[0].name);
		if (LIKELY(a)) {
			if (s->cache_set != subject.attrs && subject.attrs->total > CACHE_MIN) {
				s->cache_set = subject.attrs;
				s->cache_attr = a;
				ev->escapes++;
			}
			if (LIKELY(value_is_whnf(&a->value))) {
				*ret = a->value;
				return;
			}
			frame_push(ev, &f, FRAME_SELECT, a->pos, s, env);
			eval_force_slow(ev, &a->value, a->pos ? a->pos : x->pos);
			frame_pop(ev, &f);
			*ret = a->value;
			return;
		}
	}
	frame_push(ev, &f, FRAME_SELECT, 0, s, env);
	v = select_path(ev, env, s, &subject, &f);
	frame_pop(ev, &f);
	if (v)
		*ret = *v;
	else
		eval_expr(ev, env, s->fallback, ret);
}

void eval_has(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	struct expr_select *s = (struct expr_select *)x;
	const struct string *text;
	struct value subject, *v = &subject;

	eval_expr(ev, env, s->subject, &subject);
	for (uint32_t i = 0; i < s->path.len; i++) {
		eval_force(ev, v, x->pos);
		uint32_t name = elem_name(ev, env, &s->path.elems[i], &text);
		struct attr *a = value_type(v) == VALUE_ATTRS ? attrs_get(v->attrs, name) : NULL;
		if (!a) {
			*ret = value_bool(false);
			return;
		}
		v = &a->value;
	}
	*ret = value_bool(true);
}

// ---- '//' and '++'

// An operand that is a '//' itself has no line of its own in a trace: to Nix a chain is one operation.
static void eval_operand_attrs(
        struct eval *ev, struct env *env, struct expr *x, const char *what, struct value *v)
{
	struct frame f;

	if (x->kind == EXPR_UPDATE) {
		eval_expr(ev, env, x, v);
		return;
	}
	frame_push(ev, &f, FRAME_TEXT, expr_pos(x), what, NULL);
	eval_expr(ev, env, x, v);
	if (UNLIKELY(value_type(v) != VALUE_ATTRS))
		eval_throw_expected(ev, "a set", v, 0);
	frame_pop(ev, &f);
}

void eval_update(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	const struct expr_binary *b = (struct expr_binary *)x;
	struct value v, w;

	eval_operand_attrs(
	        ev, env, b->b, "in the right operand of the update (//) operator", &w); // first, as in Nix
	eval_operand_attrs(ev, env, b->a, "in the left operand of the update (//) operator", &v);
	*ret = value_attrs(attrs_update(ev, v.attrs, w.attrs));
}

enum { CONCAT_MAX = 16 };

static void check_concat(struct eval *ev, const struct value *v, uint32_t pos)
{
	struct frame f;

	if (LIKELY(value_type(v) == VALUE_LIST))
		return;
	frame_push(ev, &f, FRAME_TEXT, pos, "while evaluating one of the elements to concatenate", NULL);
	eval_throw_expected(ev, "a list", v, 0);
}

// 'a ++ b ++ c' in one go: the operands of a right-nested chain are gathered first. All are evaluated before
// any is found to be no list, and the innermost '++' finds that first.
void eval_concat(struct eval *ev, struct env *env, struct expr *x, struct value *ret)
{
	struct value parts[CONCAT_MAX];
	uint32_t pos[CONCAT_MAX];
	size_t n = 0, total = 0, only = 0, filled = 0;

	for (bool more = true; more; n++) {
		struct expr_binary *b = (struct expr_binary *)x;
		more = x->kind == EXPR_CONCAT && n < CONCAT_MAX - 1;
		pos[n] = more ? x->pos : pos[n - 1];
		eval_expr(ev, env, more ? b->a : x, &parts[n]);
		if (more)
			x = b->b;
	}
	check_concat(ev, &parts[n - 2], pos[n - 2]);
	check_concat(ev, &parts[n - 1], pos[n - 1]);
	for (size_t i = n; i-- > 0;) {
		check_concat(ev, &parts[i], pos[i]);
		if (list_len(&parts[i])) {
			total = MIN(total + list_len(&parts[i]), LIST_MAX + 1); // more than that is refused
			filled++;
			only = i;
		}
	}
	if (filled <= 1) {
		*ret = parts[filled ? only : 0];
		return;
	}
	struct value *elems = eval_list_alloc(ev, total), *to = elems;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < list_len(&parts[i]); j++)
			*to++ = value_share(&parts[i].elems[j]);
	*ret = value_list(elems, total);
}
