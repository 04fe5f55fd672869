// SPDX-License-Identifier: GPL-2.0-or-later
// Draws requests that cannot hold from a tree, asks for fixes, tries each fix with the kernel's own conf, and
// looks for smaller ones. fixes SRCTREE ARCH BASE COUNT SEED CONF TRIES [-v], in the environment that conf
// needs.
//
// Drawn are symbols whose prompt the base hides or limits, or that nobody can set there, and that at least
// one all*config of the tree reaches: so there is a way. What is drawn is spread over types, choice members
// and symbols that are only selected. A smaller fix is looked for without what wrote the fix: every set of
// settings, up to two smaller than the fix, of symbols that the request depends on, nearest first, up to
// TRIES of each size.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "kconfig/ask.h"
#include "kconfig/fix.h"
#include "kconfig/kexpr.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

extern char **environ;

enum group { G_BOOL, G_TRISTATE, G_NUMBER, G_STRING, G_CHOICE, G_SELECTED, GROUPS };
static const char *const group_names[] = {"bool", "tristate", "number", "string", "choice", "selected"};
static const unsigned shares[] = {30, 30, 8, 4, 12, 16}; // of a hundred draws

struct wish {
	struct ksym *sym;
	char *value;
	enum group group;
};

struct wishes {
	struct wish *v;
	size_t len, cap;
};

struct test {
	struct kconfig *k;
	const char *conf, *dir;
	struct buf base; // .config
	double tries;
	struct wishes pool[GROUPS];
	uint64_t random;
	bool verbose;
	size_t drawn[GROUPS], failing, fixed, holding, verified, large, sizes[KFIX_MAX + 1];
};

static int fail(const struct err *e)
{
	fprintf(stderr, "fixes: %s\n", e->msg);
	return 2;
}

static uint64_t next_random(struct test *t)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return t->random;
}

static bool has_prompt(const struct ksym *s)
{
	for (const struct kprop *p = s->props; p; p = p->next)
		if (p->text)
			return true;
	return false;
}

// The value to ask for: what the symbol can be in the present configuration, NULL when that is nothing new.
static const char *reachable(struct kconfig *k, struct ksym *s)
{
	bool prompt = has_prompt(s);

	ksym_calc(k, s);
	if (ktype_is_tri(s->type)) {
		uint8_t most = prompt ? s->visible : s->flags & KS_WRITE ? s->tri : KCONFIG_N;
		if (s->type == KCONFIG_BOOL && most == KCONFIG_M)
			most = KCONFIG_Y;
		return most == KCONFIG_Y ? "y" : most == KCONFIG_M ? "m" : NULL;
	}
	return prompt && s->visible != KCONFIG_N && (s->flags & KS_WRITE) && *ksym_text(s) ? ksym_text(s)
	                                                                                   : NULL;
}

static enum group group_of(const struct kconfig *k, const struct ksym *s)
{
	if (!has_prompt(s))
		return G_SELECTED;
	if (ksym_choice_menu(k, s))
		return G_CHOICE;
	return s->type == KCONFIG_BOOL       ? G_BOOL
	       : s->type == KCONFIG_TRISTATE ? G_TRISTATE
	       : s->type == KCONFIG_STRING   ? G_STRING
	                                     : G_NUMBER;
}

// What the base does not let be, and one of the others does.
static int fill_pool(struct test *t, struct err *e)
{
	static const char *const others[] = {"allmodconfig", "allyesconfig", "allnoconfig", "alldefconfig"};
	struct kconfig *k = t->k;
	_cleanup_free_ bool *taken = mem_array(k->syms_len, sizeof(*taken));

	for (size_t i = 0; i < k->syms_len; i++) {
		struct ksym *s = k->syms[i];
		ksym_calc(k, s);
		bool tri = ktype_is_tri(s->type);
		taken[i] = !s->menus || !s->name || ksym_is_choice(s) || (s->flags & KS_FIXED) ||
		           s->type == KCONFIG_UNKNOWN || s->visible != KCONFIG_N ||
		           (tri ? s->tri != KCONFIG_N : !has_prompt(s)) || s->rev_tri != KCONFIG_N;
	}
	for (size_t b = 0; b < ARRAY_SIZE(others); b++) {
		int r = kconfig_base(k, others[b], NULL, e);
		if (r < 0)
			return r;
		for (size_t i = 0; i < k->syms_len; i++) {
			const char *v = taken[i] ? NULL : reachable(k, k->syms[i]);
			struct wishes *w = &t->pool[v ? group_of(k, k->syms[i]) : 0];
			if (!v)
				continue;
			taken[i] = true;
			mem_grow(&w->v, &w->cap, w->len + 1, sizeof(*w->v));
			w->v[w->len++] = (struct wish){k->syms[i], mem_strdup(v), group_of(k, k->syms[i])};
		}
	}
	return 0;
}

static struct wish draw(struct test *t)
{
	unsigned roll = (unsigned)(next_random(t) % 100);
	size_t g = 0;

	while (g + 1 < GROUPS && roll >= shares[g])
		roll -= shares[g++];
	for (size_t tries = 0; !t->pool[g].len && tries < GROUPS; tries++)
		g = (g + 1) % GROUPS;
	struct wishes *w = &t->pool[g];
	if (!w->len)
		return (struct wish){};
	size_t i = next_random(t) % w->len;
	struct wish x = w->v[i];
	w->v[i] = w->v[--w->len];
	return x;
}

static void add_line(struct buf *b, const struct kconfig *k, const struct ksym *s, const char *value)
{
	if (!strcmp(value, "n") && ktype_is_tri(s->type))
		buf_addf(b, "# CONFIG_%s is not set\n", s->name);
	else
		buf_addf(b, s->type == KCONFIG_STRING ? "CONFIG_%s=\"%s\"\n" : "CONFIG_%s=%s\n", s->name,
		        value);
}

// Does the .config say so?
static bool says(const char *config, const struct ksym *s, const char *value)
{
	_cleanup_buf_ struct buf line = {};
	const char *at;

	if (!strcmp(value, "n") && ktype_is_tri(s->type)) {
		buf_addf(&line, "\nCONFIG_%s=", s->name);
		return !strstr(config, buf_str(&line));
	}
	buf_addc(&line, '\n');
	add_line(&line, NULL, s, value);
	at = strstr(config, buf_str(&line));
	return at != NULL;
}

static int run_conf(struct test *t, const struct buf *in, struct buf *out, struct err *e)
{
	_cleanup_free_ char *path = fs_join(t->dir, ".config");
	char *argv[] = {(char *)t->conf, (char *)"--olddefconfig", (char *)"Kconfig", NULL};
	_cleanup_buf_ struct buf said = {};
	struct proc_opts o = {.cwd = t->dir, .out = &said, .err = &said, .timeout_ms = 300000};
	int r = fs_write_atomic(path, in->data, in->len, 0644, e);

	if (r >= 0)
		r = proc_run_ok(argv, &o, e);
	return r < 0 ? r : fs_read(path, 0, out, e);
}

static int holds_with_conf(
        struct test *t, const struct wish *w, const struct kfailure *f, bool *ret, struct err *e)
{
	_cleanup_buf_ struct buf in = {}, out = {};

	buf_add(&in, t->base.data, t->base.len);
	add_line(&in, t->k, w->sym, w->value);
	for (size_t i = 0; i < f->fix_len; i++)
		add_line(&in, t->k, kconfig_find(t->k, f->fix[i].name), f->fix[i].value);
	int r = run_conf(t, &in, &out, e);
	if (r < 0)
		return r;
	*ret = says(buf_str(&out), w->sym, w->value);
	for (size_t i = 0; i < f->fix_len; i++)
		*ret = *ret && says(buf_str(&out), kconfig_find(t->k, f->fix[i].name), f->fix[i].value);
	return 0;
}

// Settings of symbols near the request, nearest first.
struct near {
	struct kconfig *k;
	struct kfix_item *v;
	size_t len, cap;
	double tries;
	bool *seen;
	struct ksym **queue;
	size_t head, tail;
};

static void reach_sym(struct near *n, struct ksym *s)
{
	if (n->seen[s->index] || (s->flags & (KS_CONST | KS_FIXED)) || !s->menus)
		return;
	n->seen[s->index] = true;
	n->queue[n->tail++] = s;
}

static void reach(struct near *n, const struct kexpr *e)
{
	if (!e)
		return;
	if (e->type == KE_AND || e->type == KE_OR) {
		reach(n, e->l.e);
		reach(n, e->r.e);
	} else if (e->type == KE_NOT) {
		reach(n, e->l.e);
	} else {
		reach_sym(n, e->l.s);
		if (e->type != KE_SYM)
			reach_sym(n, e->r.s);
	}
}

static void add_settings(struct near *n, struct ksym *s)
{
	ksym_calc(n->k, s);
	if (!ktype_is_tri(s->type) || !has_prompt(s) || ksym_is_choice(s))
		return;
	for (uint8_t v = KCONFIG_N; v <= KCONFIG_Y; v++) {
		if (v == s->tri || (v == KCONFIG_M && s->type == KCONFIG_BOOL))
			continue;
		mem_grow(&n->v, &n->cap, n->len + 1, sizeof(*n->v));
		n->v[n->len++] = (struct kfix_item){.sym = s, .tri = v};
	}
}

static void find_near(struct near *n, struct ksym *target)
{
	n->seen = mem_array(n->k->syms_len, sizeof(*n->seen));
	n->queue = mem_array(n->k->syms_len, sizeof(*n->queue));
	reach_sym(n, target);
	while (n->head < n->tail) {
		struct ksym *s = n->queue[n->head++];
		struct kmenu *choice = ksym_choice_menu(n->k, s);
		if (s != target)
			add_settings(n, s);
		reach(n, s->dir_dep);
		reach(n, s->rev_dep);
		reach(n, s->implied);
		for (const struct kprop *p = s->props; p; p = p->next) {
			reach(n, p->cond);
			if (p->type == KP_DEFAULT)
				reach(n, p->expr);
		}
		for (struct kmenu *m = choice ? kmenu_next(choice, choice) : NULL; m;
		        m = kmenu_next(m, choice))
			if (m->sym)
				reach_sym(n, m->sym);
	}
}

static bool set_does(struct near *n, const struct kfix_item *target, const struct kfix_item *set, size_t len)
{
	struct kfix_trial trial = {};

	kfix_try(n->k, &trial, set, len);
	kfix_try(n->k, &trial, target, 1);
	bool good = kfix_holds(n->k, target);
	for (size_t i = 0; i < len && good; i++)
		good = kfix_holds(n->k, &set[i]);
	kfix_undo(n->k, &trial);
	return good;
}

// Any set of this size among the nearest; as many of those as the number of tries allows.
static bool any_set(struct near *n, const struct kfix_item *target, size_t size, struct kfix *ret)
{
	size_t at[KFIX_MAX] = {}, width = n->len;
	double all;

	do { // how many of the nearest can all be tried
		all = 1;
		for (size_t i = 0; i < size; i++)
			all = all * (double)(width - i) / (double)(i + 1);
	} while (all > n->tries && (width = width * 9 / 10) > size);
	if (width < size)
		return false;
	for (size_t i = 0; i < size; i++)
		at[i] = i;
	for (;;) {
		for (size_t i = 0; i < size; i++)
			ret->v[i] = n->v[at[i]];
		ret->len = size;
		if (set_does(n, target, ret->v, size))
			return true;
		size_t i = size;
		while (i > 0 && at[i - 1] == width - size + i - 1)
			i--;
		if (!i)
			return false;
		at[i - 1]++;
		for (; i < size; i++)
			at[i] = at[i - 1] + 1;
	}
}

// Is there a fix that is smaller by two or more?
static bool far_smaller(struct test *t, const struct wish *w, size_t size, struct kfix *ret)
{
	struct near n = {.k = t->k, .tries = t->tries};
	struct kfix_item target = {.sym = w->sym, .text = w->value};
	bool found = false;

	if (size < 3)
		return false;
	if (ktype_is_tri(w->sym->type))
		target = (struct kfix_item){.sym = w->sym, .tri = *w->value == 'y' ? KCONFIG_Y : KCONFIG_M};
	find_near(&n, w->sym);
	for (size_t s = 1; s + 2 <= size && !found; s++)
		found = any_set(&n, &target, s, ret);
	mem_free(n.v);
	mem_free(n.seen);
	mem_free(n.queue);
	return found;
}

static void print_fix(const char *what, const struct wish *w, const struct kfailure *f)
{
	printf("%s: %s=%s (%s):", what, w->sym->name, w->value, group_names[w->group]);
	for (size_t i = 0; i < f->fix_len; i++)
		printf(" %s=%s", f->fix[i].name, f->fix[i].value);
	printf("\n");
}

static int judge(struct test *t, const struct wish *w, const struct kfailure *f, struct err *e)
{
	struct kfix small = {};
	bool good = false;
	int r;

	if (!f->fix_len) {
		printf("no fix: %s=%s (%s)\n%s\n", w->sym->name, w->value, group_names[w->group], f->text);
		return 0;
	}
	t->fixed++;
	t->verified += f->fix_verified;
	t->sizes[f->fix_len]++;
	r = holds_with_conf(t, w, f, &good, e);
	if (r < 0)
		return r;
	t->holding += good;
	if (!good)
		print_fix("does not hold with conf", w, f);
	else if (t->verbose)
		print_fix("fix", w, f);
	r = kconfig_read_text(t->k, buf_str(&t->base), t->base.len, "base", e);
	if (r < 0 || !far_smaller(t, w, f->fix_len, &small))
		return r;
	t->large++;
	print_fix("larger than needed", w, f);
	printf("  this does:");
	for (size_t i = 0; i < small.len; i++)
		printf(" %s=%c", small.v[i].sym->name, "nmy"[small.v[i].tri]);
	printf("\n");
	return 0;
}

// One request, alone. Sets *ret when it fails, as it should.
static int try_one(struct test *t, const struct wish *w, bool *ret, struct err *e)
{
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	struct kpolicy policy = {};
	int r = kconfig_read_text(t->k, buf_str(&t->base), t->base.len, "base", e);

	krequests_add(&req, w->sym->name, w->value, false, NULL);
	if (r >= 0)
		r = krequests_apply(t->k, &req, &policy, &rep, e);
	if (r < 0 || !rep.len)
		return r;
	*ret = true;
	t->failing++;
	t->drawn[w->group]++;
	return judge(t, w, &rep.v[0], e);
}

static int run(struct test *t, const char *base, size_t count, struct err *e)
{
	int r = kconfig_base(t->k, base, NULL, e);

	if (r < 0)
		return r;
	kconfig_write(t->k, &t->base);
	r = kconfig_read_text(t->k, buf_str(&t->base), t->base.len, "base", e);
	if (r >= 0)
		r = fill_pool(t, e);
	for (size_t i = 0; r >= 0 && i < count;) {
		struct wish w = draw(t);
		bool counts = false;
		if (!w.sym)
			break;
		r = try_one(t, &w, &counts, e);
		i += counts;
		mem_free(w.value);
		fflush(stdout);
	}
	return r;
}

static int result(const struct test *t)
{
	size_t n = t->failing;

	printf("%zu requests (", n);
	for (size_t g = 0; g < GROUPS; g++)
		printf("%s%s %zu", g ? ", " : "", group_names[g], t->drawn[g]);
	printf("): %zu have a fix, %zu hold with conf, %zu solved again, %zu larger than needed by more than "
	       "one; sizes",
	        t->fixed, t->holding, t->verified, t->large);
	for (size_t i = 1; i <= KFIX_MAX; i++)
		if (t->sizes[i])
			printf(" %zu:%zu", i, t->sizes[i]);
	printf("\n");
	return n && t->fixed * 100 >= n * 95 && t->holding == t->fixed && t->large * 10 <= t->fixed ? 0 : 1;
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *cache = kconfig_cache_path(), *dir = NULL;
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_strv_ char **vars = NULL;
	_cleanup_err_ struct err e = {}, skip = {};

	if (argc < 8) {
		fprintf(stderr, "fixes SRCTREE ARCH BASE COUNT SEED CONF TRIES [-v]\n");
		return 2;
	}
	struct test t = {.conf = argv[6],
	        .random = strtoull(argv[5], NULL, 10) * 2654435769u + 88172645463325252u,
	        .tries = strtod(argv[7], NULL),
	        .verbose = argc > 8};
	if (kconfig_env_make(&vars, argv[1], argv[2], environ, cache, &e) < 0)
		return fail(&e);
	struct kconfig_env env = {.srctree = argv[1], .vars = vars, .cache_path = cache};
	if (kconfig_load(&k, &env, &e) < 0 ||
	        fs_mkdtemp(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", "fixes", &dir, &e) < 0)
		return fail(&e);
	t.k = k;
	t.dir = dir;
	int r = run(&t, argv[3], strtoul(argv[4], NULL, 10), &e);
	fs_rm_rf(dir, &skip);
	for (size_t g = 0; g < GROUPS; g++) {
		for (size_t i = 0; i < t.pool[g].len; i++)
			mem_free(t.pool[g].v[i].value);
		mem_free(t.pool[g].v);
	}
	buf_release(&t.base);
	return r < 0 ? fail(&e) : result(&t);
}
