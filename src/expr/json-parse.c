// SPDX-License-Identifier: GPL-2.0-or-later
// JSON text to values: a lexer and a loop over a stack of open lists and objects, no recursion. Error
// messages name line, column and what was read last, as the library does that Nix uses, because test suites
// compare them.
#include "expr/json-parse.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/codec.h"
#include "base/mem.h"
#include "expr/builtin-util.h"

enum token {
	TOKEN_NONE,
	TOKEN_TRUE,
	TOKEN_FALSE,
	TOKEN_NULL,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_BEGIN_ARRAY,
	TOKEN_BEGIN_OBJECT,
	TOKEN_END_ARRAY,
	TOKEN_END_OBJECT,
	TOKEN_COLON,
	TOKEN_COMMA,
	TOKEN_ERROR,
	TOKEN_END,
	TOKEN_VALUE, // only in messages
};

static const char *const token_names[] = {
        [TOKEN_TRUE] = "true literal",
        [TOKEN_FALSE] = "false literal",
        [TOKEN_NULL] = "null literal",
        [TOKEN_STRING] = "string literal",
        [TOKEN_NUMBER] = "number literal",
        [TOKEN_BEGIN_ARRAY] = "'['",
        [TOKEN_BEGIN_OBJECT] = "'{'",
        [TOKEN_END_ARRAY] = "']'",
        [TOKEN_END_OBJECT] = "'}'",
        [TOKEN_COLON] = "':'",
        [TOKEN_COMMA] = "','",
        [TOKEN_END] = "end of input",
        [TOKEN_VALUE] = "'[', '{', or a literal",
};

// An open list or object: its members are vals[from..].
struct level {
	size_t from;
	bool object;
};

// Kept apart from the frame so that a throw frees it.
struct json {
	struct frame frame;
	struct eval *ev;
	const char *text;
	size_t len;
	size_t at;    // bytes read; one more than len when the end was read
	size_t token; // where "last read" begins
	enum token last;
	const char *why; // of TOKEN_ERROR
	struct value number;
	struct buf string;
	struct value *vals; // boxed: members of all open levels
	uint32_t *keys;     // beside vals
	size_t n, vals_cap, keys_cap;
	struct level *levels;
	size_t depth, levels_cap;
};

static void json_release(void *arg)
{
	struct json *j = arg;

	buf_release(&j->string);
	mem_free(j->vals);
	mem_free(j->keys);
	mem_free(j->levels);
}

// ---- errors

static void add_last_read(struct json *j, struct buf *b)
{
	size_t end = MIN(j->at, j->len);

	for (size_t i = j->token; i < end; i++) {
		unsigned char c = (unsigned char)j->text[i];
		if (c <= 0x1f)
			buf_addf(b, "<U+%.4X>", c);
		else
			buf_addc(b, (char)c);
	}
}

_noreturn_ _cold_ static void throw_syntax(struct json *j, enum token expected, const char *context)
{
	struct eval *ev = j->ev;
	struct frame f;
	struct scratch s;
	size_t line = 1, column = j->at;

	for (size_t i = 0; i < MIN(j->at, j->len); i++) {
		if (j->text[i] != '\n')
			continue;
		line++;
		column = j->at - i - 1;
	}
	scratch_begin(ev, &s);
	buf_addf(&s.buf, "syntax error while parsing %s - ", context);
	if (j->last == TOKEN_ERROR) {
		buf_addf(&s.buf, "%s; last read: '", j->why);
		add_last_read(j, &s.buf);
		buf_addc(&s.buf, '\'');
	} else {
		buf_addf(&s.buf, "unexpected %s", token_names[j->last]);
	}
	if (expected != TOKEN_NONE)
		buf_addf(&s.buf, "; expected %s", token_names[expected]);
	text_push(ev, &f, "while decoding a JSON string");
	eval_throw(ev, THROW_EVAL, 0,
	        "[json.exception.parse_error.101] parse error at line %zu, column %zu: %s", line, column,
	        buf_str(&s.buf));
}

// ---- lexer

static int get(struct json *j)
{
	size_t i = j->at++;

	return i < j->len ? (unsigned char)j->text[i] : -1;
}

static int peek(const struct json *j)
{
	return j->at < j->len ? (unsigned char)j->text[j->at] : -1;
}

static enum token bad(struct json *j, const char *why)
{
	j->why = why;
	return TOKEN_ERROR;
}

static bool digit(int c)
{
	return c >= '0' && c <= '9';
}

static void skip_digits(struct json *j)
{
	while (digit(peek(j)))
		j->at++;
}

static void set_number(struct json *j, bool is_float)
{
	const char *s = j->text + j->token;
	char *end;

	errno = 0;
	if (!is_float && *s == '-') {
		long long n = strtoll(s, &end, 10);
		if (!errno) {
			j->number = value_int(n);
			return;
		}
	} else if (!is_float) {
		unsigned long long n = strtoull(s, &end, 10);
		if (!errno && n > INT64_MAX)
			eval_throw(j->ev, THROW_EVAL, 0,
			        "unsigned json number %llu outside of Nix integer range", n);
		if (!errno) {
			j->number = value_int((int64_t)n);
			return;
		}
	}
	double x = strtod(s, &end);
	if (!isfinite(x)) {
		struct frame f;
		text_push(j->ev, &f, "while decoding a JSON string");
		eval_throw(j->ev, THROW_EVAL, 0,
		        "[json.exception.out_of_range.406] number overflow parsing '%.*s'",
		        (int)(j->at - j->token), s);
	}
	j->number = value_float(x);
}

static enum token scan_number(struct json *j, int c)
{
	bool is_float = false;

	j->token = j->at - 1;
	if (c == '-') {
		c = get(j);
		if (!digit(c))
			return bad(j, "invalid number; expected digit after '-'");
	}
	if (c != '0')
		skip_digits(j);
	if (peek(j) == '.') {
		is_float = true;
		j->at++;
		if (!digit(get(j)))
			return bad(j, "invalid number; expected digit after '.'");
		skip_digits(j);
	}
	if (peek(j) == 'e' || peek(j) == 'E') {
		is_float = true;
		j->at++;
		c = get(j);
		if (c == '+' || c == '-') {
			if (!digit(get(j)))
				return bad(j, "invalid number; expected digit after exponent sign");
		} else if (!digit(c)) {
			return bad(j, "invalid number; expected '+', '-', or digit after exponent");
		}
		skip_digits(j);
	}
	set_number(j, is_float);
	return TOKEN_NUMBER;
}

static const char *control_message(struct json *j, int c)
{
	static const char *const names[] = {"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS",
	        "HT", "LF", "VT", "FF", "CR", "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN",
	        "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"};
	static const char letters[] = "btn\0fr"; // from U+0008

	if (c >= 8 && c <= 13 && letters[c - 8])
		return arena_printf(&j->ev->heap,
		        "invalid string: control character U+%04X (%s) must be escaped to \\u%04X or \\%c", c,
		        names[c], c, letters[c - 8]);
	return arena_printf(&j->ev->heap,
	        "invalid string: control character U+%04X (%s) must be escaped to \\u%04X", c, names[c], c);
}

// Four hex digits, or -1.
static int scan_hex4(struct json *j)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		int c = get(j);
		if (digit(c))
			n = n * 16 + c - '0';
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			n = n * 16 + c - 'A' + 10;
		else
			return -1;
	}
	return n;
}

static const char *scan_unicode(struct json *j)
{
	static const char
	        digits4[] = "invalid string: '\\u' must be followed by 4 hex digits",
	        pair[] = "invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF";
	int cp = scan_hex4(j);
	char utf8[4];

	if (cp < 0)
		return digits4;
	if (cp >= 0xdc00 && cp <= 0xdfff)
		return "invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF";
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (get(j) != '\\' || get(j) != 'u')
			return pair;
		int low = scan_hex4(j);
		if (low < 0)
			return digits4;
		if (low < 0xdc00 || low > 0xdfff)
			return pair;
		cp = ((cp - 0xd800) << 10) + (low - 0xdc00) + 0x10000;
	}
	buf_add(&j->string, utf8, codec_utf8((uint32_t)cp, utf8));
	return NULL;
}

static const char *scan_escape(struct json *j)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = get(j);
	const char *p = c > 0 ? strchr(from, c) : NULL;

	if (c == 'u')
		return scan_unicode(j);
	if (!p)
		return "invalid string: forbidden character after backslash";
	buf_addc(&j->string, to[p - from]);
	return NULL;
}

// The rest of a UTF-8 sequence that c begins; reads up to the first byte that is wrong.
static bool scan_utf8(struct json *j, int c)
{
	int min = 0x80, max = 0xbf, more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (c < 0xc2 || c > 0xf4)
		return false;
	if (c == 0xe0)
		min = 0xa0;
	if (c == 0xed)
		max = 0x9f;
	if (c == 0xf0)
		min = 0x90;
	if (c == 0xf4)
		max = 0x8f;
	buf_addc(&j->string, (char)c);
	for (; more; more--, min = 0x80, max = 0xbf) {
		c = get(j);
		if (c < min || c > max)
			return false;
		buf_addc(&j->string, (char)c);
	}
	return true;
}

static enum token scan_string(struct json *j)
{
	j->token = j->at - 1;
	buf_clear(&j->string);
	for (;;) {
		size_t from = j->at;
		while (j->at < j->len && (unsigned char)j->text[j->at] >= 0x20 &&
		        (unsigned char)j->text[j->at] < 0x80 && j->text[j->at] != '"' &&
		        j->text[j->at] != '\\')
			j->at++;
		buf_add(&j->string, j->text + from, j->at - from);
		int c = get(j);
		if (c == '"')
			return TOKEN_STRING;
		if (c < 0)
			return bad(j, "invalid string: missing closing quote");
		if (c == '\\') {
			const char *why = scan_escape(j);
			if (why)
				return bad(j, why);
		} else if (c < 0x20) {
			return bad(j, control_message(j, c));
		} else if (!scan_utf8(j, c)) {
			return bad(j, "invalid string: ill-formed UTF-8 byte");
		}
	}
}

static enum token scan_literal(struct json *j, const char *rest, enum token t)
{
	for (; *rest; rest++)
		if (get(j) != *rest)
			return bad(j, "invalid literal");
	return t;
}

static enum token scan(struct json *j)
{
	static const char marks[] = "[{]}:,";
	int c = get(j);

	while (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		c = get(j);
	const char *mark = c > 0 ? strchr(marks, c) : NULL;
	if (mark)
		return (enum token)(TOKEN_BEGIN_ARRAY + (mark - marks));
	switch (c) {
	case -1:
		return TOKEN_END;
	case 't':
		return scan_literal(j, "rue", TOKEN_TRUE);
	case 'f':
		return scan_literal(j, "alse", TOKEN_FALSE);
	case 'n':
		return scan_literal(j, "ull", TOKEN_NULL);
	case '"':
		return scan_string(j);
	default:
		return digit(c) || c == '-' ? scan_number(j, c) : bad(j, "invalid literal");
	}
}

static enum token next(struct json *j)
{
	return j->last = scan(j);
}

// ---- parser

static void push_value(struct json *j, uint32_t key, struct value v)
{
	mem_grow(&j->vals, &j->vals_cap, j->n + 1, sizeof(*j->vals));
	mem_grow(&j->keys, &j->keys_cap, j->n + 1, sizeof(*j->keys));
	j->vals[j->n] = v;
	j->keys[j->n++] = key;
}

static struct value close_object(struct json *j, size_t from)
{
	struct attrs *a = attrs_new(j->ev, j->n - from);

	// The last of equal keys counts, and attrs_finish_unique keeps the first: so from behind.
	for (size_t i = j->n; i-- > from;)
		*attrs_push(a, j->keys[i], 0) = j->vals[i];
	attrs_finish_unique(a);
	return value_attrs(a);
}

static struct value close_level(struct json *j)
{
	struct level l = j->levels[--j->depth];
	size_t n = j->n - l.from;
	struct value v;

	if (l.object) {
		v = close_object(j, l.from);
	} else {
		struct value *elems = eval_list_alloc(j->ev, n);
		if (n)
			memcpy(elems, j->vals + l.from, n * sizeof(*elems));
		v = value_list(elems, n);
	}
	j->n = l.from;
	return v;
}

static uint32_t read_key(struct json *j)
{
	if (j->last != TOKEN_STRING)
		throw_syntax(j, j->last == TOKEN_ERROR || j->last != TOKEN_STRING ? TOKEN_STRING : TOKEN_NONE,
		        "object key");
	nul_check(j->ev, buf_str(&j->string), j->string.len);
	uint32_t key = symbol_intern(&j->ev->symbols, buf_str(&j->string), j->string.len);
	if (next(j) != TOKEN_COLON)
		throw_syntax(j, TOKEN_COLON, "object separator");
	return key;
}

// A scalar that j->last is; containers are the loop's matter.
static struct value scalar(struct json *j)
{
	switch (j->last) {
	case TOKEN_TRUE:
		return value_bool(true);
	case TOKEN_FALSE:
		return value_bool(false);
	case TOKEN_NULL:
		return value_null();
	case TOKEN_NUMBER:
		return j->number;
	case TOKEN_STRING:
		nul_check(j->ev, buf_str(&j->string), j->string.len);
		return value_string(eval_string(j->ev, buf_str(&j->string), j->string.len, NULL));
	default:
		throw_syntax(j, j->last == TOKEN_ERROR ? TOKEN_NONE : TOKEN_VALUE, "value");
	}
}

// Reads tokens until one value stands complete. slots: the key that each open level is at lies in keys beside
// a placeholder.
static struct value parse_value(struct json *j)
{
	uint32_t key = 0;

	next(j);
	for (;;) {
		struct value v;
		bool object = j->last == TOKEN_BEGIN_OBJECT;
		if (object || j->last == TOKEN_BEGIN_ARRAY) {
			push_value(j, key, value_null()); // remembers the key that the container will have
			mem_grow(&j->levels, &j->levels_cap, j->depth + 1, sizeof(*j->levels));
			j->levels[j->depth++] = (struct level){j->n, object};
			next(j);
			if (j->last != (object ? TOKEN_END_OBJECT : TOKEN_END_ARRAY)) {
				key = 0;
				if (object) {
					key = read_key(j);
					next(j);
				}
				continue;
			}
			v = close_level(j);
			key = j->keys[--j->n];
		} else {
			v = scalar(j);
		}
		// A value is complete; so may be what it ends.
		for (;;) {
			if (!j->depth)
				return v;
			push_value(j, key, v);
			object = j->levels[j->depth - 1].object;
			next(j);
			if (j->last == TOKEN_COMMA)
				break;
			if (j->last != (object ? TOKEN_END_OBJECT : TOKEN_END_ARRAY))
				throw_syntax(j, object ? TOKEN_END_OBJECT : TOKEN_END_ARRAY,
				        object ? "object" : "array");
			v = close_level(j);
			key = j->keys[--j->n];
		}
		next(j);
		key = 0;
		if (object) {
			key = read_key(j);
			next(j);
		}
	}
}

static void skip_bom(struct json *j)
{
	if (peek(j) != 0xef)
		return;
	if (get(j) == 0xef && get(j) == 0xbb && get(j) == 0xbf)
		return;
	j->last = bad(j, "invalid BOM; must be 0xEF 0xBB 0xBF if given");
	throw_syntax(j, TOKEN_NONE, "value");
}

void json_parse(struct eval *ev, const char *text, size_t len, struct value *ret)
{
	struct json j = {.ev = ev, .text = text, .len = len};

	j.frame = (struct frame){
	        .up = ev->frames, .kind = FRAME_CLEANUP, .a = (const void *)json_release, .b = &j};
	ev->frames = &j.frame;
	skip_bom(&j);
	struct value v = parse_value(&j);
	if (next(&j) != TOKEN_END)
		throw_syntax(&j, TOKEN_END, "value");
	ev->frames = j.frame.up;
	json_release(&j);
	*ret = v;
}
