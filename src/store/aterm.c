// SPDX-License-Identifier: GPL-2.0-or-later
// Parsing and printing of .drv files.
#include "store/aterm.h"

#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"

// text is a copy of the input in the derivation's arena; strings are cut out of it in place.
struct scan {
	struct drv *d;
	char *p, *end;
	const char *start;
	struct err *e;
};

static int bad(struct scan *s, const char *what)
{
	return err_set(s->e, -EBADMSG, "error parsing derivation '%s': %s at byte %td", s->d->name, what,
	        s->p - s->start);
}

static int expect(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
		return err_set(s->e, -EBADMSG,
		        "error parsing derivation '%s': expected string '%s' at byte %td", s->d->name, word,
		        s->p - s->start);
	s->p += len;
	return 0;
}

static char unescape(char c)
{
	return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

// A quoted string; the closing quote becomes its NUL.
static int scan_str(struct scan *s, char **ret)
{
	int r = expect(s, "\"");

	if (r < 0)
		return r;
	char *from = s->p, *to = s->p;
	while (from < s->end && *from != '"') {
		bool escaped = *from == '\\';
		if (escaped && ++from == s->end)
			break;
		*to++ = escaped ? unescape(*from) : *from;
		from++;
	}
	if (from >= s->end) {
		s->p = s->end;
		return bad(s, "unfinished string");
	}
	*ret = s->p;
	*to = '\0';
	s->p = from + 1;
	return 0;
}

// A string that is printed without escapes (paths, names, the system): it cannot hold what would need one,
// else two derivations could print to the same text.
static int scan_plain(struct scan *s, char **ret)
{
	int r = scan_str(s, ret);

	return r == 0 && strpbrk(*ret, "\"\\") ? bad(s, "quote or backslash in a plain string") : r;
}

// n strings with commas between them.
static int scan_strs(struct scan *s, int (*scan)(struct scan *s, char **ret), char **ret, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = i ? expect(s, ",") : 0;
		if (r == 0)
			r = scan(s, &ret[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

// "[" item "," item ... "]"
static int scan_list(struct scan *s, int (*item)(struct scan *s))
{
	int r = expect(s, "[");

	if (r < 0)
		return r;
	if (s->p < s->end && *s->p == ']') {
		s->p++;
		return 0;
	}
	for (;;) {
		r = item(s);
		if (r < 0)
			return r;
		if (s->p < s->end && *s->p == ',')
			s->p++;
		else
			return expect(s, "]");
	}
}

static int scan_output(struct scan *s)
{
	struct drv *d = s->d;
	char *field[4];
	int r = expect(s, "(");

	if (r == 0)
		r = scan_strs(s, scan_plain, field, 4);
	if (r == 0)
		r = expect(s, ")");
	if (r < 0)
		return r;
	drv_grow(d, &d->outputs, &d->cap_outputs, d->n_outputs + 1, sizeof(*d->outputs));
	d->outputs[d->n_outputs++] = (struct drv_output){field[0], field[1], field[2], field[3]};
	return 0;
}

static int scan_input_output(struct scan *s)
{
	struct drv_input *in = &s->d->inputs[s->d->n_inputs - 1];
	char *name;
	int r = scan_plain(s, &name);

	if (r < 0)
		return r;
	size_t n = strv_len(in->outputs), cap = n + 1;
	if ((n & (n + 1)) == 0) // full at 0, 1, 3, 7, ...
		drv_grow(s->d, &in->outputs, &cap, 2 * n + 2, sizeof(char *));
	in->outputs[n] = name;
	in->outputs[n + 1] = NULL;
	return 0;
}

static int scan_input(struct scan *s)
{
	struct drv *d = s->d;
	char *path;
	int r = expect(s, "(");

	if (r == 0)
		r = scan_plain(s, &path);
	if (r == 0)
		r = expect(s, ",");
	if (r < 0)
		return r;
	drv_grow(d, &d->inputs, &d->cap_inputs, d->n_inputs + 1, sizeof(*d->inputs));
	d->inputs[d->n_inputs++] =
	        (struct drv_input){.path = path, .outputs = arena_alloc(&d->mem, sizeof(char *))};
	r = scan_list(s, scan_input_output);
	return r < 0 ? r : expect(s, ")");
}

static int scan_src(struct scan *s)
{
	struct drv *d = s->d;
	char *path;
	int r = scan_plain(s, &path);

	if (r < 0)
		return r;
	drv_grow(d, &d->srcs, &d->cap_srcs, d->n_srcs + 2, sizeof(*d->srcs));
	d->srcs[d->n_srcs++] = path;
	d->srcs[d->n_srcs] = NULL;
	return 0;
}

static int scan_arg(struct scan *s)
{
	struct drv *d = s->d;
	char *arg;
	int r = scan_str(s, &arg);

	if (r < 0)
		return r;
	drv_grow(d, &d->args, &d->cap_args, d->n_args + 2, sizeof(*d->args));
	d->args[d->n_args++] = arg;
	d->args[d->n_args] = NULL;
	return 0;
}

static int scan_env(struct scan *s)
{
	struct drv *d = s->d;
	char *field[2];
	int r = expect(s, "(");

	if (r == 0)
		r = scan_strs(s, scan_str, field, 2);
	if (r == 0)
		r = expect(s, ")");
	if (r < 0)
		return r;
	drv_grow(d, &d->env, &d->cap_env, d->n_env + 1, sizeof(*d->env));
	d->env[d->n_env++] = (struct drv_env){field[0], field[1]};
	return 0;
}

// One of the seven parts and the comma or parenthesis that ends it.
static int scan_part(struct scan *s, int (*item)(struct scan *s), const char *end)
{
	int r = scan_list(s, item);

	return r < 0 ? r : expect(s, end);
}

static int scan_drv(struct scan *s)
{
	struct drv *d = s->d;
	int r = expect(s, "Derive(");

	if (r == 0)
		r = scan_part(s, scan_output, ",");
	if (r == 0)
		r = scan_part(s, scan_input, ",");
	if (r == 0)
		r = scan_part(s, scan_src, ",");
	if (r == 0)
		r = scan_plain(s, &d->system);
	if (r == 0)
		r = expect(s, ",");
	if (r == 0)
		r = scan_str(s, &d->builder);
	if (r == 0)
		r = expect(s, ",");
	if (r == 0)
		r = scan_part(s, scan_arg, ",");
	if (r == 0)
		r = scan_part(s, scan_env, ")");
	if (r == 0 && s->p != s->end)
		r = bad(s, "something follows the end");
	return r;
}

// Names that come twice would make two derivations that look the same.
static int check_doubles(struct scan *s)
{
	struct drv *d = s->d;

	for (size_t i = 1; i < d->n_outputs; i++)
		if (strcmp(d->outputs[i - 1].name, d->outputs[i].name) == 0)
			return bad(s, "two outputs of the same name");
	for (size_t i = 1; i < d->n_env; i++)
		if (strcmp(d->env[i - 1].name, d->env[i].name) == 0)
			return bad(s, "two variables of the same name");
	return 0;
}

int drv_parse(const char *text, size_t len, const char *name, struct drv **ret, struct err *e)
{
	struct drv *d = drv_new(name);
	struct scan s = {.d = d, .e = e};
	int r;

	s.p = arena_strndup(&d->mem, text, len);
	s.start = s.p;
	s.end = s.p + len;
	if (memchr(text, '\0', len))
		r = bad(&s, "NUL byte in the file");
	else
		r = scan_drv(&s);
	if (r == 0) {
		drv_finish(d);
		r = check_doubles(&s);
	}
	if (r < 0) {
		drv_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

static void print_plain(struct buf *out, const char *s)
{
	buf_addc(out, '"');
	buf_adds(out, s);
	buf_addc(out, '"');
}

static void print_str(struct buf *out, const char *s)
{
	buf_addc(out, '"');
	for (;;) {
		size_t n = strcspn(s, "\"\\\n\r\t");
		buf_add(out, s, n);
		s += n;
		if (!*s)
			break;
		buf_addc(out, '\\');
		buf_addc(out, *s == '\n' ? 'n' : *s == '\r' ? 'r' : *s == '\t' ? 't' : *s);
		s++;
	}
	buf_addc(out, '"');
}

static void print_list(struct buf *out, char *const *list, void (*print)(struct buf *, const char *))
{
	buf_addc(out, '[');
	for (size_t i = 0; list && list[i]; i++) {
		if (i)
			buf_addc(out, ',');
		print(out, list[i]);
	}
	buf_addc(out, ']');
}

static void print_input(struct buf *out, size_t i, const char *name, char *const *outputs)
{
	buf_adds(out, i ? ",(" : "(");
	print_plain(out, name);
	buf_addc(out, ',');
	print_list(out, outputs, print_plain);
	buf_addc(out, ')');
}

static void print_outputs(const struct drv *d, bool mask, struct buf *out)
{
	for (size_t i = 0; i < d->n_outputs; i++) {
		const struct drv_output *o = &d->outputs[i];
		buf_adds(out, i ? ",(" : "(");
		print_plain(out, o->name);
		buf_addc(out, ',');
		print_plain(out, mask ? "" : o->path);
		buf_addc(out, ',');
		print_plain(out, o->hash_algo);
		buf_addc(out, ',');
		print_plain(out, o->hash);
		buf_addc(out, ')');
	}
}

static void print_env(const struct drv *d, bool mask, struct buf *out)
{
	for (size_t i = 0; i < d->n_env; i++) {
		const struct drv_env *env = &d->env[i];
		buf_adds(out, i ? ",(" : "(");
		print_str(out, env->name);
		buf_addc(out, ',');
		print_str(out, mask && drv_output(d, env->name) ? "" : env->value);
		buf_addc(out, ')');
	}
}

void aterm_print(
        const struct drv *d, bool mask_outputs, const struct aterm_input *inputs, size_t n, struct buf *out)
{
	buf_reserve(out, 2000); // as much as most have: not copied while it grows
	buf_adds(out, "Derive([");
	print_outputs(d, mask_outputs, out);
	buf_adds(out, "],[");
	for (size_t i = 0; inputs && i < n; i++)
		print_input(out, i, inputs[i].name, inputs[i].outputs);
	for (size_t i = 0; !inputs && i < d->n_inputs; i++)
		print_input(out, i, d->inputs[i].path, d->inputs[i].outputs);
	buf_adds(out, "],");
	print_list(out, d->n_srcs ? d->srcs : NULL, print_plain);
	buf_addc(out, ',');
	print_plain(out, d->system);
	buf_addc(out, ',');
	print_str(out, d->builder);
	buf_addc(out, ',');
	print_list(out, d->n_args ? d->args : NULL, print_str);
	buf_adds(out, ",[");
	print_env(d, mask_outputs, out);
	buf_adds(out, "])");
}

void drv_print(const struct drv *d, struct buf *out)
{
	aterm_print(d, false, NULL, 0, out);
}
