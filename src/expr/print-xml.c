// SPDX-License-Identifier: GPL-2.0-or-later
// Values as XML, in the schema of Nix: sets, lists, functions and derivations with, if wanted, where they
// were written.
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/eval-private.h"
#include "expr/print.h"

struct xml {
	struct eval *ev;
	bool strict, location;
	struct buf *out;
	const struct context **context;
	unsigned depth;
	const char **open; // names of the open elements
	size_t open_cap;
	const char *begun; // the element whose attributes are being written
	struct hmap drvs;  // drvPath of the derivations printed already
	struct frame frame;
};

static void close_tag(struct xml *x);

// Thrown through, the text so far is still well-formed.
static void xml_abandon(void *arg)
{
	struct xml *x = arg;

	while (x->depth)
		close_tag(x);
	hmap_release(&x->drvs);
	mem_free(x->open);
}

static void add_escaped(struct buf *out, const char *s, size_t len)
{
	static const struct {
		char c;
		const char *text;
	} escapes[] = {{'"', "&quot;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'\n', "&#xA;"}};

	for (size_t i = 0; i < len; i++) {
		size_t k = 0;
		while (k < ARRAY_SIZE(escapes) && escapes[k].c != s[i])
			k++;
		if (k < ARRAY_SIZE(escapes))
			buf_adds(out, escapes[k].text);
		else
			buf_addc(out, s[i]);
	}
}

static void add_attr(struct xml *x, const char *name, const char *s, size_t len)
{
	buf_addf(x->out, " %s=\"", name);
	add_escaped(x->out, s, len);
	buf_addc(x->out, '"');
}

static void add_name(struct xml *x, uint32_t symbol)
{
	const struct string *s = symbol_string(&x->ev->symbols, symbol);

	add_attr(x, "name", s->data, s->len);
}

// Internal files are named as Nix names them here: by their path alone.
static const char *file_name(const char *path)
{
	const char *rest = str_after(path, "«nix-internal»");

	return rest ? rest : path;
}

// Attributes stand in the order of their names: column, line, [name,] path.
static void add_place(struct xml *x, uint32_t pos, uint32_t name)
{
	struct source_place p;
	bool known = x->location && source_place(&x->ev->sources, pos, &p);

	if (known)
		buf_addf(x->out, " column=\"%u\" line=\"%u\"", p.column, p.line);
	if (name)
		add_name(x, name);
	if (known && (p.source->kind == SOURCE_FILE || p.source->kind == SOURCE_INTERNAL))
		add_attr(x, "path", file_name(p.source->path), strlen(file_name(p.source->path)));
}

static void indent(struct xml *x)
{
	buf_addn(x->out, ' ', 2 * x->depth);
}

// "<NAME": attributes may follow, then open_end or empty_end.
static void begin(struct xml *x, const char *name)
{
	indent(x);
	buf_addf(x->out, "<%s", name);
	x->begun = name;
	mem_grow(&x->open, &x->open_cap, x->depth + 1, sizeof(*x->open));
}

static void open_end(struct xml *x)
{
	buf_adds(x->out, ">\n");
	x->open[x->depth++] = x->begun;
}

static void empty_end(struct xml *x)
{
	buf_adds(x->out, " />\n");
}

static void close_tag(struct xml *x)
{
	x->depth--;
	indent(x);
	buf_addf(x->out, "</%s>\n", x->open[x->depth]);
}

static void simple(struct xml *x, const char *name, const char *value, size_t len)
{
	begin(x, name);
	add_attr(x, "value", value, len);
	empty_end(x);
}

static void print_any(struct xml *x, struct value *slot, uint32_t pos);

static void print_members(struct xml *x, struct attrs *attrs)
{
	struct attrs *a = attrs_flat(x->ev, attrs);
	struct attr **sorted = attrs_sorted(x->ev, a);

	for (size_t i = 0; i < a->len; i++) {
		begin(x, "attr");
		add_place(x, sorted[i]->pos, sorted[i]->name);
		open_end(x);
		print_any(x, &sorted[i]->value, sorted[i]->pos);
		close_tag(x);
	}
}

// The string of drvPath or outPath, if it is one.
static const struct string *path_attr(struct xml *x, struct attrs *a, uint32_t name)
{
	struct attr *at = attrs_get(a, name);

	if (!at)
		return NULL;
	if (x->strict)
		eval_force(x->ev, &at->value, at->pos);
	struct value v = value_share(&at->value);
	return value_type(&v) == VALUE_STRING ? v.string : NULL;
}

static void print_derivation(struct xml *x, struct attrs *a)
{
	const struct string *drv = path_attr(x, a, x->ev->sym.drv_path),
	                    *out = path_attr(x, a, x->ev->sym.out_path);

	begin(x, "derivation");
	if (drv)
		add_attr(x, "drvPath", drv->data, drv->len);
	if (out)
		add_attr(x, "outPath", out->data, out->len);
	open_end(x);
	// One without drvPath counts as seen, as one of an empty drvPath would.
	if (drv && drv->len && !hmap_has(&x->drvs, drv->data)) {
		hmap_put(&x->drvs, drv->data, x);
		print_members(x, a);
	} else {
		begin(x, "repeated");
		empty_end(x);
	}
	close_tag(x);
}

static void print_attrs(struct xml *x, struct value *v)
{
	if (eval_is_derivation(x->ev, v)) {
		print_derivation(x, v->attrs);
		return;
	}
	begin(x, "attrs");
	open_end(x);
	print_members(x, v->attrs);
	close_tag(x);
}

static void print_list(struct xml *x, struct value *v)
{
	begin(x, "list");
	open_end(x);
	for (size_t i = 0; i < list_len(v); i++)
		print_any(x, &v->elems[i], 0);
	close_tag(x);
}

// Symbols in the order of their texts, without the table at hand: pairs.
struct named {
	const struct string *text;
	uint32_t symbol;
};

static int named_cmp(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->text->data, ((const struct named *)b)->text->data);
}

static void print_formals(struct xml *x, const struct expr_lambda *l)
{
	struct named *names = eval_alloc(x->ev, l->len * sizeof(*names));

	for (uint32_t i = 0; i < l->len; i++)
		names[i] = (struct named){symbol_string(&x->ev->symbols, l->elems[i].name), l->elems[i].name};
	if (l->len)
		qsort(names, l->len, sizeof(*names), named_cmp);
	begin(x, "attrspat");
	if (l->ellipsis)
		buf_adds(x->out, " ellipsis=\"1\"");
	if (l->arg)
		add_name(x, l->arg);
	open_end(x);
	for (uint32_t i = 0; i < l->len; i++) {
		begin(x, "attr");
		add_name(x, names[i].symbol);
		empty_end(x);
	}
	close_tag(x);
}

static void print_function(struct xml *x, const struct expr_lambda *l)
{
	begin(x, "function");
	add_place(x, l->x.pos, 0);
	open_end(x);
	if (l->formals) {
		print_formals(x, l);
	} else {
		begin(x, "varpat");
		add_name(x, l->arg);
		empty_end(x);
	}
	close_tag(x);
}

static void print_string_value(struct xml *x, const struct string *s)
{
	if (x->context && s->context)
		*x->context = context_join(x->ev, *x->context, s->context);
	simple(x, "string", s->data, s->len);
}

static void print_number(struct xml *x, struct value *v)
{
	struct scratch s;

	scratch_begin(x->ev, &s);
	if (value_type(v) == VALUE_INT)
		buf_addf(&s.buf, "%lld", (long long)v->integer);
	else
		print_float(v->fpoint, &s.buf);
	simple(x, value_type(v) == VALUE_INT ? "int" : "float", buf_str(&s.buf), s.buf.len);
	scratch_end(x->ev, &s);
}

static void print_value_at(struct xml *x, struct value *slot, uint32_t pos)
{
	if (x->strict)
		eval_force(x->ev, slot, pos);
	struct value v = value_share(slot);
	switch (value_type(&v)) {
	case VALUE_NULL:
		begin(x, "null");
		empty_end(x);
		return;
	case VALUE_BOOL:
		simple(x, "bool", v.boolean ? "true" : "false", v.boolean ? 4 : 5);
		return;
	case VALUE_INT:
	case VALUE_FLOAT:
		print_number(x, &v);
		return;
	case VALUE_STRING:
		print_string_value(x, v.string);
		return;
	case VALUE_PATH:
		simple(x, "path", v.string->data, v.string->len);
		return;
	case VALUE_LIST:
		print_list(x, &v);
		return;
	case VALUE_ATTRS:
		print_attrs(x, &v);
		return;
	case VALUE_LAMBDA:
		print_function(x, value_meta_ptr(&v));
		return;
	default:
		begin(x, "unevaluated");
		empty_end(x);
	}
}

static void print_any(struct xml *x, struct value *slot, uint32_t pos)
{
	depth_enter(x->ev, pos);
	eval_check_stack(x->ev);
	print_value_at(x, slot, pos);
	depth_leave(x->ev);
}

void print_xml(struct eval *ev, struct value *v, uint32_t pos, bool strict, bool location, struct buf *out,
        const struct context **context)
{
	struct xml x = {.ev = ev, .strict = strict, .location = location, .out = out, .context = context};

	frame_push(ev, &x.frame, FRAME_CLEANUP, 0, (const void *)xml_abandon, &x);
	buf_adds(out, "<?xml version='1.0' encoding='utf-8'?>\n");
	begin(&x, "expr");
	open_end(&x);
	print_any(&x, v, pos);
	close_tag(&x);
	frame_pop(ev, &x.frame);
	xml_abandon(&x);
}
