// SPDX-License-Identifier: GPL-2.0-or-later
// Applying requests: two runs over all questions (as NixOS does, since an answer may show further questions),
// the check of each request, and for those that do not hold reasons and fixes, which are solved again all
// together.
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/apply.h"
#include "kconfig/ask.h"
#include "kconfig/dotconfig.h"
#include "kconfig/reason.h"
#include "kconfig/solve.h"
#include "kconfig/trim.h"
#include "kconfig/tree.h"

#define RUNS     2
#define RUNS_MAX 6

static bool same_value(const struct krequest *a, const struct krequest *b)
{
	return a->value && b->value && !strcmp(a->value, b->value);
}

static void add_failure(struct apply *a, const struct krequest *r, const struct krequest *other)
{
	struct kreport *rep = a->rep;

	bool fatal = !other && !r->optional && !a->policy->ignore_errors;
	mem_grow(&rep->v, &rep->cap, rep->len + 1, sizeof(*rep->v));
	rep->v[rep->len++] = (struct kfailure){.request = r, .other = other, .fatal = fatal};
	rep->fatal += rep->v[rep->len - 1].fatal;
}

// Which request each symbol gets: the last one, as generate-config.pl does it, unless that is optional and
// the one before is not. Of two that differ the user is told.
void apply_collect(struct apply *a)
{
	for (size_t i = 0; i < a->r->len; i++) {
		const struct krequest *r = &a->r->v[i];
		struct ksym *s = r->value ? kconfig_find(a->k, r->name) : NULL;
		const struct krequest *have = s ? a->wish[s->index] : NULL;
		if (!s)
			continue;
		bool keep = have && r->optional && !have->optional;
		if (have && !same_value(have, r) && have->optional == r->optional)
			add_failure(a, have, r);
		if (!keep)
			a->wish[s->index] = r;
	}
}

// Does what came out be what was asked for? A symbol that is not written is n.
bool apply_holds(struct kconfig *k, const struct krequest *r)
{
	struct ksym *s = kconfig_find(k, r->name);

	if (!r->value)
		return true;
	if (!s)
		return false;
	ksym_calc(k, s);
	if (ktype_is_tri(s->type))
		return !strcmp(s->flags & KS_WRITE ? ksym_text(s) : "n", r->value);
	if (!(s->flags & KS_WRITE) || !kask_text(k, s, r))
		return false;
	if (s->type == KCONFIG_HEX || s->type == KCONFIG_INT)
		return kvalue_compare(ksym_text(s), s->type, r->value, s->type) == 0;
	return !strcmp(ksym_text(s), r->value);
}

static bool all_hold(const struct apply *a)
{
	for (size_t i = 0; i < a->r->len; i++)
		if (!a->r->v[i].optional && !apply_replaced(a, &a->r->v[i]) &&
		        !apply_holds(a->k, &a->r->v[i]))
			return false;
	return true;
}

// Runs beyond the second are for chains of requests that stand in reverse order in the menu: each run answers
// one more of them. They are made only while something that must hold does not, and changes.
void apply_run(struct apply *a, struct buf *text)
{
	struct kask ask = {.k = a->k, .policy = a->policy, .wish = a->wish};
	_cleanup_buf_ struct buf before = {};
	bool quiet = a->k->quiet;

	a->k->quiet = true;
	kdot_read(a->k, buf_str(text), text->len, ".config");
	for (int i = 0; i < RUNS_MAX; i++) {
		if (i >= RUNS && (str_eq(buf_str(&before), buf_str(text)) || all_hold(a)))
			break;
		kask_run(&ask);
		buf_clear(&before);
		buf_add(&before, text->data, text->len);
		buf_clear(text);
		kconfig_write(a->k, text);
		kdot_read(a->k, buf_str(text), text->len, ".config");
	}
	a->rep->questions += ask.questions;
	a->k->quiet = quiet;
}

// A request that a later one replaced is not checked.
bool apply_replaced(const struct apply *a, const struct krequest *r)
{
	const struct ksym *s = kconfig_find(a->k, r->name);

	return s && a->wish[s->index] && a->wish[s->index] != r && !same_value(a->wish[s->index], r);
}

// before: what held until trimming; an optional wish that goes with a module nobody needs is no failure. May
// be NULL.
static void check_all(struct apply *a, const bool *before)
{
	for (size_t i = 0; i < a->r->len; i++) {
		const struct krequest *r = &a->r->v[i];
		if (before && before[i] && r->optional)
			continue;
		if (r->value && !apply_replaced(a, r) && !apply_holds(a->k, r))
			add_failure(a, r, NULL);
	}
}

// What is most often the cause of others comes first: names, then conflicts, then values, then dependencies;
// fatal ones before others.
static int by_likelihood(const void *x, const void *y)
{
	static const uint8_t rank[] = {
	        [KFAIL_UNKNOWN] = 0,
	        [KFAIL_CONFLICT] = 1,
	        [KFAIL_VALUE] = 2,
	        [KFAIL_RANGE] = 3,
	        [KFAIL_CHOICE] = 4,
	        [KFAIL_SELECTED] = 5,
	        [KFAIL_LIMITED] = 6,
	        [KFAIL_DEPENDS] = 7,
	        [KFAIL_HIDDEN] = 8,
	};
	const struct kfailure *a = x, *b = y;

	if (a->fatal != b->fatal)
		return a->fatal ? -1 : 1;
	if (rank[a->kind] != rank[b->kind])
		return rank[a->kind] < rank[b->kind] ? -1 : 1;
	if (a->fix_len != b->fix_len)
		return a->fix_len < b->fix_len ? -1 : 1;
	return a->request < b->request ? -1 : 1;
}

static void explain_failures(struct apply *a)
{
	for (size_t i = 0; i < a->rep->len; i++)
		kreason_failure(a->k, a->rep, &a->rep->v[i]);
	if (!a->policy->no_fixes)
		kmend(a);
	qsort(a->rep->v, a->rep->len, sizeof(*a->rep->v), by_likelihood);
}

// What nothing needs goes; the file is read again, as it is after every run.
static int trim(struct apply *a, struct buf *text, struct err *e)
{
	bool quiet = a->k->quiet;
	int r = kconfig_trim_spec(a->k, a->policy->trim, a->r, a->policy->trimmed, e);

	if (r < 0)
		return r;
	buf_clear(text);
	a->k->quiet = true;
	kconfig_write(a->k, text);
	kdot_read(a->k, buf_str(text), text->len, ".config");
	a->k->quiet = quiet;
	return 0;
}

static int trim_and_check(struct apply *a, struct buf *text, struct err *e)
{
	_cleanup_free_ bool *before = mem_array(a->r->len + 1, sizeof(*before));

	for (size_t i = 0; i < a->r->len; i++)
		before[i] = apply_holds(a->k, &a->r->v[i]);
	int r = trim(a, text, e);
	if (r >= 0)
		check_all(a, before);
	return r;
}

int krequests_apply(struct kconfig *k, const struct krequests *r, const struct kpolicy *policy,
        struct kreport *ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {};
	struct apply a = {.k = k, .r = r, .policy = policy, .rep = ret, .final = &text};
	bool quiet = k->quiet;
	int result = 0;

	k->quiet = true;
	kconfig_write(k, &a.base);
	k->quiet = quiet;
	buf_add(&text, a.base.data, a.base.len);
	a.wish = mem_array(k->syms_len, sizeof(*a.wish));
	apply_collect(&a);
	if (r->len || policy->auto_modules)
		apply_run(&a, &text);
	else
		kdot_read(k, buf_str(&text), text.len, ".config");
	if (policy->trim && *policy->trim)
		result = trim_and_check(&a, &text, e);
	else
		check_all(&a, NULL);
	if (ret->len && result >= 0)
		explain_failures(&a);
	mem_free(a.wish);
	buf_release(&a.base);
	return result;
}
