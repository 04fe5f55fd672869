// SPDX-License-Identifier: GPL-2.0-or-later
// Make's functions on words, as far as Makefiles of the kernel use them for what is built. To add one: a row
// in the table.
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kmake.h"

#define ARGS_MAX 8

struct call {
	struct kmake *m;
	const struct kcond *c;
	const char *arg[ARGS_MAX]; // as written
	size_t len[ARGS_MAX], n;
};

typedef void call_fn(struct call *x, struct kwords *ret);

static bool more(const struct call *x, const struct kwords *w, size_t i)
{
	return i < w->len && !kmake_over(x->m);
}

static void words(struct call *x, size_t i, struct kwords *ret)
{
	if (i < x->n)
		kmake_expand(x->m, x->arg[i], x->len[i], x->c, ret);
}

static const char *text(struct call *x, size_t i)
{
	struct kwords w = {};

	words(x, i, &w);
	return kwords_join(x->m, &w);
}

static void keep(struct call *x, struct kwords *ret, const struct kword *w, const char *s)
{
	kwords_add(x->m, ret, s, w->cond, w->config && str_eq(s, w->s));
}

static const char *replaced(struct kmake *m, const char *s, const char *from, const char *to)
{
	_cleanup_buf_ struct buf b = {};
	size_t n = strlen(from);

	for (const char *p; n && (p = strstr(s, from)); s = p + n) {
		if (!kmake_spend(m, strlen(to)))
			break;
		buf_add(&b, s, (size_t)(p - s));
		buf_adds(&b, to);
	}
	buf_adds(&b, s);
	return arena_strdup(m->arena, buf_str(&b));
}

// On the value of an option: m,y and y,m change what its condition means; y,$(CONFIG_Z) adds one.
static void subst_config(struct call *x, const struct kword *w, const struct kwords *to, struct kwords *ret)
{
	const struct kcond *c = w->cond;
	const char *from = text(x, 0);

	if (to->len == 1 && to->v[0].config) { // where it is y, as the other one; a bool says only whether
		if (c && c->sym && c->sym->type == KCONFIG_BOOL)
			c = kcond_add(x->m, c->up, KC_ON, false, c->name);
		c = kcond_and(x->m, to->v[0].cond, c);
	} else if (c && to->len == 1 && str_eq(from, "m") && str_eq(to->v[0].s, "y"))
		c = kcond_add(x->m, c->up, KC_ON, false, c->name);
	else if (c && to->len == 1 && str_eq(from, "y") && str_eq(to->v[0].s, "m"))
		c = kcond_add(x->m, c->up, KC_ON_M, false, c->name);
	kwords_add(x->m, ret, "y", c, true);
}

static void call_subst(struct call *x, struct kwords *ret)
{
	struct kwords in = {}, to = {};

	words(x, 1, &to);
	words(x, 2, &in);
	const char *from = text(x, 0), *by = kwords_join(x->m, &to);
	for (size_t i = 0; more(x, &in, i); i++) {
		if (in.v[i].config)
			subst_config(x, &in.v[i], &to, ret);
		else
			keep(x, ret, &in.v[i], replaced(x->m, in.v[i].s, from, by));
	}
}

static bool fits(const char *pattern, const char *word, const char **ret_stem, size_t *ret_len)
{
	const char *percent = strchr(pattern, '%');
	size_t n = strlen(word), head, tail;

	if (!percent) {
		*ret_len = 0;
		return str_eq(pattern, word);
	}
	head = (size_t)(percent - pattern);
	tail = strlen(percent + 1);
	if (n < head + tail || strncmp(word, pattern, head) || strcmp(word + n - tail, percent + 1))
		return false;
	*ret_stem = word + head;
	*ret_len = n - head - tail;
	return true;
}

static void call_patsubst(struct call *x, struct kwords *ret)
{
	struct kwords in = {};
	const char *from = text(x, 0), *to = text(x, 1), *percent = strchr(to, '%'), *stem = "";
	size_t n;

	words(x, 2, &in);
	for (size_t i = 0; more(x, &in, i); i++) {
		if (!fits(from, in.v[i].s, &stem, &n))
			keep(x, ret, &in.v[i], in.v[i].s);
		else if (percent)
			keep(x, ret, &in.v[i],
			        arena_printf(x->m->arena, "%.*s%.*s%s", (int)(percent - to), to, (int)n, stem,
			                percent + 1));
		else
			keep(x, ret, &in.v[i], to);
	}
}

static void filter(struct call *x, bool want, struct kwords *ret)
{
	struct kwords in = {}, patterns = {};
	const char *stem;
	size_t n;

	words(x, 0, &patterns);
	words(x, 1, &in);
	for (size_t i = 0; more(x, &in, i); i++) {
		bool found = in.v[i].config; // y or m: what one filters for
		for (size_t j = 0; more(x, &patterns, j) && kmake_spend(x->m, strlen(patterns.v[j].s)); j++)
			found |= fits(patterns.v[j].s, in.v[i].s, &stem, &n);
		if (found == want)
			keep(x, ret, &in.v[i], in.v[i].s);
	}
}

static void call_filter(struct call *x, struct kwords *ret)
{
	filter(x, true, ret);
}

static void call_filter_out(struct call *x, struct kwords *ret)
{
	filter(x, false, ret);
}

static void call_addprefix(struct call *x, struct kwords *ret)
{
	struct kwords in = {};
	const char *prefix = text(x, 0);

	words(x, 1, &in);
	for (size_t i = 0; more(x, &in, i); i++)
		keep(x, ret, &in.v[i], arena_printf(x->m->arena, "%s%s", prefix, in.v[i].s));
}

static void call_addsuffix(struct call *x, struct kwords *ret)
{
	struct kwords in = {};
	const char *suffix = text(x, 0);

	words(x, 1, &in);
	for (size_t i = 0; more(x, &in, i); i++)
		keep(x, ret, &in.v[i], arena_printf(x->m->arena, "%s%s", in.v[i].s, suffix));
}

static void call_basename(struct call *x, struct kwords *ret)
{
	struct kwords in = {};

	words(x, 0, &in);
	for (size_t i = 0; more(x, &in, i); i++) {
		const char *dot = strrchr(in.v[i].s, '.'), *slash = strrchr(in.v[i].s, '/');
		size_t n = dot && (!slash || dot > slash) ? (size_t)(dot - in.v[i].s) : strlen(in.v[i].s);
		keep(x, ret, &in.v[i], arena_strndup(x->m->arena, in.v[i].s, n));
	}
}

static void call_notdir(struct call *x, struct kwords *ret)
{
	struct kwords in = {};

	words(x, 0, &in);
	for (size_t i = 0; more(x, &in, i); i++) {
		const char *slash = strrchr(in.v[i].s, '/');
		keep(x, ret, &in.v[i], slash ? slash + 1 : in.v[i].s);
	}
}

static void call_strip(struct call *x, struct kwords *ret)
{
	words(x, 0, ret);
}

static void call_if(struct call *x, struct kwords *ret)
{
	struct kwords cond = {};
	const struct kcond *all = x->c;

	words(x, 0, &cond);
	if (!cond.len) {
		words(x, 2, ret);
		return;
	}
	const struct kcond *is = cond.v[0].cond;
	if (cond.v[0].config && is->op == KC_VALUE)
		is = kcond_add(x->m, is->up, KC_ON, false, is->name);
	x->c = kcond_and(x->m, all, is);
	words(x, 1, ret);
	if (is && is != all) {
		x->c = kcond_add(x->m, all, KC_ON, true, is->name);
		words(x, 2, ret);
	}
	x->c = all;
}

// The first argument that is not empty; of options, all that can be it.
static void call_or(struct call *x, struct kwords *ret)
{
	for (size_t i = 0; i < x->n; i++) {
		struct kwords w = {};
		words(x, i, &w);
		for (size_t j = 0; j < w.len; j++)
			kwords_add(x->m, ret, w.v[j].s, w.v[j].cond, w.v[j].config);
		if (w.len && w.v[0].cond == x->c)
			return;
	}
}

static void call_and(struct call *x, struct kwords *ret)
{
	const struct kcond *c = x->c;
	struct kwords w = {};

	for (size_t i = 0; i < x->n; i++) {
		w = (struct kwords){};
		words(x, i, &w);
		if (!w.len)
			return;
		c = kcond_and(x->m, c, w.v[0].cond);
	}
	for (size_t j = 0; j < w.len; j++)
		kwords_add(x->m, ret, w.v[j].s, kcond_and(x->m, c, w.v[j].cond), w.v[j].config);
}

static void call_foreach(struct call *x, struct kwords *ret)
{
	struct kwords in = {};
	const char *name = text(x, 0);

	words(x, 1, &in);
	for (size_t i = 0; more(x, &in, i); i++) {
		struct kwords one = {&in.v[i], 1, 1};
		struct kmvar *before = kmake_bind(x->m, name, &one);
		words(x, 2, ret);
		kmake_unbind(x->m, name, before);
	}
}

// $(call DEFINE,WORD,y) for the words of LIST-y, and with m for those of LIST-m: both are one list here, and
// the word's own condition says which of the two it is.
static void value_of_list(struct kwords *w, const struct kwords *first)
{
	bool plain = w->len == 1 && !w->v[0].cond && (str_eq(w->v[0].s, "y") || str_eq(w->v[0].s, "m"));

	if (plain && first->len == 1 && first->v[0].cond)
		w->v[0] = (struct kword){"y", first->v[0].cond, true};
}

// Of a define: its lines; of a variable: its value, with $(1), $(2), ... bound.
static void call_call(struct call *x, struct kwords *ret)
{
	struct kmvar *before[ARGS_MAX], *v = hmap_get(&x->m->vars, text(x, 0));
	struct kwords first = {};
	char number[] = "0";

	if (!v)
		return;
	for (size_t i = 1; i < x->n; i++) {
		struct kwords w = {};
		words(x, i, &w);
		if (i == 1)
			first = w;
		else
			value_of_list(&w, &first);
		number[0] = (char)('0' + i);
		before[i] = kmake_bind(x->m, number, &w);
	}
	x->m->calls++;
	if (v->body && x->m->depth < KMAKE_DEPTH_MAX)
		kmake_lines(x->m, v->body, strlen(v->body));
	x->m->calls--;
	for (const struct kmfrag *f = v->first, *last = v->last; f; f = f == last ? NULL : f->next)
		if (f->raw) // what it appends to itself is for the next time
			kmake_expand(x->m, f->raw, strlen(f->raw), x->c, ret);
	for (size_t i = 1; i < x->n; i++) {
		number[0] = (char)('0' + i);
		kmake_unbind(x->m, number, before[i]);
	}
}

// A define that is called is read by the call; other text is a line of its own.
static void call_eval(struct call *x, struct kwords *ret)
{
	const char *s = x->n ? x->arg[0] : "";

	s += strspn(s, " \t");
	if (x->n == 1 && (str_has_prefix(s, "$(call ") || str_has_prefix(s, "$(foreach ")))
		words(x, 0, ret);
	else if (x->n)
		kmake_lines(x->m, x->arg[0], x->len[0]);
	ret->len = 0;
}

static void call_nothing(struct call *x, struct kwords *ret)
{
}

static const struct {
	const char *name;
	call_fn *f;
	size_t args; // the last one has commas
} rows[] = {
        {"subst", call_subst, 3},
        {"patsubst", call_patsubst, 3},
        {"filter", call_filter, 2},
        {"filter-out", call_filter_out, 2},
        {"addprefix", call_addprefix, 2},
        {"addsuffix", call_addsuffix, 2},
        {"basename", call_basename, 1},
        {"notdir", call_notdir, 1},
        {"strip", call_strip, 1},
        {"sort", call_strip, 1},
        {"if", call_if, 3},
        {"or", call_or, ARGS_MAX},
        {"and", call_and, ARGS_MAX},
        {"foreach", call_foreach, 3},
        {"call", call_call, ARGS_MAX},
        {"eval", call_eval, 1},
        {"shell", call_nothing, 1},
        {"wildcard", call_nothing, 1},
        {"info", call_nothing, 1},
        {"warning", call_nothing, 1},
        {"error", call_nothing, 1},
        {"findstring", call_nothing, 2},
        {"firstword", call_strip, 1},
        {"abspath", call_strip, 1},
        {"realpath", call_strip, 1},
};

static void split(struct call *x, const char *s, size_t len, size_t max)
{
	const char *end = s + len, *start = s;
	unsigned depth = 0;

	for (; s <= end; s++) {
		if (s < end && (*s == '(' || *s == '{'))
			depth++;
		else if (s < end && (*s == ')' || *s == '}'))
			depth -= depth > 0;
		if (s < end && (*s != ',' || depth || x->n + 1 >= max))
			continue;
		x->arg[x->n] = start;
		x->len[x->n++] = (size_t)(s - start);
		start = s + 1;
		if (s == end)
			return;
	}
}

bool kmake_call(struct kmake *m, const char *name, size_t name_len, const char *args, size_t len,
        const struct kcond *c, struct kwords *ret)
{
	struct call x = {.m = m, .c = c};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strlen(rows[i].name) != name_len || memcmp(rows[i].name, name, name_len))
			continue;
		char *copy = arena_strndup(m->arena, args, len); // what is read later must end
		split(&x, copy, len, rows[i].args);
		rows[i].f(&x, ret);
		return true;
	}
	return false;
}
