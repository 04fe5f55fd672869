// SPDX-License-Identifier: GPL-2.0-or-later
// Taking out of a text what a terminal would obey (ECMA-48: control functions; xterm's OSC and DCS).
#include "base/term.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/codec.h"
#include "base/macro.h"

#define TERM_SGR_MAX 32 // longer ones are no colour

struct term {
	struct buf *out;
	const char *text;
	size_t len;
	int flags;
	bool coloured; // a colour is on: the end of the line turns it off
};

// A parameter of an SGR sequence at *p; -1: none.
static int term_param(const char **p, const char *end)
{
	int n = -1;

	for (; *p < end && **p >= '0' && **p <= '9' && n < 1000; (*p)++)
		n = MAX(n, 0) * 10 + (**p - '0');
	if (*p < end && **p == ';')
		(*p)++;
	return n;
}

// Digits and semicolons only, and nothing that conceals or blinks.
static bool term_sgr_safe(const char *p, const char *end)
{
	if (end - p > TERM_SGR_MAX || strspn(p, "0123456789;") < (size_t)(end - p))
		return false;
	while (p < end) {
		int n = term_param(&p, end);
		if (n == 5 || n == 6 || n == 8)
			return false;
		if (n != 38 && n != 48)
			continue;
		int more = term_param(&p, end) == 5 ? 1 : 3; // by number, or by red, green and blue
		while (more-- > 0)
			term_param(&p, end);
	}
	return true;
}

// "ESC [ parameters final"; returns the length of it.
static size_t term_csi(struct term *t, size_t at)
{
	size_t i = at + 2;

	while (i < t->len && t->text[i] >= 0x20 && t->text[i] <= 0x3f)
		i++;
	if (i == t->len || t->text[i] < 0x40 || t->text[i] > 0x7e)
		return i - at; // cut short: nothing of it is shown
	const char *first = t->text + at + 2, *end = t->text + i;
	if (t->text[i] == 'm' && (t->flags & TERM_COLOURS) && term_sgr_safe(first, end)) {
		buf_add(t->out, t->text + at, i + 1 - at);
		t->coloured = !(first == end || (end - first == 1 && *first == '0'));
	}
	return i + 1 - at;
}

// "ESC ] ... BEL", "ESC P ... ESC \" and their like. One without an end hides nothing: only its start goes.
static size_t term_string(const struct term *t, size_t at)
{
	for (size_t i = at + 2; i < t->len && t->text[i] != '\n'; i++) {
		if (t->text[i] == '\a')
			return i + 1 - at;
		if (t->text[i] == '\033' && i + 1 < t->len && t->text[i + 1] == '\\')
			return i + 2 - at;
		if (t->text[i] == '\xc2' && i + 1 < t->len && t->text[i + 1] == '\x9c')
			return i + 2 - at;
	}
	return 2;
}

static size_t term_escape(struct term *t, size_t at)
{
	size_t i = at + 1;

	if (i == t->len)
		return 1;
	if (t->text[i] == '[')
		return term_csi(t, at);
	if (strchr("]PX^_", t->text[i]))
		return term_string(t, at);
	while (i < t->len && t->text[i] >= 0x20 && t->text[i] <= 0x2f)
		i++;
	return i - at + (i < t->len && t->text[i] >= 0x30 && t->text[i] <= 0x7e);
}

static void term_newline(struct term *t)
{
	if (t->coloured)
		buf_adds(t->out, "\033[0m");
	t->coloured = false;
	buf_addc(t->out, t->flags & TERM_ONE_LINE ? ' ' : '\n');
}

static size_t term_control(struct term *t, size_t at)
{
	char c = t->text[at];

	if (c == '\033')
		return term_escape(t, at);
	if (c == '\t')
		buf_addc(t->out, '\t');
	else if (c == '\n' || (c == '\r' && at + 1 < t->len && !strchr("\r\n", t->text[at + 1])))
		term_newline(t);
	return 1;
}

// C1 (U+0080 to U+009F) and what turns the direction of writing (U+202A to U+202E, U+2066 to U+2069).
static bool term_wide_control(const char *s, size_t n)
{
	unsigned char a = (unsigned char)s[0], b = (unsigned char)s[1], c = n > 2 ? (unsigned char)s[2] : 0;

	if (n == 2)
		return a == 0xc2 && b < 0xa0;
	return n == 3 && a == 0xe2 &&
	       ((b == 0x80 && c >= 0xaa && c <= 0xae) || (b == 0x81 && c >= 0xa6 && c <= 0xa9));
}

static size_t term_wide(struct term *t, size_t at)
{
	unsigned char first = (unsigned char)t->text[at];
	size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

	if (first < 0xc0 || at + n > t->len || !codec_is_utf8(t->text + at, n)) {
		buf_addc(t->out, '?');
		return 1;
	}
	if (!term_wide_control(t->text + at, n))
		buf_add(t->out, t->text + at, n);
	return n;
}

void term_clean(struct buf *out, const char *text, size_t len, int flags)
{
	struct term t = {.out = out, .text = text, .len = len, .flags = flags};
	size_t i = 0;

	while (i < len) {
		unsigned char c = (unsigned char)text[i];
		size_t plain = i;
		while (plain < len && (unsigned char)text[plain] >= 0x20 && (unsigned char)text[plain] < 0x7f)
			plain++;
		if (plain > i) {
			buf_add(out, text + i, plain - i);
			i = plain;
		} else {
			i += c < 0x80 ? term_control(&t, i) : term_wide(&t, i);
		}
	}
	if (t.coloured)
		buf_adds(out, "\033[0m");
}

char *term_clean_str(const char *text, int flags)
{
	_cleanup_buf_ struct buf b = {0};

	term_clean(&b, text, strlen(text), flags);
	buf_str(&b); // ends it
	return buf_steal(&b);
}

int term_flags(int fd)
{
	const char *kind = getenv("TERM");

	if (!kind || strcmp(kind, "dumb") == 0 || getenv("NO_COLOR") || getenv("NOCOLOR"))
		return 0;
	return isatty(fd) ? TERM_COLOURS : 0;
}

void term_puts(FILE *to, const char *text, size_t len)
{
	_cleanup_buf_ struct buf b = {0};

	term_clean(&b, text, len, term_flags(fileno(to)));
	fwrite(b.data, 1, b.len, to);
}

void term_printf(FILE *to, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	term_puts(to, b.data, b.len);
}
