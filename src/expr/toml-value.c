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

_noreturn_ static void throw_string(struct toml *t, const char *kind, char quote, bool multi)
{
	const char label[] = {
	        'e', 'x', 'p', 'e', 'c', 't', 'e', 'd', ' ', quote, multi ? quote : 0, multi ? quote : 0, 0};

	toml_throw(t, t->p, label,
	        arena_printf(&t->ev->heap, "toml::parse_%s_string: invalid string format", kind));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_code_point(struct toml *t, size_t digits, struct buf *out)
{
	const char *from = t->p;
	uint32_t cp = 0;
	char utf8[4];

	for (size_t i = 0; i < digits; i++, t->p++) {
		int d = t->p < t->end ? hex_digit(*t->p) : -1;
		if (d < 0)
			return false;
		cp = cp << 4 | (uint32_t)d;
	}
	if (cp > 0x10ffff)
		toml_throw(t, from - 1, "must be in range [0x00, 0x10FFFF]",
		        "toml::parse_utf8_codepoint: input codepoint is too large.");
	if (cp >= 0xd800 && cp <= 0xdfff)
		toml_throw(t, from - 1, "here",
		        "toml::parse_utf8_codepoint: [0xD800, 0xDFFF] is not a valid UTF-8");
	buf_add(out, utf8, codec_utf8(cp, utf8));
	return true;
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
		return read_code_point(t, *t->p++ == 'u' ? 4 : 8, out);
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
	char quote = *t->p;
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
			throw_string(t, kind, quote, multi);
		if (c == (unsigned char)quote && (!multi || toml_at(t, three, 3)))
			break;
		if (c == '\\' && basic) {
			const char *from = t->p;
			if (!read_escape(t, multi, &s.buf)) {
				t->p = from;
				throw_string(t, kind, quote, multi);
			}
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

static const char hint_time[] = "Hint: valid  : 1979-05-27T07:32:00, 1979-05-27 07:32:00.999999\n"
                                "Hint: invalid: 1979-05-27T7:32:00, 1979-05-27 17:32\n";

_noreturn_ static void throw_date(struct toml *t)
{
	toml_throw(t, t->p,
	        "month must be 01-12, day must be any of 01-28,29,30,31 depending on the month/year.",
	        "toml::parse_local_date: invalid date.");
}

_noreturn_ static void throw_time(struct toml *t, const char *at)
{
	toml_throw(
	        t, at, "hour must be 00-23, minute must be 00-59.", "toml::parse_local_time: invalid time.");
}

// Whether digits and signs stand as in this picture, in which 0 is any digit.
static bool looks_like(const char *p, const char *end, const char *picture)
{
	for (; *picture; picture++, p++)
		if (p == end || (*picture == '0' ? *p < '0' || *p > '9' : *p != *picture))
			return false;
	return true;
}

static bool read_moment(struct toml *t, struct value *ret)
{
	struct moment m = {0};
	const char *p = t->p, *q;
	struct scratch s;

	if (looks_like(p, t->end, "0000-00-00")) {
		p = read_date(t->p, t->end, &m);
		if (!p)
			throw_date(t);
		if (p < t->end && (*p == 'T' || *p == 't') && !looks_like(p + 1, t->end, "00:00:00"))
			toml_throw_hints(t, p + 1, "expected digit [0-9]", hint_time,
			        "bad time: must be HH:MM:SS.subsec");
		bool more = p < t->end && (*p == 'T' || *p == 't' || *p == ' ') &&
		            looks_like(p + 1, t->end, "00:00:00");
		q = more ? read_time(p + 1, t->end, &m) : NULL;
		if (more && !q)
			throw_time(t, p + 1);
		if (q)
			p = read_offset(q, t->end, &m);
	} else if (looks_like(p, t->end, "00:00:00")) {
		p = read_time(t->p, t->end, &m);
		if (!p)
			throw_time(t, t->p);
	} else {
		return false;
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

static const char hint_integer[] = "Hint: valid  : -42, 1_000, 1_2_3_4_5, 0xC0FFEE, 0b0010, 0o755\n"
                                   "Hint: invalid: _42, 1__000, 0123\n";
static const char hint_float[] = "Hint: valid  : +1.0, -2e-2, 3.141_592_653_589, inf, nan\n"
                                 "Hint: invalid: .0, 1., _1.0, 1.0_, 1_.0, 1.0__0\n";
static const char hint_moment[] = "Hint: valid  : 1979-05-27T07:32:00-07:00, 1979-05-27 07:32:00.999999Z\n"
                                  "Hint: invalid: 1979-05-27T7:32:00-7:00, 1979-05-27 7:32-00:30";

static bool is_digit(const struct toml *t, const char *p, int base)
{
	int d = p < t->end ? hex_digit(*p) : -1;

	return d >= 0 && d < base;
}

// Digits with underscores between them, from p on; the digits go to out. Returns the end.
static const char *read_digits(struct toml *t, const char *p, int base, bool is_float, struct buf *out)
{
	for (; p < t->end; p++) {
		if (is_digit(t, p, base))
			buf_addc(out, *p);
		else if (*p != '_')
			break;
		else if (!is_digit(t, p + 1, base))
			toml_throw_hints(t, p, "invalid underscore", is_float ? hint_float : hint_integer,
			        is_float ? "bad float: `_` must be surrounded by digits"
			                 : "bad integer: `_` must be surrounded by digits");
	}
	return p;
}

static struct value read_based(struct toml *t, struct buf *out)
{
	static const struct {
		char letter;
		int base;
		const char *name, *like, *expected;
	} kinds[] = {{'x', 16, "hex", "0xC0FFEE, 0xdead_beef", "expected hex [0-9a-fA-F]"},
	        {'o', 8, "oct", "0o775, 0o04_44", "expected from `0` to `7`"},
	        {'b', 2, "bin", "0b0101, 0b1111_0000", "expected 0 or 1"}};
	size_t k = 0;

	while (kinds[k].letter != t->p[1])
		k++;
	t->p += 2;
	if (!is_digit(t, t->p, kinds[k].base))
		toml_throw(t, t->p, kinds[k].expected,
		        arena_printf(&t->ev->heap,
		                "toml::parse_%s_integer: invalid integer: %s_int must be like: %s",
		                kinds[k].name, kinds[k].name, kinds[k].like));
	t->p = read_digits(t, t->p, kinds[k].base, false, out);
	errno = 0;
	int64_t n = strtoll(buf_str(out), NULL, kinds[k].base);
	if (errno)
		toml_throw(t, t->p, "must be < 2^63",
		        arena_printf(&t->ev->heap,
		                "toml::parse_%s_integer: too large integer: current max value = 2^63",
		                kinds[k].name));
	return value_int(n);
}

// The fraction and the exponent, if there are any; false: there are none.
static bool read_fraction(struct toml *t, struct buf *out)
{
	const char *p = t->p;

	if (p < t->end && *p == '.') {
		if (!is_digit(t, p + 1, 10))
			toml_throw_hints(t, p, "here", hint_float, "bad float: invalid format");
		buf_addc(out, '.');
		p = read_digits(t, p + 1, 10, true, out);
	}
	if (p < t->end && (*p == 'e' || *p == 'E')) {
		const char *digits = p + 1 + (p + 1 < t->end && (p[1] == '+' || p[1] == '-'));
		if (is_digit(t, digits, 10)) {
			buf_add(out, p, (size_t)(digits - p));
			p = read_digits(t, digits, 10, true, out);
		} else if (p == t->p) {
			toml_throw_hints(t, p, "here", hint_float, "bad float: invalid format");
		}
	}
	bool any = p > t->p;
	t->p = p;
	return any;
}

static struct value read_number(struct toml *t, struct buf *out)
{
	const char *from = t->p, *p = from + (*from == '+' || *from == '-');

	if (*from == '-')
		buf_addc(out, '-');
	if (*p == '0' && is_digit(t, p + 1, 10)) {
		bool zeros = p[1] == '0';
		toml_throw_hints(t, zeros ? from : p + 1,
		        zeros ? "leading zero is not allowed" : "this digit is not allowed", hint_integer,
		        zeros ? "bad integer: leading zero" : "bad integer: invalid digit after an integer");
	}
	t->p = read_digits(t, p, 10, false, out);
	if (read_fraction(t, out)) {
		double d = strtod(buf_str(out), NULL);
		if (isinf(d))
			toml_throw(t, t->p, "here",
			        "toml::parse_floating: failed to read floating point value from stream");
		return value_float(d);
	}
	if (t->p < t->end && *t->p == '-')
		toml_throw_hints(t, t->p, "here", hint_moment, "bad datetime: invalid format");
	errno = 0;
	int64_t n = strtoll(buf_str(out), NULL, 10);
	if (errno)
		toml_throw(t, t->p, "must be < 2^63",
		        "toml::parse_dec_integer: too large integer: current max digits = 2^63");
	return value_int(n);
}

// A word at t->p, which is gone over.
static bool take(struct toml *t, const char *word)
{
	if (!toml_at(t, word, strlen(word)))
		return false;
	t->p += strlen(word);
	return true;
}

_noreturn_ static void throw_word(struct toml *t)
{
	static const char case_text[] =
	        "toml::parse_value: `%s` must be in lowercase. A string must be surrounded by "
	        "quotes.";
	char c = t->p < t->end ? *t->p : 0;

	if (c == 't' || c == 'f')
		toml_throw(t, t->p, "expected true or false",
		        "toml::parse_boolean: invalid boolean: boolean must be `true` or `false`, in "
		        "lowercase. string must be surrounded by `\"`");
	if (c == 'T' || c == 'F')
		toml_throw(t, t->p, "expected true or false",
		        arena_printf(&t->ev->heap, case_text, c == 'T' ? "true" : "false"));
	if (c == 'i' || c == 'I' || c == 'n' || c == 'N')
		toml_throw(t, t->p, "expected from `1` to `9` or digit [0-9] or inf or nan",
		        arena_printf(&t->ev->heap, case_text, (c | 0x20) == 'i' ? "inf" : "nan"));
	if (c == '_')
		toml_throw_hints(t, t->p, "digits required before `_`", hint_integer,
		        "bad number: `_` must be surrounded by digits");
	if (c == '.')
		toml_throw_hints(t, t->p, "missing integer part", hint_float,
		        "bad float: integer part is required before decimal point");
	toml_throw(t, t->p, "here", "bad format: unknown value appeared");
}

static bool read_word(struct toml *t, struct value *v)
{
	bool minus = toml_at(t, "-", 1);

	if (take(t, "true"))
		*v = value_bool(true);
	else if (take(t, "false"))
		*v = value_bool(false);
	else if (take(t, "inf") || take(t, "+inf") || take(t, "-inf"))
		*v = value_float(minus ? -INFINITY : INFINITY);
	else if (take(t, "nan") || take(t, "+nan") || take(t, "-nan"))
		*v = value_float(minus ? -NAN : NAN);
	else
		return false;
	return true;
}

struct value toml_scalar(struct toml *t)
{
	struct value v;
	struct scratch s;

	if (t->p < t->end && (*t->p == '"' || *t->p == '\''))
		return value_string(toml_string(t, false));
	if (read_moment(t, &v) || read_word(t, &v))
		return v;
	size_t sign = toml_at(t, "+", 1) || toml_at(t, "-", 1);
	if (!is_digit(t, t->p + sign, 10))
		throw_word(t);
	const char *p = t->p + sign;
	scratch_begin(t->ev, &s);
	if (*p == '0' && p + 1 < t->end && strchr("xob", p[1]) && p[1]) {
		if (sign)
			toml_throw(t, t->p, "expected 0x",
			        "toml::parse_hex_integer: invalid integer: hex_int must be like: 0xC0FFEE, "
			        "0xdead_beef");
		v = read_based(t, &s.buf);
	} else {
		v = read_number(t, &s.buf);
	}
	scratch_end(t->ev, &s);
	return v;
}
