// SPDX-License-Identifier: GPL-2.0-or-later
// What the grammar's rules build, second part: strings, indented strings, attribute paths and attribute sets.

#include <string.h>
#include "expr/eval-private.h"
#include "expr/parse.h"

// ---- strings

static struct part *part_add(struct parse *p, struct part_list **l)
{
	if (!*l)
		*l = arena_alloc(&p->ev->code, sizeof(**l));
	parse_grow(p, &(*l)->v, &(*l)->cap, (*l)->len, sizeof(*(*l)->v));
	return &(*l)->v[(*l)->len++];
}

struct part_list *parse_part_text(
        struct parse *p, struct part_list *l, uint32_t pos, const union lexer_value *v)
{
	const char *nul = memchr(v->text.s, '\0', v->text.len);

	if (nul) {
		struct buf b = {0};
		for (uint32_t i = 0; i < v->text.len; i++)
			buf_adds(&b, v->text.s[i] ? (char[]){v->text.s[i], 0} : "␀");
		char *shown = arena_strdup(&p->ev->code, buf_str(&b));
		buf_release(&b);
		eval_throw(p->ev, THROW_PARSE, pos,
		        "input string '%s' cannot be represented as Nix string because it contains null "
		        "bytes",
		        shown);
	}
	*part_add(p, &l) = (struct part){
	        .pos = pos, .text = v->text.s, .len = v->text.len, .indentation = v->text.indentation};
	return l;
}

struct part_list *parse_part_expr(struct parse *p, struct part_list *l, uint32_t pos, struct expr *x)
{
	*part_add(p, &l) = (struct part){.pos = pos, .expr = x};
	return l;
}

static struct expr_strings *strings_node(struct parse *p, uint32_t pos, uint32_t cap)
{
	struct expr_strings *x = parse_node(p, sizeof(*x), EXPR_STRINGS, pos);

	x->interpolation = true;
	x->parts = arena_alloc(&p->ev->code, cap * sizeof(*x->parts));
	return x;
}

static void strings_add(struct parse *p, struct expr_strings *x, const struct part *part)
{
	struct expr *e = part->expr ? part->expr : parse_text(p, part->pos, part->text, part->len);

	x->parts[x->len++] = (struct string_part){.pos = part->pos, .expr = e};
}

struct expr *parse_strings(struct parse *p, uint32_t pos, const struct part_list *l)
{
	if (!l)
		return parse_text(p, pos, "", 0);
	if (l->len == 1 && !l->v[0].expr)
		return parse_text(p, pos, l->v[0].text, l->v[0].len);
	struct expr_strings *x = strings_node(p, pos, l->len);
	for (uint32_t i = 0; i < l->len; i++)
		strings_add(p, x, &l->v[i]);
	return &x->x;
}

struct expr *parse_path_parts(struct parse *p, uint32_t pos, struct expr *first, const struct part_list *l)
{
	struct expr_strings *x = strings_node(p, pos, l->len + 1);

	x->interpolation = false;
	x->parts[x->len++] = (struct string_part){.pos = pos, .expr = first};
	for (uint32_t i = 0; i < l->len; i++)
		strings_add(p, x, &l->v[i]);
	return &x->x;
}

// The indentation that all lines have in common; lines of blanks only do not count, an interpolation counts
// as text.
static size_t common_indentation(const struct part_list *l)
{
	bool at_start = true;
	size_t least = SIZE_MAX, here = 0;

	for (uint32_t i = 0; i < l->len; i++) {
		const struct part *part = &l->v[i];
		if (part->expr || !part->indentation) {
			if (at_start && here < least)
				least = here;
			at_start = false;
			continue;
		}
		for (uint32_t j = 0; j < part->len; j++) {
			char c = part->text[j];
			if (c == '\n') {
				at_start = true;
				here = 0;
			} else if (at_start && c == ' ') {
				here++;
			} else if (at_start) {
				at_start = false;
				least = MIN(least, here);
			}
		}
	}
	return least;
}

struct unindent {
	size_t indentation, dropped;
	bool at_start;
};

static void unindent_part(struct unindent *u, const struct part *part, bool last, struct buf *b)
{
	for (uint32_t j = 0; j < part->len; j++) {
		char c = part->text[j];
		if (u->at_start && c == ' ') {
			if (u->dropped++ >= u->indentation)
				buf_addc(b, c);
			continue;
		}
		if (u->at_start || c == '\n')
			u->dropped = 0;
		u->at_start = c == '\n';
		buf_addc(b, c);
	}
	if (!last)
		return;
	size_t keep = b->len; // a last line of blanks only is the closing quotes' indentation
	while (keep && b->data[keep - 1] == ' ')
		keep--;
	if (keep && b->data[keep - 1] == '\n')
		b->len = keep;
}

struct expr *parse_indented(struct parse *p, uint32_t pos, const struct part_list *l)
{
	if (!l)
		return parse_text(p, pos, "", 0);
	struct unindent u = {.indentation = common_indentation(l), .at_start = true};
	struct expr_strings *x = strings_node(p, pos, l->len);
	for (uint32_t i = 0; i < l->len; i++) {
		struct part part = l->v[i];
		if (part.expr) {
			u.at_start = false;
			u.dropped = 0;
			strings_add(p, x, &part);
			continue;
		}
		struct buf b = {0};
		unindent_part(&u, &part, i + 1 == l->len, &b);
		part.text = arena_strndup(&p->ev->code, buf_str(&b), b.len);
		part.len = (uint32_t)b.len;
		buf_release(&b);
		if (part.len)
			strings_add(p, x, &part);
	}
	if (!x->len)
		return parse_text(p, pos, "", 0);
	if (x->len == 1 && x->parts[0].expr->kind == EXPR_CONST)
		for (uint32_t i = 0; i < l->len; i++)
			if (!l->v[i].expr && x->parts[0].pos == l->v[i].pos)
				return x->parts[0].expr;
	return &x->x;
}

// ---- attribute paths

struct attr_path *parse_attrpath_add(
        struct parse *p, struct attr_path *path, uint32_t name, struct expr *computed, uint32_t pos)
{
	struct attr_path *a = path;

	if (!a)
		a = arena_alloc(&p->ev->code, sizeof(*a));
	if (!name && !computed)
		return a;
	if ((a->len & (a->len - 1)) == 0) { // the length is a power of two: full
		struct path_elem *more = arena_alloc(&p->ev->code, (a->len ? a->len * 2 : 1) * sizeof(*more));
		if (a->len)
			memcpy(more, a->elems, a->len * sizeof(*more));
		a->elems = more;
	}
	a->elems[a->len++] = (struct path_elem){.name = name, .pos = pos, .expr = computed};
	return a;
}

struct attr_path *parse_attrpath_add_expr(
        struct parse *p, struct attr_path *path, struct expr *x, uint32_t pos)
{
	struct expr_const *c = (struct expr_const *)x;

	if (x->kind == EXPR_CONST && value_type(&c->value) == VALUE_STRING)
		return parse_attrpath_add(p, path,
		        symbol_intern(&p->ev->symbols, c->value.string->data, c->value.string->len), NULL,
		        pos);
	return parse_attrpath_add(p, path, 0, x, pos);
}

// ---- attribute sets

struct expr_attrs *parse_attrs_new(struct parse *p, uint32_t pos)
{
	return parse_node(p, sizeof(struct expr_attrs), EXPR_ATTRS, pos);
}

// Where 'name' is, or where it belongs; *found says which. Names come mostly in the order of their symbols.
static uint32_t def_index(const struct expr_attrs *a, uint32_t name, bool *found)
{
	uint32_t lo = 0, hi = a->len;

	if (a->len && a->defs[a->len - 1].name < name)
		lo = hi;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (a->defs[mid].name < name)
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = lo < a->len && a->defs[lo].name == name;
	return lo;
}

static void def_insert(struct parse *p, struct expr_attrs *a, uint32_t at, struct attr_def def)
{
	parse_grow(p, &a->defs, &a->cap, a->len, sizeof(*a->defs));
	memmove(&a->defs[at + 1], &a->defs[at], (a->len - at) * sizeof(*a->defs));
	a->defs[at] = def;
	a->len++;
}

_noreturn_ static void defined_twice(struct parse *p, const struct attr_path *path, uint32_t len,
        uint32_t last, uint32_t pos, uint32_t before)
{
	struct buf b = {0}, at = {0};

	for (uint32_t i = 0; i < len; i++)
		if (path->elems[i].name)
			buf_addf(&b, "%s%s", b.len ? "." : "", eval_show_name(p->ev, path->elems[i].name));
		else
			buf_addf(&b, "%s\"${...}\"", b.len ? "." : "");
	if (last)
		buf_addf(&b, "%s%s", b.len ? "." : "", eval_show_name(p->ev, last));
	source_print(&p->ev->sources, before, &at);
	const char *name = arena_strdup(&p->ev->code, buf_str(&b)),
	           *where = arena_strdup(&p->ev->code, buf_str(&at));
	buf_release(&b);
	buf_release(&at);
	eval_throw(p->ev, THROW_PARSE, pos, "attribute '%s' already defined at %s", name, where);
}

// The set that 'path[depth]' names inside of a, made if it is not there.
static struct expr_attrs *enter(
        struct parse *p, struct expr_attrs *a, const struct attr_path *path, uint32_t depth, uint32_t pos)
{
	const struct path_elem *e = &path->elems[depth];
	bool found;

	if (!e->name) {
		struct expr_attrs *inner = parse_attrs_new(p, e->pos);
		parse_grow(p, &a->dyns, &a->dyn_cap, a->dyn_len, sizeof(*a->dyns));
		a->dyns[a->dyn_len++] = (struct dynamic_def){.name = e->expr, .value = &inner->x, .pos = pos};
		return inner;
	}
	uint32_t at = def_index(a, e->name, &found);
	if (found) {
		struct attr_def *d = &a->defs[at];
		if (d->kind != ATTR_PLAIN || d->value->kind != EXPR_ATTRS)
			defined_twice(p, path, depth + 1, 0, pos, d->pos);
		return (struct expr_attrs *)d->value;
	}
	struct expr_attrs *inner = parse_attrs_new(p, e->pos);
	def_insert(p, a, at, (struct attr_def){.name = e->name, .pos = pos, .value = &inner->x});
	return inner;
}

// '{ a = { x = 1; }; a = { y = 2; }; }' is one set.
static void merge(struct parse *p, struct expr_attrs *into, const struct expr_attrs *from,
        const struct attr_path *path, uint32_t pos)
{
	uint32_t base = into->from_len;
	bool found;

	for (uint32_t i = 0; i < from->from_len; i++) {
		parse_grow(p, &into->froms, &into->from_cap, into->from_len, sizeof(*into->froms));
		into->froms[into->from_len++] = from->froms[i];
	}
	for (uint32_t i = 0; i < from->len; i++) {
		struct attr_def d = from->defs[i];
		uint32_t at = def_index(into, d.name, &found);
		if (found)
			defined_twice(p, path, path->len, d.name, d.pos, into->defs[at].pos);
		if (d.kind == ATTR_INHERIT_FROM) {
			d.from += base;
			((struct expr_var *)((struct expr_select *)d.value)->subject)->index += base;
		}
		def_insert(p, into, at, d);
	}
	for (uint32_t i = 0; i < from->dyn_len; i++) {
		parse_grow(p, &into->dyns, &into->dyn_cap, into->dyn_len, sizeof(*into->dyns));
		into->dyns[into->dyn_len++] = from->dyns[i];
	}
	(void)pos;
}

static void name_lambda(struct expr *x, uint32_t name)
{
	if (x->kind != EXPR_LAMBDA)
		return;
	struct expr_lambda *l = (struct expr_lambda *)x;
	while (!l->name) { // the function that 'name: arg:' gives has the name too
		l->name = name;
		if (l->body->kind != EXPR_LAMBDA)
			break;
		l = (struct expr_lambda *)l->body;
	}
}

void parse_attrs_add(
        struct parse *p, struct expr_attrs *a, const struct attr_path *path, uint32_t pos, struct expr *value)
{
	bool found;

	for (uint32_t i = 0; i + 1 < path->len; i++)
		a = enter(p, a, path, i, pos);
	const struct path_elem *last = &path->elems[path->len - 1];
	if (!last->name) {
		parse_grow(p, &a->dyns, &a->dyn_cap, a->dyn_len, sizeof(*a->dyns));
		a->dyns[a->dyn_len++] = (struct dynamic_def){.name = last->expr, .value = value, .pos = pos};
		return;
	}
	uint32_t at = def_index(a, last->name, &found);
	if (!found) {
		name_lambda(value, last->name);
		def_insert(p, a, at, (struct attr_def){.name = last->name, .pos = pos, .value = value});
		return;
	}
	struct attr_def *d = &a->defs[at];
	if (d->kind != ATTR_PLAIN || d->value->kind != EXPR_ATTRS || value->kind != EXPR_ATTRS)
		defined_twice(p, path, path->len, 0, pos, d->pos);
	merge(p, (struct expr_attrs *)d->value, (struct expr_attrs *)value, path, pos);
}

void parse_attrs_inherit(struct parse *p, struct expr_attrs *a, const struct attr_path *names,
        struct expr *from, uint32_t from_pos)
{
	uint32_t index = a->from_len;
	bool found;

	if (from) {
		parse_grow(p, &a->froms, &a->from_cap, a->from_len, sizeof(*a->froms));
		a->froms[a->from_len++] = from;
	}
	for (uint32_t i = 0; i < names->len; i++) {
		const struct path_elem *e = &names->elems[i];
		if (!e->name)
			eval_throw(p->ev, THROW_PARSE, e->pos, "dynamic attributes not allowed in inherit");
		uint32_t at = def_index(a, e->name, &found);
		if (found) {
			struct attr_path one = {.len = 1, .elems = (struct path_elem *)e};
			defined_twice(p, &one, 1, 0, e->pos, a->defs[at].pos);
		}
		struct attr_def d = {.name = e->name,
		        .pos = e->pos,
		        .kind = from ? ATTR_INHERIT_FROM : ATTR_INHERIT,
		        .from = index};
		if (from) {
			struct expr_var *v = parse_node(p, sizeof(*v), EXPR_LOCAL, from_pos ? from->pos : 0);
			v->index = index; // in an environment of its own: see make_from_env
			struct attr_path *path = parse_attrpath_add(p, NULL, e->name, NULL, e->pos);
			d.value = parse_select(p, EXPR_SELECT, e->pos, &v->x, path, NULL);
		} else {
			d.value = parse_var(p, e->pos, e->name);
		}
		def_insert(p, a, at, d);
	}
}
