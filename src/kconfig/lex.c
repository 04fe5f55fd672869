// SPDX-License-Identifier: GPL-2.0-or-later
// The lexer of Kconfig files. Each file is read once, whole, into the arena; tokens point into it.
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "kconfig/lex.h"

#define INCLUDE_MAX    200
#define FILE_MAX_BYTES ((off_t)256 << 20)

static const struct keyword {
	const char *name;
	enum ktoken tok;
} keywords[] = {
        {"bool", KT_BOOL},
        {"choice", KT_CHOICE},
        {"comment", KT_COMMENT},
        {"config", KT_CONFIG},
        {"def_bool", KT_DEF_BOOL},
        {"def_tristate", KT_DEF_TRISTATE},
        {"default", KT_DEFAULT},
        {"depends", KT_DEPENDS},
        {"endchoice", KT_ENDCHOICE},
        {"endif", KT_ENDIF},
        {"endmenu", KT_ENDMENU},
        {"help", KT_HELP},
        {"hex", KT_HEX},
        {"if", KT_IF},
        {"imply", KT_IMPLY},
        {"int", KT_INT},
        {"mainmenu", KT_MAINMENU},
        {"menu", KT_MENU},
        {"menuconfig", KT_MENUCONFIG},
        {"modules", KT_MODULES},
        {"on", KT_ON},
        {"optional", KT_OPTIONAL},
        {"prompt", KT_PROMPT},
        {"range", KT_RANGE},
        {"select", KT_SELECT},
        {"source", KT_SOURCE},
        {"string", KT_STRING},
        {"transitional", KT_TRANSITIONAL},
        {"tristate", KT_TRISTATE},
        {"visible", KT_VISIBLE},
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-';
}

static struct klex_file *top(const struct klex *x)
{
	return &x->stack[x->depth - 1];
}

const char *klex_file(const struct klex *x)
{
	return x->depth ? top(x)->name : "";
}

int klex_line(const struct klex *x)
{
	return x->depth ? top(x)->line : x->stmt_line;
}

static enum ktoken keyword(const struct klex *x, const char *s, size_t len)
{
	if (len < 2 || len > 12 || s[0] < 'b' || s[0] > 'v')
		return KT_WORD;
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		const struct keyword *w = &keywords[i];
		if (w->name[0] != s[0] || strncmp(w->name, s, len) || w->name[len])
			continue;
		if ((w->tok == KT_OPTIONAL && !x->k->dialect.has_optional) ||
		        (w->tok == KT_TRANSITIONAL && !x->k->dialect.has_transitional))
			return KT_WORD;
		return w->tok;
	}
	return KT_WORD;
}

static int read_all(int fd, char *p, size_t size, const char *name, struct err *e)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = read(fd, p + at, size - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(e, n < 0 ? errno : EIO, "%s: cannot read it", name);
		at += (size_t)n;
	}
	return 0;
}

// Pushes the file; -ENOENT and the like without text, so that the caller says who wanted it.
static int push(struct klex *x, const char *name)
{
	_cleanup_close_ int fd = openat(x->k->src_fd, name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (st.st_size > FILE_MAX_BYTES)
		return -EFBIG;
	char *text = arena_alloc(&x->k->arena, (size_t)st.st_size + 1);
	int r = read_all(fd, text, (size_t)st.st_size, name, x->err);
	if (r < 0)
		return r;
	mem_grow(&x->stack, &x->cap, x->depth + 1, sizeof(*x->stack));
	x->stack[x->depth++] = (struct klex_file){
	        .name = kfile_intern(x->k, name), .p = text, .end = text + st.st_size, .line = 1};
	return 0;
}

int klex_begin(struct klex *x, struct kconfig *k, const char *name, struct err *e)
{
	*x = (struct klex){
	        .k = k, .macro = {.k = k, .err = e}, .err = e, .prev = KT_EOL, .prev_prev = KT_EOL};
	int r = push(x, name);
	return r < 0 ? err_sys(e, -r, "%s/%s: cannot read the Kconfig file", k->srctree, name) : 0;
}

static int recursive_inclusion(struct klex *x, const char *name)
{
	_cleanup_buf_ struct buf b = {};

	for (size_t i = x->depth; i-- > 0;)
		buf_addf(&b, "\n  included from: %s:%d", x->stack[i].name, x->stack[i].source_line);
	return err_set(x->err, -ELOOP, "%s:%d: recursive inclusion of %s%s", klex_file(x), x->stmt_line, name,
	        buf_str(&b));
}

struct klex_place {
	const char *file;
	int line;
};

static int first_inclusion(struct klex *x, const char *name)
{
	const struct klex_place *before = hmap_get(&x->sourced, name);

	if (before)
		return err_set(x->err, -EINVAL,
		        "%s:%d: error: repeated inclusion of %s\n"
		        "%s:%d: note: location of first inclusion of %s",
		        klex_file(x), x->stmt_line, name, before->file, before->line, name);
	struct klex_place *here = arena_alloc(&x->k->arena, sizeof(*here));
	*here = (struct klex_place){.file = klex_file(x), .line = x->stmt_line};
	hmap_put(&x->sourced, name, here);
	return 0;
}

int klex_source(struct klex *x, const char *name, size_t len)
{
	char *n = arena_strndup(&x->k->arena, name, len);

	top(x)->source_line = x->stmt_line;
	for (size_t i = 0; i < x->depth; i++)
		if (!strcmp(x->stack[i].name, n))
			return recursive_inclusion(x, n);
	if (x->k->dialect.source_once && first_inclusion(x, n) < 0)
		return x->err->code;
	if (x->depth >= INCLUDE_MAX)
		return err_set(x->err, -ELOOP, "%s:%d: files included more than %d deep", klex_file(x),
		        x->stmt_line, INCLUDE_MAX);
	int r = push(x, n);
	if (r < 0 && !x->err->code)
		return err_sys(x->err, -r, "%s:%d: can't open file \"%s\"", klex_file(x), x->stmt_line, n);
	return r;
}

void klex_end(struct klex *x)
{
	mem_free(x->stack);
	hmap_release(&x->sourced);
	buf_release(&x->scratch);
}

static const char *line_end(const struct klex_file *f)
{
	const char *nl = memchr(f->p, '\n', (size_t)(f->end - f->p));

	return nl ? nl : f->end;
}

// A word with macros in it, or only a word.
static enum ktoken lex_word(struct klex *x)
{
	struct klex_file *f = top(x);
	const char *s = f->p, *q = s;

	while (q < f->end && is_word(*q))
		q++;
	if (q == f->end || *q != '$') {
		f->p = q;
		x->text = s;
		x->len = (size_t)(q - s);
		return keyword(x, s, x->len);
	}
	buf_clear(&x->scratch);
	x->macro.file = f->name;
	x->macro.line = f->line;
	if (kmacro_word(&x->macro, &f->p, line_end(f), &x->scratch) < 0)
		return KT_FATAL;
	if (!x->scratch.len)
		return KT_END; // nothing: the caller goes on
	x->len = strlen(buf_str(&x->scratch));
	x->text = arena_strndup(&x->k->arena, x->scratch.data, x->len);
	return KT_WORD;
}

static enum ktoken lex_string(struct klex *x, char quote)
{
	struct klex_file *f = top(x);
	const char *s = ++f->p;

	while (f->p < f->end && *f->p != quote && *f->p != '$' && *f->p != '\\' && *f->p != '\n')
		f->p++;
	if (f->p < f->end && *f->p == quote) {
		x->text = s;
		x->len = (size_t)(f->p++ - s);
		return KT_QUOTED;
	}
	buf_clear(&x->scratch);
	buf_add(&x->scratch, s, (size_t)(f->p - s));
	while (f->p < f->end && *f->p != quote) {
		char c = *f->p;
		if (c == '\n') {
			kwarn(x->k, "%s:%d:warning: multi-line strings not supported\n", f->name,
			        x->stmt_line);
			break;
		}
		f->p++;
		if (c == '$') {
			x->macro.file = f->name;
			x->macro.line = f->line;
			if (kmacro_dollar(&x->macro, &f->p, line_end(f), &x->scratch) < 0)
				return KT_FATAL;
		} else if (c != '\\') {
			buf_addc(&x->scratch, c);
		} else if (f->p < f->end && *f->p != '\n') {
			buf_addc(&x->scratch, *f->p++);
		}
	}
	if (f->p < f->end && *f->p == quote)
		f->p++;
	x->len = strlen(buf_str(&x->scratch));
	x->text = arena_strndup(&x->k->arena, x->scratch.data, x->len);
	return KT_QUOTED;
}

// Operators; KT_END for a character that is none.
static enum ktoken lex_operator(struct klex_file *f)
{
	static const struct operator
	{
		char text[3];
		enum ktoken tok;
	}
	ops[] = {
	        {"||", KT_OR},
	        {"&&", KT_AND},
	        {"!=", KT_NE},
	        {"<=", KT_LE},
	        {">=", KT_GE},
	        {":=", KT_COLON_EQ},
	        {"+=", KT_PLUS_EQ},
	        {"=", KT_EQ},
	        {"<", KT_LT},
	        {">", KT_GT},
	        {"!", KT_NOT},
	        {"(", KT_OPEN},
	        {")", KT_CLOSE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		size_t n = strlen(ops[i].text);
		if ((size_t)(f->end - f->p) < n || memcmp(f->p, ops[i].text, n))
			continue;
		f->p += n;
		return ops[i].tok;
	}
	return KT_END;
}

static enum ktoken end_of_file(struct klex *x)
{
	struct klex_file *f = top(x);

	if (x->prev != KT_EOL)
		kwarn(x->k, "%s:%d:warning: no new line at end of file\n", f->name, f->line);
	if (x->depth == 1)
		return x->prev == KT_EOL ? KT_END : KT_EOL;
	x->depth--;
	return KT_EOL;
}

// The rest of an assignment's line.
static enum ktoken lex_value(struct klex *x)
{
	struct klex_file *f = top(x);

	while (f->p < f->end && (*f->p == ' ' || *f->p == '\t'))
		f->p++;
	x->text = f->p;
	f->p = line_end(f);
	x->len = (size_t)(f->p - x->text);
	x->in_value = false;
	return x->len ? KT_VALUE : KT_END;
}

static void unsupported(struct klex *x, struct klex_file *f)
{
	kwarn(x->k, "%s:%d:warning: ignoring unsupported character '%c'\n", f->name, f->line, *f->p);
	f->p++;
}

// One token of any kind; blank lines are tokens too.
static enum ktoken lex_raw(struct klex *x)
{
	for (;;) {
		struct klex_file *f = top(x);
		enum ktoken t;

		if (x->in_value && (t = lex_value(x)) != KT_END)
			return t;
		while (f->p < f->end && (*f->p == ' ' || *f->p == '\t'))
			f->p++;
		if (f->p >= f->end)
			return end_of_file(x);
		char c = *f->p;
		if (c == '\n') {
			f->p++;
			f->line++;
			return KT_EOL;
		}
		if (c == '#') {
			f->p = line_end(f);
		} else if (c == '\\' && f->p + 1 < f->end && f->p[1] == '\n') {
			f->p += 2;
			f->line++;
		} else if (is_word(c) || c == '$') {
			t = lex_word(x);
			if (t != KT_END)
				return t;
		} else if (c == '"' || c == '\'') {
			return lex_string(x, c);
		} else if ((t = lex_operator(f)) != KT_END) {
			return t;
		} else {
			unsupported(x, f);
		}
	}
}

enum ktoken klex_next(struct klex *x)
{
	enum ktoken t;

	do
		t = lex_raw(x);
	while (x->prev == KT_EOL && t == KT_EOL);
	if (x->prev == KT_EOL)
		x->stmt_line = top(x)->line;
	if (x->prev_prev == KT_EOL && x->prev == KT_WORD &&
	        (t == KT_EQ || t == KT_COLON_EQ || t == KT_PLUS_EQ))
		x->in_value = true;
	x->prev_prev = x->prev;
	x->prev = x->tok = t;
	return t;
}

static size_t indentation(const char *p, const char *end)
{
	size_t ts = 0;

	for (; p < end; p++)
		ts = *p == '\t' ? (ts & ~(size_t)7) + 8 : ts + 1;
	return ts;
}

// Help ends before the first line that is indented less than its first one.
void klex_help(struct klex *x, const char **ret, size_t *ret_len, bool *ret_blank)
{
	struct klex_file *f = top(x);
	const char *start = f->p;
	size_t first = 0;

	*ret_blank = true;
	while (f->p < f->end) {
		const char *s = f->p, *q = s, *nl = line_end(f);
		while (q < nl && (*q == ' ' || *q == '\t'))
			q++;
		if (q < nl) {
			size_t ts = indentation(s, q);
			if ((first && ts < first) || (q == s && s != start))
				break;
			if (!first)
				first = ts;
			*ret_blank = false;
		}
		f->p = nl;
		if (nl < f->end) {
			f->p++;
			f->line++;
		}
	}
	*ret = start;
	*ret_len = (size_t)(f->p - start);
	x->prev = KT_EOL;
	x->prev_prev = KT_WORD;
}
