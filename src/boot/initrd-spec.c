// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the JSON spec of an initrd.
#include "boot/initrd.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"

static int wrong(struct err *e, const char *member, const char *wanted)
{
	return err_set(e, -EINVAL, "the initrd's spec: '%s' must be %s", member, wanted);
}

static int get_string(const json_t *v, const char *member, char **ret, struct err *e)
{
	if (json_is_null(v))
		return 0;
	if (!json_is_string(v))
		return wrong(e, member, "a string");
	mem_free(*ret);
	*ret = mem_strdup(json_string_value(v));
	return 0;
}

static int get_strings(const json_t *v, const char *member, char ***ret, struct err *e)
{
	size_t i;
	json_t *item;

	if (!json_is_array(v))
		return wrong(e, member, "a list of strings");
	json_array_foreach(v, i, item)
	{
		if (!json_is_string(item))
			return wrong(e, member, "a list of strings");
		strv_add(ret, json_string_value(item));
	}
	return 0;
}

static int get_module(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	const json_t *name = json_is_object(v) ? json_object_get(v, "name") : v;
	const json_t *by = json_object_get(v, "by");

	if (!json_is_string(name))
		return wrong(e, member, "a list of module names or of { name, by, optional }");
	mem_grow(&s->roots, &s->root_cap, s->root_count + 1, sizeof(*s->roots));
	s->roots[s->root_count++] = (struct modroot){mem_strdup(json_string_value(name)),
	        json_is_string(by) ? mem_strdup(json_string_value(by)) : str_printf("boot.initrd.%s", member),
	        json_is_true(json_object_get(v, "optional"))};
	return 0;
}

static int get_modules(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	size_t i;
	json_t *item;
	int r = json_is_array(v) ? 0 : wrong(e, member, "a list");

	json_array_foreach(v, i, item)
	{
		if (r == 0)
			r = get_module(s, item, member, e);
		if (r == 0 && str_eq(member, "kernelModules"))
			strv_add(&s->load, s->roots[s->root_count - 1].name);
	}
	return r;
}

static int get_blacklist(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = get_strings(v, member, &names, e);

	strv_for_each (n, names)
		strv_take(&s->conf.blacklist, modconf_normalise(mem_strdup(n)));
	return r;
}

static int get_modprobe(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	int r = get_string(v, member, &s->modprobe_text, e);

	return r == 0 && s->modprobe_text
	               ? modconf_parse(&s->conf, s->modprobe_text, "boot.extraModprobeConfig", e)
	               : r;
}

static int get_mounts(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	size_t i;
	json_t *item;
	int r = json_is_array(v) ? 0 : wrong(e, member, "a list");

	json_array_foreach(v, i, item)
	{
		struct initrd_mount m = {.type = mem_strdup("auto")};
		_cleanup_strv_ char **options = NULL;
		const json_t *list = json_object_get(item, "options");

		r = r == 0 ? get_string(json_object_get(item, "device"), "fileSystems.*.device", &m.device, e)
		           : r;
		r = r == 0 ? get_string(json_object_get(item, "mountPoint"), "fileSystems.*.mountPoint",
		                     &m.mount_point, e)
		           : r;
		if (r == 0 && json_object_get(item, "fsType"))
			r = get_string(json_object_get(item, "fsType"), "fileSystems.*.fsType", &m.type, e);
		if (r == 0 && list)
			r = get_strings(list, "fileSystems.*.options", &options, e);
		if (r == 0 && (!m.device || !m.mount_point))
			r = wrong(e, member, "a list of { device, mountPoint, fsType, options, check }");
		m.check = json_is_true(json_object_get(item, "check"));
		m.options = options ? strv_join(options, ",") : mem_strdup("defaults");
		mem_grow(&s->mounts, &s->mount_cap, s->mount_count + 1, sizeof(m));
		s->mounts[s->mount_count++] = m;
	}
	return r;
}

static int get_contents(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	size_t i;
	json_t *item;
	int r = json_is_array(v) ? 0 : wrong(e, member, "a list");

	json_array_foreach(v, i, item)
	{
		struct initrd_content c = {0};

		r = r == 0 ? get_string(json_object_get(item, "source"), "contents.*.source", &c.source, e)
		           : r;
		r = r == 0 ? get_string(json_object_get(item, "target"), "contents.*.target", &c.target, e)
		           : r;
		if (r == 0 && (!c.source || !c.target))
			r = wrong(e, member, "a list of { source, target }");
		mem_grow(&s->contents, &s->content_cap, s->content_count + 1, sizeof(c));
		s->contents[s->content_count++] = c;
	}
	return r;
}

static int get_compressor(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	return json_is_string(v) ? compress_kind_parse(json_string_value(v), &s->compressor, e)
	                         : wrong(e, member, "a string");
}

static int get_level(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	if (!json_is_integer(v))
		return wrong(e, member, "a number");
	s->level = (int)json_integer_value(v);
	return 0;
}

static int get_other(struct initrd_spec *s, const json_t *v, const char *member, struct err *e)
{
	const struct {
		const char *name;
		char **string;
		char ***list;
	} rows[] = {
	        {"stage1", &s->stage1, NULL},
	        {"modulesTree", &s->modules_tree, NULL},
	        {"modDirVersion", &s->version, NULL},
	        {"kernelConfig", &s->kernel_config, NULL},
	        {"firmware", NULL, &s->firmware},
	        {"prepend", NULL, &s->prepend},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(member, rows[i].name))
			return rows[i].list ? get_strings(v, member, rows[i].list, e)
			                    : get_string(v, member, rows[i].string, e);
	return err_set(e, -EINVAL, "the initrd's spec has an unknown member '%s'", member);
}

static const struct {
	const char *name;
	int (*get)(struct initrd_spec *s, const json_t *v, const char *member, struct err *e);
} member_rows[] = {
        {"kernelModules", get_modules},
        {"availableKernelModules", get_modules},
        {"blacklistedKernelModules", get_blacklist},
        {"modprobeConfig", get_modprobe},
        {"fileSystems", get_mounts},
        {"contents", get_contents},
        {"compressor", get_compressor},
        {"compressorLevel", get_level},
};

static int get_member(struct initrd_spec *s, const char *member, const json_t *v, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(member_rows); i++)
		if (str_eq(member, member_rows[i].name))
			return member_rows[i].get(s, v, member, e);
	return get_other(s, v, member, e);
}

int initrd_spec_parse_json(const char *json, struct initrd_spec *ret, struct err *e)
{
	struct initrd_spec s = {.compressor = COMPRESS_ZSTD};
	json_error_t where;
	json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &where);
	const char *member;
	json_t *v;
	int r = 0;

	if (!root)
		return err_set(
		        e, -EINVAL, "the initrd's spec is not JSON: %s (line %d)", where.text, where.line);
	if (!json_is_object(root))
		r = wrong(e, "spec", "an object");
	json_object_foreach(root, member, v) if (r == 0) r = get_member(&s, member, v, e);
	if (r == 0 && !s.stage1)
		r = wrong(e, "stage1", "the path of the static init");
	json_decref(root);
	if (r < 0)
		initrd_spec_release(&s);
	else
		*ret = s;
	return r;
}

void initrd_spec_release(struct initrd_spec *s)
{
	for (size_t i = 0; i < s->root_count; i++) {
		mem_free((char *)s->roots[i].name);
		mem_free((char *)s->roots[i].asked_by);
	}
	for (size_t i = 0; i < s->mount_count; i++) {
		mem_free(s->mounts[i].device);
		mem_free(s->mounts[i].mount_point);
		mem_free(s->mounts[i].type);
		mem_free(s->mounts[i].options);
	}
	for (size_t i = 0; i < s->content_count; i++) {
		mem_free(s->contents[i].source);
		mem_free(s->contents[i].target);
	}
	char **const lists[] = {s->load, s->firmware, s->prepend};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_free(lists[i]);
	void *const blocks[] = {s->stage1, s->modules_tree, s->version, s->roots, s->modprobe_text, s->mounts,
	        s->contents, s->kernel_config};
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
		mem_free(blocks[i]);
	modconf_release(&s->conf);
	*s = (struct initrd_spec){0};
}
