// SPDX-License-Identifier: GPL-2.0-or-later
// Reading the kernel's Makefiles: lines, conditionals, define, include, assignments. Rules and their recipes
// are passed over.
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kmake.h"

// What opening a file costs beside looking at as many bytes. Trees have few that are included.
#define OPEN_STEPS    4000
#define INCLUDE_STEPS 40000

struct kmblock {
	struct kmblock *up;
	const struct kcond *outer, *others; // of the branches before: none of them held
	bool dead, outer_dead, taken;       // this branch, or all, or the rest is known not to be
};

static bool is_dead(const struct kmake *m)
{
	return m->blocks && (m->blocks->dead || m->blocks->outer_dead);
}

// The side of a comparison: literal text, or one option, or several, or what nobody here can know.
struct side {
	const char *text; // NULL: not known
	const struct kcond *cond;
	size_t options;
};

static struct side side_of(struct kmake *m, const char *s, size_t len)
{
	struct kwords w = {};
	struct side x = {.text = ""};

	if (memmem(s, len, "$(call ", 7) || memmem(s, len, "$(shell ", 8) ||
	        memmem(s, len, "$(findstring ", 13))
		return (struct side){};
	kmake_expand(m, s, len, NULL, &w);
	for (size_t i = 0; i < w.len; i++) {
		x.options += w.v[i].cond != NULL;
		x.cond = w.v[i].cond;
	}
	x.text = kwords_join(m, &w);
	return x;
}

// Names of all options in a piece of text, with blanks.
static const char *options_in(struct kmake *m, const char *s, size_t len)
{
	_cleanup_buf_ struct buf b = {};

	for (const char *end = s + len, *p; (p = memmem(s, (size_t)(end - s), "CONFIG_", 7));) {
		s = p += 7;
		while (s < end && (isalnum((unsigned char)*s) || *s == '_'))
			s++;
		buf_addf(&b, "%s%.*s", b.len ? " " : "", (int)(s - p), p);
	}
	return arena_strdup(m->arena, buf_str(&b));
}

static const struct kcond *unknown(struct kmake *m, const char *rest, bool negated)
{
	return kcond_add(m, m->cond, KC_UNKNOWN, negated, rest);
}

// One option against a literal.
static const struct kcond *compare_option(
        struct kmake *m, const char *name, const char *text, bool negated, const char *rest)
{
	if (str_eq(text, "y"))
		return kcond_add(m, m->cond, KC_IS_Y, negated, name);
	if (str_eq(text, "m"))
		return kcond_add(m, m->cond, KC_IS_M, negated, name);
	if (!*text || str_eq(text, "n"))
		return kcond_add(m, m->cond, KC_ON, !negated, name);
	return unknown(m, rest, negated);
}

static bool is_option(const char *s, size_t len)
{
	if (len < 10 || memcmp(s, "$(CONFIG_", 9) || s[len - 1] != ')')
		return false;
	for (size_t i = 9; i + 1 < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_')
			return false;
	return true;
}

static bool compare(struct kmake *m, const char *a, size_t a_len, const char *b, size_t b_len, bool negated,
        const char *rest, const struct kcond **ret)
{
	struct side x = side_of(m, a, a_len), y = side_of(m, b, b_len);

	if (x.text && y.text && !x.options && !y.options)
		return str_eq(x.text, y.text) != negated;
	if (x.text && !x.options) { // the literal second
		struct side z = x;
		x = y, y = z;
		const char *s = a;
		size_t n = a_len;
		a = b, b = s, a_len = b_len, b_len = n;
	}
	if (is_option(a, a_len) && y.text && !y.options)
		*ret = compare_option(m, arena_strndup(m->arena, a + 9, a_len - 10), y.text, negated, rest);
	else if (x.text && x.options && y.text && !y.options && (!*y.text || str_eq(y.text, "y")))
		*ret = kcond_add(m, m->cond, KC_ANY, negated != !*y.text, options_in(m, a, a_len));
	else
		*ret = unknown(m, rest, negated);
	return true;
}

// "(A,B)", "'A' 'B'", "\"A\" \"B\"".
static bool condition_equal(struct kmake *m, const char *rest, bool negated, const struct kcond **ret)
{
	const char *s = rest + strspn(rest, " \t"), *end = s + strlen(s), *p = s + 1;
	unsigned depth = 0;

	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	if (*s == '\'' || *s == '"') {
		const char *close = strchr(p, *s), *second = close ? strpbrk(close + 1, "'\"") : NULL,
		           *last = second ? strchr(second + 1, *second) : NULL;
		return !last || compare(m, p, (size_t)(close - p), second + 1, (size_t)(last - second - 1),
		                        negated, rest, ret);
	}
	if (*s != '(' || end - s < 3 || end[-1] != ')')
		return true;
	for (; p < end && (*p != ',' || depth); p++) {
		depth += *p == '(';
		depth -= *p == ')' && depth;
	}
	if (p >= end)
		return true;
	const char *b = p + 1, *b_end = end - 1, *a = s + 1;
	while (b < b_end && isspace((unsigned char)*b))
		b++;
	while (b_end > b && isspace((unsigned char)b_end[-1]))
		b_end--;
	while (a < p && isspace((unsigned char)*a))
		a++;
	while (p > a && isspace((unsigned char)p[-1]))
		p--;
	return compare(m, a, (size_t)(p - a), b, (size_t)(b_end - b), negated, rest, ret);
}

bool kmake_condition(struct kmake *m, const char *word, const char *rest, const struct kcond **ret)
{
	bool negated = word[2] == 'n'; // ifneq, ifndef

	*ret = m->cond;
	if (str_eq(word, "ifeq") || str_eq(word, "ifneq"))
		return condition_equal(m, rest, negated, ret);
	struct kwords name = {};
	kmake_expand(m, rest, strlen(rest), NULL, &name);
	const char *option = name.len ? str_after(name.v[0].s, "CONFIG_") : NULL;
	if (!option)
		return (name.len && kmake_has(m, name.v[0].s)) != negated;
	*ret = kcond_add(m, m->cond, KC_ON, negated, option);
	return true;
}

static void enter(struct kmake *m, const char *word, const char *rest)
{
	struct kmblock *b = arena_alloc(m->arena, sizeof(*b));
	const struct kcond *c = m->cond;

	*b = (struct kmblock){.up = m->blocks, .outer = m->cond, .others = m->cond, .outer_dead = is_dead(m)};
	if (!b->outer_dead)
		b->dead = !kmake_condition(m, word, rest, &c);
	b->taken = !b->dead && c == m->cond;
	if (!b->dead && c && c != m->cond) {
		struct kcond one = *c;
		one.up = NULL;
		b->others = kcond_not(m, m->cond, &one);
	}
	m->blocks = b;
	m->cond = c;
}

static void otherwise(struct kmake *m, const char *rest)
{
	struct kmblock *b = m->blocks;
	char word[8] = "";

	if (!b || b->outer_dead)
		return;
	m->cond = b->others;
	b->dead = b->taken;
	for (size_t i = 0; i < sizeof(word) - 1 && isalpha((unsigned char)rest[i]); i++)
		word[i] = rest[i];
	if (!str_has_prefix(word, "if") || b->dead)
		return;
	const struct kcond *c = m->cond;
	b->dead = !kmake_condition(m, word, rest + strlen(word), &c);
	b->taken = !b->dead && c == m->cond;
	if (!b->dead && c && c != m->cond) {
		struct kcond one = *c;
		one.up = NULL;
		b->others = kcond_not(m, b->others, &one);
	}
	m->cond = c;
}

static void leave(struct kmake *m)
{
	if (!m->blocks)
		return;
	m->cond = m->blocks->outer;
	m->blocks = m->blocks->up;
}

static void include(struct kmake *m, const char *rest)
{
	struct kwords files = {};
	const struct kcond *before = m->cond;

	if (m->depth > KMAKE_DEPTH_MAX)
		return;
	kmake_expand(m, rest, strlen(rest), NULL, &files);
	m->depth++;
	for (size_t i = 0; i < files.len && !kmake_over(m); i++) {
		m->cond = kcond_and(m, before, files.v[i].cond);
		kmake_read(m, files.v[i].s);
	}
	m->depth--;
	m->cond = before;
}

// An assignment below a condition keeps what the other branches gave.
static void assign(struct kmake *m, const char *name, const struct kcond *c, char op, const char *value)
{
	struct kmvar *v = kmake_var(m, name);
	struct kmfrag *f = arena_alloc(m->arena, sizeof(*f));

	if (op == '?' && v->first)
		return;
	*f = (struct kmfrag){.cond = c, .raw = arena_strdup(m->arena, value)};
	if (op == ':' || m->calls) { // what $(1) is now, it is not later
		kmake_expand(m, value, strlen(value), NULL, &f->words);
		f->raw = NULL;
	}
	if (op != '+' && !c)
		v->first = v->last = NULL;
	if (v->last)
		v->last->next = f;
	else
		v->first = f;
	v->last = f;
}

static const char *skip_words(const char *s)
{
	static const char *const before[] = {"export ", "override ", "private "};

	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		if (str_has_prefix(s, before[i]))
			s += strlen(before[i]) + strspn(s + strlen(before[i]), " \t");
	return s;
}

// The operator of an assignment, or NULL for a rule or something else.
static const char *find_operator(const char *s, char *ret_op)
{
	unsigned depth = 0;

	for (; *s; s++) {
		if (*s == '(' || *s == '{')
			depth++;
		else if (*s == ')' || *s == '}')
			depth -= depth > 0;
		if (depth)
			continue;
		*ret_op = *s;
		if (*s == '=' || (strchr(":+?", *s) && s[1] == '='))
			return s;
		if (*s == ':' && s[1] == ':' && s[2] == '=')
			return s;
		if (*s == ':')
			return NULL;
	}
	return NULL;
}

static void statement(struct kmake *m, const char *line)
{
	const char *s = skip_words(line), *value;
	struct kwords names = {};
	char op;
	const char *at = find_operator(s, &op);

	m->in_rule = false;
	if (!at) {
		if (*s == '$')
			kmake_expand(m, s, strlen(s), m->cond, &names);
		m->in_rule = *s != '$' && strchr(s, ':');
		return;
	}
	value = strchr(at, '=') + 1;
	value += strspn(value, " \t");
	kmake_expand(m, s, (size_t)(at - s), m->cond, &names);
	for (size_t i = 0; i < names.len && kmake_spend(m, strlen(value)); i++)
		assign(m, names.v[i].s, names.v[i].cond, op, value);
}

static void define(struct kmake *m, const char *rest)
{
	size_t n = strcspn(rest, " \t=");

	m->define_name = arena_strndup(m->arena, rest, n);
	m->define = mem_alloc0(sizeof(*m->define));
}

static bool in_define(struct kmake *m, const char *raw, const char *s)
{
	if (!m->define)
		return false;
	if (!str_has_prefix(s, "endef")) {
		buf_addf(m->define, "%s\n", raw);
		return true;
	}
	if (!is_dead(m))
		kmake_var(m, m->define_name)->body = arena_strdup(m->arena, buf_str(m->define));
	buf_release(m->define);
	mem_free(m->define);
	m->define = NULL;
	return true;
}

static const char *after_word(const char *s, const char *word)
{
	const char *rest = str_after(s, word);

	return rest && (!*rest || strchr(" \t(", *rest)) ? rest + strspn(rest, " \t") : NULL;
}

static bool conditional(struct kmake *m, const char *s)
{
	static const char *const words[] = {"ifeq", "ifneq", "ifdef", "ifndef"};
	const char *rest;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if ((rest = after_word(s, words[i]))) {
			enter(m, words[i], rest);
			return true;
		}
	}
	if ((rest = after_word(s, "else")))
		otherwise(m, rest);
	else if (after_word(s, "endif"))
		leave(m);
	else
		return false;
	return true;
}

static void line(struct kmake *m, char *raw)
{
	const char *s = raw + strspn(raw, " \t"), *rest;

	if (in_define(m, raw, s))
		return;
	for (char *p = raw; (p = strchr(p, '#')); p++)
		if (p == raw || p[-1] != '\\') {
			*p = '\0';
			break;
		}
	for (size_t n = strlen(raw); n && isspace((unsigned char)raw[n - 1]);)
		raw[--n] = '\0';
	if (!*s || conditional(m, s) || is_dead(m) || (*raw == '\t' && m->in_rule))
		return;
	if ((rest = after_word(s, "include")) || (rest = after_word(s, "-include")))
		include(m, rest);
	else if ((rest = after_word(s, "define")))
		define(m, rest);
	else
		statement(m, s);
}

void kmake_lines(struct kmake *m, const char *text, size_t len)
{
	_cleanup_buf_ struct buf b = {};
	const struct kcond *cond = m->cond;
	struct kmblock *blocks = m->blocks;

	if (m->depth > KMAKE_DEPTH_MAX || !kmake_spend(m, len + 1))
		return;
	m->depth++;
	for (const char *p = text, *end = text + len; p < end && !kmake_over(m);) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		if (stop > p && stop[-1] == '\\') {
			buf_add(&b, p, (size_t)(stop - p) - 1);
			buf_addc(&b, ' ');
		} else {
			buf_add(&b, p, (size_t)(stop - p));
			buf_str(&b);
			line(m, b.data);
			buf_clear(&b);
		}
		p = nl ? nl + 1 : end;
	}
	if (b.len) { // the last line goes on, but there is none
		buf_str(&b);
		line(m, b.data);
	}
	m->depth--;
	m->cond = cond;
	m->blocks = blocks;
}

bool kmake_read(struct kmake *m, const char *path)
{
	_cleanup_free_ char *full = str_printf("/%s", path), *clean = fs_clean(full);
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err e = {};
	const char *outer = m->file;

	if (*path == '/') // only the tree's own
		return false;
	if (!kmake_spend(m, m->file ? INCLUDE_STEPS : OPEN_STEPS) ||
	        fs_read_regular_at(m->k->src_fd, clean + 1, 0, (size_t)4 << 20, &b, &e) < 0)
		return false;
	m->file = clean + 1;
	m->in_rule = false;
	kmake_lines(m, buf_str(&b), b.len);
	if (m->define) { // a define without an end
		buf_release(m->define);
		mem_free(m->define);
		m->define = NULL;
	}
	m->file = outer ? outer : arena_strdup(m->arena, clean + 1);
	return true;
}
