// SPDX-License-Identifier: GPL-2.0-or-later
// Regular expressions: from text to states. The grammar is POSIX ERE's with every undefined corner an error.
#include <ctype.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/regex-private.h"

enum { STATES_MAX = 100000, DEPTH_MAX = 1000, NONE = UINT32_MAX };

// A piece of the program: states [lo..hi) with one way in, and one state whose next is open.
struct piece {
	uint32_t lo, hi;
	uint32_t start, end;
};

struct compiler {
	struct regex *re;
	const char *p, *end;
	unsigned depth;
	enum regex_status status; // not REGEX_OK: what follows is not looked at
};

static bool fail(struct compiler *c, enum regex_status status)
{
	if (c->status == REGEX_OK)
		c->status = status;
	return false;
}

static uint32_t add_state(struct compiler *c, enum regex_op op, uint32_t arg)
{
	struct regex *re = c->re;

	if (re->len >= STATES_MAX) {
		fail(c, REGEX_TOO_BIG);
		return 0;
	}
	mem_grow(&re->states, &re->cap, re->len + 1, sizeof(*re->states));
	re->states[re->len] = (struct regex_state){.op = (uint8_t)op, .arg = arg, .next = NONE, .alt = NONE};
	return (uint32_t)re->len++;
}

static uint32_t add_set(struct compiler *c, const struct regex_set *s)
{
	struct regex *re = c->re;

	mem_grow(&re->sets, &re->sets_cap, re->sets_len + 1, sizeof(*re->sets));
	re->sets[re->sets_len] = *s;
	return (uint32_t)re->sets_len++;
}

static struct piece single(struct compiler *c, enum regex_op op, uint32_t arg)
{
	uint32_t s = add_state(c, op, arg);

	return (struct piece){s, (uint32_t)c->re->len, s, s};
}

static void link_to(struct compiler *c, uint32_t from, uint32_t to)
{
	c->re->states[from].next = to;
}

static void append(struct compiler *c, struct piece *a, struct piece b)
{
	link_to(c, a->end, b.start);
	a->end = b.end;
	a->hi = (uint32_t)c->re->len;
}

// A copy of a piece behind all states. Its sets are shared.
static struct piece clone(struct compiler *c, struct piece p)
{
	uint32_t by = (uint32_t)c->re->len - p.lo;

	for (uint32_t i = p.lo; i < p.hi && c->status == REGEX_OK; i++) {
		struct regex_state s = c->re->states[i];
		uint32_t k = add_state(c, s.op, s.arg);
		c->re->states[k].next =
		        s.next != NONE && s.next >= p.lo && s.next < p.hi ? s.next + by : NONE;
		c->re->states[k].alt = s.alt != NONE ? s.alt + by : NONE;
	}
	struct piece q = {p.lo + by, p.hi + by, p.start + by, p.end + by};
	if (c->status == REGEX_OK)
		link_to(c, q.end, NONE);
	return q;
}

// ---- bracket expressions

static void set_add(struct regex_set *s, unsigned char c)
{
	s->bits[c >> 3] |= (uint8_t)(1u << (c & 7));
}

struct class_name {
	const char *name;
	int (*has)(int c);
};

static int is_word(int c)
{
	return c == '_' || isalnum(c);
}

static const struct class_name classes[] = {
        {"d", isdigit},
        {"w", is_word},
        {"s", isspace},
        {"alnum", isalnum},
        {"alpha", isalpha},
        {"blank", isblank},
        {"cntrl", iscntrl},
        {"digit", isdigit},
        {"graph", isgraph},
        {"lower", islower},
        {"print", isprint},
        {"punct", ispunct},
        {"space", isspace},
        {"upper", isupper},
        {"xdigit", isxdigit},
};

static bool add_class(struct compiler *c, const char *name, size_t len, struct regex_set *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (strlen(classes[i].name) != len || strncasecmp(classes[i].name, name, len) != 0)
			continue;
		for (int ch = 0; ch < 128; ch++)
			if (classes[i].has(ch))
				set_add(s, (unsigned char)ch);
		return true;
	}
	return fail(c, REGEX_INVALID);
}

// What stands between "[x" and "x]", x being kind; true when it is closed.
static bool bracket_name(struct compiler *c, char kind, const char **ret, size_t *ret_len)
{
	const char *from = c->p;

	for (; c->p + 1 < c->end; c->p++) {
		if (c->p[0] != kind)
			continue;
		*ret = from;
		*ret_len = (size_t)(c->p - from);
		if (c->p[1] != ']')
			break;
		c->p += 2;
		return true;
	}
	return fail(c, REGEX_INVALID);
}

enum item { ITEM_NONE, ITEM_CHAR, ITEM_CLASS };

struct bracket {
	struct regex_set set;
	enum item last;
	unsigned char ch; // of ITEM_CHAR: may be the start of a range
};

static void push_char(struct bracket *b, unsigned char ch)
{
	if (b->last == ITEM_CHAR)
		set_add(&b->set, b->ch);
	b->last = ITEM_CHAR;
	b->ch = ch;
}

static void push_class(struct bracket *b)
{
	if (b->last == ITEM_CHAR)
		set_add(&b->set, b->ch);
	b->last = ITEM_CLASS;
}

// After '-': the end of a range, or a '-' that stands for itself.
static bool bracket_dash(struct compiler *c, struct bracket *b)
{
	if (c->p < c->end && *c->p == ']') {
		push_char(b, '-');
		return true;
	}
	if (b->last != ITEM_CHAR || c->p == c->end ||
	        (*c->p == '[' && c->p + 1 < c->end && strchr(".:=", c->p[1])))
		return fail(c, REGEX_INVALID);
	signed char from = (signed char)b->ch, to = (signed char)*c->p++;
	if (from > to)
		return fail(c, REGEX_INVALID);
	for (int ch = from; ch <= to; ch++)
		set_add(&b->set, (unsigned char)ch);
	b->last = ITEM_NONE;
	return true;
}

// The character of a name that POSIX gives it, or -1. A letter is its own name; NULL entries are letters.
static int named_char(const char *name, size_t len)
{
	static const char *const names[] = {"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "alert",
	        "backspace", "tab", "newline", "vertical-tab", "form-feed", "carriage-return", "SO", "SI",
	        "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "IS4",
	        "IS3", "IS2", "IS1", "space", "exclamation-mark", "quotation-mark", "number-sign",
	        "dollar-sign", "percent-sign", "ampersand", "apostrophe", "left-parenthesis",
	        "right-parenthesis", "asterisk", "plus-sign", "comma", "hyphen", "period", "slash", "zero",
	        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "colon", "semicolon",
	        "less-than-sign", "equals-sign", "greater-than-sign", "question-mark",
	        "commercial-at", ['['] = "left-square-bracket", "backslash", "right-square-bracket",
	        "circumflex", "underscore", "grave-accent", ['{'] = "left-curly-bracket", "vertical-line",
	        "right-curly-bracket", "tilde", "DEL"};

	if (len == 1 && isalpha((unsigned char)*name))
		return (unsigned char)*name;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (int)i;
	return -1;
}

// "[.", "[:" or "[=" was read up to the sign.
static bool bracket_class(struct compiler *c, struct bracket *b, char kind)
{
	const char *name;
	size_t len;

	if (!bracket_name(c, kind, &name, &len))
		return false;
	if (kind == ':') {
		push_class(b);
		return add_class(c, name, len, &b->set);
	}
	int ch = named_char(name, len);
	if (ch < 0)
		return fail(c, REGEX_INVALID);
	if (kind == '.') {
		push_char(b, (unsigned char)ch);
		return true;
	}
	push_class(b);
	set_add(&b->set, (unsigned char)tolower(ch));
	set_add(&b->set, (unsigned char)toupper(ch));
	return true;
}

static bool parse_bracket(struct compiler *c, struct piece *ret)
{
	struct bracket b = {0};
	bool not = c->p < c->end && *c->p == '^';

	c->p += not ;
	for (bool first = true;; first = false) {
		if (c->p == c->end)
			return fail(c, REGEX_INVALID);
		char ch = *c->p++;
		if (ch == ']' && !first)
			break;
		if (ch == '[' && c->p == c->end)
			return fail(c, REGEX_INVALID);
		if (ch == '[' && strchr(".:=", *c->p)) {
			if (!bracket_class(c, &b, *c->p++))
				return false;
		} else if (ch == '-' && !first) {
			if (!bracket_dash(c, &b))
				return false;
		} else {
			push_char(&b, (unsigned char)ch);
		}
	}
	if (b.last == ITEM_CHAR)
		set_add(&b.set, b.ch);
	for (size_t i = 0; not &&i < sizeof(b.set.bits); i++)
		b.set.bits[i] = (uint8_t)~b.set.bits[i];
	*ret = single(c, OP_SET, add_set(c, &b.set));
	return true;
}

// ---- repetitions

// A piece that is repeated as often as can be: state R with alt into the piece, whose end leads back to R.
static struct piece star(struct compiler *c, struct piece p)
{
	uint32_t r = add_state(c, OP_REPEAT, 0);

	c->re->states[r].alt = p.start;
	link_to(c, p.end, r);
	return (struct piece){p.lo, (uint32_t)c->re->len, r, r};
}

static struct piece plus(struct compiler *c, struct piece p)
{
	struct piece s = star(c, p);

	s.start = p.start;
	return s;
}

static struct piece optional(struct compiler *c, struct piece p)
{
	uint32_t r = add_state(c, OP_REPEAT, 0), end = add_state(c, OP_EMPTY, 0);

	c->re->states[r].alt = p.start;
	link_to(c, r, end);
	link_to(c, p.end, end);
	return (struct piece){p.lo, (uint32_t)c->re->len, r, end};
}

static bool parse_number(struct compiler *c, unsigned *ret)
{
	unsigned n = 0;

	if (c->p == c->end || !isdigit((unsigned char)*c->p))
		return fail(c, REGEX_INVALID);
	for (; c->p < c->end && isdigit((unsigned char)*c->p); c->p++) {
		n = n * 10 + (unsigned)(*c->p - '0');
		if (n > STATES_MAX)
			return fail(c, REGEX_TOO_BIG);
	}
	*ret = n;
	return true;
}

// p{min}, p{min,} or p{min,max}, by copies.
static bool repeat_counted(struct compiler *c, struct piece *p, unsigned min, unsigned max, bool endless)
{
	struct piece all = single(c, OP_EMPTY, 0), model = clone(c, *p);

	all.lo = p->lo;
	for (unsigned i = 0; i < min && c->status == REGEX_OK; i++)
		append(c, &all, i ? clone(c, model) : *p);
	if (endless && c->status == REGEX_OK) {
		append(c, &all, star(c, clone(c, model)));
	} else if (c->status == REGEX_OK && max > min) {
		// (p(p(p)?)?)?: each copy may be the last.
		uint32_t end = add_state(c, OP_EMPTY, 0);
		for (unsigned i = min; i < max && c->status == REGEX_OK; i++) {
			uint32_t r = add_state(c, OP_REPEAT, 0);
			struct piece q = clone(c, model);
			c->re->states[r].alt = q.start;
			link_to(c, all.end, r);
			link_to(c, r, end);
			all.end = q.end;
		}
		if (c->status == REGEX_OK)
			link_to(c, all.end, end);
		all.end = end;
	}
	all.hi = (uint32_t)c->re->len;
	*p = all;
	return c->status == REGEX_OK;
}

static bool parse_braces(struct compiler *c, struct piece *p)
{
	unsigned min = 0, max;
	bool endless = false;

	if (!parse_number(c, &min))
		return false;
	max = min;
	if (c->p < c->end && *c->p == ',') {
		c->p++;
		endless = c->p == c->end || !isdigit((unsigned char)*c->p);
		if (!endless && !parse_number(c, &max))
			return false;
	}
	if (c->p == c->end || *c->p++ != '}' || (!endless && max < min))
		return fail(c, REGEX_INVALID);
	return repeat_counted(c, p, min, max, endless);
}

static bool parse_quantifiers(struct compiler *c, struct piece *p)
{
	while (c->p < c->end && c->status == REGEX_OK) {
		switch (*c->p) {
		case '*':
			*p = star(c, *p);
			break;
		case '+':
			*p = plus(c, *p);
			break;
		case '?':
			*p = optional(c, *p);
			break;
		case '{':
			c->p++;
			if (!parse_braces(c, p))
				return false;
			continue;
		default:
			return true;
		}
		c->p++;
	}
	return c->status == REGEX_OK;
}

// ---- the rest

static bool parse_alternatives(struct compiler *c, struct piece *ret);

static bool parse_group(struct compiler *c, struct piece *ret)
{
	uint32_t group = (uint32_t)++c->re->groups;
	struct piece inner;

	*ret = single(c, OP_OPEN, group);
	if (++c->depth > DEPTH_MAX)
		return fail(c, REGEX_TOO_BIG);
	if (!parse_alternatives(c, &inner))
		return false;
	c->depth--;
	if (c->p == c->end || *c->p++ != ')')
		return fail(c, REGEX_INVALID);
	append(c, ret, inner);
	append(c, ret, single(c, OP_CLOSE, group));
	return true;
}

static bool literal(struct compiler *c, char ch, struct piece *ret)
{
	struct regex_set s = {0};

	set_add(&s, (unsigned char)ch);
	*ret = single(c, OP_SET, add_set(c, &s));
	return true;
}

static bool any_char(struct compiler *c, struct piece *ret)
{
	struct regex_set s;

	memset(s.bits, 0xff, sizeof(s.bits));
	s.bits[0] &= 0xfe; // not NUL
	*ret = single(c, OP_SET, add_set(c, &s));
	return true;
}

// One byte, set or group. c->p is before its first character, which is none of "|)^$".
static bool parse_atom(struct compiler *c, struct piece *ret)
{
	char ch = *c->p++;

	if (ch == '(')
		return parse_group(c, ret);
	if (ch == '[')
		return parse_bracket(c, ret);
	if (ch == '.')
		return any_char(c, ret);
	if (strchr("*+?{", ch))
		return fail(c, REGEX_INVALID);
	if (ch != '\\')
		return literal(c, ch, ret);
	if (c->p == c->end || !strchr(".[\\()*+?{|^$", *c->p))
		return fail(c, REGEX_INVALID);
	return literal(c, *c->p++, ret);
}

static bool parse_branch(struct compiler *c, struct piece *ret)
{
	*ret = single(c, OP_EMPTY, 0);
	while (c->p < c->end && *c->p != '|' && *c->p != ')' && c->status == REGEX_OK) {
		struct piece p;
		if (*c->p == '^' || *c->p == '$') {
			p = single(c, *c->p == '^' ? OP_BEGIN : OP_END, 0);
			c->p++;
		} else if (!parse_atom(c, &p) || !parse_quantifiers(c, &p)) {
			return false;
		}
		append(c, ret, p);
	}
	return c->status == REGEX_OK;
}

static bool parse_alternatives(struct compiler *c, struct piece *ret)
{
	struct piece p;

	if (!parse_branch(c, ret))
		return false;
	while (c->p < c->end && *c->p == '|') {
		c->p++;
		if (!parse_branch(c, &p))
			return false;
		uint32_t alt = add_state(c, OP_ALT, 0), end = add_state(c, OP_EMPTY, 0);
		if (c->status != REGEX_OK)
			return false;
		c->re->states[alt].alt = ret->start;
		link_to(c, alt, p.start);
		link_to(c, ret->end, end);
		link_to(c, p.end, end);
		*ret = (struct piece){ret->lo, (uint32_t)c->re->len, alt, end};
	}
	return true;
}

// Repetitions of one byte become runs.
static void find_runs(struct regex *re)
{
	for (size_t i = 0; i < re->len; i++) {
		struct regex_state *s = &re->states[i];
		if (s->op != OP_REPEAT)
			continue;
		const struct regex_state *body = &re->states[s->alt];
		if (body->op == OP_SET && body->next == i) {
			s->op = OP_RUN;
			s->arg = body->arg;
		}
	}
}

// What a match can begin with: all sets that are reached without reading a byte.
static void find_first(struct regex *re)
{
	uint32_t *todo = mem_array(re->len * 2 + 1, sizeof(*todo));
	uint8_t *seen = mem_array(re->len, 1);
	size_t n = 0;

	todo[n++] = re->start;
	while (n) {
		uint32_t i = todo[--n];
		const struct regex_state *s = &re->states[i];
		if (seen[i])
			continue;
		seen[i] = 1;
		if (s->op == OP_ACCEPT)
			re->nullable = true;
		if (s->op == OP_SET || s->op == OP_RUN)
			for (size_t k = 0; k < sizeof(re->first.bits); k++)
				re->first.bits[k] |= re->sets[s->arg].bits[k];
		if (s->op == OP_ALT || s->op == OP_REPEAT)
			todo[n++] = s->alt;
		if (s->op != OP_SET && s->op != OP_ACCEPT)
			todo[n++] = s->next;
	}
	mem_free(todo);
	mem_free(seen);
}

// Empty states are stepped over once and for all.
static uint32_t skip_empty(const struct regex *re, uint32_t i)
{
	while (i != NONE && re->states[i].op == OP_EMPTY)
		i = re->states[i].next;
	return i;
}

static void finish(struct regex *re)
{
	for (size_t i = 0; i < re->len; i++) {
		if (re->states[i].op == OP_EMPTY)
			continue;
		re->states[i].next = skip_empty(re, re->states[i].next);
		re->states[i].alt = skip_empty(re, re->states[i].alt);
	}
	re->start = skip_empty(re, re->start);
	find_runs(re);
	find_first(re);
}

enum regex_status regex_compile(const char *pattern, size_t len, struct regex **ret)
{
	struct regex *re = NEW(struct regex);
	struct compiler c = {.re = re, .p = pattern, .end = pattern + len};
	struct piece all;

	if (parse_alternatives(&c, &all) && c.p != c.end)
		fail(&c, REGEX_INVALID);
	uint32_t accept = c.status == REGEX_OK ? add_state(&c, OP_ACCEPT, 0) : 0;
	if (c.status != REGEX_OK) {
		regex_free(re);
		return c.status;
	}
	link_to(&c, all.end, accept);
	re->start = all.start;
	finish(re);
	*ret = re;
	return REGEX_OK;
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	mem_free(re->states);
	mem_free(re->sets);
	mem_free(re);
}

size_t regex_groups(const struct regex *re)
{
	return re->groups;
}
