// SPDX-License-Identifier: GPL-2.0-or-later
// What the grammar's rules build: nodes, calls, functions; and the entry points that parse a text or a file.

#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/eval-private.h"
#include "expr/parse.h"
#include "parser.h"

#define NODE(p, type, k, at) parse_node(p, sizeof(type), k, at)

void *parse_node(struct parse *p, size_t size_bytes, enum expr_kind kind, uint32_t pos)
{
	struct expr *x = arena_alloc(&p->ev->code, size_bytes);

	x->kind = (uint8_t)kind;
	x->pos = pos;
	return x;
}

void parse_grow(struct parse *p, void *array, uint32_t *cap, uint32_t len, size_t size_bytes)
{
	void **a = array;

	if (len < *cap)
		return;
	*cap = *cap ? *cap * 2 : 1; // most paths, calls and sets of a tree have one element
	if (arena_extend(&p->ev->code, *a, len * size_bytes, *cap * size_bytes))
		return;
	void *more = arena_alloc(&p->ev->code, *cap * size_bytes);
	if (len)
		memcpy(more, *a, len * size_bytes);
	*a = more;
}

struct expr *parse_const(struct parse *p, uint32_t pos, struct value v)
{
	struct expr_const *x = NODE(p, struct expr_const, EXPR_CONST, pos);

	x->value = v;
	return &x->x;
}

struct expr *parse_text(struct parse *p, uint32_t pos, const char *s, size_t len)
{
	return parse_const(p, pos, value_string(eval_string(p->ev, s, len, NULL)));
}

// The literal's text made absolute. A slash at its end stays where an interpolation follows.
struct expr *parse_path_literal(struct parse *p, uint32_t pos, const char *s, size_t len, bool home)
{
	struct eval *ev = p->ev;
	struct buf b = {0};

	parse_lint_path(p, pos, s, home);
	if (home) {
		if (ev->settings.pure)
			eval_throw(ev, THROW_RESTRICTED, pos,
			        "the path '%s' can not be resolved in pure mode", s);
		const char *dir = ev->host.get_env ? ev->host.get_env(ev->host.ctx, "HOME") : NULL;
		buf_adds(&b, dir ? dir : "/homeless-shelter");
		s++, len--;
	} else if (s[0] != '/') {
		buf_adds(&b, p->base_path);
		buf_addc(&b, '/');
	}
	buf_add(&b, s, len);
	const struct string *path = eval_canonical_path(ev, buf_str(&b), b.len);
	buf_release(&b);
	if (s[len - 1] == '/' && path->len > 1) {
		char *with_slash = arena_printf(&ev->code, "%s/", path->data);
		path = eval_string(ev, with_slash, path->len + 1, NULL);
	}
	return parse_const(p, pos, value_path(path));
}

struct expr *parse_var(struct parse *p, uint32_t pos, uint32_t name)
{
	if (name == p->ev->sym.cur_pos)
		return NODE(p, struct expr, EXPR_POS, pos);
	struct expr_var *x = NODE(p, struct expr_var, EXPR_VAR, pos);
	x->name = name;
	return &x->x;
}

// Function 'fn' by name, which a program may have redefined, applied to two arguments.
struct expr *parse_named_call(struct parse *p, uint32_t pos, const char *fn, struct expr *a, struct expr *b)
{
	struct expr_call *x = NODE(p, struct expr_call, EXPR_CALL, pos);

	x->fn = parse_var(p, pos, symbol_of(&p->ev->symbols, fn));
	x->len = x->cap = 2;
	x->args = arena_alloc(&p->ev->code, 2 * sizeof(*x->args));
	x->args[0] = a;
	x->args[1] = b;
	return &x->x;
}

struct expr *parse_search_path(struct parse *p, uint32_t pos, const char *s, size_t len)
{
	struct expr *nix_path = parse_var(p, pos, symbol_of(&p->ev->symbols, "__nixPath"));

	return parse_named_call(p, pos, "__findFile", nix_path, parse_text(p, pos, s, len));
}

// Arguments are gathered in one node: 'f a b' is one call of two.
struct expr *parse_call(struct parse *p, uint32_t pos, struct expr *fn, struct expr *arg)
{
	struct expr_call *x;

	if (fn->kind == EXPR_CALL) {
		x = (struct expr_call *)fn;
	} else {
		x = NODE(p, struct expr_call, EXPR_CALL, pos);
		x->fn = fn;
	}
	parse_grow(p, &x->args, &x->cap, x->len, sizeof(*x->args));
	x->args[x->len++] = arg;
	return &x->x;
}

struct expr *parse_pipe(struct parse *p, uint32_t pos, struct expr *fn, struct expr *arg)
{
	return parse_call(p, pos, fn, arg);
}

struct expr *parse_binary(struct parse *p, enum expr_kind kind, uint32_t pos, struct expr *a, struct expr *b)
{
	// '!' is where its argument is; known here, as a chain of them would be walked at each.
	struct expr_binary *x = NODE(p, struct expr_binary, kind, kind == EXPR_NOT ? expr_pos(a) : pos);

	x->a = a;
	x->b = b;
	return &x->x;
}

struct expr *parse_plus(
        struct parse *p, uint32_t pos, uint32_t a_pos, struct expr *a, uint32_t b_pos, struct expr *b)
{
	struct expr_strings *x = NODE(p, struct expr_strings, EXPR_STRINGS, pos);

	x->len = 2;
	x->parts = arena_alloc(&p->ev->code, 2 * sizeof(*x->parts));
	x->parts[0] = (struct string_part){.pos = a_pos, .expr = a};
	x->parts[1] = (struct string_part){.pos = b_pos, .expr = b};
	return &x->x;
}

struct expr *parse_select(struct parse *p, enum expr_kind kind, uint32_t pos, struct expr *subject,
        struct attr_path *path, struct expr *fallback)
{
	struct expr_select *x = NODE(p, struct expr_select, kind, pos);

	x->subject = subject;
	x->path = *path;
	x->fallback = fallback;
	return &x->x;
}

struct expr *parse_select_body(struct parse *p, uint32_t pos, struct expr_attrs *a)
{
	struct attr_path *path = parse_attrpath_add(p, NULL, p->ev->sym.body, NULL, pos);

	a->rec = true;
	a->x.pos = pos;
	return parse_select(p, EXPR_SELECT, 0, &a->x, path, NULL);
}

struct expr *parse_if(struct parse *p, uint32_t pos, struct expr *cond, struct expr *yes, struct expr *no)
{
	struct expr_if *x = NODE(p, struct expr_if, EXPR_IF, pos);

	x->cond = cond;
	x->yes = yes;
	x->no = no;
	return &x->x;
}

struct expr *parse_with(
        struct parse *p, enum expr_kind kind, uint32_t pos, struct expr *head, struct expr *body)
{
	struct expr_with *x = NODE(p, struct expr_with, kind, pos);

	x->head = head;
	x->body = body;
	return &x->x;
}

struct expr *parse_let(struct parse *p, uint32_t pos, struct expr_attrs *a, struct expr *body)
{
	struct expr_let *x = NODE(p, struct expr_let, EXPR_LET, pos);

	if (a->dyn_len)
		eval_throw(p->ev, THROW_PARSE, pos, "dynamic attributes not allowed in let");
	a->rec = a->let = true;
	x->attrs = a;
	x->body = body;
	return &x->x;
}

struct expr *parse_list(struct parse *p, uint32_t pos, struct expr_builder *list)
{
	struct expr_list *x = NODE(p, struct expr_list, EXPR_LIST, pos);

	if (list) {
		x->len = list->len;
		x->elems = list->v;
	}
	return &x->x;
}

struct expr_builder *parse_builder_add(struct parse *p, struct expr_builder *b, struct expr *x)
{
	if (!b)
		b = arena_alloc(&p->ev->code, sizeof(*b));
	parse_grow(p, &b->v, &b->cap, b->len, sizeof(*b->v));
	b->v[b->len++] = x;
	return b;
}

// ---- functions

struct expr_lambda *parse_formals(struct parse *p)
{
	struct expr_lambda *l = NODE(p, struct expr_lambda, EXPR_LAMBDA, 0);

	l->formals = true;
	return l;
}

void parse_formal(struct parse *p, struct expr_lambda *l, uint32_t name, uint32_t pos, struct expr *fallback)
{
	parse_grow(p, &l->elems, &l->slots, l->len,
	        sizeof(*l->elems)); // slots is the capacity until the function is complete
	l->elems[l->len++] = (struct formal){.name = name, .pos = pos, .fallback = fallback};
}

static void sort_formals(struct parse *p, struct expr_lambda *l)
{
	const struct formal *twice = NULL;

	for (uint32_t i = 1; i < l->len; i++) { // insertion sort: by symbol, stable
		struct formal f = l->elems[i];
		uint32_t j = i;
		for (; j && l->elems[j - 1].name > f.name; j--)
			l->elems[j] = l->elems[j - 1];
		l->elems[j] = f;
	}
	for (uint32_t i = 1; i < l->len; i++)
		if (!twice && l->elems[i].name == l->elems[i - 1].name)
			twice = &l->elems[i];
	if (twice)
		eval_throw(p->ev, THROW_PARSE, twice->pos, "duplicate formal function argument '%s'",
		        symbol_text(&p->ev->symbols, twice->name));
}

struct expr *parse_lambda(
        struct parse *p, uint32_t pos, struct expr_lambda *l, uint32_t arg, struct expr *body)
{
	if (!l) {
		l = NODE(p, struct expr_lambda, EXPR_LAMBDA, pos);
	} else {
		sort_formals(p, l);
		for (uint32_t i = 0; arg && i < l->len; i++)
			if (l->elems[i].name == arg)
				eval_throw(p->ev, THROW_PARSE, pos, "duplicate formal function argument '%s'",
				        symbol_text(&p->ev->symbols, arg));
	}
	l->x.pos = pos;
	l->arg = arg;
	l->slots = l->len + (arg != 0);
	l->body = body;
	return &l->x;
}

// ---- entry points

static void parse_cleanup(void *arg)
{
	lexer_release(&((struct parse *)arg)->lexer);
}

static struct expr *run_parser(struct eval *ev, const struct source_file *s, const char *base_path)
{
	struct parse p = {.ev = ev, .base_path = base_path};
	struct frame f = {.up = ev->frames, .kind = FRAME_CLEANUP, .a = (void *)parse_cleanup, .b = &p};

	lexer_init(&p.lexer, ev, s);
	ev->frames = &f;
	int status = yyparse(&p);
	ev->frames = f.up;
	parse_cleanup(&p);
	if (status)
		eval_throw(ev, THROW_PARSE, s->base, "out of memory while parsing");
	return p.result;
}

const struct source_file *eval_add_source(
        struct eval *ev, enum source_kind kind, const char *path, const char *text, size_t len)
{
	const struct source_file *s = source_add(&ev->sources, kind, path, text, len);

	if (!s)
		eval_throw(ev, THROW_EVAL, 0, "the sources of this evaluation are larger than 4 GiB");
	return s;
}

struct expr *eval_parse_scoped(
        struct eval *ev, const struct source_file *s, const char *base_path, const struct scope *scope)
{
	struct expr *x = run_parser(ev, s, base_path);

	scope_resolve(ev, x, scope);
	return x;
}

struct expr *eval_parse_text(
        struct eval *ev, const char *text, size_t len, const char *base_path, enum source_kind kind)
{
	static const char *const names[] = {[SOURCE_STRING] = "«string»",
	        [SOURCE_STDIN] = "«stdin»",
	        [SOURCE_REPL] = "«string»",
	        [SOURCE_INTERNAL] = "«internal»",
	        [SOURCE_FILE] = "«file»"};
	const struct source_file *s = eval_add_source(ev, kind, names[kind], text, len);

	return eval_parse_scoped(ev, s, base_path, ev->priv->base_scope);
}
