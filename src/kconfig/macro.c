// SPDX-License-Identifier: GPL-2.0-or-later
// Expanding macros (Documentation/kbuild/kconfig-macro-language.rst). The time and memory of one expansion
// are bounded by a budget, so that macros that multiply themselves end in an error.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/macro.h"

#define ARGS_MAX  16
#define DEPTH_MAX 600

struct args {
	int n;
	const char *v[ARGS_MAX];
};

static int expand_all(
        struct kmacro *m, const char *p, const char *end, const struct args *a, struct buf *out);

_printf_(2, 3) static int fail(struct kmacro *m, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = {};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	return err_set(m->err, -EINVAL, "%s:%d: %s", m->file, m->line, buf_str(&b));
}

static int fn_error_if(struct kmacro *m, const struct args *a, struct buf *out)
{
	return strcmp(a->v[0], "y") ? 0 : fail(m, "%s", a->v[1]);
}

static int fn_warning_if(struct kmacro *m, const struct args *a, struct buf *out)
{
	if (!strcmp(a->v[0], "y"))
		kwarn(m->k, "%s:%d: %s\n", m->file, m->line, a->v[1]);
	return 0;
}

static int fn_info(struct kmacro *m, const struct args *a, struct buf *out)
{
	_cleanup_free_ char *line = str_printf("%s\n", a->v[0]);

	if (m->k->info && !m->k->quiet)
		m->k->info(m->k->warn_ctx, line);
	return 0;
}

static int fn_filename(struct kmacro *m, const struct args *a, struct buf *out)
{
	buf_adds(out, m->file);
	return 0;
}

static int fn_lineno(struct kmacro *m, const struct args *a, struct buf *out)
{
	buf_addf(out, "%d", m->line);
	return 0;
}

static int fn_shell(struct kmacro *m, const struct args *a, struct buf *out)
{
	_cleanup_err_ struct err e = {};
	const char *text;
	int r = kprobe_get(m->k, a->v[0], &text, &e);

	if (r < 0) {
		fail(m, "$(shell,%.200s): %s", a->v[0], e.msg ? e.msg : "cannot run it");
		return r;
	}
	buf_adds(out, text);
	return 0;
}

static const struct function {
	const char *name;
	int args;
	int (*f)(struct kmacro *m, const struct args *a, struct buf *out);
} functions[] = {
        {"error-if", 2, fn_error_if},
        {"filename", 0, fn_filename},
        {"info", 1, fn_info},
        {"lineno", 0, fn_lineno},
        {"shell", 1, fn_shell},
        {"warning-if", 2, fn_warning_if},
};

static int call_function(struct kmacro *m, const struct function *f, const struct args *a, struct buf *out)
{
	if (a->n < f->args)
		return fail(m, "too few function arguments passed to '%s'", f->name);
	if (a->n > f->args)
		return fail(m, "too many function arguments passed to '%s'", f->name);
	return f->f(m, a, out);
}

static int call_variable(struct kmacro *m, struct kvar *v, const struct args *a, struct buf *out)
{
	int r = 0;

	if (v->busy && a->n == 0)
		return fail(m, "Recursive variable '%s' references itself (eventually)", v->name);
	if (v->busy > 1000)
		return fail(m, "Too deep recursive expansion");
	if (v->simple) {
		buf_adds(out, v->value);
		return 0;
	}
	v->busy++;
	r = expand_all(m, v->value, v->value + strlen(v->value), a, out);
	v->busy--;
	return r;
}

// What the expanded name stands for: variable, function, environment, nothing.
static int call_name(struct kmacro *m, const char *name, const struct args *a, struct buf *out)
{
	struct kvar *v = hmap_get(&m->k->vars, name);

	if (v)
		return call_variable(m, v, a, out);
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (!strcmp(functions[i].name, name))
			return call_function(m, &functions[i], a, out);
	if (a->n == 0 && *name) {
		const char *value = hmap_get(&m->k->env, name);
		if (value)
			buf_adds(out, value);
	}
	return 0;
}

// Splits at the commas outside of parentheses; pieces are [start[i], start[i + 1] - 1).
static int split(struct kmacro *m, const char *p, const char *end, const char **start)
{
	int n = 1, nest = 0;

	start[0] = p;
	for (; p < end; p++) {
		if (*p == '(') {
			nest++;
		} else if (*p == ')') {
			nest--;
		} else if (*p == ',' && nest == 0) {
			if (n >= ARGS_MAX)
				return fail(m, "too many function arguments");
			start[n++] = p + 1;
		}
	}
	start[n] = end + 1;
	return n;
}

static long argument_number(const char *p, const char *end)
{
	long n = 0;

	if (p == end || end - p > 3)
		return 0;
	for (; p < end; p++) {
		if (!isdigit((unsigned char)*p))
			return 0;
		n = n * 10 + (*p - '0');
	}
	return n;
}

// The inside of $(...): an argument of the function under way, or a name with arguments.
static int expand_clause(
        struct kmacro *m, const char *p, const char *end, const struct args *outer, struct buf *out)
{
	const char *start[ARGS_MAX + 1];
	struct buf parts[ARGS_MAX] = {};
	struct args a = {};
	long arg = argument_number(p, end);
	int r = 0;

	if (arg > 0 && outer && arg <= outer->n) {
		buf_adds(out, outer->v[arg - 1]);
		return 0;
	}
	int n = split(m, p, end, start);
	if (n < 0)
		return n;
	for (int i = 0; i < n && r >= 0; i++)
		r = expand_all(m, start[i], start[i + 1] - 1, outer, &parts[i]);
	for (int i = 1; i < n; i++)
		a.v[a.n++] = buf_str(&parts[i]);
	if (r >= 0)
		r = call_name(m, buf_str(&parts[0]), &a, out);
	for (int i = 0; i < n; i++)
		buf_release(&parts[i]);
	return r;
}

static int expand_dollar(
        struct kmacro *m, const char **p, const char *end, const struct args *a, struct buf *out)
{
	const char *q, *open = *p + 1;
	int nest = 0, r;

	if (*p >= end || **p != '(') {
		buf_addc(out, '$');
		return 0;
	}
	for (q = open; q < end && !(*q == ')' && nest == 0); q++)
		nest += *q == '(' ? 1 : *q == ')' ? -1 : 0;
	if (q >= end)
		return fail(
		        m, "unterminated reference to '%.*s': missing ')'", (int)MIN(end - open, 200), open);
	size_t cost = (size_t)(q - open) + out->len / 64 + 16;
	if (cost > m->budget_bytes)
		return fail(m, "the expansion of macros does not end");
	m->budget_bytes -= cost;
	if (++m->depth > DEPTH_MAX)
		return fail(m, "macros nested more than %d deep", DEPTH_MAX);
	*p = q + 1;
	r = expand_clause(m, open, q, a, out);
	m->depth--;
	if (out->len > ((size_t)4 << 20))
		return fail(m, "the expansion of macros is longer than 4 MiB");
	return r;
}

static int expand_all(struct kmacro *m, const char *p, const char *end, const struct args *a, struct buf *out)
{
	while (p < end) {
		const char *d = memchr(p, '$', (size_t)(end - p));
		if (!d) {
			buf_add(out, p, (size_t)(end - p));
			return 0;
		}
		buf_add(out, p, (size_t)(d - p));
		p = d + 1;
		int r = expand_dollar(m, &p, end, a, out);
		if (r < 0)
			return r;
	}
	return 0;
}

int kmacro_dollar(struct kmacro *m, const char **p, const char *end, struct buf *out)
{
	m->depth = 0;
	m->budget_bytes = (size_t)16 << 20;
	return expand_dollar(m, p, end, NULL, out);
}

int kmacro_word(struct kmacro *m, const char **p, const char *end, struct buf *out)
{
	m->depth = 0;
	m->budget_bytes = (size_t)16 << 20;
	while (*p < end) {
		if (**p == '$') {
			++*p;
			int r = expand_dollar(m, p, end, NULL, out);
			if (r < 0)
				return r;
		} else if (isalnum((unsigned char)**p) || **p == '_' || **p == '-') {
			buf_addc(out, *(*p)++);
		} else {
			break;
		}
	}
	return 0;
}

int kmacro_assign(
        struct kmacro *m, const char *name, size_t name_len, enum kassign how, const char *value, size_t len)
{
	_cleanup_buf_ struct buf b = {};
	struct kvar *v = hmap_getn(&m->k->vars, name, name_len);
	bool append = v && how == KASSIGN_APPEND;

	m->depth = 0;
	m->budget_bytes = (size_t)16 << 20;
	if (!v) {
		v = NEW(struct kvar);
		v->name = arena_strndup(&m->k->arena, name, name_len);
		v->value = mem_strdup(""); // what its own text sees when it names itself
		hmap_putn(&m->k->vars, name, name_len, v);
	}
	if (how != KASSIGN_APPEND)
		v->simple = how == KASSIGN_SIMPLE;
	if (append) {
		buf_adds(&b, v->value);
		buf_addc(&b, ' ');
	}
	if (v->simple) {
		int r = expand_all(m, value, value + len, NULL, &b);
		if (r < 0)
			return r;
	} else {
		buf_add(&b, value, len);
	}
	mem_free(v->value);
	v->value = buf_steal(&b);
	return 0;
}

static void var_free(void *p)
{
	struct kvar *v = p;

	mem_free(v->value);
	mem_free(v);
}

void kmacro_forget(struct kconfig *k)
{
	hmap_release_with(&k->vars, var_free);
	k->vars = (struct hmap){};
}
