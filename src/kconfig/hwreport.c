// SPDX-License-Identifier: GPL-2.0-or-later
// What trimming reads of a report of hardware. The file is somebody's: whatever is wrong in it is named by
// its key.
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/hwreport.h"

struct report {
	const char *name;
	char ***modaliases, ***modules;
};

static int wrong(const struct report *r, const char *key, const char *is, struct err *e)
{
	err_set(e, -EINVAL, "%s: '%s' must be %s", r->name, key, is);
	return err_hint(
	        e, "Such a file is written by 'kernix hardware -o FILE' on the machine that it is of.");
}

// A word that may stand in a list of modules or modaliases.
static bool is_word(const json_t *o)
{
	const char *s = json_string_value(o);

	if (!s || !*s || strlen(s) != json_string_length(o))
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s > '~')
			return false;
	return true;
}

static int take_words(const struct report *r, const json_t *o, const char *key, char ***ret, struct err *e)
{
	const json_t *word;
	size_t i;

	if (!json_is_array(o))
		return wrong(r, key, "a list", e);
	json_array_foreach(o, i, word)
	{
		_cleanup_free_ char *at = str_printf("%s[%zu]", key, i);
		if (!is_word(word))
			return wrong(r, at, "a text without spaces", e);
		if (!strv_has(*ret, json_string_value(word)))
			strv_add(ret, json_string_value(word));
	}
	return 0;
}

static int take_device(const struct report *r, const json_t *o, size_t i, struct err *e)
{
	const json_t *alias = json_object_get(o, "modalias"), *module = json_object_get(o, "module");
	_cleanup_free_ char *at = str_printf("devices[%zu]", i), *alias_at = str_printf("%s.modalias", at),
	                    *module_at = str_printf("%s.module", at);

	if (!json_is_object(o))
		return wrong(r, at, "a set", e);
	if (!is_word(alias))
		return wrong(r, alias_at, "a text without spaces", e);
	strv_add(r->modaliases, json_string_value(alias));
	if (!module)
		return 0;
	if (!is_word(module))
		return wrong(r, module_at, "a text without spaces", e);
	if (!strv_has(*r->modules, json_string_value(module)))
		strv_add(r->modules, json_string_value(module));
	return 0;
}

// What the kernel asks for by itself when such a file system is mounted, or such a layer is put together.
static void take_kind(const struct report *r, const char *kind)
{
	static const char *const more[][2] = {{"vfat", "nls_cp437"}, {"vfat", "nls_iso8859_1"},
	        {"vfat", "nls_utf8"}, {"nfs4", "nfs"}, {"nfs4", "nfsv4"}, {"nfs", "nfsv3"},
	        {"luks1", "dm_crypt"}, {"luks2", "dm_crypt"}, {"lvm", "dm_mod"}, {"raid4", "raid456"},
	        {"raid5", "raid456"}, {"raid6", "raid456"}, {"btrfs", "xor"}, {"f2fs", "crc32"}};

	if (!strv_has(*r->modules, kind))
		strv_add(r->modules, kind);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		if (str_eq(more[i][0], kind) && !strv_has(*r->modules, more[i][1]))
			strv_add(r->modules, more[i][1]);
}

static int take_file_systems(const struct report *r, const json_t *all, const json_t *types, struct err *e)
{
	_cleanup_strv_ char **kinds = NULL;
	const json_t *o;
	size_t i;
	int n = take_words(r, types, "fileSystemTypes", &kinds, e);

	if (n >= 0 && !json_is_array(all))
		n = wrong(r, "fileSystems", "a list", e);
	json_array_foreach(all, i, o)
	{
		_cleanup_free_ char *key = str_printf("fileSystems[%zu].layers", i);
		if (n >= 0)
			n = take_words(r, json_object_get(o, "layers"), key, &kinds, e);
	}
	strv_for_each (kind, kinds)
		take_kind(r, kind);
	return n;
}

static int take(const struct report *r, const json_t *o, struct err *e)
{
	const json_t *version = json_object_get(o, "version"), *all = json_object_get(o, "devices"),
	             *lists = json_object_get(o, "modules"), *device;
	size_t i;
	int n = 0;

	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return wrong(r, "version", "a number", e);
	if (json_integer_value(version) > HWREPORT_VERSION)
		return err_set(e, -EINVAL,
		        "%s: its version is %lld, and this kernix reads version %d: it was written by a "
		        "newer one",
		        r->name, (long long)json_integer_value(version), HWREPORT_VERSION);
	if (!json_is_array(all))
		return wrong(r, "devices", "a list", e);
	json_array_foreach(all, i, device) if (n >= 0) n = take_device(r, device, i, e);
	if (n < 0)
		return n;
	if (!json_is_object(lists))
		return wrong(r, "modules", "a set", e);
	n = take_words(r, json_object_get(lists, "initrd"), "modules.initrd", r->modules, e);
	if (n >= 0)
		n = take_words(
		        r, json_object_get(lists, "initrdBuiltIn"), "modules.initrdBuiltIn", r->modules, e);
	if (n >= 0)
		n = take_words(r, json_object_get(lists, "loaded"), "modules.loaded", r->modules, e);
	if (n >= 0)
		n = take_file_systems(
		        r, json_object_get(o, "fileSystems"), json_object_get(o, "fileSystemTypes"), e);
	return n;
}

int hwreport_take(
        const struct json_t *o, const char *name, char ***modaliases, char ***modules, struct err *e)
{
	const struct report r = {name, modaliases, modules};
	const char *format = json_string_value(json_object_get(o, "format"));

	if (format && str_eq(format, HWREPORT_FORMAT))
		return take(&r, o, e);
	err_set(e, -EINVAL, "%s: it is no report of hardware ('format' must be \"" HWREPORT_FORMAT "\")",
	        name);
	return err_hint(e, "'kernix hardware -o FILE' writes one.");
}

int hwreport_read(
        const char *source, size_t len, const char *name, char ***modaliases, char ***modules, struct err *e)
{
	json_error_t why;
	json_t *o;
	int n;

	if (source[strspn(source, " \t\r\n")] != '{')
		return 0;
	o = json_loadb(source, len, JSON_REJECT_DUPLICATES, &why);
	if (!o)
		return err_set(e, -EINVAL, "%s:%d:%d: no JSON: %s", name, why.line, why.column, why.text);
	n = hwreport_take(o, name, modaliases, modules, e);
	json_decref(o);
	return n < 0 ? n : 1;
}
