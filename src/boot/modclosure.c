// SPDX-License-Identifier: GPL-2.0-or-later
// Module closures through libkmod. Only its index lookups and the modules' own information are used: what it
// reads of the machine that it runs on (its configuration, /proc/cmdline, /sys) must not reach an initrd.
#include "boot/modclosure.h"

#include <errno.h>
#include <libkmod.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/modhint.h"

#define DEPTH_MAX 256

struct work {
	const struct modclosure_spec *spec;
	struct modclosure *out;
	struct kmod_ctx *kmod;
	char **queue; // module names still to look at
};

static void kmod_quiet(
        void *data, int priority, const char *file, int line, const char *fn, const char *format, va_list ap)
{
}

static void list_unref(struct kmod_list **l)
{
	kmod_module_unref_list(*l);
}

static void info_free(struct kmod_list **l)
{
	kmod_module_info_free_list(*l);
}

// The one folder of lib/modules when the spec does not say which.
static int find_version(const struct modclosure_spec *spec, char **ret, struct err *e)
{
	_cleanup_free_ char *dir = fs_join(spec->tree, "lib/modules");
	_cleanup_strv_ char **names = NULL;

	if (spec->version) {
		*ret = mem_strdup(spec->version);
		return 0;
	}
	int r = fs_list(dir, &names, e);
	if (r < 0)
		return err_wrap(e, "no kernel modules in %s", spec->tree);
	if (strv_len(names) != 1) {
		_cleanup_free_ char *all = strv_join(names, ", ");
		return err_set(e, -EINVAL, "%s has modules of %zu kernels (%s); it must be one", dir,
		        strv_len(names), all);
	}
	*ret = mem_strdup(names[0]);
	return 0;
}

static int open_tree(struct work *w, struct err *e)
{
	static const char *const no_config[] = {NULL};
	_cleanup_free_ char *lib = fs_join(w->spec->tree, "lib/modules");
	int r = find_version(w->spec, &w->out->version, e);

	if (r < 0)
		return r;
	w->out->dir = fs_join(lib, w->out->version);
	_cleanup_free_ char *index = fs_join(w->out->dir, "modules.dep.bin");
	r = fs_is_dir_maybe(w->out->dir, e);
	if (r == 0)
		return err_set(e, -EINVAL, "%s has no modules for kernel %s (no folder lib/modules/%s)",
		        w->spec->tree, w->out->version, w->out->version);
	if (r > 0)
		r = fs_lstat_maybe(index, NULL, e);
	if (r < 0)
		return r;
	if (r == 0)
		return err_set(
		        e, -EINVAL, "%s has no index (modules.dep.bin): run depmod on it", w->out->dir);
	w->kmod = kmod_new(w->out->dir, no_config);
	if (!w->kmod)
		return err_set(e, -EINVAL, "libkmod cannot read %s", w->out->dir);
	kmod_set_log_fn(w->kmod, kmod_quiet, NULL);
	r = kmod_load_resources(w->kmod);
	return r < 0 ? err_sys(e, -r, "read the module indices in %s", w->out->dir) : 0;
}

struct closure_module *modclosure_find(const struct modclosure *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_eq(c->modules[i].name, name))
			return &c->modules[i];
	return NULL;
}

// modules.softdep form: "pre: a b post: c".
static void softdep_add(struct closure_module *m, const char *text)
{
	_cleanup_strv_ char **words = strv_split(text, " \t");
	char ***into = NULL;

	strv_for_each (s, words) {
		if (str_eq(s, "pre:"))
			into = &m->pre;
		else if (str_eq(s, "post:"))
			into = &m->post;
		else if (into)
			strv_take(into, modconf_normalise(mem_strdup(s)));
	}
}

static void weak_add(struct closure_module *m, const char *text)
{
	_cleanup_strv_ char **words = strv_split(text, " \t");

	strv_for_each (s, words)
		strv_take(&m->weak, modconf_normalise(mem_strdup(s)));
}

static int read_info(struct work *w, struct kmod_module *mod, struct closure_module *m, struct err *e)
{
	_cleanup_(info_free) struct kmod_list *info = NULL;
	struct kmod_list *it;
	int r = kmod_module_get_info(mod, &info);

	if (r < 0)
		return err_sys(
		        e, -r, "read what module %s says of itself (%s/%s)", m->name, w->out->dir, m->path);
	kmod_list_foreach(it, info)
	{
		const char *key = kmod_module_info_get_key(it), *value = kmod_module_info_get_value(it);

		if (str_eq(key, "alias"))
			strv_take(&m->aliases, modconf_normalise(mem_strdup(value)));
		else if (str_eq(key, "firmware"))
			strv_add(&m->firmware, value);
		else if (str_eq(key, "softdep"))
			softdep_add(m, value);
		else if (str_eq(key, "weakdep"))
			weak_add(m, value);
	}
	for (size_t i = 0; w->spec->conf && i < w->spec->conf->softdep_count; i++) {
		const struct modconf_softdep *d = &w->spec->conf->softdeps[i];

		if (!str_eq(d->module, m->name))
			continue;
		strv_for_each (s, d->pre)
			strv_add(&m->pre, s);
		strv_for_each (t, d->post)
			strv_add(&m->post, t);
	}
	return 0;
}

// Adds the module (a file of the tree) unless it is there, and queues what it needs.
static int add_module(struct work *w, struct kmod_module *mod, struct err *e)
{
	const char *name = kmod_module_get_name(mod), *path = kmod_module_get_path(mod);

	if (!path || modclosure_find(w->out, name))
		return 0;
	const char *relative = str_after(path, w->out->dir);
	struct closure_module m = {.name = mem_strdup(name),
	        .path = mem_strdup(relative ? relative + strspn(relative, "/") : path)};
	int r = read_info(w, mod, &m, e);
	_cleanup_(list_unref) struct kmod_list *deps = r == 0 ? kmod_module_get_dependencies(mod) : NULL;
	struct kmod_list *it;

	kmod_list_foreach(it, deps)
	{
		struct kmod_module *dep = kmod_module_get_module(it);

		strv_add(&m.deps, kmod_module_get_name(dep));
		kmod_module_unref(dep);
	}
	char **const lists[] = {m.deps, m.pre, m.post, m.weak};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_for_each (s, lists[i])
			strv_add(&w->queue, s);
	mem_grow(&w->out->modules, &w->out->cap, w->out->count + 1, sizeof(m));
	w->out->modules[w->out->count++] = m;
	return r;
}

static void builtin_firmware(struct work *w, struct kmod_module *mod)
{
	_cleanup_(info_free) struct kmod_list *info = NULL;
	struct kmod_list *it;

	if (kmod_module_get_info(mod, &info) < 0)
		return;
	kmod_list_foreach(it, info) if (str_eq(kmod_module_info_get_key(it), "firmware"))
	        strv_add(&w->out->builtin_firmware, kmod_module_info_get_value(it));
}

// Looks a name or alias up; modules are added. *ret_found tells whether it is anything at all, with built-in
// ones. What it means is noted in resolved. With is_root the firmware of built-in code is wanted too.
static int lookup(
        struct work *w, const char *name, const char *noted_as, bool is_root, bool *ret_found, struct err *e)
{
	_cleanup_(list_unref) struct kmod_list *list = NULL;
	struct kmod_list *it;
	int r = kmod_module_new_from_lookup(w->kmod, name, &list);

	*ret_found = false;
	if (r < 0 && r != -ENOSYS && r != -ENOENT)
		return err_sys(e, -r, "look up module %s in %s", name, w->out->dir);
	r = 0;
	kmod_list_foreach(it, list)
	{
		struct kmod_module *mod = kmod_module_get_module(it);
		bool file = kmod_module_get_path(mod) != NULL;

		if (file) {
			strv_add(&w->out->resolved, noted_as);
			strv_add(&w->out->resolved, kmod_module_get_name(mod));
		}
		if (file && r == 0)
			r = add_module(w, mod, e);
		if (!file && is_root)
			builtin_firmware(w, mod);
		*ret_found = true;
		kmod_module_unref(mod);
	}
	return r;
}

// An alias that the configuration gives, as modprobe would follow it.
static const char *conf_alias(const struct modconf *c, const char *name)
{
	_cleanup_free_ char *key = modconf_normalise(mem_strdup(name));

	for (size_t i = 0; c && i < c->alias_count; i++)
		if (str_eq(c->aliases[i].pattern, key))
			return c->aliases[i].module;
	return NULL;
}

static int unknown(struct work *w, const struct modroot *root, struct err *e)
{
	_cleanup_buf_ struct buf hints = {0};

	modhint_add(&hints, root->name, w->out->dir, w->spec->kernel_config);
	return err_set(e, -ENOENT,
	        "%s names the kernel module '%s', but kernel %s has no such module, neither as a file nor "
	        "built in%s",
	        root->asked_by ? root->asked_by : "the initrd", root->name, w->out->version, buf_str(&hints));
}

static bool is_resolved(const struct work *w, const char *name)
{
	for (char **pair = w->out->resolved; pair && *pair; pair += 2)
		if (str_eq(pair[0], name))
			return true;
	return false;
}

static int add_root(struct work *w, const struct modroot *root, struct err *e)
{
	const char *target = conf_alias(w->spec->conf, root->name);
	bool found;
	int r = lookup(w, target ? target : root->name, root->name, true, &found, e);

	if (r < 0)
		return r;
	if (!found && root->optional)
		strv_add(&w->out->absent, root->name);
	if (!found)
		return root->optional ? 0 : unknown(w, root, e);
	if (!is_resolved(w, root->name) && !strv_has(w->out->builtin, root->name))
		strv_add(&w->out->builtin, root->name);
	return 0;
}

// A soft or weak dependency that this kernel does not have is none; a hard one always is there, by depmod's
// word.
static int drain(struct work *w, struct err *e)
{
	int r = 0;
	bool found;

	while (w->queue && r == 0) {
		_cleanup_strv_ char **names = TAKE_PTR(w->queue);

		for (char **p = names; *p && r == 0; p++)
			r = modclosure_find(w->out, *p) || is_resolved(w, *p)
			            ? 0
			            : lookup(w, *p, *p, false, &found, e);
	}
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct closure_module *)a)->name, ((const struct closure_module *)b)->name);
}

struct planner {
	struct modclosure *c;
	size_t *plan;
	size_t len, cap;
	int mark; // modules with this mark are in the plan or being put there
};

static int plan_module(struct planner *p, struct closure_module *m, int depth, struct err *e);

// A soft dependency may name an alias ("crc32c"), which may mean several modules.
static int plan_alias(struct planner *p, const char *name, int depth, struct err *e)
{
	int r = 0;

	for (char **pair = p->c->resolved; pair && *pair && r == 0; pair += 2) {
		struct closure_module *m = str_eq(pair[0], name) ? modclosure_find(p->c, pair[1]) : NULL;
		r = m ? plan_module(p, m, depth + 1, e) : 0;
	}
	return r;
}

static int plan_names(struct planner *p, char **names, int depth, struct err *e)
{
	int r = 0;

	for (char **n = names; n && *n && r == 0; n++) {
		struct closure_module *m = modclosure_find(p->c, *n);

		if (m)
			r = plan_module(p, m, depth + 1, e);
		else
			r = plan_alias(p, *n, depth, e);
	}
	return r;
}

static int plan_module(struct planner *p, struct closure_module *m, int depth, struct err *e)
{
	if (m->mark == p->mark)
		return 0;
	m->mark = p->mark;
	if (depth > DEPTH_MAX)
		return err_set(e, -ELOOP, "the dependencies of module %s are nested too deeply", m->name);
	// The order of modprobe.
	int r = plan_names(p, m->deps, depth, e);
	if (r == 0)
		r = plan_names(p, m->pre, depth, e);
	if (r < 0)
		return r;
	mem_grow(&p->plan, &p->cap, p->len + 1, sizeof(*p->plan));
	p->plan[p->len++] = (size_t)(m - p->c->modules);
	return plan_names(p, m->post, depth, e);
}

static int make_plans(struct modclosure *c, struct err *e)
{
	qsort(c->modules, c->count, sizeof(*c->modules), by_name);
	for (size_t i = 0; i < c->count; i++) {
		struct planner p = {.c = c, .mark = (int)i + 1};
		int r = plan_module(&p, &c->modules[i], 0, e);

		c->modules[i].plan = p.plan;
		c->modules[i].plan_len = p.len;
		if (r < 0)
			return r;
	}
	return 0;
}

int modclosure_build(const struct modclosure_spec *spec, struct modclosure *ret, struct err *e)
{
	struct modclosure out = {0};
	struct work w = {.spec = spec, .out = &out};
	int r = open_tree(&w, e);

	for (size_t i = 0; i < spec->root_count && r == 0; i++)
		r = add_root(&w, &spec->roots[i], e);
	if (r == 0)
		r = drain(&w, e);
	if (r == 0 && out.count)
		r = make_plans(&out, e);
	strv_free(w.queue);
	kmod_unref(w.kmod);
	if (r < 0)
		modclosure_release(&out);
	else
		*ret = out;
	return r;
}

void modclosure_release(struct modclosure *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct closure_module *m = &c->modules[i];
		char **const lists[] = {m->aliases, m->firmware, m->deps, m->pre, m->post, m->weak};

		for (size_t j = 0; j < ARRAY_SIZE(lists); j++)
			strv_free(lists[j]);
		mem_free(m->name);
		mem_free(m->path);
		mem_free(m->plan);
	}
	mem_free(c->modules);
	mem_free(c->version);
	mem_free(c->dir);
	strv_free(c->builtin);
	strv_free(c->builtin_firmware);
	strv_free(c->absent);
	strv_free(c->resolved);
	*c = (struct modclosure){0};
}
