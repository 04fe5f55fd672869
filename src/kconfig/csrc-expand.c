// SPDX-License-Identifier: GPL-2.0-or-later
// Tokens of C, expansion of macros, and values of constant expressions.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/csrc.h"

#define EXPAND_DEPTH 40
#define ARGS_MAX     32
#define EXPAND_STEPS 200    // what looking up a name costs beside looking at as many bytes
#define TOKENS_MAX   400000 // of one expansion
#define TOKEN_STEPS  10     // what a token costs that is copied, looked at and copied again

void ctoks_add(struct ctoks *t, const struct ctok *tok)
{
	mem_grow(&t->v, &t->cap, t->len + 1, sizeof(*t->v));
	t->v[t->len++] = *tok;
}

void ctoks_release(struct ctoks *t)
{
	mem_free(t->v);
	*t = (struct ctoks){};
}

bool ctok_is(const struct ctok *t, const char *text)
{
	return strlen(text) == t->len && !memcmp(t->s, text, t->len);
}

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t quoted(const char *s, const char *end)
{
	const char *p = s + 1;

	while (p < end && *p != *s && *p != '\n')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return (size_t)(MIN(p + 1, end) - s);
}

static struct ctok next_token(const char *s, const char *end)
{
	struct ctok t = {s, 1, 'p'};
	size_t n = 0;

	if (name_char(*s)) {
		while (s + n < end && (name_char(s[n]) || (isdigit((unsigned char)*s) && s[n] == '.')))
			n++;
		t.kind = isdigit((unsigned char)*s) ? 'n' : 'i';
	} else if (*s == '"' || *s == '\'') {
		n = quoted(s, end);
		t.kind = *s == '"' ? 's' : 'c';
	} else if (end - s >= 3 && !memcmp(s, "...", 3)) {
		n = 3;
	} else if (end - s >= 2 &&
	           (!memcmp(s, "##", 2) || !memcmp(s, "<<", 2) || !memcmp(s, ">>", 2) ||
	                   !memcmp(s, "->", 2) || !memcmp(s, "&&", 2) || !memcmp(s, "||", 2))) {
		n = 2;
	}
	t.len = n ? (uint32_t)n : 1;
	return t;
}

// After a branch that is not read: its #else or #endif.
static const char *skip_branch(const char *s, const char *end)
{
	unsigned depth = 0;

	while (s < end) {
		const char *p = s, *nl = memchr(s, '\n', (size_t)(end - s));
		s = nl ? nl + 1 : end;
		while (p < s && (*p == ' ' || *p == '\t'))
			p++;
		if (p >= s || *p != '#')
			continue;
		for (p++; p < s && (*p == ' ' || *p == '\t'); p++)
			;
		if (str_has_prefix(p, "if"))
			depth++;
		else if (!depth && (str_has_prefix(p, "el") || str_has_prefix(p, "endif")))
			return s;
		else if (str_has_prefix(p, "endif"))
			depth--;
	}
	return end;
}

// A file that is included in the midst of a table, once at a time.
static void read_included(struct cworld *w, struct csrc *top, const char *name, size_t len, struct ctoks *ret)
{
	if (!cworld_spend(w, top->includes_len))
		return;
	cmacro_find(w, top, "_no_such_name_", 14, 0, true); // resolves the includes
	for (size_t i = 0; i < top->includes_len; i++) {
		struct cinclude *in = &top->includes[i];
		if (strlen(in->name) != len || memcmp(in->name, name, len))
			continue;
		if (in->file && !in->file->within && in->file != top && cworld_spend(w, in->file->len)) {
			in->file->within = top->within ? top->within : top;
			ctokens(w, in->file, in->file->text, in->file->len, ret);
			in->file->within = NULL;
		}
		return;
	}
}

static const char *skip_directive(
        struct cworld *w, struct csrc *top, const char *s, const char *end, struct ctoks *ret)
{
	const char *p = s + 1, *stop = s, *name;
	size_t n = 0;

	while (stop < end && (*stop != '\n' || stop[-1] == '\\'))
		stop++;
	while (p < stop && (*p == ' ' || *p == '\t'))
		p++;
	if (stop - p > 9 && !memcmp(p, "include", 7)) {
		const char *open = memchr(p, '"', (size_t)(stop - p)),
		           *close = open ? memchr(open + 1, '"', (size_t)(stop - open - 1)) : NULL;
		if (w && close)
			read_included(w, top, open + 1, (size_t)(close - open - 1), ret);
	} else if (top->within && stop - p > 7 && !memcmp(p, "ifndef", 6)) { // one branch is for the reader
		name = p + 6 + strspn(p + 6, " \t");
		while (name + n < stop && name_char(name[n]))
			n++;
		if (hmap_getn(&top->within->names, name, n))
			return skip_branch(stop, end);
	}
	return stop;
}

void ctokens(struct cworld *w, struct csrc *top, const char *s, size_t len, struct ctoks *ret)
{
	const char *end = s + len;
	bool fresh = true; // at the start of a line

	while (s < end) {
		if (isspace((unsigned char)*s) || (*s == '\\' && s + 1 < end && s[1] == '\n')) {
			fresh |= *s == '\n';
			s++;
			continue;
		}
		if (*s == '#' && fresh && top) {
			s = skip_directive(w, top, s, end, ret);
			fresh = true;
			continue;
		}
		struct ctok t = next_token(s, end);
		ctoks_add(ret, &t);
		s += t.len;
		fresh = false;
	}
}

// The arguments of a call that begins with ( at v[0]; the number of tokens up to and with ). 0: it does not
// end.
static size_t arguments(const struct ctok *v, size_t n, size_t max, struct ctoks *args, size_t *ret_count)
{
	size_t depth = 0, count = 0, start = 1;

	for (size_t i = 0; i < n; i++) {
		char c = v[i].kind == 'p' ? *v[i].s : 0;
		if (c == '(' || c == '{' || c == '[')
			depth++;
		if (c == ')' || c == '}' || c == ']')
			depth--;
		bool comma = c == ',' && depth == 1 && v[i].len == 1 && count + 1 < max;
		if (!comma && depth)
			continue;
		args[count++] = (struct ctoks){(struct ctok *)v + start, i - start, 0};
		start = i + 1;
		if (!depth) {
			*ret_count = count;
			return i + 1;
		}
	}
	return 0;
}

static int param_of(const struct cmacro *m, const struct ctok *t)
{
	for (int i = 0; t->kind == 'i' && i < m->params; i++)
		if (ctok_is(t, m->param[i]))
			return i;
	return -1;
}

static void add_all(struct cworld *w, struct ctoks *ret, const struct ctoks *from)
{
	if (!cworld_spend(w, TOKEN_STEPS * from->len))
		return;
	for (size_t i = 0; i < from->len && ret->len < TOKENS_MAX; i++)
		ctoks_add(ret, &from->v[i]);
}

static void stringify(struct cworld *w, struct csrc *top, const struct ctoks *arg, struct ctoks *ret)
{
	_cleanup_buf_ struct buf b = {};

	buf_addc(&b, '"');
	for (size_t i = 0; i < arg->len; i++) {
		const struct ctok *t = &arg->v[i];
		if (i && t->s > arg->v[i - 1].s + arg->v[i - 1].len)
			buf_addc(&b, ' ');
		for (uint32_t j = 0; j < t->len; j++) {
			if (t->kind == 's' && (t->s[j] == '"' || t->s[j] == '\\'))
				buf_addc(&b, '\\');
			buf_addc(&b, t->s[j]);
		}
	}
	buf_addc(&b, '"');
	if (!cworld_spend(w, b.len))
		return;
	struct ctok t = {arena_strndup(&top->arena, b.data, b.len), (uint32_t)b.len, 's'};
	ctoks_add(ret, &t);
}

// Pastes the first of more to the last of ret.
static void paste(struct cworld *w, struct csrc *top, struct ctoks *ret, const struct ctoks *more)
{
	if (!more->len)
		return;
	if (!ret->len || (ret->v[ret->len - 1].kind == 'p' && *ret->v[ret->len - 1].s == ',')) {
		add_all(w, ret, more);
		return;
	}
	struct ctok *last = &ret->v[ret->len - 1];
	if (!cworld_spend(w, last->len + more->v[0].len))
		return;
	char *s = arena_printf(
	        &top->arena, "%.*s%.*s", (int)last->len, last->s, (int)more->v[0].len, more->v[0].s);
	*last = next_token(s, s + strlen(s));
	struct ctoks rest = {more->v + 1, more->len - 1, 0};
	add_all(w, ret, &rest);
}

struct call {
	struct cworld *w;
	struct csrc *top;
	size_t at;
	unsigned depth;
	const struct cmacro *m;
	struct ctoks args[ARGS_MAX];
};

static void substitute(struct call *c, const struct ctoks *body, struct ctoks *ret)
{
	for (size_t i = 0; i < body->len && ret->len < TOKENS_MAX; i++) {
		const struct ctok *t = &body->v[i];
		int p = param_of(c->m, t);
		bool next_pastes = i + 1 < body->len && ctok_is(&body->v[i + 1], "##");
		if (ctok_is(t, "##") && i + 1 < body->len) {
			const struct ctok *r = &body->v[++i];
			struct ctoks one = {(struct ctok *)r, 1, 0};
			p = param_of(c->m, r);
			paste(c->w, c->top, ret, p >= 0 ? &c->args[p] : &one);
		} else if (ctok_is(t, "#") && i + 1 < body->len && param_of(c->m, t + 1) >= 0) {
			stringify(c->w, c->top, &c->args[param_of(c->m, t + 1)], ret);
			i++;
		} else if (p >= 0 && next_pastes && !c->args[p].len) {
			i++; // nothing is pasted to what follows
			if (i + 1 < body->len) {
				struct ctoks one = {(struct ctok *)&body->v[++i], 1, 0};
				p = param_of(c->m, &body->v[i]);
				add_all(c->w, ret, p >= 0 ? &c->args[p] : &one);
			}
		} else if (p >= 0 && !next_pastes) {
			cexpand(c->w, c->top, c->at, c->args[p].v, c->args[p].len, c->depth + 1, ret);
		} else if (p >= 0) {
			add_all(c->w, ret, &c->args[p]);
		} else {
			ctoks_add(ret, t);
		}
	}
}

static bool expand_once(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n,
        unsigned depth, struct ctoks *ret, size_t *ret_used)
{
	bool called = n > 1 && v[1].kind == 'p' && *v[1].s == '(';
	struct call c = {.w = w, .top = top, .at = at, .depth = depth};
	_cleanup_ctoks_ struct ctoks body = {};
	size_t count = 0;

	if (!n || v[0].kind != 'i' || depth > EXPAND_DEPTH || !cworld_spend(w, EXPAND_STEPS))
		return false;
	c.m = cmacro_find(w, top, v[0].s, v[0].len, at, called);
	if (!c.m || (c.m->params >= 0 && !called) || c.m->params > ARGS_MAX)
		return false;
	*ret_used = 1;
	if (c.m->params >= 0) {
		size_t used = arguments(
		        v + 1, n - 1, c.m->variadic ? (size_t)c.m->params : ARGS_MAX, c.args, &count);
		cworld_spend(w, used ? used : n);
		if (!used)
			return false;
		*ret_used += used;
	}
	if (!cworld_spend(w, c.m->body_len))
		return false;
	ctokens(NULL, NULL, c.m->body, c.m->body_len, &body);
	substitute(&c, &body, ret);
	return true;
}

bool cexpand_once(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n,
        struct ctoks *ret, size_t *ret_used)
{
	return expand_once(w, top, at, v, n, 0, ret, ret_used);
}

void cexpand(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n, unsigned depth,
        struct ctoks *ret)
{
	for (size_t i = 0; i < n && ret->len < TOKENS_MAX;) {
		_cleanup_ctoks_ struct ctoks once = {};
		size_t used;
		if (!expand_once(w, top, at, v + i, n - i, depth, &once, &used)) {
			ctoks_add(ret, &v[i++]);
			continue;
		}
		if (once.len == 1 && once.v[0].kind == 'i' && once.v[0].len == v[i].len &&
		        !memcmp(once.v[0].s, v[i].s, v[i].len))
			ctoks_add(ret, &once.v[0]); // a macro that is itself
		else
			cexpand(w, top, at, once.v, once.len, depth + 1, ret);
		i += used;
	}
}

struct eval {
	const struct ctok *v;
	size_t n, at;
	bool bad;
	unsigned depth;
};

static const struct ctok *peek(const struct eval *x)
{
	return x->at < x->n ? &x->v[x->at] : NULL;
}

static bool take(struct eval *x, const char *sign)
{
	if (!peek(x) || !ctok_is(peek(x), sign))
		return false;
	x->at++;
	return true;
}

static uint64_t binary(struct eval *x, int level);
static uint64_t ternary(struct eval *x);

// (u16), (unsigned long), (__u8 *): names and stars only.
static bool skip_cast(struct eval *x)
{
	size_t i = x->at + 1;

	if (!peek(x) || !ctok_is(peek(x), "("))
		return false;
	while (i < x->n && (x->v[i].kind == 'i' || ctok_is(&x->v[i], "*")))
		i++;
	if (i == x->at + 1 || i + 1 >= x->n || !ctok_is(&x->v[i], ")"))
		return false;
	x->at = i + 1;
	return true;
}

static uint64_t character(const struct ctok *t)
{
	if (t->len == 4 && t->s[1] == '\\')
		return t->s[2] == 'n'   ? '\n'
		       : t->s[2] == 't' ? '\t'
		       : t->s[2] == '0' ? 0
		                        : (unsigned char)t->s[2];
	return t->len == 3 ? (unsigned char)t->s[1] : 0;
}

static uint64_t unary(struct eval *x)
{
	const struct ctok *t = peek(x);
	uint64_t v = 0;

	if (!t || ++x->depth > 200) {
		x->bad = true;
		return 0;
	}
	if (take(x, "~")) {
		v = ~unary(x);
	} else if (take(x, "-")) {
		v = -unary(x);
	} else if (take(x, "+")) {
		v = unary(x);
	} else if (take(x, "!")) {
		v = !unary(x);
	} else if (skip_cast(x)) {
		v = unary(x);
	} else if (take(x, "(")) {
		v = ternary(x);
		x->bad |= !take(x, ")");
	} else if (t->kind == 'n' || t->kind == 'c') {
		_cleanup_free_ char *s = mem_strndup(t->s, t->len);
		v = t->kind == 'c' ? character(t) : strtoull(s, NULL, 0);
		x->at++;
	} else {
		x->bad = true;
	}
	x->depth--;
	return v;
}

static uint64_t apply(const char *op, uint64_t a, uint64_t b)
{
	switch (*op) {
	case '|':
		return op[1] ? a || b : a | b;
	case '&':
		return op[1] ? a && b : a & b;
	case '^':
		return a ^ b;
	case '<':
		return b < 64 ? a << b : 0;
	case '>':
		return b < 64 ? a >> b : 0;
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	case '%':
		return b ? a % b : 0;
	default:
		return b ? a / b : 0;
	}
}

static uint64_t binary(struct eval *x, int level)
{
	static const char *const ops[][4] = {
	        {"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}};

	if (level == (int)ARRAY_SIZE(ops))
		return unary(x);
	uint64_t v = binary(x, level + 1);
	for (bool again = true; again && !x->bad;) {
		again = false;
		for (int i = 0; i < 4 && ops[level][i] && !again; i++) {
			if (!take(x, ops[level][i]))
				continue;
			v = apply(ops[level][i], v, binary(x, level + 1));
			again = true;
		}
	}
	return v;
}

// A ? B : C, and A ?: C.
static uint64_t ternary(struct eval *x)
{
	uint64_t v = binary(x, 0), yes, no;

	if (x->bad || !take(x, "?"))
		return v;
	yes = peek(x) && ctok_is(peek(x), ":") ? v : ternary(x);
	if (!take(x, ":"))
		x->bad = true;
	no = x->bad ? 0 : ternary(x);
	return v ? yes : no;
}

bool ceval(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n, uint64_t *ret)
{
	_cleanup_ctoks_ struct ctoks all = {};

	cexpand(w, top, at, v, n, 0, &all);
	struct eval x = {.v = all.v, .n = all.len};
	*ret = ternary(&x);
	return !x.bad && x.at == x.n;
}

bool cstring(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n, struct buf *ret)
{
	_cleanup_ctoks_ struct ctoks all = {};

	cexpand(w, top, at, v, n, 0, &all);
	for (size_t i = 0; i < all.len; i++) {
		const struct ctok *t = &all.v[i];
		if (t->kind == 'p' && (*t->s == '(' || *t->s == ')'))
			continue;
		if (t->kind != 's' || t->len < 2)
			return false;
		for (uint32_t j = 1; j + 1 < t->len; j++) {
			j += t->s[j] == '\\' && j + 2 < t->len;
			buf_addc(ret, t->s[j]);
		}
	}
	return all.len > 0;
}
