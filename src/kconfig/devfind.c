// SPDX-License-Identifier: GPL-2.0-or-later
// Joins aliases of source files with the modules and options that build these files.
#include <ctype.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/devfind.h"

char *dquery_prefix(const char *query)
{
	return mem_strndup(query, strcspn(query, strchr(query, ':') ? ":" : "-"));
}

char *dquery_shown(const char *query)
{
	char *shown = mem_strdup(query);

	for (char *p = shown; *p; p++)
		*p = *p == '\1' ? '*' : *p;
	return shown;
}

static const char *whole_of(const json_t *o)
{
	const char *whole = json_string_value(json_object_get(o, "whole"));

	return whole ? whole : json_string_value(json_object_get(o, "object"));
}

// One driver is named once.
static bool has(const json_t *list, const json_t *o)
{
	const json_t *other;
	size_t i;

	json_array_foreach(list, i, other) if (str_eq(whole_of(other), whole_of(o))) return true;
	return false;
}

// "bcXXscYY" of a query that is known to the second byte of its class: does the pattern ask for that one?
static bool names_class(const char *pattern, const char *query)
{
	const char *class = str_has_prefix(query, "pci:") ? strstr(query, "bc") : NULL;
	_cleanup_free_ char *known = class && strcspn(class, "\1") >= 8 ? mem_strndup(class, 8) : NULL;

	return known && strstr(pattern, known) != NULL;
}

bool dnames(const char *pattern, const char *query)
{
	size_t known = strcspn(query, "\1"), prefix = strcspn(query, ":") + 1;

	if (str_has_prefix(query, "of:N\1")) // of device trees the last field is the one that counts
		return strstr(pattern, strrchr(query, '\1') + 1) != NULL;
	while (known > prefix && !isxdigit((unsigned char)query[known - 1])) // the sign of the unknown field
		known--;
	return (known > prefix && strcspn(pattern, "*?[") >= known) || names_class(pattern, query);
}

static void add_driver(struct kbuild *b, const struct dalias *a, const char *query, bool sure, bool modules,
        bool values, json_t *list)
{
	json_t *found = modules ? kbuilds_find(b, a->file, values) : kbuilds_of_file(b, a->file, values), *o;
	_cleanup_free_ char *shown = dquery_shown(query);
	size_t i;

	json_array_foreach(found, i, o)
	{
		if (has(list, o))
			continue;
		json_object_set_new(o, "device", json_string(shown));
		json_object_set_new(o, "alias", json_string(a->pattern));
		json_object_set_new(o, "source", json_string(a->file));
		json_object_set_new(o, "sure", json_boolean(sure));
		json_array_append(list, o);
	}
	json_decref(found);
}

json_t *dfind(
        struct kbuild *b, const struct daliases *a, const char *query, bool modules, bool values, bool all)
{
	static const enum dmatch passes[] = {DMATCH_SURE, DMATCH_MAYBE};
	json_t *list = json_array();

	for (size_t p = 0; p < ARRAY_SIZE(passes); p++)
		for (size_t i = 0; i < a->len; i++)
			if ((p == 0 || all || dnames(a->v[i].pattern, query)) &&
			        dmatch(a->v[i].pattern, query) == passes[p])
				add_driver(b, &a->v[i], query, p == 0, modules, values, list);
	return list;
}

void daliases_print(struct kbuild *b, const struct daliases *a, struct buf *out)
{
	_cleanup_strv_ char **lines = NULL;
	_cleanup_hmap_ struct hmap seen = {};

	for (size_t i = 0; i < a->len; i++) {
		const struct kbobj *o = hmap_get(&b->paths, kbuild_stem(b, a->v[i].file));
		for (; o; o = o->next) {
			_cleanup_free_ char *name = kbuild_module_name(o->whole ? o->whole->path : o->path),
			                    *line = str_printf("alias %s %s", a->v[i].pattern, name);
			if (!kbuild_is_module(o) || hmap_has(&seen, line))
				continue;
			hmap_put(&seen, line, line);
			strv_add(&lines, line);
		}
	}
	if (lines)
		strv_sort(lines);
	strv_for_each (l, lines)
		buf_addf(out, "%s\n", l);
}
