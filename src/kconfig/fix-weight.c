// SPDX-License-Identifier: GPL-2.0-or-later
// What goes when an option is turned off: the options that are on and cannot be without it, those that cannot
// be without these, and so on; when one is turned on, those that cannot be beside it come first. An estimate,
// for the order in which fixes are tried: what is selected as well stays on and is not counted, and of
// alternatives only the last one that holds is needed.
#include "kconfig/fix-weight.h"
#include "base/mem.h"
#include "kconfig/kexpr.h"
#include "kconfig/solve.h"

#define COUNT_MAX 400

struct need {
	uint32_t from, next; // next: index + 1 into needs, 0 is none
};

// Arrays are by ksym.index.
struct kweights {
	struct kconfig *k;
	uint32_t *first[2]; // of those that need it (to be off): index + 1 into needs
	unsigned *known[2]; // the answer + 1
	uint32_t *seen;     // in which walk
	uint32_t *queue;    // of the walk under way
	uint32_t walk;
	struct need *needs;
	size_t len, cap;
};

static void add_need(struct kweights *w, const struct ksym *needed, bool off, const struct ksym *by)
{
	if ((needed->flags & (KS_CONST | KS_FIXED)) || needed == by)
		return;
	mem_grow(&w->needs, &w->cap, w->len + 1, sizeof(*w->needs));
	w->needs[w->len] = (struct need){.from = by->index, .next = w->first[off][needed->index]};
	w->first[off][needed->index] = (uint32_t)++w->len;
}

// Each symbol without which, or with which, e would be n.
static void list_needed(struct kweights *w, struct kexpr *e, const struct ksym *by)
{
	while (e && (e->type == KE_AND || e->type == KE_OR)) {
		if (e->type == KE_AND) {
			list_needed(w, e->r.e, by);
			e = e->l.e;
			continue;
		}
		bool left = kexpr_calc(w->k, e->l.e) > KCONFIG_N,
		     right = kexpr_calc(w->k, e->r.e) > KCONFIG_N;
		if (left == right)
			return;
		e = left ? e->l.e : e->r.e;
	}
	if (e && e->type == KE_SYM)
		add_need(w, e->l.s, false, by);
	if (e && e->type == KE_NOT && e->l.e->type == KE_SYM)
		add_need(w, e->l.e->l.s, true, by);
}

struct kweights *kweights_new(struct kconfig *k)
{
	struct kweights *w = mem_alloc0(sizeof(*w));
	size_t n = k->syms_len;

	*w = (struct kweights){.k = k,
	        .first = {mem_array(n, sizeof(*w->first[0])), mem_array(n, sizeof(*w->first[1]))},
	        .known = {mem_array(n, sizeof(*w->known[0])), mem_array(n, sizeof(*w->known[1]))},
	        .seen = mem_array(n, sizeof(*w->seen)),
	        .queue = mem_array(n, sizeof(*w->queue))};
	for (size_t i = 0; i < n; i++) {
		struct ksym *s = k->syms[i];
		if (!s->menus || !s->dir_dep || !ktype_is_tri(s->type) || (s->flags & KS_FIXED))
			continue;
		ksym_calc(k, s);
		if (s->tri > KCONFIG_N && s->rev_tri == KCONFIG_N)
			list_needed(w, s->dir_dep, s);
	}
	return w;
}

void kweights_free(struct kweights *w)
{
	for (size_t i = 0; i < ARRAY_SIZE(w->first); i++) {
		mem_free(w->first[i]);
		mem_free(w->known[i]);
	}
	mem_free(w->seen);
	mem_free(w->queue);
	mem_free(w->needs);
	mem_free(w);
}

unsigned kweights_of(struct kweights *w, const struct ksym *s, bool off)
{
	unsigned *known = &w->known[off][s->index];
	size_t len = 0;

	if (*known)
		return *known - 1;
	w->seen[s->index] = ++w->walk;
	w->queue[len++] = s->index;
	for (size_t at = 0; at < len && len <= COUNT_MAX; at++)
		for (uint32_t i = w->first[off && !at][w->queue[at]]; i; i = w->needs[i - 1].next) {
			uint32_t by = w->needs[i - 1].from;
			if (w->seen[by] == w->walk)
				continue;
			w->seen[by] = w->walk;
			w->queue[len++] = by;
		}
	*known = (unsigned)MIN(len, (size_t)COUNT_MAX + 1);
	return *known - 1;
}
