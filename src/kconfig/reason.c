// SPDX-License-Identifier: GPL-2.0-or-later
// Reasons for failed requests. Each line names a place in the Kconfig files where one can look.
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/ask.h"
#include "kconfig/reason.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

#define ALTERNATIVES_MAX 6
#define SELECTORS_MAX    8
#define ELSEWHERE_MAX    10 // unknown names that are looked for in the whole tree

void kreason_definitions(struct kconfig *k, const struct ksym *s, const char *indent, struct buf *b)
{
	for (const struct kmenu *m = s->menus; m; m = m->same) {
		buf_addf(b, "%sdefined at %s:%d (%s", indent, m->file, m->line, ktype_name(s->type));
		if (m->prompt)
			buf_addf(b, " \"%s\")\n", m->prompt->text);
		else
			buf_adds(b, ", without a prompt)\n");
	}
}

static bool has_prompt(const struct ksym *s)
{
	for (const struct kprop *p = s->props; p; p = p->next)
		if (p->text)
			return true;
	return false;
}

// The place where the property that selects s stands in sel.
static const struct kprop *select_prop(const struct ksym *sel, const struct ksym *s)
{
	for (const struct kprop *p = sel->props; p; p = p->next)
		if (p->type == KP_SELECT && kprop_sym(p) == s)
			return p;
	return NULL;
}

// f for each operand of the || chain, first to last.
static void each_operand(struct kexpr *e, uint8_t type, void (*f)(void *ctx, struct kexpr *e), void *ctx)
{
	_cleanup_free_ struct kexpr **v = NULL;
	size_t n = 0, cap = 0;

	for (; e; e = e->type == type ? e->l.e : NULL) {
		mem_grow(&v, &cap, n + 1, sizeof(*v));
		v[n++] = e->type == type ? e->r.e : e;
	}
	while (n-- > 0)
		f(ctx, v[n]);
}

struct selectors {
	struct kconfig *k;
	struct ksym *s;
	uint8_t tri;
	const char *indent;
	struct buf *b;
	unsigned said, more;
};

static void say_selector(void *ctx, struct kexpr *e)
{
	struct selectors *x = ctx;
	struct kexpr *first = e;

	if (kexpr_calc(x->k, e) < x->tri || kexpr_calc(x->k, e) == KCONFIG_N)
		return;
	while (first->type == KE_AND)
		first = first->l.e;
	if (x->said >= SELECTORS_MAX) {
		x->more++;
		return;
	}
	x->said++;
	struct ksym *sel = first->type == KE_SYM ? first->l.s : NULL;
	const struct kprop *p = sel ? select_prop(sel, x->s) : NULL;
	if (!p) {
		buf_addf(x->b, "%sforced by ", x->indent);
		kexpr_print(x->k, e, true, x->b);
	} else {
		buf_addf(x->b, "%sselected by %s [=%s] at %s:%d", x->indent, sel->name, ksym_text(sel),
		        p->file, p->line);
	}
	if (p && p->own) {
		buf_adds(x->b, " if ");
		kexpr_print(x->k, p->own, true, x->b);
	}
	buf_addc(x->b, '\n');
}

void kreason_selectors(struct kconfig *k, struct ksym *s, uint8_t tri, const char *indent, struct buf *b)
{
	struct selectors x = {.k = k, .s = s, .tri = tri, .indent = indent, .b = b};

	if (!s->rev_dep)
		return;
	each_operand(s->rev_dep, KE_OR, say_selector, &x);
	if (x.more)
		buf_addf(b, "%sand by %u more\n", indent, x.more);
}

static void count_one(void *ctx, struct kexpr *e)
{
	++*(size_t *)ctx;
}

static void name_selector(void *ctx, struct kexpr *e)
{
	struct selectors *x = ctx;

	while (e->type == KE_AND)
		e = e->l.e;
	if (e->type != KE_SYM || x->said++ >= ALTERNATIVES_MAX)
		return;
	buf_addf(x->b, "%s%s", x->said > 1 ? ", " : "", kconfig_sym_name(e->l.s));
}

// Who could turn on a symbol without a prompt.
static void say_hidden(struct kconfig *k, struct ksym *s, const char *indent, struct buf *b)
{
	size_t n = 0;
	struct selectors x = {.k = k, .s = s, .b = b};

	if (!s->menus) {
		buf_addf(b, "%sno Kconfig file of this architecture defines %s\n", indent,
		        kconfig_sym_name(s));
		return;
	}
	if (!s->rev_dep) {
		bool def = false;
		for (const struct kprop *p = s->props; p && !def; p = p->next)
			def = p->type == KP_DEFAULT;
		_cleanup_buf_ struct buf test = {};
		bool tested = kreason_tests(k, s, &test);
		buf_addf(b, "%s%s has no prompt and nothing selects it%s%s (%s:%d)\n", indent,
		        kconfig_sym_name(s),
		        tested ? ": what decides is a test: "
		        : def  ? ": its value comes from its defaults"
		               : "",
		        buf_str(&test), s->menus->file, s->menus->line);
		return;
	}
	each_operand(s->rev_dep, KE_OR, count_one, &n);
	buf_addf(b, "%s%s has no prompt (%s:%d); what selects it: ", indent, kconfig_sym_name(s),
	        s->menus->file, s->menus->line);
	each_operand(s->rev_dep, KE_OR, name_selector, &x);
	buf_addf(b, "%s\n", n > ALTERNATIVES_MAX ? ", ..." : "");
}

// What conditions of a symbol must reach for it to be want: a bool that would be m is y.
static uint8_t condition_for(const struct ksym *s, uint8_t want)
{
	return s->type == KCONFIG_BOOL && want == KCONFIG_Y ? KCONFIG_M : want;
}

struct unmet {
	struct kconfig *k;
	uint8_t want;
	unsigned depth;
	const char *indent;
	struct buf *b;
};

static void unmet_operand(void *ctx, struct kexpr *e)
{
	struct unmet *u = ctx;

	kreason_unmet(u->k, e, u->want, u->depth, u->indent, u->b);
}

// A symbol that would have to be at least want and is not.
static void unmet_symbol(
        struct kconfig *k, struct ksym *s, uint8_t want, unsigned depth, const char *indent, struct buf *b)
{
	_cleanup_free_ char *deeper = str_printf("%s  ", indent);

	if (!s->menus && !(s->flags & KS_CONST)) {
		buf_addf(b, "%s%s is not defined for this architecture\n", indent, kconfig_sym_name(s));
		return;
	}
	if (s == k->no || (s->flags & KS_CONST)) {
		buf_addf(b, "%sone of its conditions is n here, whatever is set\n", indent);
		return;
	}
	buf_addf(b, "%s%s is %s, needed %s", indent, kconfig_sym_name(s), ksym_text(s),
	        want == KCONFIG_Y || s->type == KCONFIG_BOOL ? "y" : "m or y");
	if (s->flags & KS_SEEN) {
		buf_adds(b, ": see above\n");
		return;
	}
	s->flags |= KS_SEEN;
	if (!s->menus) {
		buf_adds(b, " (this architecture's Kconfig files do not define it)\n");
		return;
	}
	buf_addf(b, " (%s:%d)", s->menus->file, s->menus->line);
	if (s->visible >= want) {
		buf_adds(b, ": can be set\n");
		return;
	}
	buf_addc(b, '\n');
	if (!has_prompt(s)) {
		say_hidden(k, s, deeper, b);
		return;
	}
	if (depth >= KREASON_DEPTH)
		return;
	for (struct kprop *p = s->props; p; p = p->next)
		if (p->text)
			kreason_unmet(k, p->cond, condition_for(s, want), depth + 1, deeper, b);
}

static void unmet_or(
        struct kconfig *k, struct kexpr *e, uint8_t want, unsigned depth, const char *indent, struct buf *b)
{
	_cleanup_free_ char *deeper = str_printf("%s  ", indent);
	struct unmet u = {k, want, depth + 1, deeper, b};
	size_t n = 0;

	each_operand(e, KE_OR, count_one, &n);
	buf_addf(b, "%sone of these must be %s:\n", indent, want == KCONFIG_Y ? "y" : "m or y");
	if (n <= ALTERNATIVES_MAX) {
		each_operand(e, KE_OR, unmet_operand, &u);
		return;
	}
	buf_addf(b, "%s", deeper);
	kexpr_print(k, e, true, b);
	buf_addc(b, '\n');
}

// A negation or comparison that does not hold.
static void unmet_other(
        struct kconfig *k, struct kexpr *e, uint8_t want, unsigned depth, const char *indent, struct buf *b)
{
	_cleanup_free_ char *deeper = str_printf("%s  ", indent);

	if (e->type == KE_NE && (e->r.s->flags & KS_CONST) && !*e->r.s->name && e->l.s->menus) {
		buf_addf(b, "%s%s must be set, it is empty (%s:%d)\n", indent, kconfig_sym_name(e->l.s),
		        e->l.s->menus->file, e->l.s->menus->line);
		return;
	}
	buf_addf(b, "%s", indent);
	kexpr_print(k, e, true, b);
	buf_adds(b, " does not hold\n");
	if (e->type == KE_NOT && e->l.e->type == KE_SYM && e->l.e->l.s->menus) {
		struct ksym *s = e->l.e->l.s;
		if (s->rev_tri > KCONFIG_N)
			kreason_selectors(k, s, KCONFIG_M, deeper, b);
		else if (s->visible == KCONFIG_N && s->tri != KCONFIG_N)
			say_hidden(k, s, deeper, b);
	}
}

void kreason_unmet(
        struct kconfig *k, struct kexpr *e, uint8_t want, unsigned depth, const char *indent, struct buf *b)
{
	struct unmet u = {k, want, depth, indent, b};

	if (kexpr_calc(k, e) >= want || b->len > 20000)
		return;
	if (e->type == KE_AND)
		each_operand(e, KE_AND, unmet_operand, &u);
	else if (e->type == KE_OR)
		unmet_or(k, e, want, depth, indent, b);
	else if (e->type == KE_SYM)
		unmet_symbol(k, e->l.s, want, depth, indent, b);
	else
		unmet_other(k, e, want, depth, indent, b);
}

// The names of the tree that hint at what became of an unknown one: a help text or a default that mentions
// it.
static const struct kmenu *mentioned(struct kconfig *k, const char *name)
{
	size_t n = strlen(name);

	for (struct kmenu *m = n ? kmenu_next(&k->root, &k->root) : NULL; m; m = kmenu_next(m, &k->root)) {
		const char *p = m->help, *end = p ? p + m->help_len : NULL;
		for (; p && (size_t)(end - p) >= n && (p = memmem(p, (size_t)(end - p), name, n)); p += n) {
			bool before = p == m->help ||
			              !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", p[-1]) ||
			              !memcmp(p - 1, "_", 1);
			bool after = p + n == end || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", p[n]);
			if (before && after && m->sym && m->sym->name)
				return m;
		}
	}
	return NULL;
}

static size_t unknown_so_far(const struct kreport *rep)
{
	size_t n = 0;

	for (size_t i = 0; i < rep->len; i++)
		n += rep->v[i].kind == KFAIL_UNKNOWN && rep->v[i].text;
	return n;
}

static void unknown(struct kconfig *k, struct kreport *rep, struct kfailure *f, struct buf *b)
{
	_cleanup_free_ const char **near = kconfig_nearest(k, f->request->name, 5);
	struct ksym *named = ksym_find_n(k, f->request->name, strlen(f->request->name));
	size_t n = 0;

	while (near[n])
		n++;
	const char **copy = arena_alloc(&rep->arena, (n + 1) * sizeof(*copy));
	memcpy(copy, near, n * sizeof(*copy));
	f->nearest = copy;
	buf_addf(b, "no Kconfig file of Linux %s for %s defines %s\n", kconfig_version(k),
	        (const char *)hmap_get(&k->env, "ARCH") ? (const char *)hmap_get(&k->env, "ARCH")
	                                                : "this architecture",
	        f->request->name);
	if (named && !(named->flags & KS_FIXED))
		buf_addf(b, "conditions of other entries name it\n");
	if (unknown_so_far(rep) < ELSEWHERE_MAX)
		kreason_elsewhere(k, f->request->name, b);
	const struct kmenu *m = mentioned(k, f->request->name);
	if (m)
		buf_addf(b, "the help of %s (%s:%d) mentions it: it may have been renamed to that\n",
		        m->sym->name, m->file, m->line);
	if (n)
		buf_adds(b, "names like it: ");
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s%s", i ? ", " : "", near[i]);
	if (n)
		buf_addc(b, '\n');
}

static void bad_value(struct kconfig *k, struct kfailure *f, struct ksym *s, struct buf *b)
{
	static const char *const takes[] = {
	        [KCONFIG_BOOL] = "y or n",
	        [KCONFIG_TRISTATE] = "y, m or n",
	        [KCONFIG_INT] = "a decimal number",
	        [KCONFIG_STRING] = "text",
	        [KCONFIG_HEX] = "a hexadecimal number that begins with 0x",
	        [KCONFIG_UNKNOWN] = "nothing: it has no type",
	};
	const char *v = f->request->value;

	if (s->type == KCONFIG_STRING) {
		buf_adds(b, "a text of .config is one line: it cannot have a line break in it\n");
		return;
	}
	buf_addf(b, "'%s' is no value of type %s: it takes %s\n", v, ktype_name(s->type), takes[s->type]);
	if (s->type == KCONFIG_BOOL && !strcmp(v, "m"))
		buf_addf(b, "%s cannot be built as a module; it is %s now\n", s->name, ksym_text(s));
	if (s->type == KCONFIG_HEX && ksym_text_valid(s, v))
		buf_addf(b,
		        "conf would read '%s' as 0x%s; write that, or 0x%llx when the decimal number was "
		        "meant\n",
		        v, v, strtoull(v, NULL, 10));
}

static void out_of_range(struct kconfig *k, struct kfailure *f, struct ksym *s, struct buf *b)
{
	const struct kprop *p = ksym_range_prop(k, s);

	if (!p)
		return;
	const struct ksym *bounds[] = {p->expr->l.s, p->expr->r.s};
	buf_addf(b, "%s is out of its range: %s to %s (%s:%d)\n", f->request->value, ksym_text(bounds[0]),
	        ksym_text(bounds[1]), p->file, p->line);
	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++)
		if (bounds[i]->menus)
			buf_addf(b, "%s is the value of %s (%s:%d), which depends on other options\n",
			        ksym_text(bounds[i]), kconfig_sym_name(bounds[i]), bounds[i]->menus->file,
			        bounds[i]->menus->line);
}

static uint8_t wanted_tri(const struct ksym *s, const char *v)
{
	if (!ktype_is_tri(s->type))
		return KCONFIG_Y;
	return *v == 'y' ? KCONFIG_Y : *v == 'm' ? KCONFIG_M : KCONFIG_N;
}

static void choice_rival(struct kconfig *k, struct ksym *s, struct kmenu *c, struct buf *b)
{
	bool first = true;

	buf_addf(b, "one member of the choice \"%s\" (%s:%d) is y, and that is ",
	        c->prompt ? c->prompt->text : "", c->file, c->line);
	if (s->tri == KCONFIG_Y) {
		buf_addf(b, "%s; ask for another one with y: ", kconfig_sym_name(s));
		for (struct kmenu *m = kmenu_next(c, c); m; m = kmenu_next(m, c)) {
			if (!m->sym || m->sym == s || m->sym->visible == KCONFIG_N ||
			        ksym_choice_menu(k, m->sym) != c)
				continue;
			buf_addf(b, "%s%s", first ? "" : ", ", kconfig_sym_name(m->sym));
			first = false;
		}
		buf_adds(b, first ? "there is none\n" : "\n");
		return;
	}
	for (struct kmenu *m = kmenu_next(c, c); m; m = kmenu_next(m, c)) {
		if (!m->sym || m->sym->tri != KCONFIG_Y || ksym_choice_menu(k, m->sym) != c)
			continue;
		buf_addf(b, "%s%s", first ? "" : ", ", kconfig_sym_name(m->sym));
		first = false;
	}
	buf_addf(b, "%s\n", first ? "none of them now" : "");
}

// The symbol cannot reach the value through its prompts.
static enum kfailure_kind too_low(struct kconfig *k, struct ksym *s, uint8_t want, struct buf *b)
{
	if (!has_prompt(s)) {
		say_hidden(k, s, "", b);
		if (s->dir_dep)
			kreason_unmet(k, s->dir_dep, condition_for(s, want), 1, "", b);
		return KFAIL_HIDDEN;
	}
	for (struct kprop *p = s->props; p; p = p->next) {
		if (!p->text)
			continue;
		buf_addf(b, "depends on: ");
		kexpr_print(k, p->cond, true, b);
		buf_addc(b, '\n');
		kreason_unmet(k, p->cond, condition_for(s, want), 0, "  ", b);
	}
	return s->visible == KCONFIG_M ? KFAIL_LIMITED : KFAIL_DEPENDS;
}

// Where the value of a symbol comes from that nobody set.
static void say_default(struct kconfig *k, struct ksym *s, struct buf *b)
{
	struct kprop *p = ksym_default_prop(k, s);

	if (!p)
		return;
	buf_addf(b, "its default counts (%s:%d): ", p->file, p->line);
	kexpr_print(k, p->expr, true, b);
	if (p->own) {
		buf_adds(b, " if ");
		kexpr_print(k, p->own, true, b);
	}
	buf_addc(b, '\n');
}

// A number or text that nobody can set: which default would give the value, and what there is else.
static void say_values(struct kconfig *k, struct ksym *s, const char *want, struct buf *b)
{
	_cleanup_buf_ struct buf others = {};

	for (struct kprop *p = s->props; p; p = p->next) {
		struct ksym *v = p->type == KP_DEFAULT ? kprop_sym(p) : NULL;
		struct kexpr *cond = p->own ? p->own : p->cond;
		if (!v)
			continue;
		ksym_calc(k, v);
		if (kvalue_compare(ksym_text(v), s->type, want, s->type)) {
			if (others.len < 200)
				buf_addf(&others, "%s%s", others.len ? ", " : "", ksym_text(v));
			continue;
		}
		buf_addf(b, "%s is %s if ", kconfig_sym_name(s), want);
		kexpr_print(k, cond, true, b);
		buf_addf(b, " (%s:%d)", p->file, p->line);
		struct kmenu *c = cond && cond->type == KE_SYM ? ksym_choice_menu(k, cond->l.s) : NULL;
		if (c)
			buf_addf(b, ": ask for %s, a member of the choice \"%s\"",
			        kconfig_sym_name(cond->l.s), c->prompt ? c->prompt->text : "");
		buf_addc(b, '\n');
		return;
	}
	if (others.len)
		buf_addf(b, "no default of it is %s; there are: %s\n", want, buf_str(&others));
}

static enum kfailure_kind classify(struct kconfig *k, struct kfailure *f, struct ksym *s, struct buf *b)
{
	struct kmenu *choice = ksym_choice_menu(k, s);
	uint8_t want = wanted_tri(s, f->request->value);
	bool tri = ktype_is_tri(s->type);

	kreason_definitions(k, s, "", b);
	if (!kask_text(k, s, f->request)) {
		bad_value(k, f, s, b);
		return KFAIL_VALUE;
	}
	if (tri && want == KCONFIG_M && k->modules_val == KCONFIG_N)
		buf_adds(b, "nothing can be m while MODULES is n\n");
	if (s->visible < want) {
		enum kfailure_kind kind = too_low(k, s, want, b);
		if (!tri && !has_prompt(s))
			say_values(k, s, f->request->value, b);
		return kind;
	}
	if (tri && s->rev_tri > want) {
		kreason_selectors(k, s, want + 1, "", b);
		return KFAIL_SELECTED;
	}
	if (tri && choice) {
		choice_rival(k, s, choice, b);
		return KFAIL_CHOICE;
	}
	if (!tri && !ksym_text_allowed(k, s, f->request->value)) {
		out_of_range(k, f, s, b);
		return KFAIL_RANGE;
	}
	if (s->visible == KCONFIG_N) {
		if (has_prompt(s))
			too_low(k, s, KCONFIG_M, b);
		else
			say_hidden(k, s, "", b);
		say_default(k, s, b);
		if (!tri && !has_prompt(s))
			say_values(k, s, f->request->value, b);
		return KFAIL_HIDDEN;
	}
	return KFAIL_DEPENDS;
}

void kreason_failure(struct kconfig *k, struct kreport *rep, struct kfailure *f)
{
	struct ksym *s = kconfig_find(k, f->request->name);
	_cleanup_buf_ struct buf b = {};
	const char *now = kconfig_get(k, f->request->name);

	for (size_t i = 0; i < k->syms_len; i++)
		k->syms[i]->flags &= ~KS_SEEN;

	f->actual = now ? arena_strdup(&rep->arena, now) : NULL;
	if (f->other) {
		f->kind = KFAIL_CONFLICT;
		buf_addf(&b, "two requests for one option: %s", f->request->value);
		buf_addf(&b, "%s%s%s", f->request->why ? " (" : "", f->request->why ? f->request->why : "",
		        f->request->why ? ")" : "");
		buf_addf(&b, ", then %s%s%s%s; the last one counts\n", f->other->value,
		        f->other->why ? " (" : "", f->other->why ? f->other->why : "",
		        f->other->why ? ")" : "");
	} else if (!s) {
		f->kind = KFAIL_UNKNOWN;
		unknown(k, rep, f, &b);
	} else {
		ksym_calc(k, s);
		f->kind = classify(k, f, s, &b);
	}
	while (b.len && b.data[b.len - 1] == '\n')
		b.data[--b.len] = '\0';
	f->text = arena_strdup(&rep->arena, buf_str(&b));
}
