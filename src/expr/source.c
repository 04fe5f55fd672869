// SPDX-License-Identifier: GPL-2.0-or-later
// Source texts, and the line and column of a position.

#include <string.h>
#include "base/mem.h"
#include "expr/source.h"

const struct source_file *source_add(
        struct source_table *t, enum source_kind kind, const char *path, const char *text, size_t len)
{
	uint32_t base = t->next_base ? t->next_base : 1;
	size_t cap = t->cap;

	if (len >= UINT32_MAX - base - 2)
		return NULL;
	mem_grow(&t->sources, &cap, t->count + 1, sizeof(*t->sources));
	t->cap = (uint32_t)cap;
	struct source_file *s = NEW(struct source_file);
	s->kind = kind;
	s->path = mem_strdup(path);
	s->text = mem_strndup(text, len);
	s->len = (uint32_t)len;
	s->base = base;
	t->next_base = base + (uint32_t)len + 2; // the position at the end of the text is a position too
	t->sources[t->count++] = s;
	return s;
}

const struct source_file *source_of(const struct source_table *t, uint32_t pos)
{
	uint32_t lo = 0, hi = t->count;

	if (!pos)
		return NULL;
	while (lo < hi) { // the last source whose base is not above pos
		uint32_t mid = lo + (hi - lo) / 2;
		if (t->sources[mid]->base <= pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? t->sources[lo - 1] : NULL;
}

// A line ends with LF, CR LF or CR alone.
static const char *line_end(const char *p, const char *end)
{
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	return p;
}

static const char *line_next(const char *p, const char *end)
{
	if (p < end && *p == '\r')
		return p + 1 < end && p[1] == '\n' ? p + 2 : p + 1;
	return p < end ? p + 1 : end;
}

int source_place(const struct source_table *t, uint32_t pos, struct source_place *ret)
{
	const struct source_file *s = source_of(t, pos);

	if (!s)
		return 0;
	const char *end = s->text + s->len, *at = s->text + MIN(pos - s->base, s->len), *start = s->text;
	uint32_t line = 1;
	for (;;) {
		const char *eol = line_end(start, at);
		if (eol >= at)
			break;
		const char *next = line_next(eol, end);
		if (next > at) // between CR and LF
			break;
		start = next;
		line++;
	}
	*ret = (struct source_place){.source = s, .line = line, .column = (uint32_t)(at - start) + 1};
	return 1;
}

void source_print(const struct source_table *t, uint32_t pos, struct buf *b)
{
	struct source_place p;

	if (!source_place(t, pos, &p))
		buf_adds(b, "undefined position");
	else
		buf_addf(b, "%s:%u:%u", p.source->path, p.line, p.column);
}

int source_line(const struct source_file *s, uint32_t line, const char **ret, size_t *ret_len)
{
	const char *p = s->text, *end = s->text + s->len;

	if (!line)
		return 0;
	for (uint32_t n = 1; n < line; n++) {
		const char *eol = line_end(p, end);
		if (eol >= end)
			return 0;
		p = line_next(eol, end);
	}
	*ret = p;
	*ret_len = (size_t)(line_end(p, end) - p);
	return 1;
}

void source_release(struct source_table *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		mem_free((void *)t->sources[i]->path);
		mem_free((void *)t->sources[i]->text);
		mem_free(t->sources[i]);
	}
	mem_free(t->sources);
	*t = (struct source_table){0};
}
