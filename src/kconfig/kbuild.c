// SPDX-License-Identifier: GPL-2.0-or-later
// The walk through the tree's Makefiles, from the top as make goes.
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kbuild.h"
#include "kconfig/solve.h"

#define FOLDERS_MAX 20000
#define STEPS_MAX   ((size_t)400 << 20) // of all Makefiles; those of Linux 6.12 take a quarter

struct walk {
	struct kbuild *b;
	struct kbdir **queue;
	size_t head, len, cap;
	size_t left; // of STEPS_MAX
	int r;
	struct err *e;
};

static bool in_tree(const struct kbuild *b, const char *path)
{
	struct stat st;

	return fstatat(b->k->src_fd, *path ? path : ".", &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static const char *joined(struct kbuild *b, const char *dir, const char *name)
{
	_cleanup_free_ char *full = str_printf("/%s/%s", dir, name), *clean = fs_clean(full);

	return arena_strdup(&b->arena, clean + 1);
}

static struct kbdir *add_dir(struct walk *w, const char *path, struct kbdir *from, const struct kcond *cond)
{
	struct kbdir *d = hmap_get(&w->b->dirs, path);
	struct kbway *way = arena_alloc(&w->b->arena, sizeof(*way));

	if (!d && (w->len >= FOLDERS_MAX || !in_tree(w->b, path)))
		return NULL;
	if (!d) {
		d = arena_alloc(&w->b->arena, sizeof(*d));
		*d = (struct kbdir){.path = arena_strdup(&w->b->arena, path), .value = -1};
		hmap_put(&w->b->dirs, path, d);
		mem_grow(&w->queue, &w->cap, w->len + 1, sizeof(*w->queue));
		w->queue[w->len++] = d;
	}
	*way = (struct kbway){.from = from, .cond = cond};
	if (d->ways) { // the way by which it was found stays the first: from there one comes to the top
		way->next = d->ways->next;
		d->ways->next = way;
	} else {
		d->ways = way;
	}
	return d;
}

char *kbuild_module_name(const char *path)
{
	char *name = mem_strdup(str_basename(path));

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static struct kbobj *add_object(struct kbuild *b, const struct kbobj *o)
{
	struct kbobj *n = arena_alloc(&b->arena, sizeof(*n));

	*n = *o;
	n->next = hmap_put(&b->paths, n->path, n);
	if (n->kind != KB_PART) {
		_cleanup_free_ char *name = kbuild_module_name(n->path);
		n->same = hmap_put(&b->names, name, n);
	}
	mem_grow(&b->all, &b->cap, b->len + 1, sizeof(*b->all));
	b->all[b->len++] = n;
	return n;
}

const char *kbuild_stem(struct kbuild *b, const char *path)
{
	static const char *const packed[] = {".xz", ".gz", ".zst", ".bz2"};
	size_t n = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(packed); i++)
		if (str_has_suffix(path, packed[i]))
			n -= strlen(packed[i]);
	const char *dot = memrchr(path, '.', n), *slash = memrchr(path, '/', n);
	if (dot && (!slash || dot > slash))
		n = (size_t)(dot - path);
	return arena_strndup(&b->arena, path, n);
}

// Objects of a composite: foo-objs, foo-y, foo-m.
static void add_parts(struct kmake *m, struct kbuild *b, struct kbobj *whole, const char *stem)
{
	static const char *const lists[] = {"objs", "y", "m"};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		_cleanup_free_ char *name = str_printf("%s-%s", stem, lists[i]);
		struct kwords w = {};
		if (!kmake_has(m, name))
			continue;
		whole->composite = true;
		kmake_words(m, name, &w);
		for (size_t j = 0; j < w.len; j++) {
			struct kbobj o = {
			        .dir = whole->dir, .cond = w.v[j].cond, .kind = KB_PART, .whole = whole};
			if (!str_has_suffix(w.v[j].s, ".o"))
				continue;
			o.path = kbuild_stem(b, joined(b, whole->dir->path, w.v[j].s));
			if (!str_eq(o.path, whole->path))
				add_object(b, &o);
		}
	}
}

// `list` of the Makefile: folders to enter and objects.
static void take_list(struct walk *w, struct kmake *m, struct kbdir *d, const char *list, enum kbkind kind)
{
	struct kbuild *b = w->b;
	struct kwords words = {};

	kmake_list(m, list, &words);
	for (size_t i = 0; i < words.len; i++) {
		const char *s = words.v[i].s;
		size_t n = strlen(s);
		const char *path =
		        joined(b, str_has_prefix(list, "obj") || kind != KB_OBJECT ? d->path : "", s);
		if (n && s[n - 1] == '/') {
			add_dir(w, path, d, words.v[i].cond);
			continue;
		}
		if (str_has_suffix(s, "/lib.a")) { // of another folder, as efi/libstub
			_cleanup_free_ char *dir = str_dirname(path);
			add_dir(w, dir, d, words.v[i].cond);
		}
		if (!str_has_suffix(s, ".o") && kind != KB_TREE)
			continue;
		struct kbobj o = {.path = kbuild_stem(b, path),
		        .dir = d,
		        .cond = words.v[i].cond,
		        .kind = kind,
		        .module = str_has_suffix(list, "-m")};
		struct kbobj *whole = add_object(b, &o);
		if (str_has_suffix(s, ".o"))
			add_parts(m, b, whole, arena_strndup(&b->arena, s, n - 2));
	}
}

static void take_subdirs(struct walk *w, struct kmake *m, struct kbdir *d, const char *list)
{
	struct kwords words = {};

	kmake_list(m, list, &words);
	for (size_t i = 0; i < words.len; i++)
		add_dir(w, joined(w->b, d->path, words.v[i].s), d, words.v[i].cond);
}

static void finish(struct walk *w, struct kmake *m)
{
	w->left = m->left;
	if (kmake_over(m) && w->r == 0)
		w->r = err_move(w->e, &m->over);
	kmake_release(m);
}

static void read_dir(struct walk *w, struct kbdir *d)
{
	static const struct {
		const char *list;
		enum kbkind kind;
	} lists[] = {{"obj-y", KB_OBJECT}, {"obj-m", KB_OBJECT}, {"lib-y", KB_LIBRARY}, {"lib-m", KB_LIBRARY},
	        {"extra-y", KB_LIBRARY}, {"always-y", KB_LIBRARY}, {"pi-objs", KB_LIBRARY},
	        {"dtb-y", KB_TREE}};
	_cleanup_free_ char *kbuild = str_printf("%s%sKbuild", d->path, *d->path ? "/" : ""),
	                    *makefile = str_printf("%s%sMakefile", d->path, *d->path ? "/" : "");
	struct kmake m;

	if (w->r < 0)
		return;
	kmake_init(&m, w->b->k, &w->b->arena, d->path, w->left);
	w->b->files += kmake_read(&m, kbuild) || (*d->path && kmake_read(&m, makefile));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		take_list(w, &m, d, lists[i].list, lists[i].kind);
	take_subdirs(w, &m, d, "subdir-y");
	take_subdirs(w, &m, d, "subdir-m");
	finish(w, &m);
}

// What the top Makefile and the architecture's add to the folders of the top Kbuild.
static void add_roots(struct walk *w)
{
	static const char *const usual[] = {"init", "usr", "kernel", "certs", "mm", "fs", "ipc", "security",
	        "crypto", "block", "drivers", "sound", "net", "virt"};
	static const char *const lists[] = {"core-y", "core-m", "drivers-y", "drivers-m", "libs-y", "libs-m",
	        "net-y", "virt-y", "head-y"};
	const char *arch = hmap_get(&w->b->k->env, "SRCARCH");
	_cleanup_free_ char *dir = str_printf("arch/%s", arch ? arch : ""), *file = fs_join(dir, "Makefile");
	struct kbdir *top = w->queue[0];
	struct kmake m;

	read_dir(w, top);
	add_dir(w, "lib", top, NULL);
	add_dir(w, dir, top, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (!hmap_has(&w->b->dirs, usual[i])) // before 6.1 they stood in the Makefile
			add_dir(w, usual[i], top, NULL);
	kmake_init(&m, w->b->k, &w->b->arena, "", w->left);
	kmake_read(&m, file);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		take_list(w, &m, top, lists[i], KB_OBJECT);
	finish(w, &m);
}

int kbuild_read(struct kbuild *b, struct kconfig *k, struct err *e)
{
	struct walk w = {.b = b, .left = STEPS_MAX, .e = e};

	*b = (struct kbuild){.k = k};
	if (add_dir(&w, "", NULL, NULL))
		add_roots(&w);
	for (w.head = 1; w.head < w.len && w.r == 0; w.head++)
		read_dir(&w, w.queue[w.head]);
	mem_free(w.queue);
	return w.r;
}

void kbuild_release(struct kbuild *b)
{
	hmap_release(&b->dirs);
	hmap_release(&b->paths);
	hmap_release(&b->names);
	mem_free(b->all);
	arena_release(&b->arena);
}

static int sym_value(struct kbuild *b, struct ksym *s)
{
	if (!s)
		return KCONFIG_N;
	ksym_calc(b->k, s);
	return ktype_is_tri(s->type) ? s->tri : *ksym_text(s) ? KCONFIG_Y : KCONFIG_N;
}

static bool any_on(struct kbuild *b, const char *names)
{
	_cleanup_strv_ char **v = strv_split(names, " ");
	bool on = false;

	strv_for_each (name, v)
		on |= sym_value(b, kconfig_find(b->k, name)) > KCONFIG_N;
	return on;
}

static int link_value(struct kbuild *b, const struct kcond *c)
{
	int v = c->op < KC_ANY ? sym_value(b, c->sym) : KCONFIG_Y;
	bool yes = true;

	switch (c->op) {
	case KC_VALUE:
		return v;
	case KC_ON_M:
		return v ? KCONFIG_M : KCONFIG_N;
	case KC_ON:
		yes = v > KCONFIG_N;
		break;
	case KC_IS_Y:
		yes = v == KCONFIG_Y;
		break;
	case KC_IS_M:
		yes = v == KCONFIG_M;
		break;
	case KC_ANY:
		yes = any_on(b, c->name);
		break;
	case KC_UNKNOWN:
		return c->negated ? KCONFIG_N : KCONFIG_Y;
	}
	return yes != c->negated ? KCONFIG_Y : KCONFIG_N;
}

static int chain_value(struct kbuild *b, const struct kcond *c)
{
	int v = KCONFIG_Y;

	for (; c && v; c = c->up)
		v = MIN(v, link_value(b, c));
	return v;
}

int kbuild_dir_value(struct kbuild *b, struct kbdir *d)
{
	int best = KCONFIG_N;

	if (d->value >= 0)
		return d->value;
	if (d->busy)
		return KCONFIG_N;
	d->busy = true;
	for (const struct kbway *w = d->ways; w; w = w->next) {
		int v = chain_value(b, w->cond);
		if (v)
			v = MIN(v, w->from ? kbuild_dir_value(b, w->from) : KCONFIG_Y);
		best = MAX(best, v);
	}
	d->busy = false;
	return d->value = best;
}

// What is built in below a folder that is entered for modules only is not built.
static int own_value(struct kbuild *b, const struct kbobj *o)
{
	int v = chain_value(b, o->cond), dir = v ? kbuild_dir_value(b, o->dir) : KCONFIG_N;

	if (o->module && v)
		v = KCONFIG_M;
	return dir == KCONFIG_Y || v == KCONFIG_M ? MIN(v, dir) : KCONFIG_N;
}

int kbuild_value(struct kbuild *b, const struct kbobj *o)
{
	if (o->kind != KB_PART)
		return own_value(b, o);
	return chain_value(b, o->cond) ? own_value(b, o->whole) : KCONFIG_N;
}

bool kbuild_is_module(const struct kbobj *o)
{
	const struct kbobj *w = o->whole ? o->whole : o;

	if (w->kind != KB_OBJECT)
		return false;
	for (const struct kcond *c = w->cond; c; c = c->up) {
		if (c->op == KC_ON_M)
			return true;
		if (c->op == KC_VALUE && (!c->sym || c->sym->type != KCONFIG_TRISTATE))
			return false;
	}
	for (const struct kcond *c = w->cond; c; c = c->up)
		if (c->op == KC_VALUE)
			return true;
	return w->module;
}

static const struct kcond *last_option(const struct kcond *c)
{
	while (c && (c->negated || c->op >= KC_ANY))
		c = c->up;
	return c;
}

const struct kcond *kbuild_option(const struct kbobj *o)
{
	const struct kcond *c = last_option(o->cond);

	if (!c && o->whole)
		c = last_option(o->whole->cond);
	for (const struct kbdir *d = o->dir; d && !c; d = d->ways->from)
		c = last_option(d->ways->cond);
	return c;
}

void kcond_print(const struct kcond *c, struct buf *b)
{
	const char *tail = c->op == KC_IS_Y ? "=y" : c->op == KC_IS_M ? "=m" : "";

	if (c->op == KC_UNKNOWN)
		buf_addf(b, "%swhat '%s' asks", c->negated ? "not " : "", c->name);
	else if (c->op == KC_ANY)
		buf_addf(b, "%s of %s", c->negated ? "none" : "any", c->name);
	else if (*tail && c->negated)
		buf_addf(b, "%s!%s", c->name, tail);
	else
		buf_addf(b, "%s%s%s", c->negated ? "!" : "", c->name, tail);
}
