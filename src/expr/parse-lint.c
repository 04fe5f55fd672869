// SPDX-License-Identifier: GPL-2.0-or-later
// Literals that the lint-*-literals settings warn about or forbid, and 'or' in the place of a variable.

#include <stddef.h>
#include <string.h>
#include "expr/advice.h"
#include "expr/eval-private.h"
#include "expr/parse.h"
#include "expr/print.h"

struct lint_row {
	size_t setting;              // offset of an enum lint in struct eval_settings
	const char *warning, *error; // formats of the literal, once or twice
	const char *name;
};

enum lint_kind { LINT_URL, LINT_ABSOLUTE, LINT_HOME, LINT_SHORT };

#define PORTABLE(kind)                                                                                       \
	kind " path literals are not portable. Consider replacing path literal '%s' by a string, relative "  \
	     "path, or parameter"
#define SHORT "relative path literal '%s' should be prefixed with '.' for clarity: './%s'"
#define ROW(field, warning, error, name)                                                                     \
	{                                                                                                    \
		offsetof(struct eval_settings, field), warning, error, name                                  \
	}
static const struct lint_row rows[] = {
        [LINT_URL] = ROW(lint_url_literals,
                "URL literals are discouraged. Consider using a string literal \"%s\" instead",
                "URL literals are disallowed. Consider using a string literal \"%s\" instead",
                "lint-url-literals"),
        [LINT_ABSOLUTE] = ROW(lint_absolute_path_literals, PORTABLE("absolute"), PORTABLE("absolute"),
                "lint-absolute-path-literals"),
        [LINT_HOME] = ROW(lint_absolute_path_literals, PORTABLE("home"), PORTABLE("home"),
                "lint-absolute-path-literals"),
        [LINT_SHORT] = ROW(lint_short_path_literals, SHORT, SHORT, "lint-short-path-literals"),
};
#undef ROW

// The format with the literal for each %s.
static const char *fill(struct eval *ev, const char *format, const char *literal)
{
	struct buf b = {0};

	for (const char *p = format; *p; p++)
		if (p[0] == '%' && p[1] == 's') {
			buf_adds(&b, literal);
			p++;
		} else {
			buf_addc(&b, *p);
		}
	const char *text = arena_strdup(&ev->heap, buf_str(&b));
	buf_release(&b);
	return text;
}

static void check(struct parse *p, uint32_t pos, enum lint_kind kind, const char *literal)
{
	const struct lint_row *row = &rows[kind];
	struct eval *ev = p->ev;
	enum lint how = *(const enum lint *)((const char *)&ev->settings + row->setting);

	if (how == LINT_IGNORE)
		return;
	const char *text = fill(ev, how == LINT_FATAL ? row->error : row->warning, literal);
	if (how == LINT_FATAL)
		eval_throw(ev, THROW_PARSE, pos, "%s (%s)", text, row->name);
	if (!ev->host.say)
		return;
	const char *place = trace_place(ev, pos);
	size_t len = strlen(place);
	ev->host.say(ev->host.ctx, arena_printf(&ev->heap, "warning: %s (%s)%s%.*s", text, row->name,
	                                   len ? "\n" : "", (int)(len ? len - 1 : 0), place));
}

void parse_lint_path(struct parse *p, uint32_t pos, const char *literal, bool home)
{
	if (home)
		check(p, pos, LINT_HOME, literal);
	else if (*literal == '/')
		check(p, pos, LINT_ABSOLUTE, literal);
	else if (*literal != '.')
		check(p, pos, LINT_SHORT, literal);
}

struct expr *parse_url(struct parse *p, uint32_t pos, const char *s, size_t len)
{
	check(p, pos, LINT_URL, s);
	return parse_text(p, pos, s, len);
}

struct expr *parse_or_call(struct parse *p, uint32_t pos, struct expr *fn, struct expr *or_var)
{
	struct expr *call = parse_call(p, pos, fn, or_var);

	p->or_call = call;
	return call;
}

struct expr *parse_parens(struct parse *p, struct expr *x)
{
	p->or_call = NULL;
	return x;
}

struct expr *parse_operand(struct parse *p, struct expr *x)
{
	struct eval *ev = p->ev;
	struct buf b = {0};

	if (LIKELY(x != p->or_call) || !ev->host.say)
		return x;
	buf_adds(&b, "warning: at ");
	source_print(&ev->sources, x->pos, &b);
	buf_adds(&b, ": This expression uses `or` as an identifier in a way that will change in a future Nix "
	             "release.\nWrap this entire expression in parentheses to preserve its current "
	             "meaning:\n    ");
	print_expr(ev, x, &b);
	buf_adds(&b, "\nGive feedback at https://github.com/NixOS/nix/pull/11121");
	ev->host.say(ev->host.ctx, buf_str(&b));
	buf_release(&b);
	return x;
}
