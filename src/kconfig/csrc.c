// SPDX-License-Identifier: GPL-2.0-or-later
// Reading C sources: comments away, macros, enumerators and includes noted.
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/csrc.h"

#define FILE_MAX       ((size_t)8 << 20)
#define ANCESTORS      5
#define INCLUDE_DEEP   30
#define OPEN_STEPS     1000 // what trying to open a file costs beside looking at as many bytes
#define LINE_MAX_BYTES 1000 // of #include "x.c", and of an enumerator's value

static const struct cmacro none;

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool cworld_spend(struct cworld *w, size_t steps)
{
	w->left -= MIN(steps, w->left);
	return w->left > 0;
}

// Comments become blanks (their newlines stay), in place.
static void strip_comments(char *s)
{
	while (*s) {
		if (*s == '"' || *s == '\'') {
			char quote = *s++;
			while (*s && *s != quote && *s != '\n')
				s += *s == '\\' && s[1] ? 2 : 1;
			s += *s != '\0';
		} else if (s[0] == '/' && s[1] == '*') {
			char *end = strstr(s + 2, "*/");
			end = end ? end + 2 : s + strlen(s);
			for (; s < end; s++)
				*s = *s == '\n' ? '\n' : ' ';
		} else if (s[0] == '/' && s[1] == '/') {
			while (*s && *s != '\n')
				*s++ = ' ';
		} else {
			s++;
		}
	}
}

// The end of a line that may go on after a backslash.
static char *line_end(char *s)
{
	for (;; s++) {
		s += strcspn(s, "\n");
		if (!*s || s[-1] != '\\')
			return s;
	}
}

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t' || (s[0] == '\\' && s[1] == '\n'))
		s += *s == '\\' ? 2 : 1;
	return s;
}

static void add_macro(struct csrc *f, const struct cmacro *m)
{
	mem_grow(&f->macros, &f->macros_cap, f->macros_len + 1, sizeof(*f->macros));
	f->macros[f->macros_len++] = *m;
	hmap_put(&f->names, m->name, (void *)f->macros_len);
}

// Where the branches of the innermost conditionals began.
struct branches {
	size_t start[64];
	bool other[64];    // in #else or #elif
	bool negative[64]; // of #ifndef: what is after #else is for those that have the name
	unsigned depth;
};

// The branch before has defined it already.
static bool defined_before(const struct csrc *f, const struct branches *b, const char *name)
{
	size_t number = (size_t)hmap_get(&f->names, name);

	for (unsigned i = 0; number && i < b->depth && i < ARRAY_SIZE(b->start); i++)
		if (b->other[i] && !b->negative[i] && f->macros[number - 1].at >= b->start[i])
			return true;
	return false;
}

static const char *parameters(struct csrc *f, const char *s, struct cmacro *m)
{
	const char *names[32];

	m->params = 0;
	for (s = skip_blanks(s + 1); *s && *s != ')' && m->params < 32; s = skip_blanks(s)) {
		size_t n = 0;
		while (name_char(s[n]))
			n++;
		if (!strncmp(s, "...", 3)) {
			names[m->params++] = "__VA_ARGS__";
			m->variadic = true;
			s += 3;
		} else if (n) {
			names[m->params++] = arena_strndup(&f->arena, s, n);
			s = skip_blanks(s + n);
			if (!strncmp(s, "...", 3)) {
				m->variadic = true;
				s += 3;
			}
		} else {
			s++;
		}
		s = skip_blanks(s);
		s += *s == ',';
	}
	m->param = arena_alloc(&f->arena, ((size_t)m->params + 1) * sizeof(*m->param));
	if (m->params)
		memcpy(m->param, names, (size_t)m->params * sizeof(*names));
	return *s ? s + 1 : s;
}

static void define(struct csrc *f, const char *s, const char *end, const struct branches *b)
{
	struct cmacro m = {.at = (size_t)(s - f->text), .params = -1};
	size_t n = 0;

	while (name_char(s[n]))
		n++;
	if (!n)
		return;
	m.name = arena_strndup(&f->arena, s, n);
	if (defined_before(f, b, m.name))
		return;
	s += n;
	if (*s == '(')
		s = parameters(f, s, &m);
	m.body = s = skip_blanks(s);
	m.body_len = s < end ? (size_t)(end - s) : 0;
	add_macro(f, &m);
}

static void include(struct csrc *f, const char *s)
{
	char close = *s == '<' ? '>' : '"';
	const char *end = *s == '<' || *s == '"' ? strchr(s + 1, close) : NULL;

	if (!end || memchr(s, '\n', (size_t)(end - s)))
		return;
	mem_grow(&f->includes, &f->includes_cap, f->includes_len + 1, sizeof(*f->includes));
	f->includes[f->includes_len++] = (struct cinclude){
	        .name = arena_strndup(&f->arena, s + 1, (size_t)(end - s - 1)), .quoted = close == '"'};
}

// Blanks out what is below #if 0, up to its #else or #endif.
static void drop_dead(char *s)
{
	unsigned depth = 0;

	while (*s) {
		char *end = line_end(s);
		const char *p = skip_blanks(s);
		if (*p == '#') {
			p = skip_blanks(p + 1);
			if (str_has_prefix(p, "if"))
				depth++;
			else if (!depth && (str_has_prefix(p, "endif") || str_has_prefix(p, "el")))
				return;
			else if (str_has_prefix(p, "endif"))
				depth--;
		}
		for (; s < end; s++)
			*s = *s == '\n' ? '\n' : ' ';
		s += *s == '\n';
	}
}

static void directive(struct csrc *f, char *line, char *end, struct branches *b)
{
	const char *s = skip_blanks(line + 1), *rest;
	unsigned top = b->depth - 1;

	if ((rest = str_after(s, "define"))) {
		define(f, skip_blanks(rest), end, b);
	} else if ((rest = str_after(s, "include"))) {
		include(f, skip_blanks(rest));
	} else if ((rest = str_after(s, "if"))) {
		if (b->depth < ARRAY_SIZE(b->start)) {
			b->start[b->depth] = (size_t)(line - f->text);
			b->other[b->depth] = false;
			b->negative[b->depth] = str_has_prefix(rest, "ndef");
		}
		b->depth++;
		rest = skip_blanks(rest);
		if (*rest == '0' && !name_char(rest[1]) && *end)
			drop_dead(end + 1);
	} else if (str_has_prefix(s, "el")) {
		if (b->depth && top < ARRAY_SIZE(b->start))
			b->other[top] = true;
	} else if (str_has_prefix(s, "endif")) {
		b->depth -= b->depth > 0;
	}
}

static void directives(struct csrc *f)
{
	struct branches b = {};

	for (char *s = f->text; *s;) {
		char *p = (char *)skip_blanks(s), *end;
		if (*p != '#') { // to the next line that has one
			p = strchr(p, '#');
			if (!p)
				return;
			for (s = p; s > f->text && s[-1] != '\n' && (s[-1] == ' ' || s[-1] == '\t');)
				s--;
			if (s > f->text && s[-1] != '\n') {
				s = p + strcspn(p, "\n");
				s += *s == '\n';
				continue;
			}
		}
		end = line_end(p);
		directive(f, p, end, &b);
		s = *end ? end + 1 : end;
	}
}

// Enumerators are macros of the last given value and what is added to it.
static const char *enumerators(struct csrc *f, const char *s)
{
	_cleanup_buf_ struct buf base = {};
	unsigned more = 0;
	bool known = true;

	for (s = skip_blanks(s); *s && *s != '}';) {
		size_t n = 0;
		s += strspn(s, " \t\n,");
		while (name_char(s[n]))
			n++;
		if (!n)
			break;
		struct cmacro m = {
		        .name = arena_strndup(&f->arena, s, n), .at = (size_t)(s - f->text), .params = -1};
		s += n + strspn(s + n, " \t\n");
		if (*s == '=') {
			const char *value = ++s;
			unsigned depth = 0;
			for (; *s && (depth || (*s != ',' && *s != '}')); s++) {
				depth += *s == '(';
				depth -= *s == ')' && depth;
			}
			buf_clear(&base);
			known = s - value < LINE_MAX_BYTES;
			buf_addf(&base, "(%.*s)", known ? (int)(s - value) : 0, value);
			more = 0;
		}
		if (!known) // and each of the next ones would have it, too
			continue;
		m.body = arena_printf(&f->arena, "(%s+%u)", base.len ? base.data : "0", more++);
		m.body_len = strlen(m.body);
		if (!hmap_has(&f->names, m.name))
			add_macro(f, &m);
	}
	return s;
}

static void enums(struct csrc *f)
{
	const char *s = f->text;

	while ((s = strstr(s, "enum"))) {
		const char *p = s + 4;
		bool word = (s == f->text || !name_char(s[-1])) && !name_char(*p);
		s = p;
		if (!word)
			continue;
		p += strspn(p, " \t\n");
		while (name_char(*p))
			p++;
		p += strspn(p, " \t\n");
		if (*p == '{')
			s = enumerators(f, p + 1);
	}
}

// #include "x.c": the file is a part of this one.
static void insert_parts(struct cworld *w, const char *path, struct buf *b, unsigned depth)
{
	const char *p;

	for (size_t at = 0; depth < 3 && cworld_spend(w, 1) && (p = strstr(buf_str(b) + at, ".c\""));
	        at = (size_t)(p - b->data) + (*p != 0)) {
		const char *line = p, *name;
		while (line > b->data && p - line < LINE_MAX_BYTES && line[-1] != '\n')
			line--;
		const char *s = skip_blanks(line);
		if (*s != '#' || !str_has_prefix(skip_blanks(s + 1), "include") ||
		        !(name = memchr(s, '"', (size_t)(p - s))))
			continue;
		_cleanup_free_ char *dir = str_dirname(path),
		                    *full = str_printf("/%s/%.*s.c", dir, (int)(p - name - 1), name + 1),
		                    *clean = fs_clean(full);
		_cleanup_buf_ struct buf other = {}, all = {};
		_cleanup_err_ struct err skip = {};
		if (fs_read_regular_at(w->k->src_fd, clean + 1, 0, FILE_MAX, &other, &skip) < 0 ||
		        b->len + other.len > FILE_MAX || !cworld_spend(w, b->len + other.len))
			continue;
		insert_parts(w, clean + 1, &other, depth + 1);
		size_t head = (size_t)(line - b->data), tail = (size_t)(p + 3 - b->data);
		buf_add(&all, b->data, head);
		buf_add(&all, other.data, other.len);
		buf_add(&all, b->data + tail, b->len - tail);
		struct buf old = *b;
		*b = all;
		all = old;
		p = buf_str(b) + head + other.len; // what came in had its own parts read already
	}
}

struct csrc *csrc_parse(struct cworld *w, const char *path, struct buf *b)
{
	struct csrc *f = NEW(struct csrc);

	if (str_has_suffix(path, ".c"))
		insert_parts(w, path, b, 0);
	f->path = arena_strdup(&f->arena, path);
	f->len = strlen(buf_str(b));
	f->text = buf_steal(b);
	strip_comments(f->text);
	directives(f);
	enums(f);
	return f;
}

void csrc_free(struct csrc *f)
{
	if (!f)
		return;
	mem_free(f->text);
	mem_free(f->macros);
	mem_free(f->includes);
	hmap_release(&f->names);
	hmap_release(&f->seen);
	arena_release(&f->arena);
	mem_free(f);
}

static void free_header(void *f)
{
	csrc_free(f);
}

void cworld_release(struct cworld *w)
{
	hmap_release_with(&w->headers, free_header);
}

static struct csrc *header(struct cworld *w, const char *path)
{
	_cleanup_free_ char *full = str_printf("/%s", path), *clean = fs_clean(full);
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err skip = {};
	struct csrc *f = NULL;

	if (hmap_has(&w->headers, clean))
		return hmap_get(&w->headers, clean);
	if (!cworld_spend(w, OPEN_STEPS))
		return NULL;
	if (fs_read_regular_at(w->k->src_fd, clean + 1, 0, FILE_MAX, &b, &skip) >= 0)
		f = csrc_parse(w, clean + 1, &b);
	hmap_put(&w->headers, clean, f);
	return f;
}

static struct csrc *in_folders(struct cworld *w, const struct csrc *f, const char *name)
{
	_cleanup_free_ char *dir = str_dirname(f->path);

	for (unsigned i = 0; i < ANCESTORS; i++) {
		_cleanup_free_ char *path = fs_join(dir, name),
		                    *deeper = str_printf("%s/include/%s", dir, name);
		struct csrc *found = header(w, path);
		if (!found)
			found = header(w, deeper);
		if (found || str_eq(dir, "."))
			return found;
		char *up = str_dirname(dir);
		mem_free(dir);
		dir = up;
	}
	return NULL;
}

static struct csrc *resolve(struct cworld *w, const struct csrc *f, struct cinclude *i)
{
	const char *arch = hmap_get(&w->k->env, "SRCARCH");

	if (i->looked)
		return i->file;
	if (i->quoted)
		i->file = in_folders(w, f, i->name);
	for (int n = 0; n < 5 && !i->file; n++) {
		const char *asm_name = str_after(i->name, "asm/");
		_cleanup_free_ char *path =
		        n == 0   ? str_printf("include/%s", i->name)
		        : n == 1 ? str_printf("arch/%s/include/%s", arch, i->name)
		        : n == 2 ? str_printf("include/uapi/%s", i->name)
		        : n == 3 ? str_printf("arch/%s/include/uapi/%s", arch, i->name)
		                 : str_printf("include/asm-generic/%s", asm_name ? asm_name : "-");
		i->file = header(w, path);
	}
	if (!i->file && !i->quoted) // of a folder that the Makefile names
		i->file = in_folders(w, f, i->name);
	i->looked = w->left > 0; // what this source file had no steps left for, the next one looks for
	return i->file;
}

static const struct cmacro *newest(const struct csrc *f, const char *name)
{
	size_t number = (size_t)hmap_get(&f->names, name);

	return number ? &f->macros[number - 1] : NULL;
}

static const struct cmacro *search(
        struct cworld *w, struct csrc *f, const char *name, bool all, unsigned depth)
{
	const struct cmacro *m = NULL;

	if (f->mark == w->mark || depth > INCLUDE_DEEP || !cworld_spend(w, 1 + f->includes_len))
		return NULL;
	f->mark = w->mark;
	m = newest(f, name);
	for (int pass = 0; pass < 2 && !m; pass++) {
		for (size_t i = 0; i < f->includes_len && !m; i++) {
			struct cinclude *in = &f->includes[i];
			if (in->quoted != !pass || (!in->quoted && !all))
				continue;
			struct csrc *other = resolve(w, f, in);
			m = other ? search(w, other, name, all, depth + 1) : NULL;
		}
	}
	return m;
}

// Of several definitions in the file itself, the last one before the place.
static const struct cmacro *own(struct cworld *w, const struct csrc *f, const char *name, size_t at)
{
	const struct cmacro *m = newest(f, name);

	if (!m || m->at <= at)
		return m;
	for (size_t i = f->macros_len; i-- > 0 && cworld_spend(w, 1);)
		if (f->macros[i].at <= at && str_eq(f->macros[i].name, name))
			return &f->macros[i];
	return m;
}

const struct cmacro *cmacro_find(
        struct cworld *w, struct csrc *top, const char *name, size_t len, size_t at, bool called)
{
	_cleanup_free_ char *n = mem_strndup(name, len);
	const struct cmacro *m = own(w, top, n, at);
	bool capital = called;

	if (m)
		return m;
	m = hmap_get(&top->seen, n);
	if (m)
		return m == &none ? NULL : m;
	for (const char *c = n; *c; c++)
		capital |= isupper((unsigned char)*c) != 0;
	w->mark++;
	m = search(w, top, n, capital, 0);
	hmap_put(&top->seen, n, (void *)(m ? m : &none));
	return m;
}
