// SPDX-License-Identifier: GPL-2.0-or-later
// The scalars of TOML: strings in four forms, integers in four bases, floats, Booleans, dates and times.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/codec.h"
#include "expr/builtin-util.h"
#include "expr/toml.h"

// ---- strings

_noreturn_ static void throw_string(struct toml *t, const char *from, const char *kind)
{
	toml_throw(t, from, "here", "toml::parse_%s_string: the next token is not a valid string", kind);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void read_code_point(struct toml *t, size_t digits, struct buf *out)
{
	const char *from = t->p;
	uint32_t cp = 0;
	char utf8[4];

	for (size_t i = 0; i < digits; i++, t->p++) {
		int d = t->p < t->end ? hex_digit(*t->p) : -1;
		if (d < 0)
			toml_throw(t, from, "here",
			        "toml::parse_escape_sequence: invalid token found in UTF-8 codepoint uXXXX.");
		cp = cp << 4 | (uint32_t)d;
	}
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		toml_throw(t, from, "should be in [0x00..0x10FFFF], but not a surrogate",
		        "toml::read_utf8_codepoint: input codepoint is not a Unicode scalar value.");
	buf_add(out, utf8, codec_utf8(cp, utf8));
}

// A backslash at the end of a line of a multi-line string joins it with the next text.
static bool skip_line_break(struct toml *t)
{
	const char *p = t->p;

	while (p < t->end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == t->end || (*p != '\n' && !(*p == '\r' && p + 1 < t->end && p[1] == '\n')))
		return false;
	while (p < t->end && strchr(" \t\r\n", *p))
		p++;
	t->p = p;
	return true;
}

static bool read_escape(struct toml *t, bool multi, struct buf *out)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";

	t->p++;
	if (multi && skip_line_break(t))
		return true;
	const char *p = t->p < t->end && *t->p ? strchr(from, *t->p) : NULL;
	if (p) {
		buf_addc(out, to[p - from]);
		t->p++;
	} else if (toml_at(t, "u", 1) || toml_at(t, "U", 1)) {
		read_code_point(t, *t->p++ == 'u' ? 4 : 8, out);
	} else {
		return false;
	}
	return true;
}

static void check_nul(struct toml *t, const struct buf *b)
{
	struct scratch s;

	if (!b->len || !memchr(b->data, 0, b->len))
		return;
	scratch_begin(t->ev, &s);
	for (size_t i = 0; i < b->len; i++)
		buf_adds(&s.buf, b->data[i] ? (char[2]){b->data[i], 0} : "␀");
	eval_throw(t->ev, THROW_EVAL, 0,
	        "while parsing TOML: error: input string '%s' cannot be represented as Nix string because it "
	        "contains null bytes",
	        buf_str(&s.buf));
}

const struct string *toml_string(struct toml *t, bool key)
{
	const char *from = t->p;
	char quote = *from;
	const char three[] = {quote, quote, quote};
	bool basic = quote == '"', multi = !key && toml_at(t, three, 3);
	const char *kind = multi ? (basic ? "ml_basic" : "ml_literal") : basic ? "basic" : "literal";
	struct scratch s;

	t->p += multi ? 3 : 1;
	if (multi && (toml_at(t, "\n", 1) || toml_at(t, "\r\n", 2)))
		t->p += *t->p == '\r' ? 2 : 1;
	scratch_begin(t->ev, &s);
	for (;;) {
		unsigned char c = t->p < t->end ? (unsigned char)*t->p : 0;
		if (t->p == t->end || c == 0x7f ||
		        (c < 0x20 && c != '\t' && !(multi && (c == '\n' || c == '\r'))))
			throw_string(t, from, kind);
		if (c == (unsigned char)quote && (!multi || toml_at(t, three, 3)))
			break;
		if (c == '\\' && basic) {
			if (!read_escape(t, multi, &s.buf))
				throw_string(t, from, kind);
			continue;
		}
		buf_addc(&s.buf, (char)c);
		t->p++;
	}
	t->p += multi ? 3 : 1;
	// Up to two quotes may stand right before the closing ones.
	for (int i = 0; multi && i < 2 && t->p < t->end && *t->p == quote; i++, t->p++)
		buf_addc(&s.buf, quote);
	check_nul(t, &s.buf);
	return scratch_string(t->ev, &s, NULL);
}

// ---- dates and times

static bool digits(const char *p, const char *end, size_t n, int *ret)
{
	int v = 0;

	if ((size_t)(end - p) < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + p[i] - '0';
	}
	*ret = v;
	return true;
}

struct moment {
	bool date, time, offset;
	int y, m, d, h, min, s, zone; // zone: minutes
	bool utc;
	int nanos;
};

static const char *read_date(const char *p, const char *end, struct moment *m)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (!digits(p, end, 4, &m->y) || end - p < 10 || p[4] != '-' || !digits(p + 5, end, 2, &m->m) ||
	        p[7] != '-' || !digits(p + 8, end, 2, &m->d))
		return NULL;
	bool leap = (m->y % 4 == 0 && m->y % 100) || m->y % 400 == 0;
	if (m->m < 1 || m->m > 12 || m->d < 1 || m->d > days[m->m - 1] + (m->m == 2 && leap))
		return NULL;
	m->date = true;
	return p + 10;
}

static const char *read_time(const char *p, const char *end, struct moment *m)
{
	if (!digits(p, end, 2, &m->h) || end - p < 8 || p[2] != ':' || !digits(p + 3, end, 2, &m->min) ||
	        p[5] != ':' || !digits(p + 6, end, 2, &m->s) || m->h > 23 || m->min > 59 || m->s > 60)
		return NULL;
	m->time = true;
	p += 8;
	if (p < end && *p == '.' && p + 1 < end && p[1] >= '0' && p[1] <= '9') {
		int unit = 100000000;
		for (p++; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
			m->nanos += (*p - '0') * unit;
	}
	return p;
}

static const char *read_offset(const char *p, const char *end, struct moment *m)
{
	int h, min;

	if (p < end && (*p == 'Z' || *p == 'z')) {
		m->offset = m->utc = true;
		return p + 1;
	}
	if (p < end && (*p == '+' || *p == '-') && digits(p + 1, end, 2, &h) && end - p >= 6 && p[3] == ':' &&
	        digits(p + 4, end, 2, &min)) {
		m->offset = true;
		m->zone = (*p == '-' ? -1 : 1) * (h * 60 + min);
		return p + 6;
	}
	return p;
}

static void print_moment(const struct moment *m, struct buf *b)
{
	if (m->date)
		buf_addf(b, "%04d-%02d-%02d", m->y, m->m, m->d);
	if (m->date && m->time)
		buf_addc(b, 'T');
	if (m->time) {
		buf_addf(b, "%02d:%02d:%02d", m->h, m->min, m->s);
		if (m->nanos)
			buf_addf(b, ".%03d", m->nanos / 1000000);
		if (m->nanos % 1000000)
			buf_addf(b, "%03d", m->nanos / 1000 % 1000);
		if (m->nanos % 1000)
			buf_addf(b, "%03d", m->nanos % 1000);
	}
	if (m->utc)
		buf_addc(b, 'Z');
	else if (m->offset)
		buf_addf(b, "%c%02d:%02d", m->zone < 0 ? '-' : '+', abs(m->zone) / 60, abs(m->zone) % 60);
}

static bool read_moment(struct toml *t, struct value *ret)
{
	struct moment m = {0};
	const char *p = read_date(t->p, t->end, &m), *q;
	struct scratch s;

	if (!p) {
		p = read_time(t->p, t->end, &m);
		if (!p)
			return false;
	} else if (p < t->end && (*p == 'T' || *p == 't' || *p == ' ') &&
	           (q = read_time(p + 1, t->end, &m))) {
		p = read_offset(q, t->end, &m);
	}
	t->p = p;
	if (!t->dates)
		eval_throw(t->ev, THROW_EVAL, 0, "while parsing TOML: Dates and times are not supported");
	scratch_begin(t->ev, &s);
	print_moment(&m, &s.buf);
	struct attrs *a = attrs_new(t->ev, 2);
	*attrs_push(a, symbol_of(&t->ev->symbols, "_type"), 0) = eval_str(t->ev, "timestamp");
	*attrs_push(a, t->ev->sym.value, 0) = value_string(scratch_string(t->ev, &s, NULL));
	attrs_finish(a);
	*ret = value_attrs(a);
	return true;
}

// ---- numbers

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '+' || c == '-' || c == '.';
}

_noreturn_ static void throw_number(struct toml *t, const char *from, const char *why)
{
	toml_throw(t, from,
	        "here\n   |\nHint: pass: -42, 1_000, 1_2_3_4_5, 0xC0FFEE, 0b0010, 0o755\nHint: fail: 1__000, "
	        "0123",
	        "%s", why);
}

// The digits of a number without its underscores, each of which must stand between two digits.
static void plain_digits(struct toml *t, const char *from, const char *end, struct buf *out)
{
	for (const char *p = from; p < end; p++) {
		if (*p != '_')
			buf_addc(out, *p);
		else if (p == from || p + 1 == end || hex_digit(p[-1]) < 0 || hex_digit(p[1]) < 0)
			throw_number(t, from, "bad integer: `_` should be surrounded by digits");
	}
}

static bool only(const char *s, const char *allowed)
{
	return *s && !s[strspn(s, allowed)];
}

static struct value read_based(struct toml *t, const char *from, const char *text)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	int base = text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : 2;

	if (!only(text + 2, base == 16 ? hex : base == 8 ? "01234567" : "01"))
		throw_number(t, from,
		        base == 16 ? "toml::parse_hexadecimal_integer" : "bad integer: invalid digit");
	return value_int(strtoll(text + 2, NULL, base)); // saturates
}

static bool is_float_text(const char *s)
{
	s += *s == '+' || *s == '-';
	size_t whole = strspn(s, "0123456789");
	const char *p = s + whole;
	if (!whole || (whole > 1 && *s == '0') || !*p)
		return false;
	if (*p == '.') {
		size_t n = strspn(p + 1, "0123456789");
		if (!n)
			return false;
		p += 1 + n;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '+' || *p == '-';
		size_t n = strspn(p, "0123456789");
		if (!n)
			return false;
		p += n;
	}
	return !*p;
}

static struct value read_number(struct toml *t, const char *from, const char *text)
{
	const char *s = text + (*text == '+' || *text == '-');

	if (!strcmp(s, "inf"))
		return value_float(*text == '-' ? -INFINITY : INFINITY);
	if (!strcmp(s, "nan"))
		return value_float(*text == '-' ? -NAN : NAN);
	if (s == text && *s == '0' && s[1] && strchr("xob", s[1]))
		return read_based(t, from, text);
	if (only(s, "0123456789")) {
		if (*s == '0' && s[1])
			throw_number(t, from, "bad integer: leading zero");
		return value_int(strtoll(text, NULL, 10)); // saturates
	}
	if (is_float_text(text))
		return value_float(strtod(text, NULL));
	if (only(s, "0123456789.eE+-") && strchr(s, '.'))
		toml_throw(t, from, "here", "bad float: invalid format");
	toml_throw(t, from, "here", "bad format: unknown value appeared");
}

struct value toml_scalar(struct toml *t)
{
	const char *from = t->p, *end = from;
	struct value v;
	struct scratch s;

	if (t->p < t->end && (*t->p == '"' || *t->p == '\''))
		return value_string(toml_string(t, false));
	if (read_moment(t, &v))
		return v;
	while (end < t->end && is_word(*end))
		end++;
	t->p = end;
	if (end - from == 4 && !memcmp(from, "true", 4))
		return value_bool(true);
	if (end - from == 5 && !memcmp(from, "false", 5))
		return value_bool(false);
	if (end == from)
		toml_throw(t, from, "here", "bad format: unknown value appeared");
	scratch_begin(t->ev, &s);
	plain_digits(t, from, end, &s.buf);
	v = read_number(t, from, buf_str(&s.buf));
	scratch_end(t->ev, &s);
	return v;
}
