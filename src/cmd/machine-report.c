// SPDX-License-Identifier: GPL-2.0-or-later
// The report of a machine as JSON, and what trimming reads of one. doc/hardware.md says what is in it; the
// Nix side is nixpkgs/nixos/modules/hardware/report.nix.
//
// It is made to be committed: kinds of things and no names of single ones. So there are no serial numbers,
// addresses, UUIDs, host names, and of mount points only those that every system has. Keys and lists are in
// one order, so that two reports can be compared as texts.
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "cmd/machine-read.h"

#define FORMAT  "kernix-hardware"
#define VERSION 1

// --- writing ---

static json_t *text(const char *s)
{
	json_t *o = s ? json_string(s) : json_null();

	return o ? o : json_null(); // no UTF-8
}

static json_t *list(char *const *words)
{
	json_t *o = json_array();

	strv_for_each (word, words)
		json_array_append_new(o, text(word));
	return o;
}

static void add(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

// What is not known is left out of devices, to keep them short.
static void add_known(json_t *o, const char *key, const char *s)
{
	if (s)
		add(o, key, text(s));
}

static json_t *boot(const struct machine *m)
{
	json_t *o = json_object();

	add(o, "firmware", text(m->interface));
	add(o, "secureBoot", m->secure_boot < 0 ? json_null() : json_boolean(m->secure_boot));
	add(o, "loader", text(m->loader));
	add(o, "kernelLogRead", json_boolean(m->log_read));
	return o;
}

static json_t *cpu(const struct machine *m)
{
	const struct machine_cpu *c = &m->processor;
	json_t *o = json_object();

	add(o, "vendor", text(c->vendor));
	add(o, "family", text(c->family));
	add(o, "model", text(c->model));
	add(o, "stepping", text(c->stepping));
	add(o, "microcode", text(c->microcode));
	add(o, "microcodeOf", text(m->cpu));
	return o;
}

static bool same_kind(const struct machine_device *a, const struct machine_device *b)
{
	return str_eq(a->modalias, b->modalias) && !(a->driver && b->driver && !str_eq(a->driver, b->driver));
}

// Several of one kind are one entry: ports and sticks come and go.
static json_t *devices(const struct machine *m)
{
	json_t *all = json_array();

	for (size_t i = 0; i < m->device_count;) {
		const struct machine_device *d = &m->devices[i], *driven = d;
		_cleanup_strv_ char **firmware = NULL;
		size_t end = i;
		for (; end < m->device_count && same_kind(d, &m->devices[end]); end++) {
			driven = driven->driver ? driven : &m->devices[end];
			strv_for_each (file, m->devices[end].firmware)
				if (!strv_has(firmware, file))
					strv_add(&firmware, file);
		}
		json_t *o = json_object();
		add(o, "modalias", text(d->modalias));
		add(o, "bus", text(d->bus));
		add_known(o, "driver", driven->driver);
		add_known(o, "module", driven->module);
		strv_sort(firmware);
		if (firmware)
			add(o, "firmware", list(firmware));
		json_array_append_new(all, o);
		i = end;
	}
	return all;
}

static bool is_usual(const char *where)
{
	static const char *const names[] = {"/", "/boot", "/boot/efi", "/boot/EFI", "/efi", "/esp", "/etc",
	        "/home", "/nix", "/nix/store", "/opt", "/root", "/srv", "/tmp", "/usr", "/usr/local", "/var",
	        "/var/cache", "/var/lib", "/var/log", "/var/tmp"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(names[i], where))
			return true;
	return false;
}

static json_t *file_systems(const struct machine *m)
{
	json_t *all = json_array();

	for (size_t i = 0; i < m->mount_count; i++) {
		const struct machine_mount *mount = &m->mounts[i];
		if (!is_usual(mount->where) || str_eq(mount->type, "none"))
			continue;
		json_t *o = json_object();
		add(o, "mountPoint", text(mount->where));
		add(o, "type", text(mount->type));
		add(o, "layers", list(mount->layers));
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *modules(const struct machine *m)
{
	json_t *o = json_object();

	add(o, "initrd", list(m->modules));
	add(o, "initrdBuiltIn", list(m->built_in));
	add(o, "graphics", list(m->graphics));
	add(o, "virtualisation", text(m->kvm));
	add(o, "loaded", list(m->loaded));
	return o;
}

char *machine_report(const struct machine *m)
{
	json_t *o = json_object();
	char *s, *all;

	add(o, "format", json_string(FORMAT));
	add(o, "version", json_integer(VERSION));
	add(o, "platform", text(m->platform));
	add(o, "model", text(m->model));
	add(o, "guest", text(m->guest));
	add(o, "boot", boot(m));
	add(o, "cpu", cpu(m));
	add(o, "fileSystems", file_systems(m));
	add(o, "fileSystemTypes", list(m->types));
	add(o, "modules", modules(m));
	add(o, "firmware", list(m->firmware));
	add(o, "devices", devices(m));
	s = json_dumps(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(o);
	all = str_printf("%s\n", s ? s : "{}");
	free(s); // of jansson
	return all;
}

// --- reading ---

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
	if (json_integer_value(version) > VERSION)
		return err_set(e, -EINVAL,
		        "%s: its version is %lld, and this kernix reads version %d: it was written by a "
		        "newer one",
		        r->name, (long long)json_integer_value(version), VERSION);
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

int machine_report_read(
        const char *source, size_t len, const char *name, char ***modaliases, char ***modules, struct err *e)
{
	const struct report r = {name, modaliases, modules};
	json_error_t why;
	json_t *o;
	int n;

	if (source[strspn(source, " \t\r\n")] != '{')
		return 0;
	o = json_loadb(source, len, JSON_REJECT_DUPLICATES, &why);
	if (!o)
		return err_set(e, -EINVAL, "%s:%d:%d: no JSON: %s", name, why.line, why.column, why.text);
	const char *format = json_string_value(json_object_get(o, "format"));
	if (!format || strcmp(format, FORMAT)) {
		err_set(e, -EINVAL, "%s: it is no report of hardware ('format' must be \"" FORMAT "\")",
		        name);
		n = err_hint(e, "'kernix hardware -o FILE' writes one.");
	} else {
		n = take(&r, o, e);
	}
	json_decref(o);
	return n < 0 ? n : 1;
}
