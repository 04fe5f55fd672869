// SPDX-License-Identifier: GPL-2.0-or-later
// Finding options by regular expression: in names, prompts and help texts.
#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "kconfig/model.h"
#include "kconfig/search.h"
#include "kconfig/solve.h"

enum by { BY_NAME, BY_PROMPT, BY_HELP, BY_NOTHING };

static const char *const by_names[] = {[BY_NAME] = "name", [BY_PROMPT] = "prompt", [BY_HELP] = "help"};

struct pattern {
	regex_t re;
	bool prefixed; // it speaks of CONFIG_
};

struct found {
	struct kmenu *menu;
	enum by by;
	size_t order;
	char *line; // of the help, owned
};

struct search {
	struct kconfig *k;
	struct pattern *v;
	size_t len;
	struct found *found;
	size_t found_len, found_cap;
	struct buf help; // reused
};

json_t *ksearch_text(const char *s, size_t len)
{
	json_t *o = json_stringn(s, len);

	if (o)
		return o;
	_cleanup_buf_ struct buf b = {};
	term_clean(&b, s, len, 0);
	o = json_stringn(buf_str(&b), b.len);
	return o ? o : json_string("?");
}

static size_t columns(const char *s, size_t len, size_t *ret_bytes)
{
	size_t n = 0, i = 0;

	for (; i < len && (s[i] == ' ' || s[i] == '\t'); i++)
		n = s[i] == '\t' ? (n | 7) + 1 : n + 1;
	*ret_bytes = i;
	return n;
}

void ksearch_help(const char *raw, size_t len, struct buf *b)
{
	size_t base = SIZE_MAX, blank, bytes;

	while (len && isspace((unsigned char)raw[len - 1]))
		len--;
	for (const char *p = raw, *end = raw + len; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		blank = columns(p, (size_t)(stop - p), &bytes);
		if (p + bytes < stop) {
			base = base == SIZE_MAX ? blank : base;
			buf_addn(b, ' ', blank > base ? blank - base : 0);
			buf_add(b, p + bytes, (size_t)(stop - p) - bytes);
		}
		if (base != SIZE_MAX)
			buf_addc(b, '\n');
		p = nl ? nl + 1 : end;
	}
}

static const char *prompt_of(const struct ksym *s)
{
	for (const struct kmenu *m = s->menus; m; m = m->same)
		if (m->prompt)
			return m->prompt->text;
	return NULL;
}

json_t *ksearch_symbol(struct kconfig *k, struct ksym *s, bool values)
{
	const struct kmenu *m = s->menus;
	const char *prompt = prompt_of(s);
	json_t *o = json_object();

	while (m->same && !m->prompt)
		m = m->same;
	json_object_set_new(o, "name", s->name && !ksym_is_choice(s) ? json_string(s->name) : json_null());
	json_object_set_new(o, "type", json_string(ksym_is_choice(s) ? "choice" : ktype_name(s->type)));
	json_object_set_new(o, "prompt", prompt ? ksearch_text(prompt, strlen(prompt)) : json_null());
	json_object_set_new(o, "file", json_string(m->file));
	json_object_set_new(o, "line", json_integer(m->line));
	if (!values || ksym_is_choice(s))
		return o;
	ksym_calc(k, s);
	const char *text = ksym_text(s);
	json_object_set_new(o, "value", ksearch_text(text, strlen(text)));
	json_object_set_new(o, "written", json_boolean((s->flags & KS_WRITE) != 0));
	return o;
}

static int compile(struct search *x, const char *text, struct err *e)
{
	struct pattern *p = &x->v[x->len];
	bool capitals = false;
	char why[200];

	for (const char *c = text; *c; c++) {
		if (*c == '\\' && c[1])
			c++;
		else
			capitals |= isupper((unsigned char)*c) != 0;
	}
	if (!*text)
		return err_set(e, -EINVAL, "an empty regular expression would match every option");
	int r = regcomp(&p->re, text, REG_EXTENDED | REG_NEWLINE | (capitals ? 0 : REG_ICASE));
	if (r) {
		regerror(r, &p->re, why, sizeof(why));
		err_set(e, -EINVAL, "'%s' is no regular expression (POSIX extended): %s", text, why);
		return err_hint(e, "a sign that is meant as itself gets a backslash: \\( \\* \\[");
	}
	p->prefixed = strcasestr(text, "config_") != NULL;
	x->len++;
	return 0;
}

static bool matches(const struct pattern *p, const char *text, regmatch_t *at)
{
	return regexec(&p->re, text, at ? 1 : 0, at, 0) == 0;
}

static bool matches_name(const struct pattern *p, const char *name)
{
	if (!p->prefixed)
		return matches(p, name, NULL);
	_cleanup_free_ char *full = str_printf("CONFIG_%s", name);
	return matches(p, full, NULL);
}

static char *line_at(const char *text, size_t at)
{
	const char *start = text + at;

	while (start > text && start[-1] != '\n')
		start--;
	return mem_strndup(start, strcspn(start, "\n"));
}

static enum by match_one(struct search *x, const struct pattern *p, const struct ksym *s, char **ret_line)
{
	regmatch_t at;

	if (s->name && !ksym_is_choice(s) && matches_name(p, s->name))
		return BY_NAME;
	for (const struct kmenu *m = s->menus; m; m = m->same)
		if (m->prompt && matches(p, m->prompt->text, NULL))
			return BY_PROMPT;
	for (const struct kmenu *m = s->menus; m; m = m->same) {
		buf_clear(&x->help);
		ksearch_help(m->help, m->help_len, &x->help);
		if (!x->help.len || !matches(p, buf_str(&x->help), &at))
			continue;
		if (!*ret_line)
			*ret_line = line_at(x->help.data, (size_t)at.rm_so);
		return BY_HELP;
	}
	return BY_NOTHING;
}

static void try_symbol(struct search *x, struct kmenu *m)
{
	struct found f = {.menu = m, .order = x->found_len};

	for (size_t i = 0; i < x->len && f.by != BY_NOTHING; i++)
		f.by = MAX(f.by, match_one(x, &x->v[i], m->sym, &f.line));
	if (f.by == BY_NOTHING) {
		mem_free(f.line);
		return;
	}
	mem_grow(&x->found, &x->found_cap, x->found_len + 1, sizeof(f));
	x->found[x->found_len++] = f;
}

static int by_rank(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->by != y->by)
		return x->by < y->by ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static json_t *found_json(struct search *x, bool values)
{
	json_t *list = json_array();

	if (x->found_len)
		qsort(x->found, x->found_len, sizeof(*x->found), by_rank);
	for (size_t i = 0; i < x->found_len; i++) {
		const struct found *f = &x->found[i];
		json_t *o = ksearch_symbol(x->k, f->menu->sym, values);
		json_object_set_new(o, "by", json_string(by_names[f->by]));
		if (f->by == BY_HELP)
			json_object_set_new(o, "text", ksearch_text(f->line, strlen(f->line)));
		json_array_append_new(list, o);
	}
	return list;
}

static void release(struct search *x)
{
	for (size_t i = 0; i < x->len; i++)
		regfree(&x->v[i].re);
	for (size_t i = 0; i < x->found_len; i++)
		mem_free(x->found[i].line);
	mem_free(x->v);
	mem_free(x->found);
	buf_release(&x->help);
}

int kconfig_search(struct kconfig *k, char *const *regexes, bool values, json_t **ret, struct err *e)
{
	struct search x = {.k = k, .v = mem_array(strv_len(regexes) + 1, sizeof(*x.v))};
	int r = 0;

	strv_for_each (text, regexes)
		if (r >= 0)
			r = compile(&x, text, e);
	for (struct kmenu *m = kmenu_next(&k->root, &k->root); m && r >= 0; m = kmenu_next(m, &k->root))
		if (m->sym && m->sym->menus == m)
			try_symbol(&x, m);
	if (r >= 0)
		*ret = found_json(&x, values);
	release(&x);
	return r;
}
