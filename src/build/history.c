// SPDX-License-Identifier: GPL-2.0-or-later
// The file of what builds took the last time.
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/history.h"
#include "store/path.h"

#define HISTORY_HEAD     "kernix-builds 1\n"
#define HISTORY_ROWS_MAX 1000
#define HISTORY_SIZE_MAX ((size_t)4 << 20)

static void add(struct history *h, const char *name, uint64_t objects, uint64_t took_ms, const char *drv_path)
{
	mem_grow(&h->rows, &h->cap, h->len + 1, sizeof(*h->rows));
	h->rows[h->len++] = (struct history_row){.name = arena_strdup(&h->arena, name),
	        .drv_path = arena_strdup(&h->arena, drv_path),
	        .objects = objects,
	        .took_ms = took_ms};
}

static bool read_row(struct history *h, char *line)
{
	char *field[4] = {line};
	uint64_t objects, took_ms;

	for (size_t i = 1; i < 4; i++) {
		field[i] = strchr(field[i - 1], ' ');
		if (!field[i])
			return false;
		*field[i]++ = '\0';
	}
	if (!*field[0] || str_to_u64(field[1], &objects) < 0 || str_to_u64(field[2], &took_ms) < 0 ||
	        field[3][0] != '/' || !store_path_is_drv(field[3]) || took_ms > INT64_MAX / 2 ||
	        objects > INT32_MAX)
		return false;
	add(h, field[0], objects, took_ms, field[3]);
	return true;
}

static bool read_rows(struct history *h, struct buf *text)
{
	const char *begin = str_after(buf_str(text), HISTORY_HEAD);

	if (!begin || strlen(text->data) != text->len)
		return false;
	_cleanup_strv_ char **lines = strv_split(begin, "\n");
	strv_for_each (line, lines)
		if (*line && !read_row(h, line))
			return false;
	return true;
}

void history_open(struct history *h, struct store *s)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err e = {0};

	*h = (struct history){.path = str_printf("%s/kernix/builds", store_state_dir(s))};
	int r = fs_read(h->path, HISTORY_SIZE_MAX, &text, &e);
	if (r == -ENOENT || r == -ENOTDIR || r == -EACCES)
		return;
	if (r < 0 || !read_rows(h, &text)) {
		h->len = 0;
		log_warn("%s is damaged and not used: how long builds take is learnt anew", h->path);
	}
}

// The name without its version: up to the first '-' before a digit, as in builtins.parseDrvName.
static size_t bare_len(const char *name)
{
	for (const char *p = name; *p; p++)
		if (*p == '-' && isdigit((unsigned char)p[1]))
			return (size_t)(p - name);
	return strlen(name);
}

const struct history_row *history_find(const struct history *h, const char *name, bool similar)
{
	size_t n = bare_len(name);

	for (size_t i = h->len; i--;)
		if (str_eq(h->rows[i].name, name))
			return &h->rows[i];
	for (size_t i = similar ? h->len : 0; i--;)
		if (bare_len(h->rows[i].name) == n && !strncmp(h->rows[i].name, name, n))
			return &h->rows[i];
	return NULL;
}

void history_note(struct history *h, const char *drv_path, uint64_t objects, uint64_t took_ms)
{
	_cleanup_free_ char *name = store_drv_name(drv_path);
	size_t n = 0;

	for (size_t i = 0; i < h->len; i++)
		if (!str_eq(h->rows[i].name, name))
			h->rows[n++] = h->rows[i];
	h->len = n;
	add(h, name, objects, took_ms, drv_path);
	h->changed = true;
}

static void save(struct history *h)
{
	_cleanup_free_ char *dir = str_dirname(h->path);
	_cleanup_err_ struct err skip = {0};
	_cleanup_buf_ struct buf b = {0};

	buf_adds(&b, HISTORY_HEAD);
	for (size_t i = h->len > HISTORY_ROWS_MAX ? h->len - HISTORY_ROWS_MAX : 0; i < h->len; i++)
		buf_addf(&b, "%s %" PRIu64 " %" PRIu64 " %s\n", h->rows[i].name, h->rows[i].objects,
		        h->rows[i].took_ms, h->rows[i].drv_path);
	if (fs_mkdir_p(dir, 0755, &skip) >= 0)
		fs_write_atomic(h->path, b.data, b.len, 0644, &skip);
}

void history_close(struct history *h)
{
	if (h->changed)
		save(h);
	mem_free(h->path);
	mem_free(h->rows);
	arena_release(&h->arena);
	*h = (struct history){0};
}
