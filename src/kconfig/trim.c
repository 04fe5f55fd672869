// SPDX-License-Identifier: GPL-2.0-or-later
// Trimming a configuration to the modules that a machine has loaded. Which option builds a module is read
// from the tree's Makefiles.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kexpr.h"
#include "kconfig/reason.h"
#include "kconfig/solve.h"
#include "kconfig/tools.h"
#include "kconfig/walk.h"

struct trim {
	struct kconfig *k;
	struct hmap options; // module name -> symbol (the last one seen), for names with one option
	struct ksym **extra; // further (name, symbol) pairs are kept flat: see add_option
	char **extra_names;
	size_t extra_len, extra_cap;
	uint8_t *keep; // by symbol: 1 loaded, 2 asked for, 4 needed, 8 declared by module name
};

static void add_option(struct trim *t, const char *module, size_t len, struct ksym *s)
{
	_cleanup_free_ char *name = mem_strndup(module, len);

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	if (!hmap_has(&t->options, name)) {
		hmap_put(&t->options, name, s);
		return;
	}
	mem_grow(&t->extra, &t->extra_cap, t->extra_len + 1, sizeof(*t->extra));
	t->extra[t->extra_len++] = s;
	strv_add(&t->extra_names, name);
}

// "obj-$(CONFIG_X) += a.o b.o", lines joined.
static void makefile_line(struct trim *t, const char *p, const char *end)
{
	static const char head[] = "obj-$(CONFIG_";
	const char *close;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if ((size_t)(end - p) < sizeof(head) || memcmp(p, head, sizeof(head) - 1))
		return;
	p += sizeof(head) - 1;
	close = memchr(p, ')', (size_t)(end - p));
	struct ksym *s = close ? ksym_find_n(t->k, p, (size_t)(close - p)) : NULL;
	const char *eq = close ? memchr(close, '=', (size_t)(end - close)) : NULL;
	if (!s || !s->menus || !eq)
		return;
	for (p = eq + 1; p < end;) {
		const char *w = p;
		while (p < end && !strchr(" \t\n\\", *p))
			p++;
		if (p - w > 2 && p[-2] == '.' && p[-1] == 'o')
			add_option(t, w, (size_t)(p - w - 2), s);
		p += p == w || p < end;
	}
}

static void read_makefile(struct trim *t, int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err e = {};

	if (fd < 0 || fs_read_fd(fd, name, (size_t)4 << 20, &b, &e) < 0)
		return;
	for (const char *p = buf_str(&b), *end = p + b.len; p < end;) {
		const char *stop = p;
		do {
			const char *nl = memchr(stop, '\n', (size_t)(end - stop));
			stop = nl ? nl + 1 : end;
		} while (stop < end && stop - p >= 2 && stop[-2] == '\\');
		makefile_line(t, p, stop);
		p = stop;
	}
}

static void read_entry(void *ctx, int dir, const char *path, const struct dirent *de)
{
	if (str_eq(de->d_name, "Makefile") || str_eq(de->d_name, "Kbuild"))
		read_makefile(ctx, dir, de->d_name);
}

static bool mark_module(struct trim *t, const char *module, uint8_t mark)
{
	_cleanup_free_ char *name = mem_strdup(module);
	struct ksym *s;

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	s = hmap_get(&t->options, name);
	if (!s)
		return false;
	t->keep[s->index] |= mark;
	for (size_t i = 0; i < t->extra_len; i++)
		if (str_eq(t->extra_names[i], name))
			t->keep[t->extra[i]->index] |= mark;
	return true;
}

// The symbols of e that were m and are candidates stay, since something that stays needs them.
static bool need(struct trim *t, const struct kexpr *e, const bool *candidate)
{
	bool any = false;

	if (!e)
		return false;
	if (e->type == KE_AND || e->type == KE_OR) { // both sides, whatever the first one says
		any = need(t, e->l.e, candidate);
		return need(t, e->r.e, candidate) || any;
	}
	if (e->type == KE_NOT)
		return false;
	for (int i = 0; i < 2; i++) {
		const struct ksym *s = i ? (e->type == KE_SYM ? NULL : e->r.s) : e->l.s;
		if (s && candidate[s->index] && !t->keep[s->index]) {
			t->keep[s->index] |= 4;
			any = true;
		}
	}
	return any;
}

static void set_all(struct trim *t, const bool *candidate)
{
	for (size_t i = 0; i < t->k->syms_len; i++)
		if (candidate[i])
			t->k->syms[i]->user_tri = t->keep[i] ? KCONFIG_M : KCONFIG_N;
	ksolve_clear(t->k);
}

// Candidates off; whatever was to stay and is gone gets its dependencies back, until all of it is there.
static void settle(struct trim *t, const bool *candidate, const uint8_t *before)
{
	bool again = true;

	for (int round = 0; again && round < 50; round++) {
		again = false;
		set_all(t, candidate);
		for (size_t i = 0; i < t->k->syms_len; i++) {
			struct ksym *s = t->k->syms[i];
			if (!t->keep[i])
				continue;
			ksym_calc(t->k, s);
			if (s->tri >= before[i])
				continue;
			again |= need(t, s->dir_dep, candidate);
			for (struct kprop *p = s->props; p; p = p->next)
				again |= need(t, p->cond, candidate);
		}
	}
	set_all(t, candidate);
}

static void say_stays(struct trim *t, struct ksym *s, const struct krequests *asked, struct ktrim *ret)
{
	uint8_t keep = t->keep[s->index];
	const char *why = keep & 2   ? "asked for"
	                  : keep & 8 ? "the configuration names its module"
	                  : keep & 4 ? "needed by what stays"
	                             : "selected by what stays";
	_cleanup_free_ char *by = NULL;

	for (size_t i = 0; (keep & 2) && asked && i < asked->len && !by; i++)
		if (asked->v[i].why && str_eq(asked->v[i].name, s->name))
			by = str_printf("asked for by %s", asked->v[i].why);
	krequests_add(&ret->stay, s->name, "m", false, by ? by : why);
}

static void report(struct trim *t, const bool *candidate, const struct krequests *asked, struct ktrim *ret)
{
	for (struct kmenu *m = kmenu_next(&t->k->root, &t->k->root); m; m = kmenu_next(m, &t->k->root)) {
		struct ksym *s = m->sym;
		if (!s || !candidate[s->index] || m != s->menus)
			continue;
		ksym_calc(t->k, s);
		if (s->tri == KCONFIG_N)
			krequests_add(&ret->go, s->name, "n", false, NULL);
		else if (!(t->keep[s->index] & 1))
			say_stays(t, s, asked, ret);
	}
}

int kconfig_trim(struct kconfig *k, char *const *loaded, char *const *declared, const struct krequests *keep,
        struct ktrim *ret, struct err *e)
{
	struct trim t = {.k = k, .keep = mem_array(k->syms_len, 1)};
	_cleanup_free_ bool *candidate = mem_array(k->syms_len, sizeof(*candidate));
	_cleanup_free_ uint8_t *before = mem_array(k->syms_len, 1);
	bool quiet = k->quiet;

	k->quiet = true;
	kwalk(k->src_fd, read_entry, &t);
	strv_for_each (m, loaded) {
		ret->loaded++;
		ret->known += mark_module(&t, m, 1);
	}
	strv_for_each (m, declared)
		mark_module(&t, m, 8);
	for (size_t i = 0; keep && i < keep->len; i++) {
		struct ksym *s = kconfig_find(k, keep->v[i].name);
		if (s && keep->v[i].value && !str_eq(keep->v[i].value, "n"))
			t.keep[s->index] |= 2;
	}
	for (size_t i = 0; i < k->syms_len; i++) {
		struct ksym *s = k->syms[i];
		ksym_calc(k, s);
		before[i] = s->tri;
		candidate[i] = s->menus && !ksym_is_choice(s) && s->type == KCONFIG_TRISTATE &&
		               s->tri == KCONFIG_M && ksym_has_user(s);
	}
	settle(&t, candidate, before);
	report(&t, candidate, keep, ret);
	k->quiet = quiet;
	hmap_release(&t.options);
	strv_free(t.extra_names);
	mem_free(t.extra);
	mem_free(t.keep);
	return 0;
}

void ktrim_release(struct ktrim *t)
{
	krequests_release(&t->go);
	krequests_release(&t->stay);
}
