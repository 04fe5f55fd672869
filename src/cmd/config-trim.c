// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config trim: which modules a machine needs, by what it has loaded or by what its hardware says, and
// which of the rest may go.
//
// Hardware is known by its modaliases (files of that name in /sys; those of one machine may be collected on
// another). Which module an alias means is said by modules.alias of any kernel that has the drivers. Lists of
// 'lspci -n' and 'lsusb' are read as aliases with blanks.
//
// A report of `kernix hardware` has both aliases and modules. With one, nothing of the machine that this runs
// on is looked at: what an alias means is said by the tree's own sources, unless --aliases names a file.
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config-device.h"
#include "kconfig/hwreport.h"
#include "kconfig/tools.h"

// The first word of each line: what lsmod, /proc/modules and plain lists have in common.
static int read_modules(const char *path, char ***ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {};
	int r = fs_read(path, (size_t)16 << 20, &b, e);

	if (r < 0)
		return r;
	_cleanup_strv_ char **lines = strv_split(buf_str(&b), "\n");
	strv_for_each (l, lines) {
		size_t n = strcspn(l, " \t\r");
		for (size_t i = 0; i < n; i++)
			if (!isalnum((unsigned char)l[i]) && !strchr("_-", l[i]))
				return err_set(e, -EINVAL,
				        "%s: '%.*s' is no name of a module; this wants what lsmod lists",
				        path, (int)MIN(n, (size_t)60), l);
		if (n && !(n == 6 && !strncmp(l, "Module", n)))
			strv_take(ret, mem_strndup(l, n));
	}
	return 0;
}

static bool is_alias(const char *line)
{
	size_t n = strcspn(line, ": \t");

	return n && line[n] == ':' && !strpbrk(line, " \t") && islower((unsigned char)line[0]);
}

int config_read_hardware(const char *path, char ***ret, char ***modules, struct err *e)
{
	_cleanup_buf_ struct buf b = {};
	int r = fs_read(path, (size_t)16 << 20, &b, e), number = 0;

	if (r >= 0)
		r = hwreport_read(buf_str(&b), b.len, path, ret, modules, e);
	if (r != 0)
		return r;
	_cleanup_strv_ char **lines = strv_split(buf_str(&b), "\n");
	strv_for_each (l, lines) {
		const char *alias = strstr(l, "MODALIAS="); // a line of uevent or udevadm
		number++;
		l[strcspn(l, "\r")] = '\0';
		if (alias)
			strv_add(ret, alias + strlen("MODALIAS="));
		else if (is_alias(l))
			strv_add(ret, l);
		else if (!dquery_line(l, ret) && !strchr("#\t EPSN", l[0]))
			return err_set(e, -EINVAL,
			        "%s: line %d is neither a modalias, nor of 'lspci -n', nor of 'lsusb': %.60s",
			        path, number, l);
	}
	if (*ret)
		return 0;
	err_set(e, -EINVAL, "%s: no hardware is listed", path);
	return err_hint(
	        e, "make such a file with: find /sys/devices -name modalias -exec cat {} + | sort -u");
}

int config_read_report(const struct config_args *a, char ***ret, char ***modules, struct err *e)
{
	static const char name[] = "hardware.kernix.report of the configuration";
	int r = hwreport_read(a->report, strlen(a->report), name, ret, modules, e);

	return r == 0 ? err_set(e, -EINVAL, "%s is no JSON", name) : r;
}

// modules.alias of the newest kernel below /lib/modules; owned, NULL: none.
static char *usual_aliases(void)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err skip = {};
	char *best = NULL;

	fs_list("/lib/modules", &names, &skip);
	if (names)
		strv_sort(names);
	strv_for_each (n, names) {
		char *path = str_printf("/lib/modules/%s/modules.alias", n);
		if (!fs_exists(path)) {
			mem_free(path);
			continue;
		}
		mem_free(best);
		best = path;
	}
	return best;
}

// "alias PATTERN MODULE" against all hardware. What a line of lsusb does not tell is not guessed: the pattern
// has to name the device then.
static void match_line(char *line, char *const *hardware, char ***ret)
{
	char *pattern = str_has_prefix(line, "alias ") ? line + strlen("alias ") : NULL;
	char *module = pattern ? strchr(pattern, ' ') : NULL;

	if (!module)
		return;
	*module++ = '\0';
	strv_for_each (h, hardware) {
		enum dmatch match = dmatch(pattern, h);
		if (match == DMATCH_NONE || (match == DMATCH_MAYBE && !dnames(pattern, h)))
			continue;
		if (!strv_has(*ret, module))
			strv_add(ret, module);
		return;
	}
}

// By a kernel's modules.alias.
static int modules_by_file(const struct config_args *a, char *const *hardware, char ***ret, struct err *e)
{
	_cleanup_free_ char *usual = a->aliases ? NULL : usual_aliases();
	_cleanup_strv_ char **lines = NULL;
	_cleanup_buf_ struct buf b = {};
	const char *path = a->aliases ? a->aliases : usual;
	int r;

	if (!path) {
		err_set(e, -ENOENT,
		        "which driver an alias means is said by a kernel's modules.alias, and there is none "
		        "below /lib/modules");
		return err_hint(e, "--aliases FILE names one: of any kernel that has the drivers, as of a "
		                   "distribution's linux-image package");
	}
	r = fs_read(path, (size_t)256 << 20, &b, e);
	if (r < 0)
		return r;
	lines = strv_split(buf_str(&b), "\n");
	strv_for_each (l, lines)
		match_line(l, hardware, ret);
	return 0;
}

// By the tables in the tree's sources.
static int modules_by_tree(
        const struct config_args *a, struct kconfig *k, char *const *hardware, char ***ret, struct err *e)
{
	_cleanup_daliases_ struct daliases d = {};
	_cleanup_kbuild_ struct kbuild b = {};
	const json_t *o;
	size_t i;
	int r = kbuild_read(&b, k, e);

	if (r >= 0)
		r = device_aliases(a, k, hardware, &d, e);
	if (r < 0)
		return r;
	json_t *all = device_drivers(a, &b, &d, hardware);
	json_array_foreach(all, i, o)
	{
		const char *module = json_string_value(json_object_get(o, "module"));
		if (module && !strv_has(*ret, module))
			strv_add(ret, module);
	}
	json_decref(all);
	return 0;
}

static json_t *reasons_json(const struct krequests *list, bool machine)
{
	json_t *set = json_object();

	for (size_t i = 0; i < list->len; i++)
		if (list->v[i].optional == machine)
			json_object_set_new(set, list->v[i].name, json_string(list->v[i].why));
	return set;
}

static int say_trim_json(const struct ktrim *t, struct err *e)
{
	json_t *go = json_array();

	for (size_t i = 0; i < t->go.len; i++)
		json_array_append_new(go, json_string(t->go.v[i].name));
	return config_print_json(
	        json_pack("{s:I, s:I, s:o, s:o, s:o, s:o}", "loaded", (json_int_t)t->loaded, "known",
	                (json_int_t)t->known, "go", go, "stay", reasons_json(&t->stay, false), "machine",
	                reasons_json(&t->stay, true), "reasons", reasons_json(&t->go, false)),
	        e);
}

// With --all each module has its reason, also those that the machine has and those that go.
static int say_trim(const struct config_args *a, struct kconfig *k, const struct ktrim *t, struct err *e)
{
	size_t others = 0;

	if (a->json)
		return say_trim_json(t, e);
	for (size_t i = 0; i < t->stay.len; i++)
		others += !t->stay.v[i].optional;
	term_printf(stdout,
	        "# %zu modules are needed, %zu of them are of this tree; %zu others may go, %zu stay\n",
	        t->loaded, t->known, t->go.len, others);
	for (size_t i = 0; i < t->stay.len; i++)
		if (a->all || !t->stay.v[i].optional)
			term_printf(stdout, "# stays: %s (%s)\n", t->stay.v[i].name, t->stay.v[i].why);
	for (size_t i = 0; a->all && i < t->go.len; i++)
		term_printf(stdout, "# goes: %s (%s)\n", t->go.v[i].name, t->go.v[i].why);
	fflush(stdout);
	return config_print_requests(a, k, &t->go, e);
}

static int needed_modules(const struct config_args *a, struct kconfig *k, char *const *hardware, bool report,
        char ***ret, struct err *e)
{
	int r = 0;

	if (hardware && report && !a->aliases)
		r = modules_by_tree(a, k, hardware, ret, e);
	else if (hardware)
		r = modules_by_file(a, hardware, ret, e);
	if (r >= 0 && (a->modules || (!a->hardware && fs_exists("/proc/modules"))))
		r = read_modules(a->modules ? a->modules : "/proc/modules", ret, e);
	if (r >= 0 && !*ret && !a->modules && !a->hardware) {
		err_set(e, -EINVAL,
		        "this machine has no module loaded: its kernel says nothing about what is needed");
		return err_hint(e,
		        "--modules FILE: the output of lsmod; --hardware FILE: of kernix hardware, or of "
		        "find /sys/devices -name modalias -exec cat {} +");
	}
	return r;
}

static void trim_to(struct kconfig *k, char *const *modules, char *const *declared,
        const struct krequests *asked, struct ktrim *ret)
{
	struct ktrim_wish w = {};

	strv_for_each (m, modules)
		krequests_add(&w.modules, m, NULL, true, "the machine has it");
	strv_for_each (m, declared)
		krequests_add(&w.modules, m, NULL, false, "the configuration names its module");
	kconfig_trim(k, &w, asked, ret);
	ktrim_wish_release(&w);
}

int config_trim(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_strv_ char **modules = NULL, **hardware = NULL;
	_cleanup_buf_ struct buf b = {};
	struct ktrim t = {};
	bool own; // boot.kernix.hardware: trimmed as its kernel is
	int r = a->hardware ? config_read_hardware(a->hardware, &hardware, &modules, e) : 0;
	bool report = r > 0; // and no list

	if (a->words && a->words[0])
		a->configuration = a->words[0];
	if (r >= 0)
		r = config_load_base(a, &k, e);
	own = a->policy.trim && !a->hardware && !a->modules;
	if (own)
		a->policy.trimmed = &t;
	else
		a->policy.trim = NULL;
	if (r >= 0 && !own && !a->hardware && !a->modules && a->report) { // not what this machine has
		r = config_read_report(a, &hardware, &modules, e);
		a->hardware = "hardware.kernix.report";
		report = true;
	}
	if (r >= 0 && !own)
		r = needed_modules(a, k, hardware, report, &modules, e);
	if (r >= 0)
		r = config_apply_quietly(a, k, &req, e);
	if (r >= 0 && !own)
		trim_to(k, modules, a->declared, &req, &t);
	if (r >= 0)
		r = say_trim(a, k, &t, e);
	if (r >= 0 && a->out) {
		kconfig_write(k, &b);
		r = config_write_out(a, &b, e);
	}
	ktrim_release(&t);
	return r;
}
