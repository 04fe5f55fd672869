// SPDX-License-Identifier: GPL-2.0-or-later
// Requests as lines of a .config, for whoever has no Nix: in a kernel tree, or with --lines.
//
// Reports offer what helps as Nix, a line each. Here such lines are turned into those of a .config; whether a
// text needs quotes is said by its option's type.
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "cmd/config.h"

static void add_quoted(const char *s, struct buf *b)
{
	buf_addc(b, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *s);
	}
	buf_addc(b, '"');
}

void config_request_line(struct kconfig *k, const struct krequest *r, const char *indent, struct buf *b)
{
	struct ksym *s = k ? kconfig_find(k, r->name) : NULL;
	bool number = s && (kconfig_sym_type(s) == KCONFIG_INT || kconfig_sym_type(s) == KCONFIG_HEX);

	if (!r->value)
		return;
	if (!r->freeform && str_eq(r->value, "n")) {
		buf_addf(b, "%s# CONFIG_%s is not set\n", indent, r->name);
		return;
	}
	buf_addf(b, "%sCONFIG_%s=", indent, r->name);
	if (number || (!r->freeform && (str_eq(r->value, "y") || str_eq(r->value, "m"))))
		buf_adds(b, r->value);
	else
		add_quoted(r->value, b);
	buf_addc(b, '\n');
}

// A Nix string without its quotes and backslashes; the rest of the line is returned. Owned.
static char *unquote(const char *s, const char **ret_rest)
{
	struct buf b = {};

	for (s++; *s && *s != '"' && *s != '\n'; s++) {
		s += *s == '\\' && s[1];
		buf_addc(&b, *s);
	}
	*ret_rest = s + (*s == '"');
	buf_str(&b);
	return b.data;
}

// Reads "NAME = lib.kernel.ANSWER;"; false for all else. Name and value are owned.
static bool read_nix(const char *line, char **ret_name, struct krequest *r)
{
	static const char *const answers[][2] = {{"yes;", "y"}, {"module;", "m"}, {"no;", "n"}};
	size_t n = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	const char *at = line + n, *rest;
	_cleanup_free_ char *name = *line == '"' ? unquote(line, &at) : mem_strndup(line, n);

	if (!*name || !(at = str_after(at, " = lib.kernel.")))
		return false;
	*r = (struct krequest){};
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (str_has_prefix(at, answers[i][0]))
			r->value = mem_strdup(answers[i][1]);
	if (!r->value && str_has_prefix(at, "freeform \"")) {
		r->value = unquote(at + strlen("freeform "), &rest);
		r->freeform = true;
	}
	r->name = *ret_name = r->value ? TAKE_PTR(name) : NULL;
	return r->value != NULL;
}

void config_lines(struct kconfig *k, struct buf *text)
{
	struct buf out = {};

	for (const char *p = buf_str(text); *p;) {
		size_t len = strcspn(p, "\n"), indent = strspn(p, " ");
		_cleanup_free_ char *name = NULL, *space = mem_strndup(p, indent);
		struct krequest r;
		if (read_nix(p + indent, &name, &r)) {
			config_request_line(k, &r, space, &out);
			mem_free((char *)r.value);
		} else {
			buf_add(&out, p, len);
			buf_addc(&out, '\n');
		}
		p += len + (p[len] == '\n');
	}
	buf_release(text);
	*text = out;
}
