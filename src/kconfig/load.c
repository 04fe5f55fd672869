// SPDX-License-Identifier: GPL-2.0-or-later
// Making and freeing struct kconfig; finding out which generation of conf the tree has by the shape of its
// own sources.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kexpr.h"
#include "kconfig/macro.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

// The text of one source file of the tree's conf; empty when it has none.
static void conf_source(const struct kconfig *k, const char *name, struct buf *b)
{
	_cleanup_free_ char *path = str_printf("%s/scripts/kconfig/%s", k->srctree, name);
	_cleanup_err_ struct err e = {};

	buf_clear(b);
	if (fs_read(path, (size_t)4 << 20, b, &e) < 0)
		buf_clear(b);
	buf_str(b);
}

static uint32_t hash_size_of(const char *text)
{
	const char *at = strstr(text, "define SYMBOL_HASHSIZE");
	unsigned shift;

	if (!at)
		return 0;
	at += strlen("define SYMBOL_HASHSIZE");
	at += strspn(at, " \t");
	if (sscanf(at, "(1U << %u)", &shift) == 1 && shift < 24)
		return 1u << shift;
	unsigned long n = strtoul(at, NULL, 10);
	return n > 0 && n < (1u << 24) ? (uint32_t)n : 0;
}

// major * 1000 + minor of the tree, for trees that come without their conf.
static unsigned tree_version(const struct kconfig *k)
{
	unsigned major = 0, minor = 0;

	if (sscanf(kconfig_version(k), "%u.%u", &major, &minor) < 1)
		return 6012;
	return major * 1000 + MIN(minor, 999u);
}

static void dialect_by_version(struct kconfig *k)
{
	unsigned v = tree_version(k);
	bool new = v >= 6011;

	k->dialect = (struct kdialect){
	        .hash_size = v >= 6009 ? 1u << 14 : 9973,
	        .new_choice = new,
	        .shared_expr = v >= 6012,
	        .number_default = v >= 6009,
	        .strict_lines = v >= 6009,
	        .reset_range = v < 6011,
	        .has_optional = !new,
	        .has_transitional = v >= 6018,
	        .depends_if = v >= 7000,
	        .strict_entries = v >= 7002,
	        .choice_typed = v < 7002,
	        .source_once = v >= 7000,
	        .strict_transitional = v >= 6018,
	        .member_once = v >= 7002,
	        .changed_input = v >= 7002,
	        .submenu_positive = v >= 7003,
	};
}

// Facts, not versions, decide where they can: distributions move changes between versions.
static void dialect_detect(struct kconfig *k)
{
	_cleanup_buf_ struct buf expr_h = {}, internal_h = {}, symbol_c = {}, expr_c = {}, confdata_c = {},
	                         lexer_l = {}, parser_y = {}, util_c = {}, menu_c = {};

	dialect_by_version(k);
	conf_source(k, "symbol.c", &symbol_c);
	if (!symbol_c.len)
		return;
	conf_source(k, "expr.h", &expr_h);
	conf_source(k, "internal.h", &internal_h);
	conf_source(k, "expr.c", &expr_c);
	conf_source(k, "confdata.c", &confdata_c);
	conf_source(k, "lexer.l", &lexer_l);
	conf_source(k, "parser.y", &parser_y);
	conf_source(k, "util.c", &util_c);
	conf_source(k, "menu.c", &menu_c);
	uint32_t size = hash_size_of(expr_h.data);
	if (!size)
		size = hash_size_of(internal_h.data);
	if (size)
		k->dialect.hash_size = size;
	k->dialect.new_choice = strstr(expr_h.data, "choice_members") != NULL;
	k->dialect.shared_expr = strstr(expr_h.data, "val_is_valid") != NULL;
	k->dialect.number_default = strstr(symbol_c.data, "newval.val = \"0\"") != NULL;
	k->dialect.strict_lines = strstr(confdata_c.data, "getline_stripped") != NULL;
	k->dialect.reset_range =
	        strstr(confdata_c.data, "sym_string_within_range(sym, sym->def[S_DEF_USER].val)") != NULL;
	if (!lexer_l.len) // before 4.20 it was zconf.l, with the words in a table of their own
		return;
	k->dialect.has_optional = strstr(lexer_l.data, "\"optional\"") != NULL;
	k->dialect.has_transitional = strstr(lexer_l.data, "\"transitional\"") != NULL;
	k->dialect.depends_if = strstr(parser_y.data, "T_DEPENDS T_ON expr if_expr") != NULL;
	k->dialect.strict_entries = strstr(parser_y.data, "zconf_error(\"menuconfig") != NULL;
	k->dialect.choice_typed = strstr(parser_y.data, "choice_option: T_BOOL") != NULL ||
	                          strstr(parser_y.data, "choice_option: logic_type") != NULL;
	k->dialect.source_once = strstr(util_c.data, "die_duplicated_include") != NULL;
	k->dialect.strict_transitional = strstr(parser_y.data, "transitional_check_sanity") != NULL;
	k->dialect.member_once = strstr(parser_y.data, "must not have a prompt in another entry") != NULL;
	k->dialect.changed_input = strstr(confdata_c.data, "KCONFIG_WARN_CHANGED_INPUT") != NULL;
	k->dialect.submenu_positive = strstr(menu_c.data, "expr_contains_symbol_negated") != NULL;
}

static void add_fixed(struct kconfig *k, struct ksym **ret, const char *name, uint8_t tri)
{
	struct ksym *s = arena_alloc(&k->arena, sizeof(*s));

	s->name = name;
	s->name_len = 1;
	s->type = KCONFIG_TRISTATE;
	s->flags = KS_CONST | KS_FIXED;
	s->tri = tri;
	s->index = (uint32_t)k->syms_len;
	mem_grow(&k->syms, &k->syms_cap, k->syms_len + 1, sizeof(*k->syms));
	k->syms[k->syms_len++] = s;
	*ret = s;
}

static void take_env(struct kconfig *k, char *const *vars)
{
	for (; vars && *vars; vars++) {
		const char *eq = strchr(*vars, '=');
		if (!eq || eq == *vars)
			continue;
		strv_add(&k->env_list, *vars);
		hmap_putn(&k->env, *vars, (size_t)(eq - *vars), arena_strdup(&k->arena, eq + 1));
	}
}

int kconfig_load(struct kconfig **ret, const struct kconfig_env *env, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NEW(struct kconfig);
	int r;

	k->src_fd = -1;
	r = fs_absolute(env->srctree, &k->srctree, e);
	if (r < 0)
		return r;
	k->epoch = k->tidy_gen = 1;
	k->changed = true;
	k->run = env->run;
	k->run_ctx = env->run_ctx;
	k->place = env->place;
	k->warn = env->warn;
	k->info = env->info ? env->info : env->warn;
	k->warn_ctx = env->warn_ctx;
	k->probe_timeout_ms = env->probe_timeout_ms ? env->probe_timeout_ms : 60000;
	take_env(k, env->vars);
	add_fixed(k, &k->no, "n", KCONFIG_N);
	add_fixed(k, &k->mod, "m", KCONFIG_M);
	add_fixed(k, &k->yes, "y", KCONFIG_Y);
	k->src_fd = open(k->srctree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (k->src_fd < 0)
		return err_sys(e, errno, "%s: cannot open the source tree", k->srctree);
	dialect_detect(k);
	k->probes = kprobe_open(k, env->cache_path);
	r = kparse(k, env->kconfig ? env->kconfig : "Kconfig", e);
	kprobe_save(k->probes);
	if (r < 0)
		return r;
	r = ktree_finalize(k, e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(k);
	return 0;
}

void kconfig_free(struct kconfig *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->syms_len; i++)
		mem_free(k->syms[i]->members);
	kprobe_free(k->probes);
	if (k->src_fd >= 0)
		close(k->src_fd);
	hmap_release(&k->env);
	hmap_release(&k->files);
	strv_free(k->env_list);
	mem_free(k->table);
	mem_free(k->syms);
	mem_free(k->exprs);
	mem_free(k->srctree);
	buf_release(&k->error_text);
	arena_release(&k->arena);
	mem_free(k);
}

const char *kconfig_value(struct kconfig *k, struct ksym *s)
{
	ksym_calc(k, s);
	return ksym_text(s);
}

const char *kconfig_get(struct kconfig *k, const char *name)
{
	struct ksym *s = kconfig_find(k, name);

	if (!s)
		return NULL;
	ksym_calc(k, s);
	return s->flags & KS_WRITE ? ksym_text(s) : NULL;
}

void kconfig_each(struct kconfig *k, void (*f)(void *ctx, struct ksym *s), void *ctx)
{
	for (size_t i = 0; i < k->syms_len; i++)
		k->syms[i]->flags &= ~KS_SEEN;
	for (struct kmenu *m = kmenu_next(&k->root, &k->root); m; m = kmenu_next(m, &k->root)) {
		if (!m->sym || ksym_is_choice(m->sym) || (m->sym->flags & KS_SEEN))
			continue;
		m->sym->flags |= KS_SEEN;
		f(ctx, m->sym);
	}
}
