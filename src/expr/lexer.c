// SPDX-License-Identifier: GPL-2.0-or-later
// The scanner of the Nix language.

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "expr/ast.h"
#include "expr/lexer.h"
#include "expr/parse.h"
#include "parser.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_id_start(char c)
{
	return is_alpha(c) || c == '_';
}

// Characters of names and of paths, as tables: the scanner asks this most.
static const bool id_chars[256] = {
        ['a' ... 'z'] = true,
        ['A' ... 'Z'] = true,
        ['0' ... '9'] = true,
        ['_'] = true,
        ['\''] = true,
        ['-'] = true,
};

static bool is_id(char c)
{
	return id_chars[(unsigned char)c];
}

static const bool path_chars[256] = {
        ['a' ... 'z'] = true,
        ['A' ... 'Z'] = true,
        ['0' ... '9'] = true,
        ['.'] = true,
        ['_'] = true,
        ['-'] = true,
        ['+'] = true,
};

static bool is_path(char c)
{
	return path_chars[(unsigned char)c];
}

static bool is_uri(char c)
{
	return is_alpha(c) || is_digit(c) || (c && strchr("%/?:@&=+$,-_.!~*'", c));
}

static const struct {
	const char *word;
	int token;
} keywords[] = {
        {"if", IF},
        {"then", THEN},
        {"else", ELSE},
        {"assert", ASSERT},
        {"with", WITH},
        {"let", LET},
        {"in", IN_KW},
        {"rec", REC},
        {"inherit", INHERIT},
        {"or", OR_KW},
};

static const struct {
	char text[4];
	int token;
} operators[] = {
        {"...", ELLIPSIS},
        {"==", EQ},
        {"!=", NEQ},
        {"<=", LEQ},
        {">=", GEQ},
        {"&&", AND},
        {"||", OR},
        {"->", IMPL},
        {"//", UPDATE},
        {"++", CONCAT},
        {"<|", PIPE_FROM},
        {"|>", PIPE_INTO},
};

void lexer_init(struct lexer *lx, struct eval *ev, const struct source_file *s)
{
	*lx = (struct lexer){.ev = ev, .source = s, .p = s->text, .end = s->text + s->len, .token = s->text};
	mem_grow(&lx->states, &lx->cap, 64, 1);
	lx->states[0] = LEX_CODE;
	lx->depth = 1;
}

void lexer_release(struct lexer *lx)
{
	mem_free(lx->states);
	lx->states = NULL;
}

static void push(struct lexer *lx, enum lexer_state s)
{
	mem_grow(&lx->states, &lx->cap, lx->depth + 1, 1);
	lx->states[lx->depth++] = (uint8_t)s;
}

static void pop(struct lexer *lx)
{
	if (lx->depth > 1)
		lx->depth--;
}

static uint32_t pos_of(const struct lexer *lx, const char *p)
{
	return lx->source->base + (uint32_t)(p - lx->source->text);
}

static void set_text(struct lexer *lx, union lexer_value *v, const char *s, size_t len)
{
	v->text.s = arena_strndup(&lx->ev->code, s, len);
	v->text.len = (uint32_t)len;
	v->text.indentation = false;
}

// ---- how far each kind of word reaches from p: its end, or NULL where there is none

// Where the path characters that begin at p end.
static const char *path_run(struct lexer *lx, const char *p)
{
	const char *q = p;

	if (p >= lx->path_from && p < lx->path_to)
		return lx->path_to;
	while (is_path(*q))
		q++;
	lx->path_from = p;
	lx->path_to = q;
	return q;
}

static const char *scan_path_seg(struct lexer *lx, const char *p) // CHAR* '/'
{
	p = path_run(lx, p);
	return *p == '/' ? p + 1 : NULL;
}

static const char *scan_path(struct lexer *lx, const char *p) // CHAR* ('/' CHAR+)+ '/'?
{
	p = path_run(lx, p);
	if (*p != '/' || !is_path(p[1]))
		return NULL;
	while (*p == '/' && is_path(p[1]))
		for (p++; is_path(*p); p++)
			;
	return *p == '/' ? p + 1 : p;
}

static const char *scan_search_path(const char *p) // '<' CHAR+ ('/' CHAR+)* '>'
{
	do {
		p++;
		if (!is_path(*p))
			return NULL;
		while (is_path(*p))
			p++;
	} while (*p == '/');
	return *p == '>' ? p + 1 : NULL;
}

static const char *scheme_run(struct lexer *lx, const char *p)
{
	const char *q = p;

	if (p >= lx->scheme_from && p < lx->scheme_to)
		return lx->scheme_to;
	while (is_alpha(*q) || is_digit(*q) || *q == '+' || *q == '-' || *q == '.')
		q++;
	lx->scheme_from = p;
	lx->scheme_to = q;
	return q;
}

static const char *scan_uri(struct lexer *lx, const char *p)
{
	if (!is_alpha(*p))
		return NULL;
	p = scheme_run(lx, p);
	if (*p != ':' || !is_uri(p[1]))
		return NULL;
	for (p++; is_uri(*p); p++)
		;
	return p;
}

static const char *scan_id(const char *p)
{
	if (!is_id_start(*p))
		return NULL;
	while (is_id(*p))
		p++;
	return p;
}

static const char *scan_digits(const char *p)
{
	while (is_digit(*p))
		p++;
	return p;
}

// ([1-9][0-9]*\.[0-9]*|0?\.[0-9]+)([Ee][+-]?[0-9]+)?
static const char *scan_float(const char *p)
{
	if (*p >= '1' && *p <= '9') {
		p = scan_digits(p);
		if (*p != '.')
			return NULL;
		p = scan_digits(p + 1);
	} else {
		if (*p == '0')
			p++;
		if (*p != '.' || !is_digit(p[1]))
			return NULL;
		p = scan_digits(p + 1);
	}
	if (*p == 'e' || *p == 'E') {
		const char *q = p + 1;
		if (*q == '+' || *q == '-')
			q++;
		if (is_digit(*q))
			p = scan_digits(q);
	}
	return p;
}

// ---- tokens of code

static int token_int(struct lexer *lx, union lexer_value *v, const char *end)
{
	char *text = arena_strndup(&lx->ev->code, lx->p, (size_t)(end - lx->p));

	errno = 0;
	v->integer = strtoll(text, NULL, 10);
	if (errno)
		eval_throw(lx->ev, THROW_PARSE, pos_of(lx, lx->p), "invalid integer '%s'", text);
	return INT_LIT;
}

static int token_float(struct lexer *lx, union lexer_value *v, const char *end)
{
	char *text = arena_strndup(&lx->ev->code, lx->p, (size_t)(end - lx->p));

	errno = 0;
	v->fpoint = strtod(text, NULL);
	if (errno)
		eval_throw(lx->ev, THROW_PARSE, pos_of(lx, lx->p), "invalid float '%s'", text);
	return FLOAT_LIT;
}

enum { KEYWORD_MAX = 7 };

static int token_word(struct lexer *lx, union lexer_value *v, const char *end)
{
	size_t len = (size_t)(end - lx->p);

	for (size_t i = 0; len <= KEYWORD_MAX && i < ARRAY_SIZE(keywords); i++)
		if (keywords[i].word[0] == lx->p[0] && keywords[i].word[1] == lx->p[1] &&
		        strlen(keywords[i].word) == len && memcmp(lx->p, keywords[i].word, len) == 0)
			return keywords[i].token;
	v->text.s = lx->p;
	v->text.len = (uint32_t)len;
	v->text.indentation = false;
	return ID;
}

// Blanks and comments; an unclosed '/*' is none.
static void skip_blank(struct lexer *lx)
{
	const char *p = lx->p, *end = lx->end;

	for (;;) {
		while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')
			p++;
		if (*p == '#') {
			while (p < end && *p != '\n' && *p != '\r')
				p++;
		} else if (*p == '/' && p[1] == '*') {
			const char *close =
			        end - p >= 4 ? memmem(p + 2, (size_t)(end - p - 2), "*/", 2) : NULL;
			if (!close)
				break;
			p = close + 2;
		} else {
			break;
		}
	}
	lx->p = p;
}

static void require_pipes(struct lexer *lx)
{
	if (!lx->ev->settings.pipe_operators)
		eval_throw(lx->ev, THROW_PARSE, pos_of(lx, lx->p),
		        "experimental Nix feature 'pipe-operators' is disabled; add "
		        "'--extra-experimental-features pipe-operators' "
		        "to enable it");
}

// Characters that are operators: 1 of themselves only, 2 also as the beginning of a longer one.
static const uint8_t operator_chars[256] = {
        ['{'] = 1,
        ['}'] = 1,
        ['('] = 1,
        [')'] = 1,
        ['['] = 1,
        [']'] = 1,
        [';'] = 1,
        [','] = 1,
        [':'] = 1,
        ['@'] = 1,
        ['?'] = 1,
        ['*'] = 1,
        ['='] = 2,
        ['.'] = 2,
        ['!'] = 2,
        ['<'] = 2,
        ['>'] = 2,
        ['+'] = 2,
        ['-'] = 2,
        ['/'] = 2,
};

static int token_long_operator(struct lexer *lx)
{
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		const char *text = operators[i].text; // two characters or three
		if (text[0] != lx->p[0] || text[1] != lx->p[1] || (text[2] && text[2] != lx->p[2]))
			continue;
		if (operators[i].token == PIPE_FROM || operators[i].token == PIPE_INTO)
			require_pipes(lx);
		lx->p += text[2] ? 3 : 2;
		return operators[i].token;
	}
	return -1;
}

static int token_operator(struct lexer *lx)
{
	unsigned char c = (unsigned char)*lx->p;
	int token = operator_chars[c] == 1 ? -1 : token_long_operator(lx);

	if (token >= 0)
		return token;
	if (lx->p[0] == '$' && lx->p[1] == '{') {
		push(lx, LEX_CODE);
		lx->p += 2;
		return DOLLAR_CURLY;
	}
	lx->p++;
	if (c == '{')
		push(lx, LEX_CODE);
	else if (c == '}')
		pop(lx);
	return operator_chars[c] ? c : YYUNDEF;
}

static const char *longest(const char *a, const char *b)
{
	return !a || (b && b > a) ? b : a;
}

// Words that begin with a letter, a digit, '.', '_', '-', '+', '/' or '~': the longest kind wins, and among
// equals the first of this order.
static int token_code_word(struct lexer *lx, union lexer_value *v)
{
	const char *p = lx->p, *body = p[0] == '~' && p[1] == '/' ? p + 1 : p;
	const char *id = scan_id(p);
	if (id && *id != '.' && *id != '/' && *id != ':' && *id != '+') { // no longer word can begin with it
		int word = token_word(lx, v, id);
		lx->p = id;
		return word;
	}
	const char *num = is_digit(*p) ? scan_digits(p) : NULL, *flt = scan_float(p),
	           *path = scan_path(lx, body);
	const char *seg = scan_path_seg(lx, body), *uri = scan_uri(lx, p);
	int home = body != p;

	if (seg && seg[0] == '$' && seg[1] == '{' && (!path || seg + 2 > path)) {
		// handled below: a segment right before an interpolation
	} else {
		seg = NULL;
	}
	const char *best =
	        longest(longest(longest(id, num), flt), longest(longest(path, uri), seg ? seg + 2 : NULL));
	if (!best)
		return -1;
	int token;
	if (best == id) {
		token = token_word(lx, v, id);
	} else if (best == num) {
		token = token_int(lx, v, num);
	} else if (best == flt) {
		token = token_float(lx, v, flt);
	} else if (seg && best == seg + 2) {
		push(lx, LEX_PATH_SLASH);
		best = seg;
		set_text(lx, v, p, (size_t)(best - p));
		token = home ? HPATH : PATH;
	} else if (best == path) {
		push(lx, path[-1] == '/' ? LEX_PATH_SLASH : LEX_PATH);
		set_text(lx, v, p, (size_t)(best - p));
		token = home ? HPATH : PATH;
	} else {
		set_text(lx, v, p, (size_t)(best - p));
		token = URI;
	}
	lx->p = best;
	return token;
}

static int next_code(struct lexer *lx, union lexer_value *v)
{
	skip_blank(lx);
	lx->token = lx->p;
	if (lx->p >= lx->end)
		return YYEOF;
	const char *p = lx->p;
	if (*p == '"') {
		lx->p++;
		push(lx, LEX_STRING);
		return '"';
	}
	if (p[0] == '\'' && p[1] == '\'') {
		const char *q = p + 2;
		while (*q == ' ')
			q++;
		lx->p = *q == '\n' ? q + 1 : p + 2;
		push(lx, LEX_INDENTED);
		return IND_STRING_OPEN;
	}
	if (*p == '<') {
		const char *end = scan_search_path(p);
		if (end) {
			set_text(lx, v, p + 1, (size_t)(end - p) - 2);
			lx->p = end;
			return SPATH;
		}
	}
	if (!is_path(*p) && *p != '/' && *p != '~')
		return token_operator(lx);
	int token = token_code_word(lx, v);
	return token >= 0 ? token : token_operator(lx);
}

// ---- strings

static char unescape(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

// Adds one raw character of a quoted string; CR and CR LF become LF.
static const char *add_raw(struct buf *b, const char *p)
{
	if (*p != '\r') {
		buf_addc(b, *p);
		return p + 1;
	}
	buf_addc(b, '\n');
	return p[1] == '\n' ? p + 2 : p + 1;
}

// Text that stands for itself, as it is in the source.
static int plain_text(struct lexer *lx, union lexer_value *v, const char *end, int token)
{
	v->text.s = lx->p;
	v->text.len = (uint32_t)(end - lx->p);
	v->text.indentation = false;
	lx->p = end;
	return token;
}

static int next_string(struct lexer *lx, union lexer_value *v)
{
	struct buf b = {0};
	const char *p = lx->p;

	lx->token = p;
	if (p >= lx->end)
		return YYEOF;
	if (*p == '"') {
		lx->p++;
		pop(lx);
		return '"';
	}
	if (p[0] == '$' && p[1] == '{') {
		lx->p += 2;
		push(lx, LEX_CODE);
		return DOLLAR_CURLY;
	}
	while (p < lx->end && *p != '"' && *p != '\\' && *p != '$' && *p != '\r')
		p++;
	if (*p == '"' || (p[0] == '$' && p[1] == '{'))
		return plain_text(lx, v, p, STR);
	buf_add(&b, lx->p, (size_t)(p - lx->p));
	while (p < lx->end && *p != '"' && !(p[0] == '$' && p[1] == '{')) {
		if (*p == '\\' && p + 1 < lx->end) {
			if (p[1] == '\r')
				p = add_raw(&b, p + 1);
			else
				buf_addc(&b, unescape(p[1])), p += 2;
		} else if (*p == '\\') {
			p++; // at the very end: nothing follows
		} else if (*p == '$' && p + 1 < lx->end && p[1] != '"' && p[1] != '\\') {
			buf_addc(&b, '$');
			p = add_raw(&b, p + 1); // '$' takes its neighbour along, so "$${" opens nothing
		} else {
			p = add_raw(&b, p);
		}
	}
	set_text(lx, v, buf_str(&b), b.len);
	buf_release(&b);
	lx->p = p;
	return STR;
}

// A run of plain text in an indented string: up to '${', '' or a lone quote or dollar that must be looked at.
static const char *scan_indented(const char *p, const char *end)
{
	while (p < end) {
		if (*p != '$' && *p != '\'')
			p++;
		else if (*p == '$' && p + 1 < end && p[1] != '{' && p[1] != '\'')
			p += 2;
		else if (*p == '\'' && p + 1 < end && p[1] != '\'' && p[1] != '$')
			p += 2;
		else
			break;
	}
	return p;
}

static int next_indented(struct lexer *lx, union lexer_value *v)
{
	const char *p = lx->p, *run = scan_indented(p, lx->end);

	lx->token = p;
	if (p >= lx->end)
		return YYEOF;
	if (run > p) {
		plain_text(lx, v, run, IND_STR);
		v->text.indentation = true;
		return IND_STR;
	}
	if (p[0] == '$' && p[1] == '{') {
		lx->p += 2;
		push(lx, LEX_CODE);
		return DOLLAR_CURLY;
	}
	if (p[0] == '\'' && p[1] == '\'') {
		if (p[2] == '$' || p[2] == '\'') {
			set_text(lx, v, p[2] == '$' ? "$" : "''", p[2] == '$' ? 1 : 2);
			lx->p += 3;
		} else if (p[2] == '\\' && p + 3 < lx->end) {
			char c = unescape(p[3]);
			set_text(lx, v, &c, 1);
			lx->p += 4;
		} else {
			lx->p += 2;
			pop(lx);
			return IND_STRING_CLOSE;
		}
		return IND_STR;
	}
	set_text(lx, v, p, 1);
	lx->p++;
	return IND_STR;
}

// ---- the rest of a path that may have interpolations

static int next_path(struct lexer *lx, union lexer_value *v, bool slash)
{
	const char *p = lx->p, *word = p;

	if (p[0] == '$' && p[1] == '{') {
		lx->token = p;
		lx->p += 2;
		pop(lx);
		push(lx, LEX_PATH);
		push(lx, LEX_CODE);
		return DOLLAR_CURLY;
	}
	while (is_path(*word))
		word++;
	word = longest(longest(word > p ? word : NULL, scan_path(lx, p)), scan_path_seg(lx, p));
	if (word) {
		lx->token = p;
		pop(lx);
		push(lx, word[-1] == '/' ? LEX_PATH_SLASH : LEX_PATH);
		set_text(lx, v, p, (size_t)(word - p));
		lx->p = word;
		return STR;
	}
	if (slash)
		eval_throw(lx->ev, THROW_PARSE, pos_of(lx, p < lx->end ? p : lx->token),
		        "path has a trailing slash");
	if (p == lx->end) // else the end counts as being where the last part is
		lx->token = p;
	pop(lx);
	return PATH_END;
}

int lexer_next(struct lexer *lx, union lexer_value *v, uint32_t *pos)
{
	enum lexer_state state = lx->states[lx->depth - 1];
	int token = state == LEX_CODE       ? next_code(lx, v)
	            : state == LEX_STRING   ? next_string(lx, v)
	            : state == LEX_INDENTED ? next_indented(lx, v)
	                                    : next_path(lx, v, state == LEX_PATH_SLASH);

	*pos = pos_of(lx, lx->token);
	return token;
}
