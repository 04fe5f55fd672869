// SPDX-License-Identifier: GPL-2.0-or-later
// The inside of struct kconfig: the tables of a loaded tree and the state of one evaluation. Only src/kconfig
// includes this.
//
// Values are valid for one epoch: clearing all is k->epoch++.
#pragma once

#include <stdint.h>
#include "base/arena.h"
#include "base/hmap.h"
#include "kconfig/kconfig.h"
#include "kconfig/nodes.h"

// How this tree's conf differs from others; see doc/kconfig-semantics.md.
struct kdialect {
	uint32_t hash_size;  // buckets of its symbol table: the order in which it walks all symbols
	bool new_choice;     // since 6.11
	bool shared_expr;    // since 6.12: values are kept with expressions, simplification goes bottom up
	bool number_default; // int is "0" and hex "0x0" where nothing gives a value; else ""
	bool strict_lines;   // a CONFIG_X without = is warned about
	bool reset_range;    // a value out of range is forgotten when .config is read
	bool has_optional, has_transitional, has_modules;
	// What 7.x brought:
	bool depends_if;          // 'depends on A if B'
	bool strict_entries;      // two help texts, a blank one, a menuconfig without prompt are errors
	bool choice_typed;        // until then: a choice may say 'bool'
	bool source_once;         // no file is included twice
	bool strict_transitional; // transitional symbols have nothing but help
	bool member_once;         // a choice member has a prompt in one entry only, not only in one choice
	bool changed_input;       // KCONFIG_WARN_CHANGED_INPUT
	bool submenu_positive;    // what depends on SYM=n is not below SYM (7.3)
};

struct kvar {
	const char *name;
	char *value;
	bool simple;
	int busy; // expansions under way
};

struct kprobe_cache;

struct kexpr_slot {
	size_t hash;
	struct kexpr *e;
};

struct kconfig {
	struct arena arena;
	struct kdialect dialect;
	char *srctree;
	int src_fd;
	struct hmap env; // name -> value
	char **env_list;
	kconfig_run_fn *run;
	void *run_ctx;
	const struct kconfig_place *place;
	kconfig_warn_fn *warn, *info;
	void *warn_ctx;
	struct kprobe_cache *probes;
	int probe_timeout_ms;

	struct ksym **table; // open addressing over names
	size_t table_cap;
	struct ksym **syms; // all, in the order in which they were made
	size_t syms_len, syms_cap;
	struct ksym **walk; // all, in conf's order
	struct ksym *yes, *mod, *no, *modules;
	uint8_t modules_val;
	struct kexpr_slot *exprs; // open addressing
	size_t exprs_cap, exprs_len;
	uint32_t epoch, tidy_gen;
	unsigned tidy_count; // simplifications of the pass under way
	unsigned depth;      // of the evaluation under way
	bool too_deep;
	struct kmenu root;
	struct hmap files; // names of the files read
	struct hmap vars;
	bool finalized, changed, quiet;
	size_t errors; // of the parser
	struct buf error_text;
	const char *conf_file; // of the .config being read
	int conf_line;
	unsigned conf_warnings;
	const struct kdot_origin *conf_origins; // where its lines come from; NULL: from conf_file
	unsigned seed;                          // of randconfig, once it is drawn
	bool seeded;
};

#define KDEPTH_MAX 20000

static inline uint8_t tri_and(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

static inline uint8_t tri_or(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

static inline bool ktype_is_tri(uint8_t type)
{
	return type == KCONFIG_BOOL || type == KCONFIG_TRISTATE;
}

static inline bool ksym_is_choice(const struct ksym *s)
{
	return s->flags & KS_CHOICE;
}

static inline bool ksym_has_user(const struct ksym *s)
{
	return s->flags & KS_USER;
}

// model.c
struct ksym *ksym_lookup(struct kconfig *k, const char *name, size_t len, bool is_const);
struct ksym *ksym_find_n(
        struct kconfig *k, const char *name, size_t len); // not const, not a choice; NULL: never named
struct ksym *ksym_new_choice(struct kconfig *k, const char *name, size_t len);
void kconfig_order_symbols(struct kconfig *k);
const char *ktype_name(uint8_t type);
void kwarn(struct kconfig *k, const char *fmt, ...) _printf_(2, 3);
const char *kfile_intern(struct kconfig *k, const char *name);
struct kmenu *kmenu_next(struct kmenu *m, struct kmenu *root); // depth first below root; NULL at the end
struct kmenu *ksym_choice_menu(const struct kconfig *k, const struct ksym *s);
bool ksym_is_member(const struct kconfig *k, const struct ksym *s);
