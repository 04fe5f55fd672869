// SPDX-License-Identifier: GPL-2.0-or-later
// Draws requests and pairs of requests from a tree and judges the answers with the kernel's own conf: is the
// verdict (it holds, it does not) conf's, and does a fix make all requests hold at once? What is said to be
// impossible is tried against other configurations of the tree: one in which all hold refutes it.
// First the rules of proofs: what a configuration of the tree has is possible, all of it and any part of it.
// pairs SRCTREE ARCH BASE COUNT SEED CONF [-v], in the environment that conf needs.
//
// Of pairs three of four are related: one depends on, selects or is selected by the other, or both are
// members of one choice, since those get into each other's way.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "kconfig/ask.h"
#include "kconfig/kexpr.h"
#include "kconfig/prove.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

extern char **environ;

struct wish {
	struct ksym *sym;
	const char *value;
};

struct test {
	struct kconfig *k;
	const char *conf, *dir;
	char *fragment;
	struct buf base; // .config
	struct ksym **syms;
	size_t syms_len, syms_cap;
	const char **other; // by symbol: a value of another configuration, for numbers and strings
	struct arena arena;
	uint64_t random;
	bool verbose;
	struct wish w[2];
	size_t w_len;
	size_t singles, pairs, holding, wrong, fixed, bad, proven, refuted, open, missed, parts, wrong_rules;
};

static int fail(const struct err *e)
{
	fprintf(stderr, "pairs: %s\n", e->msg);
	return 2;
}

static size_t below(struct test *t, size_t n)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (size_t)((t->random >> 11) % n);
}

static bool usable(const struct ksym *s)
{
	return s->menus && s->name && !ksym_is_choice(s) && !(s->flags & (KS_CONST | KS_FIXED)) &&
	       s->type != KCONFIG_UNKNOWN;
}

static bool has_prompt(const struct ksym *s)
{
	for (const struct kprop *p = s->props; p; p = p->next)
		if (p->text)
			return true;
	return false;
}

// Symbols to draw from, and for texts a value that some configuration has.
static int fill(struct test *t, struct err *e)
{
	static const char *const others[] = {"allyesconfig", "allnoconfig", "allmodconfig"};
	struct kconfig *k = t->k;

	t->other = mem_array(k->syms_len, sizeof(*t->other));
	for (size_t b = 0; b < ARRAY_SIZE(others); b++) {
		int r = kconfig_base(k, others[b], NULL, e);
		if (r < 0)
			return r;
		for (size_t i = 0; i < k->syms_len; i++) {
			struct ksym *s = k->syms[i];
			ksym_calc(k, s);
			if (usable(s) && !ktype_is_tri(s->type) && (s->flags & KS_WRITE) && *ksym_text(s))
				t->other[i] = arena_strdup(&t->arena, ksym_text(s));
		}
	}
	for (size_t i = 0; i < k->syms_len; i++) {
		struct ksym *s = k->syms[i];
		if (!usable(s) || (!has_prompt(s) && i % 4) || (!ktype_is_tri(s->type) && !t->other[i]))
			continue;
		mem_grow(&t->syms, &t->syms_cap, t->syms_len + 1, sizeof(*t->syms));
		t->syms[t->syms_len++] = s;
	}
	return 0;
}

static const char *value_for(struct test *t, struct ksym *s)
{
	static const char *const tri[] = {"y", "n", "m"};

	if (ktype_is_tri(s->type))
		return tri[below(t, s->type == KCONFIG_BOOL ? 2 : 3)];
	if (s->type == KCONFIG_INT && has_prompt(s) && below(t, 2))
		return arena_printf(&t->arena, "%lld", strtoll(t->other[s->index], NULL, 10) + 1);
	return t->other[s->index];
}

struct near {
	struct ksym **v;
	size_t len, cap;
};

static void near_add(struct near *n, struct ksym *s)
{
	mem_grow(&n->v, &n->cap, n->len + 1, sizeof(*n->v));
	n->v[n->len++] = s;
}

static void near_expr(struct near *n, const struct kexpr *e)
{
	if (!e)
		return;
	if (e->type == KE_AND || e->type == KE_OR) {
		near_expr(n, e->l.e);
		near_expr(n, e->r.e);
	} else if (e->type == KE_NOT) {
		near_expr(n, e->l.e);
	} else {
		near_add(n, e->l.s);
	}
}

static struct ksym *related(struct test *t, struct ksym *a)
{
	struct near n = {};
	struct kmenu *c = ksym_choice_menu(t->k, a);
	struct ksym *found = NULL;

	for (const struct kprop *p = a->props; p; p = p->next)
		if ((p->type == KP_SELECT || p->type == KP_IMPLY || p->type == KP_DEFAULT) && kprop_sym(p))
			for (int i = 0; i < 3; i++)
				near_add(&n, kprop_sym(p));
	near_expr(&n, a->dir_dep);
	for (struct kmenu *m = c ? kmenu_next(c, c) : NULL; m; m = kmenu_next(m, c))
		if (m->sym)
			near_add(&n, m->sym);
	if (below(t, 4) == 0)
		near_expr(&n, a->rev_dep);
	for (size_t i = 0; i < 20 && n.len && !found; i++) {
		struct ksym *s = n.v[below(t, n.len)];
		if (s != a && usable(s) && (ktype_is_tri(s->type) || t->other[s->index]))
			found = s;
	}
	mem_free(n.v);
	return found;
}

static void draw(struct test *t)
{
	struct ksym *a = t->syms[below(t, t->syms_len)], *b = NULL;
	bool pair = below(t, 10) >= 4;

	// Members of choices and texts are few: drawn a little more often than they are.
	for (size_t i = 0; i < 40 && below(t, 10) == 0 && !ksym_choice_menu(t->k, a); i++)
		a = t->syms[below(t, t->syms_len)];
	if (pair && below(t, 4))
		b = related(t, a);
	while (pair && (!b || b == a))
		b = t->syms[below(t, t->syms_len)];
	t->w[0] = (struct wish){a, value_for(t, a)};
	if (b)
		t->w[1] = (struct wish){b, value_for(t, b)};
	t->w_len = pair ? 2 : 1;
}

static void add_line(struct buf *b, const struct ksym *s, const char *value)
{
	if (ktype_is_tri(s->type) && !strcmp(value, "n"))
		buf_addf(b, "# CONFIG_%s is not set\n", s->name);
	else
		buf_addf(b, s->type == KCONFIG_STRING ? "CONFIG_%s=\"%s\"\n" : "CONFIG_%s=%s\n", s->name,
		        value);
}

// Does the .config say so?
static bool says(const char *config, const struct ksym *s, const char *value)
{
	_cleanup_free_ char *head = str_printf("\nCONFIG_%s=", s->name);
	const char *at = strstr(config, head);

	if (!at)
		return ktype_is_tri(s->type) && !strcmp(value, "n");
	at += strlen(head);
	size_t n = strcspn(at, "\n");
	if (s->type == KCONFIG_STRING && n >= 2) {
		at++;
		n -= 2;
	}
	_cleanup_free_ char *got = mem_strndup(at, n);
	return kvalue_compare(got, s->type, value, s->type) == 0;
}

static bool all_say(const struct test *t, const char *config)
{
	for (size_t i = 0; i < t->w_len; i++)
		if (!says(config, t->w[i].sym, t->w[i].value))
			return false;
	return true;
}

// The base without the lines of these symbols.
static void add_base(struct test *t, const struct krequest *fix, size_t fix_len, struct buf *b)
{
	_cleanup_strv_ char **lines = strv_split(buf_str(&t->base), "\n");

	strv_for_each (line, lines) {
		const char *p = str_after(line, "CONFIG_");
		p = p ? p : str_after(line, "# CONFIG_");
		size_t n = p ? strcspn(p, "= ") : 0;
		bool mine = false;
		for (size_t i = 0; n && i < t->w_len + fix_len && !mine; i++) {
			const char *name = i < t->w_len ? t->w[i].sym->name : fix[i - t->w_len].name;
			mine = strlen(name) == n && !strncmp(name, p, n);
		}
		if (!mine)
			buf_addf(b, "%s\n", line);
	}
}

// Do all hold with conf, with the fix besides?
static int conf_holds(struct test *t, const struct krequest *fix, size_t fix_len, bool *ret, struct err *e)
{
	_cleanup_free_ char *path = fs_join(t->dir, ".config");
	char *argv[] = {(char *)t->conf, (char *)"--olddefconfig", (char *)"Kconfig", NULL};
	_cleanup_buf_ struct buf said = {}, in = {}, out = {};
	struct proc_opts o = {.cwd = t->dir, .out = &said, .err = &said, .timeout_ms = 300000};

	add_base(t, fix, fix_len, &in);
	for (size_t i = 0; i < t->w_len; i++)
		add_line(&in, t->w[i].sym, t->w[i].value);
	for (size_t i = 0; i < fix_len; i++)
		add_line(&in, kconfig_find(t->k, fix[i].name), fix[i].value);
	int r = fs_write_atomic(path, in.data, in.len, 0644, e);
	if (r >= 0)
		r = proc_run_ok(argv, &o, e);
	if (r >= 0)
		r = fs_read(path, 0, &out, e);
	*ret = r >= 0 && all_say(t, buf_str(&out));
	return r;
}

// Is there a configuration in which all hold?
static int witness(struct test *t, const char **ret, struct err *e)
{
	static const char *const bases[] = {"allmodconfig", "allyesconfig", "allnoconfig", "alldefconfig",
	        "randconfig", "randconfig", "randconfig"};
	char *fragments[] = {t->fragment, NULL};
	_cleanup_buf_ struct buf lines = {};
	int r;

	for (size_t i = 0; i < t->w_len; i++)
		add_line(&lines, t->w[i].sym, t->w[i].value);
	r = fs_write_atomic(t->fragment, lines.data, lines.len, 0644, e);
	for (size_t b = 0; r >= 0 && b < ARRAY_SIZE(bases) && !*ret; b++) {
		_cleanup_buf_ struct buf text = {};
		_cleanup_err_ struct err skip = {};
		if (kconfig_base(t->k, bases[b], fragments, &skip) < 0)
			continue; // older trees have no randconfig here
		kconfig_write(t->k, &text);
		if (all_say(t, buf_str(&text)))
			*ret = bases[b];
	}
	return r;
}

static void print_case(const struct test *t, const char *what, const struct kreport *rep)
{
	_cleanup_buf_ struct buf b = {};

	printf("== %s:", what);
	for (size_t i = 0; i < t->w_len; i++)
		printf(" %s=%s", t->w[i].sym->name, t->w[i].value);
	kreport_text(rep, false, &b);
	printf("\n%s", buf_str(&b));
}

static int judge(struct test *t, const struct kreport *rep, bool holds, struct err *e)
{
	const char *how = NULL;
	bool excluded = false, good = false;
	int r = 0;

	if ((rep->len == 0) != holds) {
		t->wrong++;
		print_case(t, holds ? "WRONG: conf takes it" : "WRONG: conf does not take it", rep);
		return 0;
	}
	if (holds) {
		t->holding++;
		return 0;
	}
	for (size_t i = 0; i < rep->len; i++)
		excluded = excluded || rep->v[i].excluded;
	if (rep->fix_len && !rep->fix_part) {
		t->fixed++;
		r = conf_holds(t, rep->fix, rep->fix_len, &good, e);
		t->bad += !good;
		if (!good || t->verbose)
			print_case(t, good ? "fix" : "BAD FIX", rep);
		return r;
	}
	r = witness(t, &how, e);
	if (excluded) {
		t->proven++;
		t->refuted += how != NULL;
		if (how || t->verbose)
			print_case(t, how ? "REFUTED" : "excluded", rep);
		return r;
	}
	t->open++;
	t->missed += how != NULL;
	print_case(t, how ? "MISSED" : "open", rep);
	return r;
}

static int try_one(struct test *t, struct err *e)
{
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	struct kpolicy policy = {};
	bool holds = false;
	int r = kconfig_read_text(t->k, buf_str(&t->base), t->base.len, "base", e);

	draw(t);
	t->singles += t->w_len == 1;
	t->pairs += t->w_len == 2;
	for (size_t i = 0; i < t->w_len; i++) {
		krequests_add(&req, t->w[i].sym->name, t->w[i].value, false, NULL);
		req.v[i].freeform = !ktype_is_tri(t->w[i].sym->type);
	}
	if (r >= 0)
		r = krequests_apply(t->k, &req, &policy, &rep, e);
	if (r >= 0)
		r = conf_holds(t, NULL, 0, &holds, e);
	return r < 0 ? r : judge(t, &rep, holds, e);
}

// The values of the present configuration, all or (one of `part`) some of them.
static size_t take_values(struct test *t, size_t part, struct kfix_item *v)
{
	struct kconfig *k = t->k;
	size_t n = 0;

	for (size_t i = 0; i < k->syms_len; i++) {
		struct ksym *s = k->syms[i];
		if (!usable(s) || (part && below(t, part)))
			continue;
		ksym_calc(k, s);
		if (ktype_is_tri(s->type))
			v[n++] =
			        (struct kfix_item){.sym = s, .tri = s->flags & KS_WRITE ? s->tri : KCONFIG_N};
		else if (s->flags & KS_WRITE)
			v[n++] = (struct kfix_item){.sym = s, .text = ksym_text(s)};
	}
	return n;
}

static int check_rules(struct test *t, struct err *e)
{
	static const char *const bases[] = {"allyesconfig", "allnoconfig", "allmodconfig", "alldefconfig",
	        "randconfig", "randconfig", "randconfig", "randconfig"};
	struct kproof *p = kproof_new(t->k);
	struct kfix_item *v = mem_array(t->k->syms_len, sizeof(*v));

	for (size_t b = 0; b < ARRAY_SIZE(bases); b++) {
		_cleanup_err_ struct err skip = {};
		hmap_put(&t->k->env, "KCONFIG_SEED", arena_printf(&t->arena, "%zu", below(t, 1000000)));
		if (kconfig_base(t->k, bases[b], NULL, &skip) < 0)
			continue; // older trees have no randconfig here
		for (size_t part = 0; part < 12; part++) {
			size_t n = take_values(t, part * part * part, v);
			t->parts++;
			if (kproof_possible(p, v, n, true))
				continue;
			_cleanup_buf_ struct buf text = {};
			kproof_text(p, "  ", &text);
			printf("== WRONG RULE: %s has these values:\n%s", bases[b], buf_str(&text));
			t->wrong_rules++;
		}
	}
	mem_free(v);
	kproof_free(p);
	return 0;
}

static int run(struct test *t, const char *base, size_t count, struct err *e)
{
	int r = fill(t, e);

	if (r >= 0)
		r = check_rules(t, e);
	if (r >= 0)
		r = kconfig_base(t->k, base, NULL, e);
	kconfig_write(t->k, &t->base);
	for (size_t i = 0; r >= 0 && i < count; i++) {
		r = try_one(t, e);
		fflush(stdout);
	}
	return r;
}

static int result(const struct test *t)
{
	printf("%zu requests and %zu pairs: %zu hold, %zu verdicts wrong; %zu fixed, %zu of the fixes bad; "
	       "%zu said to be "
	       "impossible, %zu of them refuted; %zu open, %zu of them possible\n",
	        t->singles, t->pairs, t->holding, t->wrong, t->fixed, t->bad, t->proven, t->refuted, t->open,
	        t->missed);
	printf("%zu parts of configurations: %zu said to be impossible\n", t->parts, t->wrong_rules);
	return t->wrong_rules || t->wrong || t->bad || t->refuted || t->missed * 20 > t->fixed ? 1 : 0;
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *cache = kconfig_cache_path(), *dir = NULL;
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_strv_ char **vars = NULL;
	_cleanup_err_ struct err e = {}, skip = {};

	if (argc < 7) {
		fprintf(stderr, "pairs SRCTREE ARCH BASE COUNT SEED CONF [-v]\n");
		return 2;
	}
	struct test t = {.conf = argv[6],
	        .random = strtoull(argv[5], NULL, 10) * 2654435769u + 88172645463325252u,
	        .verbose = argc > 7};
	if (kconfig_env_make(&vars, argv[1], argv[2], environ, cache, &e) < 0)
		return fail(&e);
	struct kconfig_env env = {.srctree = argv[1], .vars = vars, .cache_path = cache};
	if (kconfig_load(&k, &env, &e) < 0 ||
	        fs_mkdtemp(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", "pairs", &dir, &e) < 0)
		return fail(&e);
	t.k = k;
	t.dir = dir;
	t.fragment = fs_join(dir, "fragment");
	int r = run(&t, argv[3], strtoul(argv[4], NULL, 10), &e);
	fs_rm_rf(dir, &skip);
	mem_free(t.fragment);
	mem_free(t.syms);
	mem_free(t.other);
	arena_release(&t.arena);
	buf_release(&t.base);
	return r < 0 ? fail(&e) : result(&t);
}
