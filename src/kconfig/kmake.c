// SPDX-License-Identifier: GPL-2.0-or-later
// Variables and expansion of the kernel's Makefiles, with conditions in place of the values of options.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kmake.h"

#define ALTERNATIVES_MAX 8
#define WORD_STEPS       150 // what making a word costs beside looking at as many bytes
#define CHAIN_MAX        1000 // conditions of one word: they are walked often, and by functions that call themselves

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool too_much(struct kmake *m, const char *why)
{
	if (!kmake_over(m))
		err_set(&m->over, -E2BIG, "%s: %s", m->file ? m->file : m->dir, why);
	return false;
}

bool kmake_spend(struct kmake *m, size_t steps)
{
	if (kmake_over(m))
		return false;
	m->left -= MIN(steps, m->left);
	return m->left ||
	       too_much(m, "reading it takes too long: does it include or expand itself over and over?");
}

void kwords_add(struct kmake *m, struct kwords *w, const char *s, const struct kcond *c, bool config)
{
	if (!kmake_spend(m, WORD_STEPS + strlen(s)))
		return;
	if (w->len == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 4;
		struct kword *v = arena_alloc(m->arena, cap * sizeof(*v));
		if (w->len)
			memcpy(v, w->v, w->len * sizeof(*v));
		w->v = v;
		w->cap = cap;
	}
	w->v[w->len++] = (struct kword){s, c, config};
}

const char *kwords_join(struct kmake *m, const struct kwords *w)
{
	_cleanup_buf_ struct buf b = {};

	for (size_t i = 0; i < w->len; i++)
		buf_addf(&b, "%s%s", i ? " " : "", w->v[i].s);
	kmake_spend(m, b.len);
	return arena_strdup(m->arena, buf_str(&b));
}

static bool same(const struct kcond *a, const struct kcond *b)
{
	return a->op == b->op && a->negated == b->negated && str_eq(a->name, b->name);
}

static bool implies(const struct kcond *a, const struct kcond *b)
{
	return b->op == KC_ON && !b->negated && a->op < KC_ANY && !a->negated && str_eq(a->name, b->name);
}

static bool has(const struct kcond *chain, const struct kcond *c)
{
	for (; chain; chain = chain->up)
		if (chain == c || same(chain, c) || implies(chain, c))
			return true;
	return false;
}

static const struct kcond *push(struct kmake *m, const struct kcond *up, const struct kcond *c)
{
	size_t len = 0;

	for (const struct kcond *x = up; x; x = x->up)
		len++;
	if (len > CHAIN_MAX) {
		too_much(m, "more than 1000 conditions are nested in each other");
		return up;
	}
	if (!kmake_spend(m, len + strlen(c->name)) || has(up, c))
		return up;
	struct kcond *n = arena_alloc(m->arena, sizeof(*n));
	*n = *c;
	n->up = up;
	return n;
}

const struct kcond *kcond_and(struct kmake *m, const struct kcond *a, const struct kcond *b)
{
	if (!b || a == b)
		return a;
	if (!a)
		return b;
	return push(m, kcond_and(m, a, b->up), b);
}

const struct kcond *kcond_add(
        struct kmake *m, const struct kcond *up, enum kcond_op op, bool negated, const char *name)
{
	struct kcond c = {.op = op, .negated = negated, .name = arena_strdup(m->arena, name)};

	if (op < KC_ANY) {
		c.sym = ksym_find_n(m->k, name, strlen(name));
		if (c.sym && !c.sym->menus)
			c.sym = NULL;
	}
	return push(m, up, &c);
}

// Not all of c: exact for one link, for more it is not known which one fails.
const struct kcond *kcond_not(struct kmake *m, const struct kcond *up, const struct kcond *c)
{
	struct kcond n;

	if (!c)
		return up;
	if (c->up || c->op == KC_UNKNOWN)
		return kcond_add(m, up, KC_UNKNOWN, !c->negated, c->name);
	n = *c;
	n.negated = !n.negated;
	n.op = n.op == KC_VALUE || n.op == KC_ON_M ? KC_ON : n.op;
	return push(m, up, &n);
}

void kmake_init(struct kmake *m, struct kconfig *k, struct arena *arena, const char *dir, size_t left)
{
	const char *arch = hmap_get(&k->env, "SRCARCH"), *name = hmap_get(&k->env, "ARCH");
	struct kwords bits = {};

	*m = (struct kmake){.k = k, .arena = arena, .dir = dir, .left = left};
	kmake_set(m, "src", dir);
	kmake_set(m, "obj", dir);
	kmake_set(m, "srctree", ".");
	kmake_set(m, "objtree", ".");
	kmake_set(m, "SRCARCH", arch ? arch : "");
	kmake_set(m, "ARCH", name ? name : arch ? arch : "");
	kwords_add(m, &bits, "64", kcond_add(m, NULL, KC_ON, false, "64BIT"), false);
	kwords_add(m, &bits, "32", kcond_add(m, NULL, KC_ON, true, "64BIT"), false);
	kmake_bind(m, "BITS", &bits);
}

void kmake_release(struct kmake *m)
{
	hmap_release(&m->vars);
	err_release(&m->over);
	if (m->define)
		buf_release(m->define);
	mem_free(m->define);
	m->define = NULL;
}

struct kmvar *kmake_var(struct kmake *m, const char *name)
{
	struct kmvar *v = hmap_get(&m->vars, name);

	if (!v) {
		v = arena_alloc(m->arena, sizeof(*v));
		hmap_put(&m->vars, name, v);
	}
	return v;
}

struct kmvar *kmake_bind(struct kmake *m, const char *name, const struct kwords *w)
{
	struct kmvar *v = arena_alloc(m->arena, sizeof(*v));

	v->first = v->last = arena_alloc(m->arena, sizeof(*v->first));
	v->first->words = *w;
	return hmap_put(&m->vars, name, v);
}

void kmake_unbind(struct kmake *m, const char *name, struct kmvar *before)
{
	if (before)
		hmap_put(&m->vars, name, before);
	else
		hmap_del(&m->vars, name);
}

void kmake_set(struct kmake *m, const char *name, const char *value)
{
	struct kwords w = {};

	kwords_add(m, &w, arena_strdup(m->arena, value), NULL, false);
	kmake_bind(m, name, &w);
}

bool kmake_has(const struct kmake *m, const char *name)
{
	const struct kmvar *v = hmap_get(&m->vars, name);

	return v && v->first;
}

void kmake_words(struct kmake *m, const char *name, struct kwords *ret)
{
	struct kmvar *v = hmap_get(&m->vars, name);

	if (!v || v->busy || m->depth > KMAKE_DEPTH_MAX) // make refuses what names itself
		return;
	v->busy = true;
	m->depth++;
	// To what was the last one: a value may append to itself while it is expanded.
	for (const struct kmfrag *f = v->first, *last = v->last; f; f = f == last ? NULL : f->next) {
		if (f->raw)
			kmake_expand(m, f->raw, strlen(f->raw), f->cond, ret);
		for (size_t i = 0; i < f->words.len; i++)
			kwords_add(m, ret, f->words.v[i].s, kcond_and(m, f->cond, f->words.v[i].cond),
			        f->words.v[i].config);
	}
	m->depth--;
	v->busy = false;
}

// A list that an option fills says whether a word is there, not as what.
static const struct kcond *gate(struct kmake *m, const struct kcond *c)
{
	if (!c)
		return NULL;
	const struct kcond *up = gate(m, c->up);
	return kcond_add(m, up, c->op == KC_VALUE || c->op == KC_ON_M ? KC_ON : c->op, c->negated, c->name);
}

void kmake_list(struct kmake *m, const char *name, struct kwords *ret)
{
	struct kmvar *v = hmap_get(&m->vars, name);

	if (!v)
		return;
	v->busy = true;
	for (const struct kmfrag *f = v->first, *last = v->last; f; f = f == last ? NULL : f->next) {
		struct kwords w = f->words;
		if (f->raw)
			kmake_expand(m, f->raw, strlen(f->raw), NULL, &w);
		for (size_t i = 0; i < w.len; i++)
			kwords_add(m, ret, w.v[i].s, kcond_and(m, f->cond, gate(m, w.v[i].cond)), false);
	}
	v->busy = false;
}

// "%.c" against "foo.c": the stem, or NULL.
static const char *stem_of(struct kmake *m, const char *pattern, size_t len, const char *word)
{
	const char *percent = memchr(pattern, '%', len);
	size_t n = strlen(word), head, tail;

	if (!percent)
		return n == len && !memcmp(pattern, word, n) ? "" : NULL;
	head = (size_t)(percent - pattern);
	tail = len - head - 1;
	if (n < head + tail || memcmp(word, pattern, head) || memcmp(word + n - tail, percent + 1, tail))
		return NULL;
	return arena_strndup(m->arena, word + head, n - head - tail);
}

// $(VAR:%.c=%.o), $(VAR:.c=.o); on the value of an option only "m=y" and "y=m" make sense.
static void substituted(struct kmake *m, const struct kwords *in, const char *rule, struct kwords *ret)
{
	const char *eq = strchr(rule, '=');
	_cleanup_free_ char *from = NULL, *to = NULL;

	if (!eq)
		return;
	bool whole = memchr(rule, '%', (size_t)(eq - rule));
	from = whole ? mem_strndup(rule, (size_t)(eq - rule)) : str_printf("%%%.*s", (int)(eq - rule), rule);
	to = whole ? mem_strdup(eq + 1) : str_printf("%%%s", eq + 1);
	for (size_t i = 0; i < in->len && !kmake_over(m); i++) {
		const struct kword *w = &in->v[i];
		const char *stem = w->config ? NULL : stem_of(m, from, strlen(from), w->s),
		           *percent = strchr(to, '%');
		if (w->config && str_eq(rule, "m=y") && w->cond)
			kwords_add(m, ret, "y", kcond_add(m, w->cond->up, KC_ON, false, w->cond->name), true);
		else if (!stem)
			kwords_add(m, ret, w->s, w->cond, w->config);
		else
			kwords_add(m, ret,
			        percent ? arena_printf(m->arena, "%.*s%s%s", (int)(percent - to), to, stem,
			                          percent + 1)
			                : arena_strdup(m->arena, to),
			        w->cond, false);
	}
}

static void named(struct kmake *m, const char *name, const struct kcond *c, struct kwords *ret)
{
	const char *option = str_after(name, "CONFIG_");
	struct kwords w = {};

	if (option) {
		kwords_add(m, ret, "y", kcond_add(m, c, KC_VALUE, false, option), true);
		return;
	}
	kmake_words(m, name, &w);
	for (size_t i = 0; i < w.len; i++)
		kwords_add(m, ret, w.v[i].s, kcond_and(m, c, w.v[i].cond), w.v[i].config);
}

// What is between $( and ).
static void reference(struct kmake *m, const char *s, size_t len, const struct kcond *c, struct kwords *ret)
{
	size_t word = 0;
	struct kwords names = {};

	while (word < len && (isalpha((unsigned char)s[word]) || s[word] == '-'))
		word++;
	if (word < len && blank(s[word]) && kmake_call(m, s, word, s + word + 1, len - word - 1, c, ret))
		return;
	kmake_expand(m, s, len, c, &names);
	for (size_t i = 0; i < names.len; i++) {
		const char *name = names.v[i].s, *colon = strchr(name, ':');
		if (!colon) {
			named(m, name, names.v[i].cond, ret);
			continue;
		}
		struct kwords w = {};
		named(m, arena_strndup(m->arena, name, (size_t)(colon - name)), names.v[i].cond, &w);
		substituted(m, &w, colon + 1, ret);
	}
}

// The end of the reference that begins at s ($(..), ${..} or $x).
static const char *reference_end(const char *s, const char *end)
{
	char open = s + 1 < end ? s[1] : 0, close = open == '(' ? ')' : '}';
	unsigned depth = 0;

	if (open != '(' && open != '{')
		return MIN(s + 2, end);
	for (const char *p = s + 1; p < end; p++) {
		depth += *p == open;
		depth -= *p == close;
		if (!depth)
			return p + 1;
	}
	return end;
}

// What is between the signs of the reference from s to end; the last one may be missing.
static void reference_at(
        struct kmake *m, const char *s, const char *end, const struct kcond *c, struct kwords *ret)
{
	char open = s[1], close = open == '(' ? ')' : '}';
	bool signs = open == '(' || open == '{';
	const char *from = s + 1 + signs, *to = signs && end > from && end[-1] == close ? end - 1 : end;

	reference(m, from, (size_t)(to - from), c, ret);
}

// Glues every alternative of a reference to every one of what stands before it.
static void glue_each(struct kmake *m, struct kwords *cur, const struct kwords *r)
{
	struct kwords all = {};

	for (size_t i = 0; i < cur->len && !kmake_over(m); i++)
		for (size_t j = 0; j < r->len && all.len < 64; j++)
			kwords_add(m, &all, arena_printf(m->arena, "%s%s", cur->v[i].s, r->v[j].s),
			        kcond_and(m, cur->v[i].cond, r->v[j].cond), false);
	*cur = all;
}

static bool alternatives(const struct kwords *r)
{
	for (size_t i = 0; i < r->len; i++)
		if (!r->v[i].cond)
			return r->len == 1;
	return r->len <= ALTERNATIVES_MAX;
}

// As text: the first word is glued to what is before it, the last one to what comes.
static void glue_text(struct kmake *m, struct kwords *cur, const struct kwords *r, const struct kcond *c,
        struct kwords *ret)
{
	struct kwords first = {r->v, 1, 1};

	glue_each(m, cur, &first);
	for (size_t i = 1; i < r->len; i++) {
		for (size_t j = 0; j < cur->len; j++)
			kwords_add(m, ret, cur->v[j].s, cur->v[j].cond, false);
		*cur = (struct kwords){};
		kwords_add(m, cur, r->v[i].s, kcond_and(m, c, r->v[i].cond), false);
	}
}

// One chunk without blanks outside of references.
static void chunk(struct kmake *m, const char *s, const char *end, const struct kcond *c, struct kwords *ret)
{
	struct kwords cur = {};
	bool literal = false;

	if (*s == '$' && s + 1 < end && s[1] != '$' && reference_end(s, end) == end) {
		reference_at(m, s, end, c, ret);
		return;
	}
	kwords_add(m, &cur, "", c, false);
	while (s < end) {
		const char *stop = memchr(s, '$', (size_t)(end - s));
		struct kwords r = {};
		stop = stop ? stop : end;
		if (stop > s) {
			kwords_add(m, &r, arena_strndup(m->arena, s, (size_t)(stop - s)), NULL, false);
			glue_each(m, &cur, &r);
			literal = true;
			s = stop;
			continue;
		}
		stop = reference_end(s, end);
		if (s + 1 < end && s[1] != '$')
			reference_at(m, s, stop, NULL, &r);
		if (r.len && alternatives(&r))
			glue_each(m, &cur, &r);
		else if (r.len)
			glue_text(m, &cur, &r, c, ret);
		s = stop;
	}
	for (size_t i = 0; i < cur.len; i++)
		if (literal || *cur.v[i].s)
			kwords_add(m, ret, cur.v[i].s, cur.v[i].cond, false);
}

void kmake_expand(struct kmake *m, const char *s, size_t len, const struct kcond *c, struct kwords *ret)
{
	const char *end = s + len;

	if (m->depth > KMAKE_DEPTH_MAX || !kmake_spend(m, len + 1))
		return;
	m->depth++;
	while (s < end && !kmake_over(m)) {
		while (s < end && blank(*s))
			s++;
		const char *start = s;
		while (s < end && !blank(*s))
			s = *s == '$' ? reference_end(s, end) : s + 1;
		if (s > start)
			chunk(m, start, s, c, ret);
	}
	m->depth--;
}
