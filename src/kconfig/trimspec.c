// SPDX-License-Identifier: GPL-2.0-or-later
// Trimming as a derivation asks for it: from reports of machines and lists of what is declared to what stays.
// Nothing of the machine that this runs on is looked at.
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/devfind.h"
#include "kconfig/hwreport.h"
#include "kconfig/trim.h"

#define SPEC_VERSION 1

struct spec {
	json_t *root;
	struct ktrim_wish wish;
	char **devices; // strv: aliases of all machines, each once
};

static int wrong(const char *key, const char *is, struct err *e)
{
	return err_set(e, -EINVAL, "what the kernel is trimmed to (trim): '%s' must be %s", key, is);
}

// { NAME: WHY } of the spec.
static int take_names(const struct spec *x, const char *key, struct krequests *ret, struct err *e)
{
	const json_t *set = json_object_get(x->root, key), *why;
	const char *name;

	if (set && !json_is_object(set))
		return wrong(key, "a set of names", e);
	json_object_foreach((json_t *)set, name, why)
	{
		if (!json_is_string(why))
			return wrong(key, "a set of names, each with who needs it", e);
		krequests_add(ret, name, NULL, false, json_string_value(why));
	}
	return 0;
}

static int take_reports(struct spec *x, struct err *e)
{
	const json_t *all = json_object_get(x->root, "reports"), *one;
	_cleanup_strv_ char **modules = NULL, **aliases = NULL;
	_cleanup_hmap_ struct hmap seen = {};
	size_t i;
	int r = 0;

	if (!json_is_array(all))
		return wrong("reports", "a list", e);
	json_array_foreach(all, i, one)
	{
		_cleanup_free_ char *name = str_printf("report %zu of the hardware", i + 1);
		if (r >= 0)
			r = hwreport_take(one, name, &aliases, &modules, e);
	}
	strv_for_each (alias, aliases) {
		if (hmap_has(&seen, alias))
			continue;
		hmap_put(&seen, alias, alias);
		strv_add(&x->devices, alias);
	}
	strv_for_each (m, modules)
		krequests_add(&x->wish.modules, m, NULL, true, "a machine has it, as its report says");
	return r;
}

// Options of the drivers of all devices.
static int take_devices(struct spec *x, struct kconfig *k, struct err *e)
{
	_cleanup_strv_ char **prefixes = NULL;
	_cleanup_daliases_ struct daliases d = {};
	_cleanup_kbuild_ struct kbuild b = {};
	int r = x->devices ? kbuild_read(&b, k, e) : 0;

	if (r < 0 || !x->devices)
		return r;
	strv_for_each (device, x->devices) {
		_cleanup_free_ char *p = dquery_prefix(device);
		if (!strv_has(prefixes, p))
			strv_add(&prefixes, p);
	}
	daliases_scan(&d, k, prefixes);
	strv_for_each (device, x->devices) {
		json_t *found = dfind(&b, &d, device, false, false, false), *o;
		_cleanup_free_ char *why = str_printf("drives %s", device);
		size_t i;
		json_array_foreach(found, i, o)
		{
			const char *name =
			        json_string_value(json_object_get(json_object_get(o, "option"), "name"));
			if (name)
				krequests_add(&x->wish.options, name, NULL, true, why);
		}
		json_decref(found);
	}
	return 0;
}

static int take(struct spec *x, const char *text, struct kconfig *k, struct err *e)
{
	json_error_t why;
	int r;

	x->root = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	if (!x->root)
		return err_set(e, -EINVAL, "what the kernel is trimmed to (trim):%d:%d: no JSON: %s",
		        why.line, why.column, why.text);
	if (json_integer_value(json_object_get(x->root, "version")) != SPEC_VERSION)
		return wrong("version", "1; a newer kernix wrote it", e);
	r = take_names(x, "options", &x->wish.options, e);
	if (r >= 0)
		r = take_names(x, "modules", &x->wish.modules, e);
	if (r >= 0)
		r = take_reports(x, e);
	if (r >= 0)
		r = take_devices(x, k, e);
	x->wish.weak = json_string_value(json_object_get(x->root, "weak"));
	return r;
}

int kconfig_trim_spec(
        struct kconfig *k, const char *text, const struct krequests *asked, struct ktrim *ret, struct err *e)
{
	struct spec x = {};
	struct ktrim own = {};
	int r = take(&x, text, k, e);

	if (r >= 0)
		kconfig_trim(k, &x.wish, asked, ret ? ret : &own);
	ktrim_release(&own);
	ktrim_wish_release(&x.wish);
	strv_free(x.devices);
	json_decref(x.root);
	return r;
}
