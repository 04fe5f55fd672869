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
	bool dotted;    // by a dotted key
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
	size_t span; // of the first of a dotted key: all of it
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
	*ret_len = strcspn(start, "\n");
	if (*ret_len && start[*ret_len] && start[*ret_len - 1] == '\r')
		--*ret_len;
	return line;
}

// A line of the text; what cannot be printed is named.
static void add_line(struct buf *b, const char *start, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)start[i];
		if (c >= 0x20 && c < 0x7f)
			buf_addc(b, (char)c);
		else
			buf_addf(b, "0x%02x%s", c,
			        c == '\t'   ? "(TAB)"
			        : c == '\r' ? "(CARRIAGE RETURN)"
			                    : "");
	}
}

// One place: the line, and below it marks and the label.
static void add_place(
        struct toml *t, struct buf *b, int width, const char *at, size_t span, const char *label)
{
	const char *start;
	size_t len, line = line_of(t, at, &start, &len);

	buf_addf(b, " %*s |\n %*zu | ", width, "", width, line);
	add_line(b, start, len);
	buf_addf(b, "\n %*s | %*s", width, "", (int)(at - start), "");
	buf_addn(b, '^', MAX(span, (size_t)1));
	buf_addf(b, "-- %s\n", label);
}

static int line_width(const struct toml *t, const char *at)
{
	const char *start;
	size_t len;
	char number[24];

	return snprintf(number, sizeof(number), "%zu", line_of(t, at, &start, &len));
}

// The message ends in a newline, and what ends the colour of a message's part stands on a line of its own.
_noreturn_ static void throw_text(struct toml *t, struct buf *b)
{
	eval_throw(t->ev, THROW_EVAL, 0, "while parsing TOML: [error] %s\033[0m", buf_str(b));
}

_noreturn_ void toml_throw_hints(
        struct toml *t, const char *at, const char *label, const char *hints, const char *message)
{
	struct scratch s;

	scratch_begin(t->ev, &s);
	buf_addf(&s.buf, "%s\n --> fromTOML\n", message);
	add_place(t, &s.buf, line_width(t, at), at, 1, label);
	if (hints)
		buf_adds(&s.buf, hints);
	throw_text(t, &s.buf);
}

struct place {
	const char *at;
	size_t span;
	const char *label;
};

_noreturn_ static void throw_two(
        struct toml *t, const struct place *fresh, const struct place *old, const char *message)
{
	int width = MAX(line_width(t, fresh->at), line_width(t, old->at));
	struct scratch s;

	scratch_begin(t->ev, &s);
	buf_addf(&s.buf, "%s\n --> fromTOML\n", message);
	add_place(t, &s.buf, width, fresh->at, fresh->span, fresh->label);
	buf_addf(&s.buf, " %*s | ...\n", width, "");
	add_place(t, &s.buf, width, old->at, old->span, old->label);
	throw_text(t, &s.buf);
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
		for (; t->p < t->end && !at_newline(t); t->p++)
			if (((unsigned char)*t->p < 0x20 && *t->p != '\t') || *t->p == 0x7f)
				toml_throw_hints(t, t->p, "but got this",
				        "Hint: most of the control characters are not allowed in comments\n",
				        "toml::parse_comment_line: newline (LF / CRLF) or EOF is expected");
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
	toml_throw_hints(t, at, "expected alpha [a-zA-Z], digit [0-9], -, or _",
	        "Hint: non-ASCII scripts are allowed in toml v1.1.0, but not in v1.0.0.\n",
	        "toml::parse_simple_key: invalid key: key must be \"quoted\", 'quoted-literal', or bare "
	        "key.");
}

static struct key *parse_simple_key(struct toml *t)
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
		throw_key(t, from);
	k->name = eval_string(t->ev, from, (size_t)(t->p - from), NULL);
	return k;
}

// The first part's at and the whole's span are known to all who make tables of it.
static struct key *parse_key(struct toml *t)
{
	struct key *first = NULL, **last = &first;

	for (;;) {
		skip_blanks(t);
		*last = parse_simple_key(t);
		first->span = (size_t)(t->p - first->at);
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

// old stands where fresh is to come: both places are shown.
_noreturn_ static void throw_exists(
        struct toml *t, const struct node *old, const struct key *whole, const char *what)
{
	const struct place to = {old->at, old->span, "but value already exists"},
	                   from = {whole->at, whole->span, "inserting this"};

	throw_two(t, &from, &to, what);
}

// What a key leads through must be a table that may still grow.
_noreturn_ static void throw_not_table(
        struct toml *t, const struct place *whole, const struct node *old, bool dotted)
{
	struct place from = *whole, to = {old->at, old->span, "to this table"};

	from.label = "inserting this";
	if (old->kind == NODE_ARRAY && old->tables && dotted) {
		to.label = "to this array-of-tables.";
		throw_two(t, &from, &to, "toml::insert_value:dotted key cannot reopen an array-of-tables");
	}
	if (old->kind == NODE_TABLE)
		throw_two(t, &from, &to,
		        "toml::insert_value: failed to insert a value: inline table is immutable");
	from.label = "while inserting this";
	to.label = "non-table value already exists";
	throw_two(t, &from, &to, "toml::insert_value: failed to insert a value, value already exists");
}

// ---- values

static struct node *parse_any(struct toml *t);
static void parse_assignment(struct toml *t, struct node *table);

static struct node *parse_array(struct toml *t)
{
	struct node *n = node_new(t, NODE_ARRAY);

	t->p++;
	n->closed = true;
	for (;;) {
		skip_lines(t);
		if (t->p == t->end)
			toml_throw(t, t->p, "expected `]`, reached EOF",
			        "toml::parse_array: missing closing bracket `]`");
		if (*t->p == ']')
			break;
		node_add(t, n, 0, parse_any(t));
		skip_lines(t);
		if (toml_at(t, ",", 1))
			t->p++;
		else if (t->p < t->end && *t->p != ']')
			toml_throw(t, t->p, "here",
			        "toml::parse_array: expected value-separator `,` or closing `]`");
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

	t->p++;
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
			toml_throw(t, t->p, "here",
			        "toml::parse_inline_table: expected value-separator `,` or closing `}`");
		t->p++;
		skip_blanks(t);
		if (toml_at(t, "}", 1))
			toml_throw(t, t->p, "here",
			        "toml::parse_inline_table: trailing comma is not allowed in TOML-v1.0.0)");
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
	const struct place whole = {(*k)->at, (*k)->span, NULL};

	for (; (*k)->next; *k = (*k)->next) {
		uint32_t sym = key_symbol(t, *k);
		struct node *next = node_find(table, sym);
		if (!next) {
			next = node_new(t, NODE_TABLE);
			next->at = whole.at;
			next->span = whole.span;
			next->dotted = true;
			node_add(t, table, sym, next);
		} else if (next->kind != NODE_TABLE || next->closed || next->defined) {
			throw_not_table(t, &whole, next, true);
		}
		table = next;
	}
	return table;
}

static void parse_assignment(struct toml *t, struct node *table)
{
	struct key *k = parse_key(t), *whole = k;

	if (!toml_at(t, "=", 1))
		toml_throw(
		        t, t->p, "expected =", "toml::parse_key_value_pair: invalid key value separator `=`");
	t->p++;
	skip_blanks(t);
	struct node *value = parse_any(t);
	struct node *in = dotted_table(t, table, &k);
	uint32_t sym = key_symbol(t, k);
	struct node *old = node_find(in, sym);
	if (old)
		throw_exists(
		        t, old, whole, "toml::insert_value: failed to insert a value, value already exists");
	node_add(t, in, sym, value);
}

// ---- [headers]

static struct node *last_table(const struct node *array)
{
	return CONTAINER_OF(array->last, struct member, next)->node;
}

// The table that holds the last part of a header's key.
static struct node *header_parent(
        struct toml *t, struct node *root, struct key **k, const struct place *header)
{
	struct node *table = root;

	for (; (*k)->next; *k = (*k)->next) {
		uint32_t sym = key_symbol(t, *k);
		struct node *next = node_find(table, sym);
		if (!next) {
			next = node_new(t, NODE_TABLE);
			next->at = header->at;
			next->span = header->span;
			node_add(t, table, sym, next);
		}
		if (next->kind == NODE_ARRAY && next->tables)
			next = last_table(next);
		else if (next->kind != NODE_TABLE || next->closed)
			throw_not_table(t, header, next, false);
		table = next;
	}
	return table;
}

static struct node *open_array_table(
        struct toml *t, struct node *parent, struct key *k, const struct place *header)
{
	uint32_t sym = key_symbol(t, k);
	struct node *array = node_find(parent, sym), *table = node_new(t, NODE_TABLE);

	if (!array) {
		array = node_new(t, NODE_ARRAY);
		array->tables = true;
		array->at = header->at;
		array->span = header->span;
		node_add(t, parent, sym, array);
	} else if (array->kind != NODE_ARRAY || !array->tables) {
		const struct place from = {header->at, header->span, "while inserting this"},
		                   to = {array->at, array->span, "non-table value already exists"};

		throw_two(t, &from, &to,
		        "toml::insert_value: failed to insert an array of tables, value already exists");
	}
	node_add(t, array, 0, table);
	return table;
}

static struct node *open_table(struct toml *t, struct node *parent, struct key *k, const struct place *header)
{
	uint32_t sym = key_symbol(t, k);
	struct node *table = node_find(parent, sym);

	if (!table) {
		table = node_new(t, NODE_TABLE);
		node_add(t, parent, sym, table);
	} else if (table->kind != NODE_TABLE || table->defined || table->closed || table->dotted) {
		const struct place from = {header->at, header->span, "inserting this"},
		                   to = {table->at, table->span, "this table is explicitly defined"};

		throw_two(
		        t, &from, &to, "toml::insert_value: failed to insert a table, table already defined");
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
	const char *message =
	        array ? "toml::parse_file: invalid array-table key" : "toml::parse_file: invalid table key";

	t->p += n;
	skip_blanks(t);
	if (t->p == t->end || !(is_bare(*t->p) || *t->p == '"' || *t->p == '\''))
		toml_throw(t, t->p, "expected basic key([a-zA-Z0-9_-]) or quoted key(\" or ')", message);
	struct key *k = parse_key(t);
	if (!toml_at(t, "]]", n))
		toml_throw(t, t->p, array ? "expected ]]" : "expected ]", message);
	t->p += n;
	const struct place header = {from, (size_t)(t->p - from), NULL};
	skip_blanks(t);
	skip_comment(t);
	if (t->p < t->end && !at_newline(t))
		toml_throw(t, t->p, "expected 0x0a(LINE FEED) or\n",
		        "toml::parse_file: newline (or EOF) expected");
	struct node *parent = header_parent(t, root, &k, &header);
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
		toml_throw(t, t->p, "here", "toml::parse_table: newline (LF / CRLF) or EOF is expected");
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
