// SPDX-License-Identifier: GPL-2.0-or-later
// TOML documents: tables, keys, arrays, and the rules about what may be defined once, twice and never again.
#include "expr/toml.h"

#include <stdio.h>
#include <string.h>
#include "expr/builtin-util.h"
#include "expr/eval-private.h"

enum node_kind { NODE_VALUE, NODE_TABLE, NODE_ARRAY };

struct member;

// A table, an array or a value.
struct node {
	enum node_kind kind;
	bool closed;    // inline table or array: nothing may be added
	bool defined;   // by a [header]
	bool tables;    // array of tables
	const char *at; // where it was made
	size_t span;    // bytes there
	struct value value;
	struct member *first, **last;
	size_t len;
};

struct member {
	uint32_t key;
	struct node *node;
	struct member *next;
};

struct key {
	const struct string *name;
	const char *at;
	struct key *next;
};

static size_t line_of(const struct toml *t, const char *at, const char **ret_start, size_t *ret_len)
{
	const char *start = at;
	size_t line = 1;

	while (start > t->text && start[-1] != '\n')
		start--;
	for (const char *p = t->text; p < start; p++)
		line += *p == '\n';
	*ret_start = start;
	*ret_len = strcspn(start, "\r\n");
	return line;
}

// One place: the line, and below it a mark and the label.
static void add_place(
        struct toml *t, struct buf *b, int width, const char *at, size_t span, const char *label)
{
	const char *start;
	size_t len, line = line_of(t, at, &start, &len);

	buf_addf(b, " %*zu | %.*s\n%*s | %*s", width, line, (int)len, start, width + 1, "", (int)(at - start),
	        "");
	if (span > 1) {
		buf_addn(b, '~', span);
		buf_addf(b, " %s", label);
	} else {
		buf_addf(b, "^--- %s", label);
	}
}

static int line_width(const struct toml *t, const char *at)
{
	const char *start;
	size_t len;
	char number[24];

	return snprintf(number, sizeof(number), "%zu", line_of(t, at, &start, &len));
}

_noreturn_ void toml_throw(struct toml *t, const char *at, const char *label, const char *fmt, ...)
{
	int width = line_width(t, at);
	struct scratch s;
	va_list ap;

	scratch_begin(t->ev, &s);
	va_start(ap, fmt);
	buf_vaddf(&s.buf, fmt, ap);
	va_end(ap);
	buf_addf(&s.buf, "\n%*s--> fromTOML\n%*s |\n", width, " ", width + 1, "");
	add_place(t, &s.buf, width, at, 1, label);
	eval_throw(t->ev, THROW_EVAL, 0, "while parsing TOML: [error] %s", buf_str(&s.buf));
}

static struct node *node_new(struct toml *t, enum node_kind kind)
{
	struct node *n = eval_alloc(t->ev, sizeof(*n));

	n->kind = kind;
	n->at = t->p;
	n->last = &n->first;
	return n;
}

static struct node *node_find(const struct node *table, uint32_t key)
{
	for (struct member *m = table->first; m; m = m->next)
		if (m->key == key)
			return m->node;
	return NULL;
}

static void node_add(struct toml *t, struct node *n, uint32_t key, struct node *child)
{
	struct member *m = eval_alloc(t->ev, sizeof(*m));

	m->key = key;
	m->node = child;
	*n->last = m;
	n->last = &m->next;
	n->len++;
}

// ---- white space

static void skip_blanks(struct toml *t)
{
	while (t->p < t->end && (*t->p == ' ' || *t->p == '\t'))
		t->p++;
}

static bool at_newline(const struct toml *t)
{
	return toml_at(t, "\n", 1) || toml_at(t, "\r\n", 2);
}

static void skip_comment(struct toml *t)
{
	if (t->p < t->end && *t->p == '#')
		while (t->p < t->end && !at_newline(t))
			t->p++;
}

static void skip_lines(struct toml *t)
{
	for (;;) {
		skip_blanks(t);
		skip_comment(t);
		if (!at_newline(t))
			return;
		t->p += *t->p == '\r' ? 2 : 1;
	}
}

// ---- keys

static bool is_bare(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-';
}

_noreturn_ static void throw_key(struct toml *t, const char *at)
{
	toml_throw(t, at,
	        "is not a valid key\n   |\nHint: bare keys  : non-empty strings composed only of "
	        "[A-Za-z0-9_-].\n"
	        "Hint: quoted keys: same as \"basic strings\" or 'literal strings'.\n"
	        "Hint: dotted keys: sequence of bare or quoted keys joined with a dot.",
	        "toml::parse_key: an invalid key appeared.");
}

static struct key *parse_simple_key(struct toml *t, const char *whole)
{
	struct key *k = eval_alloc(t->ev, sizeof(*k));
	const char *from = t->p;

	k->at = from;
	if (t->p < t->end && (*t->p == '"' || *t->p == '\'')) {
		k->name = toml_string(t, true);
		return k;
	}
	while (t->p < t->end && is_bare(*t->p))
		t->p++;
	if (t->p == from)
		throw_key(t, whole);
	k->name = eval_string(t->ev, from, (size_t)(t->p - from), NULL);
	return k;
}

static struct key *parse_key(struct toml *t)
{
	const char *from = t->p;
	struct key *first = NULL, **last = &first;

	for (;;) {
		skip_blanks(t);
		*last = parse_simple_key(t, from);
		last = &(*last)->next;
		skip_blanks(t);
		if (!toml_at(t, ".", 1))
			return first;
		t->p++;
	}
}

static uint32_t key_symbol(struct toml *t, const struct key *k)
{
	return symbol_intern(&t->ev->symbols, k->name->data, k->name->len);
}

static const char *kind_name(const struct node *n)
{
	return n->kind == NODE_VALUE ? "value" : n->kind == NODE_ARRAY ? "array of tables" : "table";
}

// old stands where fresh is to come: both places are shown.
_noreturn_ static void throw_exists(
        struct toml *t, const struct key *k, const struct node *old, const struct node *fresh)
{
	const char *what = kind_name(old);
	int width = line_width(t, fresh->at);
	struct scratch s;

	scratch_begin(t->ev, &s);
	buf_addf(&s.buf, "toml::insert_value: %s (\"%s\") already exists.\n%*s--> fromTOML\n%*s |\n", what,
	        k->name->data, width, " ", width + 1, "");
	add_place(t, &s.buf, width, old->at, old->span,
	        arena_printf(&t->ev->heap, "%s already exists here", what));
	buf_addf(&s.buf, "\n%*s...\n", width, " ");
	add_place(t, &s.buf, width, fresh->at, fresh->span,
	        arena_printf(&t->ev->heap, "%s defined twice", what));
	eval_throw(t->ev, THROW_EVAL, 0, "while parsing TOML: [error] %s", buf_str(&s.buf));
}

// What a key leads through must be a table that may still grow.
_noreturn_ static void throw_not_table(struct toml *t, const struct key *k, const struct node *old)
{
	if (old->kind == NODE_TABLE)
		toml_throw(t, k->at, "inline tables are immutable",
		        "toml::insert_value: inserting to an inline table (%s) but inline tables are "
		        "immutable",
		        k->name->data);
	toml_throw(t, k->at, "inserting this",
	        "toml::insert_value: target (%s) is neither table nor an array of tables", k->name->data);
}

// ---- values

static struct node *parse_any(struct toml *t);
static void parse_assignment(struct toml *t, struct node *table);

static struct node *parse_array(struct toml *t)
{
	struct node *n = node_new(t, NODE_ARRAY);
	const char *from = t->p++;

	n->closed = true;
	for (;;) {
		skip_lines(t);
		if (t->p == t->end)
			toml_throw(t, from, "not closed",
			        "toml::parse_array: array did not have a closing bracket");
		if (*t->p == ']')
			break;
		node_add(t, n, 0, parse_any(t));
		skip_lines(t);
		if (toml_at(t, ",", 1))
			t->p++;
		else if (!toml_at(t, "]", 1))
			toml_throw(t, t->p, "expected ',' or ']'",
			        "toml::parse_array: missing array separator `,` after a value");
	}
	t->p++;
	return n;
}

static void close_tree(struct node *n)
{
	n->closed = true;
	if (n->kind != NODE_TABLE)
		return;
	for (struct member *m = n->first; m; m = m->next)
		if (!m->node->closed)
			close_tree(m->node);
}

static struct node *parse_inline_table(struct toml *t)
{
	struct node *n = node_new(t, NODE_TABLE);
	const char *from = t->p++;

	skip_blanks(t);
	if (toml_at(t, "}", 1)) {
		t->p++;
		n->closed = true;
		return n;
	}
	for (;;) {
		skip_blanks(t);
		parse_assignment(t, n);
		skip_blanks(t);
		if (toml_at(t, "}", 1))
			break;
		if (!toml_at(t, ",", 1))
			toml_throw(t, t->p < t->end ? t->p : from, "expected ',' or '}'",
			        "toml::parse_inline_table: missing table separator `,`");
		t->p++;
		skip_blanks(t);
		if (toml_at(t, "}", 1))
			toml_throw(t, t->p, "trailing comma",
			        "toml::parse_inline_table: trailing comma is not allowed in an inline table");
	}
	t->p++;
	close_tree(n);
	return n;
}

static struct node *parse_any(struct toml *t)
{
	const char *from = t->p;
	struct node *n;

	if (++t->depth > TOML_DEPTH_MAX)
		eval_throw(t->ev, THROW_EVAL, 0, "while parsing TOML: nesting is deeper than %d",
		        TOML_DEPTH_MAX);
	if (toml_at(t, "[", 1)) {
		n = parse_array(t);
	} else if (toml_at(t, "{", 1)) {
		n = parse_inline_table(t);
	} else {
		n = node_new(t, NODE_VALUE);
		n->value = toml_scalar(t);
	}
	n->span = (size_t)(t->p - from);
	t->depth--;
	return n;
}

// The table that a dotted key's first parts lead to, from inside the table that is being filled.
static struct node *dotted_table(struct toml *t, struct node *table, struct key **k)
{
	for (; (*k)->next; *k = (*k)->next) {
		uint32_t sym = key_symbol(t, *k);
		struct node *next = node_find(table, sym);
		if (!next) {
			next = node_new(t, NODE_TABLE);
			node_add(t, table, sym, next);
		} else if (next->kind != NODE_TABLE || next->closed || next->defined) {
			throw_not_table(t, *k, next);
		}
		table = next;
	}
	return table;
}

static void parse_assignment(struct toml *t, struct node *table)
{
	const char *from = t->p;

	if (toml_at(t, "=", 1))
		toml_throw(t, from, "key expected before '='",
		        "toml::parse_key_value_pair: empty key is not allowed.");
	struct key *k = parse_key(t);
	if (t->p == t->end || at_newline(t))
		toml_throw(t, t->p, "expected '='",
		        "toml::parse_key_value_pair: missing key-value separator `=`");
	if (*t->p != '=')
		toml_throw(t, t->p, "expected '='", "toml::parse_key_value_pair: invalid format for key");
	t->p++;
	skip_blanks(t);
	if (t->p == t->end || at_newline(t) || *t->p == '#')
		toml_throw(t, t->p, "expected value, but got nothing",
		        "toml::parse_key_value_pair: missing value after key-value separator '='");
	struct node *value = parse_any(t);
	struct node *in = dotted_table(t, table, &k);
	uint32_t sym = key_symbol(t, k);
	struct node *old = node_find(in, sym);
	if (old)
		throw_exists(t, k, old, value);
	node_add(t, in, sym, value);
}

// ---- [headers]

static struct node *last_table(const struct node *array)
{
	return CONTAINER_OF(array->last, struct member, next)->node;
}

// The table that holds the last part of a header's key.
static struct node *header_parent(struct toml *t, struct node *root, struct key **k)
{
	struct node *table = root;

	for (; (*k)->next; *k = (*k)->next) {
		uint32_t sym = key_symbol(t, *k);
		struct node *next = node_find(table, sym);
		if (!next) {
			next = node_new(t, NODE_TABLE);
			node_add(t, table, sym, next);
		}
		if (next->kind == NODE_ARRAY && next->tables)
			next = last_table(next);
		else if (next->kind != NODE_TABLE || next->closed)
			throw_not_table(t, *k, next);
		table = next;
	}
	return table;
}

static struct node *open_array_table(
        struct toml *t, struct node *parent, struct key *k, const struct node *header)
{
	uint32_t sym = key_symbol(t, k);
	struct node *array = node_find(parent, sym), *table = node_new(t, NODE_TABLE);

	if (!array) {
		array = node_new(t, NODE_ARRAY);
		array->tables = true;
		node_add(t, parent, sym, array);
	} else if (array->kind != NODE_ARRAY || !array->tables) {
		toml_throw(t, header->at, "inserting this",
		        "toml::insert_value: array of table (\"%s\") collides with existing value",
		        k->name->data);
	}
	node_add(t, array, 0, table);
	return table;
}

static struct node *open_table(struct toml *t, struct node *parent, struct key *k, const struct node *header)
{
	uint32_t sym = key_symbol(t, k);
	struct node *table = node_find(parent, sym);

	if (!table) {
		table = node_new(t, NODE_TABLE);
		node_add(t, parent, sym, table);
	} else if (table->kind != NODE_TABLE || table->defined || table->closed) {
		throw_exists(t, k, table, header);
	}
	table->at = header->at;
	table->span = header->span;
	table->defined = true;
	return table;
}

static struct node *parse_header(struct toml *t, struct node *root)
{
	const char *from = t->p;
	bool array = toml_at(t, "[[", 2);
	size_t n = array ? 2 : 1;

	t->p += n;
	struct key *k = parse_key(t);
	if (!toml_at(t, "]]", n))
		throw_key(t, from);
	t->p += n;
	const struct node header = {.at = from, .span = (size_t)(t->p - from)};
	skip_blanks(t);
	skip_comment(t);
	if (t->p < t->end && !at_newline(t))
		toml_throw(t, t->p, "expected newline",
		        "toml::parse_table_key: newline required after [table.key]");
	struct node *parent = header_parent(t, root, &k);
	return array ? open_array_table(t, parent, k, &header) : open_table(t, parent, k, &header);
}

// ---- the document

static struct value node_value(struct toml *t, struct node *n)
{
	size_t i = 0;

	eval_check_stack(t->ev);
	if (n->kind == NODE_VALUE)
		return n->value;
	if (n->kind == NODE_ARRAY) {
		struct value *elems = eval_list_alloc(t->ev, n->len);
		for (struct member *m = n->first; m; m = m->next)
			elems[i++] = node_value(t, m->node);
		return value_list(elems, n->len);
	}
	struct attrs *a = attrs_new(t->ev, n->len);
	for (struct member *m = n->first; m; m = m->next)
		*attrs_push(a, m->key, 0) = node_value(t, m->node);
	attrs_finish(a);
	return value_attrs(a);
}

static void end_of_line(struct toml *t)
{
	skip_blanks(t);
	skip_comment(t);
	if (t->p < t->end && !at_newline(t))
		toml_throw(t, t->p, arena_printf(&t->ev->heap, "expected newline, but got '%c'.", *t->p),
		        "toml::parse_table: invalid line format");
}

void toml_parse(struct eval *ev, const char *text, size_t len, bool dates, struct value *ret)
{
	struct toml t = {.ev = ev, .text = text, .p = text, .end = text + len, .dates = dates};
	struct node *root = node_new(&t, NODE_TABLE), *table = root;

	for (skip_lines(&t); t.p < t.end; skip_lines(&t)) {
		if (*t.p == '[')
			table = parse_header(&t, root);
		else
			parse_assignment(&t, table);
		end_of_line(&t);
	}
	*ret = node_value(&t, root);
}
