// SPDX-License-Identifier: GPL-2.0-or-later
// The report of a machine as JSON. doc/hardware.md says what is in it; it is read by src/kconfig/hwreport and
// nixpkgs/nixos/modules/hardware/report.nix.
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
#include "kconfig/hwreport.h"

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

	add(o, "format", json_string(HWREPORT_FORMAT));
	add(o, "version", json_integer(HWREPORT_VERSION));
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
