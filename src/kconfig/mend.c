// SPDX-License-Identifier: GPL-2.0-or-later
// Fixes: further requests with which all requests hold at once. What the search finds is solved again from
// the base in each of the ways in which it may be applied; only what stands all of them is kept.
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/apply.h"
#include "kconfig/ask.h"
#include "kconfig/dotconfig.h"
#include "kconfig/prove.h"
#include "kconfig/solve.h"

#define JOINT_MAX   4  // so many are searched for together at first, more one after the other
#define FAR_MAX     6  // so many are proven impossible with all means
#define CORE_MAX    12 // of so many that exclude each other those are left out that need not be named
#define TARGETS_MAX 20 // further failures get reasons only

struct items {
	struct kfix_item *v;
	size_t len, cap;
};

struct mend {
	struct apply *a;
	bool *must;           // by request: has to hold with the fix
	struct items kept;    // what must hold and does
	struct items targets; // what must and does not yet
	struct items fix;     // found so far
	bool from_fix;        // the search under way adds to that
	struct kproof *proof;
	struct kpin *pins; // of the search under way
};

static void add_item(struct items *l, struct kfix_item it)
{
	mem_grow(&l->v, &l->cap, l->len + 1, sizeof(*l->v));
	l->v[l->len++] = it;
}

static struct kfix_item item_of(struct ksym *s, const char *value)
{
	struct kfix_item i = {.sym = s};

	if (ktype_is_tri(s->type))
		i.tri = *value == 'y' ? KCONFIG_Y : *value == 'm' ? KCONFIG_M : KCONFIG_N;
	else
		i.text = value;
	return i;
}

static struct krequest request_of(struct arena *a, const struct kfix_item *it)
{
	static const char *const tri_text[] = {"n", "m", "y"};
	bool tri = ktype_is_tri(it->sym->type);

	return (struct krequest){.name = it->sym->name,
	        .value = tri ? tri_text[it->tri] : arena_strdup(a, it->text),
	        .freeform = !tri};
}

static void add_request(struct krequests *l, struct krequest r)
{
	mem_grow(&l->v, &l->cap, l->len + 1, sizeof(*l->v));
	l->v[l->len++] = r;
}

// The requests, then the fix so far where the search adds to it, then f. The strings of what is added are in
// the arena of the list.
static void all_requests(const struct mend *m, const struct kfix *f, struct krequests *ret)
{
	const struct krequests *r = m->a->r;

	for (size_t i = 0; i < r->len; i++)
		add_request(ret, r->v[i]);
	for (size_t i = 0; m->from_fix && i < m->fix.len; i++)
		add_request(ret, request_of(&ret->arena, &m->fix.v[i]));
	for (size_t i = 0; i < f->len; i++)
		add_request(ret, request_of(&ret->arena, &f->v[i]));
}

static bool all_hold(const struct mend *m, const struct krequests *all)
{
	for (size_t i = 0; i < all->len; i++)
		if ((i >= m->a->r->len || m->must[i]) && !apply_holds(m->a->k, &all->v[i]))
			return false;
	return true;
}

// As the derivation does it: as answers to questions, from the base.
static bool holds_by_questions(const struct mend *m, const struct krequests *all)
{
	struct kreport scratch = {};
	struct apply again = {.k = m->a->k, .policy = m->a->policy, .rep = &scratch, .r = all};
	_cleanup_buf_ struct buf text = {};

	again.wish = mem_array(m->a->k->syms_len, sizeof(*again.wish));
	apply_collect(&again);
	buf_add(&text, m->a->base.data, m->a->base.len);
	apply_run(&again, &text);
	bool good = all_hold(m, all);
	mem_free(again.wish);
	kreport_release(&scratch);
	return good;
}

static bool is_named(struct kconfig *k, const struct krequest *const *wish, const char *name, size_t len)
{
	const struct ksym *s = ksym_find_n(k, name, len);

	return s && wish[s->index];
}

static void add_line(struct kconfig *k, const struct krequest *r, struct buf *b)
{
	const struct ksym *s = kconfig_find(k, r->name);

	if (!s || !r->value || !kask_text(k, s, r))
		return;
	if (ktype_is_tri(s->type) && !strcmp(r->value, "n")) {
		buf_addf(b, "# CONFIG_%s is not set\n", s->name);
		return;
	}
	buf_addf(b, "CONFIG_%s=%s", s->name, s->type == KCONFIG_STRING ? "\"" : "");
	for (const char *p = r->value; *p; p++) {
		if (s->type == KCONFIG_STRING && (*p == '"' || *p == '\\'))
			buf_addc(b, '\\');
		buf_addc(b, *p);
	}
	buf_adds(b, s->type == KCONFIG_STRING ? "\"\n" : "\n");
}

// The base with the requests in place of its own lines, as merge_config.sh and people with an editor write
// it.
static void text_with(const struct mend *m, const struct krequests *all, struct buf *b)
{
	struct kreport scratch = {};
	struct apply names = {.k = m->a->k, .policy = m->a->policy, .rep = &scratch, .r = all};
	const char *p = m->a->base.data, *end = p + m->a->base.len, *name, *value;
	size_t name_len, value_len;

	names.wish = mem_array(m->a->k->syms_len, sizeof(*names.wish));
	apply_collect(&names);
	while (p && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl + 1 : end;
		size_t len = (size_t)(stop - p) - (nl != NULL);
		enum kdot_kind kind = kdot_line(p, len, &name, &name_len, &value, &value_len);
		if (kind == KDOT_OTHER || !is_named(m->a->k, names.wish, name, name_len))
			buf_add(b, p, (size_t)(stop - p));
		p = stop;
	}
	for (size_t i = 0; i < all->len; i++)
		if (!apply_replaced(&names, &all->v[i]))
			add_line(m->a->k, &all->v[i], b);
	mem_free(names.wish);
	kreport_release(&scratch);
}

// As conf does it with lines of a .config.
static bool holds_by_lines(const struct mend *m, const struct krequests *all)
{
	_cleanup_buf_ struct buf text = {};

	text_with(m, all, &text);
	kdot_read(m->a->k, buf_str(&text), text.len, ".config");
	return all_hold(m, all);
}

// What nobody asked for becomes a module by questions only; then lines are no measure.
static bool verify(void *ctx, const struct kfix *f)
{
	const struct mend *m = ctx;
	struct krequests all = {};

	all_requests(m, f, &all);
	bool good = (m->a->policy->auto_modules || holds_by_lines(m, &all)) && holds_by_questions(m, &all);
	krequests_release(&all);
	kdot_read(m->a->k, m->a->final->data, m->a->final->len, ".config");
	return good;
}

// What is known of all symbols; NULL: what is wanted now cannot be.
static const struct kpin *pins_for(struct mend *m, const struct items *kept)
{
	struct items all = {};

	for (size_t i = 0; i < m->targets.len + kept->len; i++)
		add_item(&all, i < m->targets.len ? m->targets.v[i] : kept->v[i - m->targets.len]);
	bool possible = kproof_possible(m->proof, all.v, all.len, true);
	if (possible)
		kproof_pins(m->proof, m->pins);
	mem_free(all.v);
	return possible ? m->pins : NULL;
}

// With what was found before where from_fix, else from nothing; true: m->fix makes all targets hold.
static bool search(struct mend *m, bool from_fix)
{
	struct items kept = {};
	struct kfix found = {};

	m->from_fix = from_fix;
	for (size_t i = 0; i < m->kept.len; i++)
		add_item(&kept, m->kept.v[i]);
	for (size_t i = 0; from_fix && i < m->fix.len; i++)
		add_item(&kept, m->fix.v[i]);
	struct kfix_goal goal = {.targets = m->targets.v,
	        .targets_len = m->targets.len,
	        .kept = kept.v,
	        .kept_len = kept.len,
	        .pins = pins_for(m, &kept),
	        .accept = verify,
	        .ctx = m};
	bool good = goal.pins && kfix_search(m->a->k, &goal, &found);
	if (good && !from_fix)
		m->fix.len = 0;
	for (size_t i = 0; good && i < found.len; i++)
		add_item(&m->fix, found.v[i]);
	mem_free(kept.v);
	return good;
}

static size_t index_of(const struct mend *m, const struct kfailure *f)
{
	return (size_t)(f->request - m->a->r->v);
}

static void set_target(struct mend *m, struct kfailure *f, bool on)
{
	struct ksym *s = kconfig_find(m->a->k, f->request->name);

	m->must[index_of(m, f)] = f->mended = on;
	if (on)
		add_item(&m->targets, item_of(s, f->request->value));
	else
		m->targets.len--;
}

// Can other requests help it?
static bool is_open(const struct mend *m, const struct kfailure *f, bool optional)
{
	const struct ksym *s = kconfig_find(m->a->k, f->request->name);

	return s && !f->excluded && f->request->optional == optional && f->kind != KFAIL_VALUE &&
	       f->kind != KFAIL_CONFLICT && kask_text(m->a->k, s, f->request);
}

static bool all_at_once(struct mend *m, struct kfailure **open, size_t len)
{
	for (size_t i = 0; i < len; i++)
		set_target(m, open[i], true);
	if (search(m, false))
		return true;
	for (size_t i = 0; i < len; i++)
		set_target(m, open[i], false);
	return false;
}

static void one_by_one(struct mend *m, struct kfailure **open, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		set_target(m, open[i], true);
		if (!search(m, true) && (!m->fix.len || !search(m, false)))
			set_target(m, open[i], false);
	}
}

// What holds now and has to go on holding: what must, and optional ones where soft.
static void keep_what_holds(struct mend *m, bool soft)
{
	const struct apply *a = m->a;

	m->kept.len = 0;
	for (size_t i = 0; i < a->r->len; i++) {
		const struct krequest *r = &a->r->v[i];
		struct ksym *s = r->value ? kconfig_find(a->k, r->name) : NULL;
		bool had = m->must[i];

		m->must[i] = s && a->wish[s->index] == r && (soft || !r->optional) && apply_holds(a->k, r);
		if (m->must[i])
			add_item(&m->kept, item_of(s, r->value));
		else
			m->must[i] = had;
	}
}

static size_t list_open(struct mend *m, bool optional, struct kfailure **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < m->a->rep->len && n < TARGETS_MAX; i++)
		if (is_open(m, &m->a->rep->v[i], optional))
			ret[n++] = &m->a->rep->v[i];
	return n;
}

static bool has_optional(const struct krequests *r)
{
	for (size_t i = 0; i < r->len; i++)
		if (r->v[i].optional)
			return true;
	return false;
}

// Everything else that is asked for is kept; where that does not go, optional requests give way to what must
// hold.
static void find_fix(struct mend *m)
{
	struct kfailure *open[TARGETS_MAX];
	size_t len = list_open(m, false, open);
	bool optional = !len;

	if (optional)
		len = list_open(m, true, open);
	if (!len)
		return;
	keep_what_holds(m, true);
	if (len <= JOINT_MAX && all_at_once(m, open, len))
		return;
	if (!optional && has_optional(m->a->r)) {
		memset(m->must, 0, m->a->r->len * sizeof(*m->must));
		keep_what_holds(m, false);
		if (len <= JOINT_MAX && all_at_once(m, open, len))
			return;
	}
	if (len > 1)
		one_by_one(m, open, len);
}

// Of what was found one after the other, earlier finds may be needless with later ones.
static void drop_needless(struct mend *m)
{
	const struct kfix none = {};

	m->from_fix = true;
	for (size_t i = m->fix.len; i-- > 0 && m->fix.len > 1;) {
		struct kfix_item item = m->fix.v[i];
		size_t rest = m->fix.len - i - 1;
		memmove(&m->fix.v[i], &m->fix.v[i + 1], rest * sizeof(item));
		m->fix.len--;
		if (verify(m, &none))
			continue;
		memmove(&m->fix.v[i + 1], &m->fix.v[i], rest * sizeof(item));
		m->fix.v[i] = item;
		m->fix.len++;
	}
}

// Requests that exclude each other, as far as is known.
struct core {
	struct items items;
	const struct krequest **asked;
	bool sure; // they alone do
};

static void core_add(struct core *c, const struct mend *m, const struct krequest *r)
{
	c->asked[c->items.len] = r;
	add_item(&c->items, item_of(kconfig_find(m->a->k, r->name), r->value));
}

static void core_remove(struct core *c, size_t i)
{
	size_t rest = --c->items.len - i;

	memmove(&c->items.v[i], &c->items.v[i + 1], rest * sizeof(c->items.v[0]));
	memmove(&c->asked[i], &c->asked[i + 1], rest * sizeof(c->asked[0]));
}

static bool core_clashes(struct mend *m, const struct core *c, bool far)
{
	return !kproof_possible(m->proof, c->items.v, c->items.len, far);
}

// Leaves only those that take part, and of few only those without which the others would do.
static void core_cut(struct mend *m, struct core *c, bool far)
{
	struct core all = {.asked = mem_dup(c->asked, c->items.len * sizeof(*c->asked))};

	for (size_t i = 0; i < c->items.len; i++)
		add_item(&all.items, c->items.v[i]);
	for (size_t i = c->items.len; i-- > 0;)
		if (!kproof_takes_part(m->proof, i))
			core_remove(c, i);
	c->sure = core_clashes(m, c, far);
	for (size_t i = c->items.len; c->sure && c->items.len > 1 && c->items.len <= CORE_MAX && i-- > 0;) {
		struct kfix_item item = c->items.v[i];
		const struct krequest *asked = c->asked[i];
		core_remove(c, i);
		if (core_clashes(m, c, far))
			continue;
		memmove(&c->items.v[i + 1], &c->items.v[i], (c->items.len - i) * sizeof(item));
		memmove(&c->asked[i + 1], &c->asked[i], (c->items.len - i) * sizeof(asked));
		c->items.v[i] = item;
		c->asked[i] = asked;
		c->items.len++;
	}
	if (c->sure)
		core_clashes(m, c, far); // the proof to be told
	else
		core_clashes(m, &all, far);
	mem_free(all.asked);
	mem_free(all.items.v);
}

static bool core_has(const struct core *c, const struct krequest *r)
{
	for (size_t i = 0; i < c->items.len; i++)
		if (c->asked[i] == r)
			return true;
	return false;
}

static void tell(struct mend *m, struct kfailure *f, const struct core *c)
{
	struct arena *arena = &m->a->rep->arena;
	const char **rivals = arena_alloc(arena, (c->items.len + 1) * sizeof(*rivals));
	_cleanup_buf_ struct buf b = {};
	size_t n = 0;

	buf_addf(&b, "%s\n%s=%s", f->text, f->request->name, f->request->value);
	for (size_t i = 0; i < c->items.len && c->sure; i++) {
		const struct krequest *r = c->asked[i];
		if (r == f->request)
			continue;
		rivals[n++] = r->name;
		buf_addf(&b, " and %s=%s%s%s%s", r->name, r->value, r->why ? " (" : "", r->why ? r->why : "",
		        r->why ? ")" : "");
	}
	buf_adds(&b, !c->sure ? " cannot be together with what else is asked for:\n"
	             : n      ? " exclude each other:\n"
	                      : " is impossible, whatever else is set:\n");
	kproof_text(m->proof, "  ", &b);
	while (b.len && b.data[b.len - 1] == '\n')
		b.data[--b.len] = '\0';
	f->text = arena_strdup(arena, buf_str(&b));
	f->rivals = rivals;
	f->excluded = true;
}

// Are the failures of this list possible together with what is kept? Those that take part in a contradiction
// are told; true: there is one.
static bool contradict(struct mend *m, struct kfailure **open, size_t len, bool far)
{
	struct core c = {.asked = mem_array(len + m->a->r->len, sizeof(*c.asked))};

	for (size_t i = 0; i < len; i++)
		core_add(&c, m, open[i]->request);
	for (size_t i = 0; i < m->a->r->len; i++)
		if (m->must[i])
			core_add(&c, m, &m->a->r->v[i]);
	bool found = core_clashes(m, &c, far);
	if (found)
		core_cut(m, &c, far);
	for (size_t i = 0; i < len && found; i++)
		if (len == 1 || core_has(&c, open[i]->request))
			tell(m, open[i], &c);
	mem_free(c.items.v);
	mem_free(c.asked);
	return found;
}

// Each by itself, each with what is kept, then all together until those that are left may hold.
static void find_contradictions(struct mend *m, bool optional)
{
	struct kfailure *open[TARGETS_MAX];
	size_t len = list_open(m, optional, open), left;

	for (size_t i = 0; i < len; i++)
		contradict(m, &open[i], 1, false);
	keep_what_holds(m, false);
	for (size_t i = 0; i < len; i++)
		if (!open[i]->excluded)
			contradict(m, &open[i], 1, len <= FAR_MAX);
	do {
		len = left = list_open(m, optional, open);
		if (len < 2 || !contradict(m, open, len, true))
			break;
		left = list_open(m, optional, open);
	} while (left && left < len);
	memset(m->must, 0, m->a->r->len * sizeof(*m->must));
}

static void keep_fix(struct mend *m)
{
	struct kreport *rep = m->a->rep;
	bool optional = true;

	rep->fix = arena_alloc(&rep->arena, m->fix.len * sizeof(*rep->fix));
	rep->fix_len = m->fix.len;
	for (size_t i = 0; i < m->fix.len; i++)
		rep->fix[i] = request_of(&rep->arena, &m->fix.v[i]);
	for (size_t i = 0; i < rep->len; i++)
		optional = optional && (!rep->v[i].mended || rep->v[i].request->optional);
	for (size_t i = 0; i < rep->len; i++) {
		const struct kfailure *f = &rep->v[i];
		if (!f->mended && f->kind != KFAIL_UNKNOWN && f->kind != KFAIL_VALUE &&
		        f->kind != KFAIL_CONFLICT && (optional || !f->request->optional))
			rep->fix_part = true;
	}
	for (size_t i = 0; i < rep->len && !rep->fix_part; i++) {
		struct kfailure *f = &rep->v[i];
		if (!f->mended)
			continue;
		f->fix = rep->fix;
		f->fix_len = rep->fix_len;
		f->fix_verified = true;
	}
}

void kmend(struct apply *a)
{
	struct mend m = {.a = a};
	bool quiet = a->k->quiet;

	a->k->quiet = true;
	m.must = mem_array(a->r->len, sizeof(*m.must));
	m.proof = kproof_new(a->k);
	m.pins = mem_array(a->k->syms_len, sizeof(*m.pins));
	find_contradictions(&m, false);
	find_contradictions(&m, true);
	find_fix(&m);
	drop_needless(&m);
	if (m.fix.len)
		keep_fix(&m);
	kdot_read(a->k, a->final->data, a->final->len, ".config");
	a->k->quiet = quiet;
	kproof_free(m.proof);
	mem_free(m.pins);
	mem_free(m.must);
	mem_free(m.kept.v);
	mem_free(m.targets.v);
	mem_free(m.fix.v);
}
