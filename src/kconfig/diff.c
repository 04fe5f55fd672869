// SPDX-License-Identifier: GPL-2.0-or-later
// Comparing .config files, and finding what a user of menuconfig changed.
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/dotconfig.h"
#include "kconfig/solve.h"
#include "kconfig/tools.h"

static void read_values(struct arena *arena, const char *p, size_t len, struct hmap *m)
{
	const char *end = p + len, *name, *value;
	size_t name_len, value_len;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		size_t n = (size_t)(stop - p);
		if (n && p[n - 1] == '\r')
			n--;
		enum kdot_kind kind = kdot_line(p, n, &name, &name_len, &value, &value_len);
		if (kind == KDOT_SET)
			hmap_putn(m, name, name_len, arena_strndup(arena, value, value_len));
		else if (kind == KDOT_UNSET)
			hmap_putn(m, name, name_len, arena_strdup(arena, "n"));
		p = nl ? nl + 1 : end;
	}
}

static void add(struct kdiffs *d, const char *name, const char *a, const char *b)
{
	mem_grow(&d->v, &d->cap, d->len + 1, sizeof(*d->v));
	d->v[d->len++] = (struct kdiff){arena_strdup(&d->arena, name), a, b};
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct kdiff *)x)->name, ((const struct kdiff *)y)->name);
}

static bool same(const char *a, const char *b, bool ignore_n)
{
	if (a && b)
		return !strcmp(a, b);
	return ignore_n && !strcmp(a ? a : b, "n");
}

void kconfig_diff(const char *a, size_t a_len, const char *b, size_t b_len, bool ignore_n, struct kdiffs *ret)
{
	_cleanup_hmap_ struct hmap x = {}, y = {};

	read_values(&ret->arena, a, a_len, &x);
	read_values(&ret->arena, b, b_len, &y);
	hmap_for_each (e, &x) {
		const char *other = hmap_get(&y, e->key);
		if (same(e->value, other, ignore_n))
			ret->same++;
		else
			add(ret, e->key, e->value, other);
	}
	hmap_for_each (e, &y)
		if (!hmap_has(&x, e->key) && !same(NULL, e->value, ignore_n))
			add(ret, e->key, NULL, e->value);
	if (ret->len)
		qsort(ret->v, ret->len, sizeof(*ret->v), by_name);
}

void kdiffs_release(struct kdiffs *d)
{
	mem_free(d->v);
	arena_release(&d->arena);
	*d = (struct kdiffs){};
}

// The value of s in .config form without quotes, "" when it is not written; into b.
static void written_value(struct kconfig *k, struct ksym *s, struct buf *b)
{
	buf_clear(b);
	ksym_calc(k, s);
	if (s->flags & KS_WRITE)
		buf_adds(b, ksym_text(s));
	else
		buf_adds(b, ktype_is_tri(s->type) ? "n" : "");
}

struct wanted {
	char **v; // by symbol index: value in the new file, NULL: not changeable there
};

// Values of the new configuration that the user could have set, in menu order.
static void collect_wanted(struct kconfig *k, struct wanted *w)
{
	for (size_t i = 0; i < k->syms_len; i++) {
		struct ksym *s = k->syms[i];
		if (!s->menus || ksym_is_choice(s) || (s->flags & KS_FIXED))
			continue;
		ksym_calc(k, s);
		if ((s->flags & KS_WRITE) && ksym_changeable(k, s))
			w->v[i] = mem_strdup(ksym_text(s));
	}
}

static void set_user(struct kconfig *k, struct ksym *s, const char *value)
{
	struct kmenu *choice = k->dialect.new_choice ? ksym_choice_menu(k, s) : NULL;

	if (ktype_is_tri(s->type))
		s->user_tri = *value == 'y' ? KCONFIG_Y : *value == 'm' ? KCONFIG_M : KCONFIG_N;
	else
		s->user_str = arena_strdup(&k->arena, value);
	s->flags |= KS_USER;
	if (choice)
		kchoice_promote(choice, s);
	if (!k->dialect.new_choice && (s->flags & KS_MEMBER) && s->user_tri == KCONFIG_Y) {
		s->choice->user_pick = s;
		s->choice->user_tri = KCONFIG_Y;
	}
	ksolve_clear(k);
}

// Goes through the menu: what differs and can be set now is a change; what then follows by itself is none. n
// of a choice member follows.
static size_t take_changes(struct kconfig *k, const struct wanted *w, struct krequests *ret)
{
	_cleanup_buf_ struct buf now = {};
	size_t found = 0;

	for (struct kmenu *m = kmenu_next(&k->root, &k->root); m; m = kmenu_next(m, &k->root)) {
		struct ksym *s = m->sym;
		if (!s || ksym_is_choice(s) || !w->v[s->index])
			continue;
		written_value(k, s, &now);
		if (!strcmp(buf_str(&now), w->v[s->index]) || !ksym_changeable(k, s))
			continue;
		if (ksym_choice_menu(k, s) && *w->v[s->index] == 'n' && ktype_is_tri(s->type))
			continue;
		set_user(k, s, w->v[s->index]);
		krequests_add(ret, s->name, w->v[s->index], false, NULL);
		ret->v[ret->len - 1].freeform = !ktype_is_tri(s->type);
		found++;
	}
	return found;
}

int kconfig_changes(struct kconfig *k, const char *from, size_t from_len, const char *to, size_t to_len,
        struct krequests *ret, struct err *e)
{
	struct wanted w = {.v = mem_array(k->syms_len, sizeof(*w.v))};
	bool quiet = k->quiet;

	k->quiet = true;
	kdot_read(k, to, to_len, "new");
	collect_wanted(k, &w);
	kdot_read(k, from, from_len, "old");
	// A change may show entries above it: again until nothing new comes.
	for (int i = 0; i < 5 && take_changes(k, &w, ret) > 0; i++)
		;
	k->quiet = quiet;
	for (size_t i = 0; i < k->syms_len; i++)
		mem_free(w.v[i]);
	mem_free(w.v);
	return 0;
}
