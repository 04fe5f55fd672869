// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config builds for devices, and hardware: which options have the drivers of a device, and of all that
// a machine has.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config.h"
#include "cmd/config-device.h"
#include "kconfig/devtable.h"

// All aliases for the queries: of --aliases where it is given, or of the tree's sources.
int device_aliases(const struct config_args *a, struct kconfig *k, char *const *queries, struct daliases *ret,
        struct err *e)
{
	_cleanup_strv_ char **prefixes = NULL;
	_cleanup_buf_ struct buf b = {};
	int r = 0;

	strv_for_each (q, queries) {
		_cleanup_free_ char *p = dquery_prefix(q);
		if (!strv_has(prefixes, p))
			strv_add(&prefixes, p);
	}
	if (a->aliases)
		r = fs_read(a->aliases, (size_t)256 << 20, &b, e);
	if (r < 0)
		return r;
	if (!a->aliases)
		daliases_scan(ret, k, prefixes);
	else
		daliases_read(ret, buf_str(&b), b.len);
	if (a->aliases && !ret->len)
		return err_set(e, -EINVAL, "%s: there is no line 'alias PATTERN MODULE'", a->aliases);
	return 0;
}

json_t *device_drivers(
        const struct config_args *a, struct kbuild *b, const struct daliases *d, char *const *queries)
{
	json_t *all = json_array();

	strv_for_each (q, queries) {
		json_t *list = dfind(b, d, q, a->aliases != NULL, a->base != NULL, a->all);
		json_array_extend(all, list);
		json_decref(list);
	}
	return all;
}

void device_not_found(const struct config_args *a, const char *word, const struct daliases *d)
{
	term_printf(stderr, "%s: no driver for it is named in %s\n", word,
	        a->aliases ? a->aliases : "the sources of this tree");
	if (!a->aliases && strchr(word, ':') && !strchr(word, ' ') && !dtypes_have(word))
		term_printf(stderr, "(tables of this kind of device are not read; --aliases FILE takes a "
		                    "modules.alias that has them)\n");
	else if (d->unread)
		term_printf(stderr,
		        "(%zu of %zu entries of that kind could not be read: tables made elsewhere, or "
		        "values that only a "
		        "compiler knows)\n",
		        d->unread, d->entries);
	if (strlen(word) <= strlen("pci:8086:10d3") && strchr(word, ':'))
		term_printf(stderr, "(drivers for a whole class of devices are found with the class, "
		                    "pci:VENDOR:DEVICE:CLASS, with the whole modalias, or with --all)\n");
}
