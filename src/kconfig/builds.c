// SPDX-License-Identifier: GPL-2.0-or-later
// Which option builds it: lookups in the index of the tree's Makefiles, as JSON.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/builds.h"
#include "kconfig/search.h"

#define LINE_MAX_BYTES                                                                                       \
	1000 // with #include "..."; a file that is one long line is not walked through again and again

static const char *const tri_text[] = {"n", "m", "y"};

static const char *kind_of(const struct kbobj *o)
{
	switch (o->kind) {
	case KB_PART:
		return "part";
	case KB_LIBRARY:
		return "library";
	case KB_TREE:
		return "device tree";
	case KB_OBJECT:
		break;
	}
	return kbuild_is_module(o) ? "module" : "object";
}

// Nearest last, as the chain has them; the reader wants the order of the Makefile.
static json_t *conditions(const struct kcond *c)
{
	json_t *list = json_array();

	for (; c; c = c->up) {
		_cleanup_buf_ struct buf b = {};
		kcond_print(c, &b);
		json_array_insert_new(list, 0, json_string(buf_str(&b)));
	}
	return list;
}

// Folders on the way to d that an option decides about, from the top.
static json_t *folders(const struct kbdir *d)
{
	json_t *list = json_array();

	for (; d && d->ways; d = d->ways->from) {
		json_t *ways = json_array();
		bool always = false;
		for (const struct kbway *w = d->ways; w; w = w->next) {
			always |= !w->cond;
			json_array_append_new(ways, conditions(w->cond));
		}
		if (always)
			json_decref(ways);
		else
			json_array_insert_new(
			        list, 0, json_pack("{s:s, s:o}", "folder", d->path, "ways", ways));
	}
	return list;
}

static json_t *option_json(struct kbuild *b, const struct kcond *c, bool values)
{
	if (c && c->sym)
		return ksearch_symbol(b->k, c->sym, values);
	return c ? json_pack("{s:s, s:n, s:n}", "name", c->name, "type", "prompt") : json_null();
}

static json_t *object_json(struct kbuild *b, const struct kbobj *o, bool values)
{
	const struct kbobj *whole = o->whole ? o->whole : o;
	_cleanup_free_ char *module = kbuild_module_name(whole->path);
	json_t *j = json_object();

	json_object_set_new(j, "kind", json_string(kind_of(o)));
	json_object_set_new(j, "object", json_sprintf("%s.%s", o->path, o->kind == KB_TREE ? "dtb" : "o"));
	if (o->whole)
		json_object_set_new(j, "whole", json_sprintf("%s.o", whole->path));
	json_object_set_new(j, "module", kbuild_is_module(o) ? json_string(module) : json_null());
	json_object_set_new(j, "option", option_json(b, kbuild_option(whole), values));
	json_object_set_new(j, "conditions", conditions(whole->cond));
	if (o->whole)
		json_object_set_new(j, "part if", conditions(o->cond));
	json_object_set_new(j, "folders", folders(o->dir));
	if (values)
		json_object_set_new(j, "value", json_string(tri_text[kbuild_value(b, o)]));
	return j;
}

static json_t *dir_json(struct kbuild *b, struct kbdir *d, bool values)
{
	const struct kbobj o = {.dir = d};
	json_t *j = json_object();

	json_object_set_new(j, "kind", json_string("folder"));
	json_object_set_new(j, "object", json_sprintf("%s/", d->path));
	json_object_set_new(j, "module", json_null());
	json_object_set_new(j, "option", option_json(b, kbuild_option(&o), values));
	json_object_set_new(j, "conditions", json_array());
	json_object_set_new(j, "folders", folders(d));
	if (values)
		json_object_set_new(j, "value", json_string(tri_text[kbuild_dir_value(b, d)]));
	return j;
}

// A composite and its part of the same name (foo.o of foo-y := foo.o): the whole says all.
static void add_path(struct kbuild *b, const char *stem, bool values, json_t *list)
{
	const struct kbobj *first = hmap_get(&b->paths, stem);

	for (const struct kbobj *o = first; o; o = o->next)
		json_array_insert_new(list, 0, object_json(b, o, values));
}

// The name of a file in any folder.
static void add_base(struct kbuild *b, const char *name, bool values, json_t *list)
{
	const char *stem = kbuild_stem(b, name);

	hmap_for_each (en, &b->paths)
		if (str_eq(str_basename(en->key), stem))
			add_path(b, en->key, values, list);
}

static void add_module(struct kbuild *b, const char *word, bool only_modules, bool values, json_t *list)
{
	_cleanup_free_ char *name = kbuild_module_name(kbuild_stem(b, word));

	for (const struct kbobj *o = hmap_get(&b->names, name); o; o = o->same)
		if (kbuild_is_module(o) == only_modules)
			json_array_insert_new(list, 0, object_json(b, o, values));
}

static void add_folder(struct kbuild *b, const char *word, bool values, json_t *list)
{
	_cleanup_free_ char *path = mem_strdup(word);
	size_t n = strlen(path);

	while (n && path[n - 1] == '/')
		path[--n] = '\0';
	struct kbdir *d = hmap_get(&b->dirs, path);
	if (d)
		json_array_append_new(list, dir_json(b, d, values));
}

// Does the file have #include "NAME" (or ".../NAME")?
static bool includes(int dir, const char *file, const char *name)
{
	_cleanup_err_ struct err skip = {};
	_cleanup_buf_ struct buf b = {};
	size_t n = strlen(name);

	if (fs_read_regular_at(dir, file, O_NOFOLLOW, (size_t)4 << 20, &b, &skip) < 0)
		return false;
	for (const char *p = buf_str(&b), *end = p + b.len; (p = memmem(p, (size_t)(end - p), name, n));
	        p += n) {
		const char *line = p;
		while (line > b.data && p - line < LINE_MAX_BYTES && line[-1] != '\n')
			line--;
		if (p > b.data && p[n] == '"' && (p[-1] == '"' || p[-1] == '/') && *line == '#' &&
		        memmem(line, (size_t)(p - line), "include", 7))
			return true;
	}
	return false;
}

// Code that is a part of other code: files of the same folder that include it stand for it.
static void add_includers(struct kbuild *b, const char *path, bool values, json_t *list)
{
	_cleanup_free_ char *dir = str_dirname(path);
	int fd = openat(b->k->src_fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	for (struct dirent *de; d && (de = readdir(d));) {
		if (!str_has_suffix(de->d_name, ".c") || !includes(fd, de->d_name, str_basename(path)))
			continue;
		_cleanup_free_ char *other = fs_join(dir, de->d_name);
		json_t *found = json_array(), *o;
		size_t i;
		add_path(b, kbuild_stem(b, other), values, found);
		json_array_foreach(found, i, o) json_object_set_new(o, "included", json_string(path));
		json_array_extend(list, found);
		json_decref(found);
	}
	if (d)
		closedir(d);
}

json_t *kbuilds_of_file(struct kbuild *b, const char *path, bool values)
{
	json_t *list = json_array();

	add_path(b, kbuild_stem(b, path), values, list);
	return list;
}

json_t *kbuilds_find(struct kbuild *b, const char *word, bool values)
{
	json_t *list = json_array();
	const char *dot = strrchr(word, '.');
	bool module = !dot || str_has_prefix(dot, ".ko") || strstr(word, ".ko.");

	if (strchr(word, '/')) {
		add_path(b, kbuild_stem(b, word), values, list);
		if (!json_array_size(list))
			add_folder(b, word, values, list);
		if (!json_array_size(list) && str_has_suffix(word, ".c"))
			add_includers(b, word, values, list);
		return list;
	}
	if (module)
		add_module(b, word, true, values, list);
	if (!json_array_size(list) && dot && !module)
		add_base(b, word, values, list);
	if (!json_array_size(list))
		add_folder(b, word, values, list);
	if (!json_array_size(list) && module)
		add_module(b, word, false, values, list);
	if (!json_array_size(list) && module)
		add_base(b, word, values, list);
	return list;
}

static int by_path(const void *a, const void *b)
{
	return strcmp((*(struct kbobj *const *)a)->path, (*(struct kbobj *const *)b)->path);
}

json_t *kbuilds_all(struct kbuild *b)
{
	_cleanup_free_ struct kbobj **v = mem_array(b->len + 1, sizeof(*v));
	json_t *list = json_array();
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		if (b->all[i]->kind == KB_OBJECT && kbuild_is_module(b->all[i]))
			v[n++] = b->all[i];
	if (n)
		qsort(v, n, sizeof(*v), by_path);
	for (size_t i = 0; i < n; i++) {
		int value = kbuild_value(b, v[i]);
		for (; i + 1 < n && str_eq(v[i]->path, v[i + 1]->path); i++) {
			int other = kbuild_value(b, v[i + 1]);
			value = MAX(value, other);
		}
		if (value)
			json_array_append_new(list,
			        json_pack("{s:s, s:s, s:o}", "object", v[i]->path, "value", tri_text[value],
			                "option", option_json(b, kbuild_option(v[i]), true)));
	}
	return list;
}
