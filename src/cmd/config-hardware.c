// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config hardware: which options have the drivers of all that a machine has, as requests.
//
// What it has is said by its modaliases: files of that name in /sys, or a list of them (--hardware). Which
// driver takes one is said by the tree's sources, or by --aliases.
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config-device.h"
#include "kconfig/devtable.h"

#define SYS_DEVICES "/sys/devices"
#define SYS_DEPTH   30

struct hardware {
	char **devices; // modaliases
	json_t *drivers, *unknown, *options;
	struct krequests wish;
	bool by_aliases; // --aliases: of every kind of device
};

static void read_modalias(const char *path, char ***ret)
{
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err skip = {};

	if (fs_read(path, 65536, &b, &skip) < 0)
		return;
	buf_str(&b);
	b.data[strcspn(b.data, "\n")] = '\0';
	if (*b.data && !strv_has(*ret, b.data))
		strv_add(ret, b.data);
}

static void walk_sys(const char *dir, unsigned depth, char ***ret)
{
	DIR *d = depth < SYS_DEPTH ? opendir(dir) : NULL;

	for (struct dirent *de; d && (de = readdir(d));) {
		_cleanup_free_ char *path = fs_join(dir, de->d_name);
		if (de->d_type == DT_DIR && de->d_name[0] != '.')
			walk_sys(path, depth + 1, ret);
		else if (str_eq(de->d_name, "modalias"))
			read_modalias(path, ret);
	}
	if (d)
		closedir(d);
}

static int find_devices(const struct config_args *a, char ***ret, struct err *e)
{
	_cleanup_strv_ char **modules = NULL; // of a report; drivers are found by their tables

	if (a->hardware)
		return config_read_hardware(a->hardware, ret, &modules, e);
	if (a->report)
		return config_read_report(a, ret, &modules, e);
	walk_sys(SYS_DEVICES, 0, ret);
	if (*ret)
		return 0;
	err_set(e, -ENOENT, "%s names no hardware: there is no file modalias", SYS_DEVICES);
	return err_hint(e, "--hardware FILE: what another machine has, as 'find /sys/devices -name modalias "
	                   "-exec cat {} +' lists it");
}

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static bool has_wish(const struct krequests *r, const char *name)
{
	for (size_t i = 0; i < r->len; i++)
		if (str_eq(r->v[i].name, name))
			return true;
	return false;
}

// The option as a request, unless the configuration has it already.
static void wish_for(struct hardware *h, const json_t *driver)
{
	const json_t *option = json_object_get(driver, "option");
	const char *name = text_of(option, "name"), *type = text_of(option, "type"),
	           *value = text_of(driver, "value");

	if (!name || !type || has_wish(&h->wish, name) || (value && !str_eq(value, "n")))
		return;
	krequests_add(&h->wish, name, str_eq(type, "tristate") ? "m" : "y", false, text_of(driver, "device"));
}

static void match(const struct config_args *a, struct kbuild *b, const struct daliases *d, struct hardware *h)
{
	strv_for_each (device, h->devices) {
		json_t *list = dfind(b, d, device, a->aliases != NULL, a->base != NULL, false), *o;
		size_t i;
		_cleanup_free_ char *shown = dquery_shown(device);
		if (!json_array_size(list))
			json_array_append_new(h->unknown, json_string(shown));
		json_array_foreach(list, i, o) wish_for(h, o);
		json_array_extend(h->drivers, list);
		json_decref(list);
	}
}

// With a base: what else has to be set for the requests to hold, and those that cannot.
static int complete(
        struct config_args *a, struct kconfig *k, struct hardware *h, struct kreport *rep, struct err *e)
{
	_cleanup_krequests_ struct krequests all = {};
	int r = a->base ? config_requests(a, &all, e) : 0;

	if (r < 0 || !a->base || !h->wish.len)
		return r;
	for (size_t i = 0; i < h->wish.len; i++)
		krequests_add(&all, h->wish.v[i].name, h->wish.v[i].value, false, h->wish.v[i].why);
	r = kconfig_base(k, a->base, a->fragments, e);
	a->policy.no_fixes = false;
	if (r >= 0)
		r = krequests_apply(k, &all, &a->policy, rep, e);
	for (size_t i = 0; r >= 0 && i < rep->len; i++)
		for (size_t j = 0; j < rep->v[i].fix_len; j++)
			if (!has_wish(&h->wish, rep->v[i].fix[j].name))
				krequests_add(&h->wish, rep->v[i].fix[j].name, rep->v[i].fix[j].value, false,
				        "needed by the others");
	for (size_t i = 0; i < rep->len; i++) // requests of all go with it
		if (!rep->v[i].fix_len)
			term_printf(stderr,
			        "warning: %s cannot be %s in this configuration: kernix config what-if "
			        "%s=%s\n",
			        rep->v[i].request->name, rep->v[i].request->value, rep->v[i].request->name,
			        rep->v[i].request->value);
	return r;
}

static int say_json(const struct hardware *h, struct err *e)
{
	json_t *wish = json_object();

	for (size_t i = 0; i < h->wish.len; i++)
		json_object_set_new(wish, h->wish.v[i].name, json_string(h->wish.v[i].value));
	return config_print_json(
	        json_pack("{s:I, s:O, s:O, s:o}", "devices", (json_int_t)strv_len(h->devices), "drivers",
	                h->drivers, "unknown", h->unknown, "requests", wish),
	        e);
}

// Of kinds whose tables are not read nothing is claimed.
static bool is_looked_for(const struct hardware *h, const char *device)
{
	return h->by_aliases || dtypes_have(device);
}

// Both forms, unless one is asked for.
static int say_wishes(const struct config_args *a, struct kconfig *k, const struct hardware *h, struct err *e)
{
	struct config_args form = {.nix = !config_wants_lines(a), .lines = config_wants_lines(a)};

	if (!form.lines && !a->nix)
		term_printf(stdout, "# as lines of a .config:\n");
	for (size_t i = 0; i < h->wish.len && !form.lines && !a->nix; i++)
		term_printf(stdout, "# CONFIG_%s=%s\n", h->wish.v[i].name, h->wish.v[i].value);
	fflush(stdout);
	return config_print_requests(&form, k, &h->wish, e);
}

static int say_text(const struct config_args *a, struct kconfig *k, const struct hardware *h, struct err *e)
{
	const json_t *o;
	size_t i;

	term_printf(stdout, "# %zu devices; %zu have no driver in this tree (many need none)\n",
	        strv_len(h->devices), json_array_size(h->unknown));
	json_array_foreach(h->drivers, i, o)
	{
		const char *module = text_of(o, "module"), *value = text_of(o, "value");
		term_printf(stdout, "# %s: %s by %s%s%s%s\n", text_of(o, "device"),
		        module ? module : text_of(o, "object"),
		        json_is_null(json_object_get(o, "option"))
		                ? "no option"
		                : text_of(json_object_get(o, "option"), "name"),
		        value ? " (" : "", value ? value : "", value ? ")" : "");
	}
	json_array_foreach(h->unknown, i, o) term_printf(stdout, "# %s: %s\n",
	        is_looked_for(h, json_string_value(o))
	                ? "no driver"
	                : "not looked for (tables of this kind are not read; "
	                  "--aliases FILE takes a modules.alias that has them)",
	        json_string_value(o));
	if (!h->wish.len) {
		term_printf(stdout, "# nothing has to be asked for\n");
		return 0;
	}
	return say_wishes(a, k, h, e);
}

// --all: modules.alias of the tree, as far as its sources tell.
static int print_aliases(struct kbuild *b, struct err *e)
{
	_cleanup_daliases_ struct daliases d = {};
	_cleanup_buf_ struct buf out = {};

	daliases_scan(&d, b->k, NULL);
	daliases_print(b, &d, &out);
	return fs_write_all(1, out.data, out.len, "standard output", e);
}

static int work(struct config_args *a, struct kconfig *k, struct kbuild *b, struct hardware *h, struct err *e)
{
	_cleanup_daliases_ struct daliases d = {};
	_cleanup_kreport_ struct kreport rep = {};
	int r = find_devices(a, &h->devices, e);

	if (r >= 0)
		r = device_aliases(a, k, h->devices, &d, e);
	if (r < 0)
		return r;
	h->by_aliases = a->aliases != NULL;
	match(a, b, &d, h);
	a->status = json_array_size(h->drivers) ? 0 : 1;
	r = complete(a, k, h, &rep, e);
	if (r < 0)
		return r;
	return a->json ? say_json(h, e) : say_text(a, k, h, e);
}

int config_hardware(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	struct hardware h = {.drivers = json_array(), .unknown = json_array()};
	struct kbuild b = {};
	int r = a->words ? err_set(e, -EINVAL,
	                           "kernix config hardware takes no words: --hardware FILE names a list")
	                 : config_load_asked(a, &k, e);

	if (r >= 0) {
		r = kbuild_read(&b, k, e);
		if (r >= 0)
			r = a->all ? print_aliases(&b, e) : work(a, k, &b, &h, e);
		kbuild_release(&b);
	}
	json_decref(h.drivers);
	json_decref(h.unknown);
	krequests_release(&h.wish);
	strv_free(h.devices);
	return r;
}
