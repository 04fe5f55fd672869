// SPDX-License-Identifier: GPL-2.0-or-later
// Lays out the module table of stage 1.
#include "boot/modtable.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/hmap.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "stage1/format.h"

struct alias_row {
	char *pattern;
	size_t prefix;
	size_t module;
};

struct table_maker {
	const struct modclosure *c;
	const struct modconf *conf;
	struct buf modules, plan, aliases, load, strings;
	struct hmap offsets; // of strings: offset + 1 as a pointer
	struct alias_row *rows;
	size_t row_count, row_cap;
};

static void add_u32(struct buf *b, size_t n)
{
	uint32_t le = htole32((uint32_t)n);

	buf_add(b, &le, sizeof(le));
}

// Offset in the string part; equal strings are stored once. Made absolute when the file is put together.
static size_t string_add(struct table_maker *t, const char *s)
{
	void *known = hmap_get(&t->offsets, s);

	if (known)
		return (size_t)(uintptr_t)known - 1;
	size_t at = t->strings.len;
	buf_add(&t->strings, s, strlen(s) + 1);
	hmap_put(&t->offsets, s, (void *)(uintptr_t)(at + 1));
	return at;
}

char *modtable_path(const struct modclosure *c, const struct closure_module *m)
{
	const char *ko = strstr(m->path, ".ko");
	// A path may have ".ko" in a folder's name: take the last one.
	for (const char *next = ko; next; next = strstr(next + 1, ".ko"))
		ko = next;
	size_t n = ko ? (size_t)(ko - m->path) + 3 : strlen(m->path);

	return str_printf("/lib/modules/%s/%.*s", c->version, (int)n, m->path);
}

static bool never_inserted(const struct table_maker *t, const struct closure_module *m)
{
	return modconf_install(t->conf, m->name) != NULL;
}

static void row_add(struct table_maker *t, const char *pattern, size_t module)
{
	mem_grow(&t->rows, &t->row_cap, t->row_count + 1, sizeof(*t->rows));
	t->rows[t->row_count++] = (struct alias_row){mem_strdup(pattern), strcspn(pattern, "*?["), module};
}

static void add_module(struct table_maker *t, size_t index, size_t strings_at)
{
	const struct closure_module *m = &t->c->modules[index];
	_cleanup_free_ char *path = modtable_path(t->c, m);
	_cleanup_free_ char *options = modconf_options(t->conf, m->name);
	size_t first = t->plan.len / sizeof(uint32_t);

	for (size_t i = 0; i < m->plan_len; i++)
		if (!never_inserted(t, &t->c->modules[m->plan[i]]))
			add_u32(&t->plan, m->plan[i]);
	add_u32(&t->modules, strings_at + string_add(t, m->name));
	add_u32(&t->modules, strings_at + string_add(t, path));
	add_u32(&t->modules, strings_at + string_add(t, options));
	add_u32(&t->modules, first);
	add_u32(&t->modules, t->plan.len / sizeof(uint32_t) - first);
	const char *install = modconf_install(t->conf, m->name);
	bool listed = strv_has(t->conf->blacklist, m->name) || install;
	for (char **a = m->aliases; a && *a && !listed; a++)
		row_add(t, *a, index);
}

static void add_conf_aliases(struct table_maker *t)
{
	for (size_t i = 0; i < t->conf->alias_count; i++) {
		struct closure_module *m = modclosure_find(t->c, t->conf->aliases[i].module);

		if (m)
			row_add(t, t->conf->aliases[i].pattern, (size_t)(m - t->c->modules));
	}
}

static int row_order(const void *a, const void *b)
{
	const struct alias_row *x = a, *y = b;
	int order = memcmp(x->pattern, y->pattern, MIN(x->prefix, y->prefix));

	if (order == 0)
		order = (x->prefix > y->prefix) - (x->prefix < y->prefix);
	if (order == 0)
		order = strcmp(x->pattern, y->pattern);
	return order ? order : (x->module > y->module) - (x->module < y->module);
}

static void add_aliases(struct table_maker *t, size_t strings_at)
{
	if (t->row_count)
		qsort(t->rows, t->row_count, sizeof(*t->rows), row_order);
	for (size_t i = 0; i < t->row_count; i++) {
		add_u32(&t->aliases, strings_at + string_add(t, t->rows[i].pattern));
		add_u32(&t->aliases, t->rows[i].prefix);
		add_u32(&t->aliases, t->rows[i].module);
		mem_free(t->rows[i].pattern);
	}
	mem_free(t->rows);
}

static void add_load(struct table_maker *t, char *const *load)
{
	strv_for_each (root, load)
		for (char **p = t->c->resolved; p && *p; p += 2) {
			struct closure_module *m = str_eq(p[0], root) ? modclosure_find(t->c, p[1]) : NULL;

			if (m)
				add_u32(&t->load, (size_t)(m - t->c->modules));
		}
}

// The plan and alias counts are needed before the strings' place is known, so offsets are first made from
// zero and the whole is laid out twice.
static void lay_out(struct table_maker *t, char *const *load, size_t strings_at)
{
	for (size_t i = 0; i < t->c->count; i++)
		add_module(t, i, strings_at);
	add_conf_aliases(t);
	add_aliases(t, strings_at);
	add_load(t, load);
}

static void maker_release(struct table_maker *t)
{
	struct buf *const bufs[] = {&t->modules, &t->plan, &t->aliases, &t->load, &t->strings};

	for (size_t i = 0; i < ARRAY_SIZE(bufs); i++)
		buf_release(bufs[i]);
	hmap_release(&t->offsets);
}

// Bytes of all parts before the strings.
static size_t head_bytes(const struct table_maker *t)
{
	return sizeof(struct s1_header) + t->modules.len + t->plan.len + t->aliases.len + t->load.len;
}

static void put_together(struct table_maker *t, size_t kernel, struct buf *b)
{
	const struct {
		const struct buf *part;
		size_t element;
	} parts[] = {{&t->modules, sizeof(struct s1_module)}, {&t->plan, sizeof(uint32_t)},
	        {&t->aliases, sizeof(struct s1_alias)}, {&t->load, sizeof(uint32_t)}};
	size_t at = sizeof(struct s1_header);

	buf_add(b, S1_MAGIC, 8);
	add_u32(b, head_bytes(t) + t->strings.len);
	add_u32(b, kernel);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		add_u32(b, at);
		add_u32(b, parts[i].part->len / parts[i].element);
		at += parts[i].part->len;
	}
	add_u32(b, at);
	add_u32(b, t->strings.len);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		buf_add(b, parts[i].part->data, parts[i].part->len);
	buf_add(b, t->strings.data, t->strings.len);
}

// "install MODULE /bin/false" is how a module is forbidden; any other command is something that stage 1
// cannot do.
static void warn_install(const struct modclosure *c, const struct modconf *conf)
{
	for (size_t i = 0; i < c->count; i++) {
		const char *command = modconf_install(conf, c->modules[i].name);
		const char *word = command ? str_basename(command) : "true";

		if (!str_eq(word, "true") && !str_eq(word, "false"))
			log_warn("stage 1 runs no commands: module %s, which has 'install %s', is not loaded "
			         "in the initrd",
			        c->modules[i].name, command);
	}
}

void modtable_write(const struct modclosure *c, const struct modconf *conf, char *const *load, struct buf *b)
{
	static const struct modconf none;
	struct table_maker sizes = {.c = c, .conf = conf ? conf : &none};
	struct table_maker t = sizes;

	warn_install(c, t.conf);
	lay_out(&sizes, load, 0);
	size_t strings_at = head_bytes(&sizes);
	maker_release(&sizes);
	size_t kernel = strings_at + string_add(&t, c->version);
	lay_out(&t, load, strings_at);
	put_together(&t, kernel, b);
	maker_release(&t);
}
