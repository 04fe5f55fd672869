// SPDX-License-Identifier: GPL-2.0-or-later
// The inside of struct kconfig: symbols, expressions, menu entries and the state of one evaluation. Only
// src/kconfig includes this.
//
// Values are valid for one epoch: clearing all is k->epoch++. Expressions are shared: two with the same
// operator and operands are one node, so a node is never changed after it was made, and its value is kept
// with it (in trees whose conf does the same, see struct kdialect).
#pragma once

#include <stdint.h>
#include "base/arena.h"
#include "base/hmap.h"
#include "kconfig/kconfig.h"

enum kexpr_type {
	KE_NONE,
	KE_OR,
	KE_AND,
	KE_NOT,
	KE_EQ,
	KE_NE,
	KE_LT,
	KE_LE,
	KE_GT,
	KE_GE,
	KE_SYM,
	KE_RANGE,
};

union kterm {
	struct kexpr *e;
	struct ksym *s;
};

struct kexpr {
	struct kexpr *chain; // of its hash bucket
	union kterm l, r;
	struct kexpr *tidy; // what kexpr_tidy made of it, or NULL
	uint32_t epoch;     // val is valid when this is k->epoch
	uint32_t tidy_gen;
	uint8_t type, val;
};

enum kprop_type { KP_PROMPT, KP_COMMENT, KP_MENU, KP_DEFAULT, KP_SELECT, KP_IMPLY, KP_RANGE };

struct kprop {
	struct kprop *next;
	enum kprop_type type;
	uint8_t tri;        // value of cond when it was last looked at
	const char *text;   // prompts only
	struct kexpr *cond; // NULL is yes; after finalizing it holds the dependencies of the menu entry too
	struct kexpr *expr; // default value, selected symbol, range
	struct kexpr *own;  // cond as written (the tree's own "if"), for messages
	struct kmenu *menu;
	const char *file;
	int line;
};

enum kblock { KB_NONE, KB_MENU, KB_IF, KB_CHOICE };

struct kmenu {
	struct kmenu *next, *parent, *list;
	struct kmenu *same; // next entry of the same symbol
	struct ksym *sym;   // NULL: menu, comment, if
	struct kprop *prompt;
	struct kexpr *dep, *visibility;
	const char *file;
	int line;
	enum kblock block;
	const char *help; // raw text in the file, help_len bytes
	size_t help_len;
	struct ksym *first, *last; // members of a choice by priority (new style)
};

// Bits of ksym.flags.
enum {
	KS_CONST = 1,     // quoted, or y, m, n
	KS_FIXED = 2,     // y, m, n: always valid
	KS_CHOICE = 4,    // a choice
	KS_MEMBER = 8,    // in a choice (old style: set by finalizing)
	KS_OPTIONAL = 16, // may be n although visible (old style choices)
	KS_WRITE = 32,    // goes into .config
	KS_WRITTEN = 64,
	KS_USER = 128, // the user gave a value
	KS_CHECK = 256,
	KS_CHECKED = 512,
	KS_WARNED = 1024,
	KS_FILL = 2048, // old style: choice members wait for their n's
	KS_TRANSITIONAL = 4096,
	KS_SEEN = 8192, // scratch mark of one walk
};

struct ksym {
	const char *name; // NULL: a choice without name
	uint32_t hash, name_len;
	uint32_t valid; // curr is valid when this is k->epoch
	uint16_t flags;
	uint8_t type; // enum kconfig_type
	uint8_t visible;
	uint8_t dir_tri, rev_tri, imp_tri;
	uint8_t tri, user_tri;
	const char *str, *user_str;
	struct ksym *pick, *user_pick; // old style choice: the member that is y, and the one the user wants
	struct kprop *props, *props_last;
	struct kmenu *menus, *menus_last;
	struct kexpr *dir_dep, *rev_dep, *implied;
	struct kmenu *choice_menu; // the choice it is in, once finalized
	struct ksym *choice;       // old style: choice symbol
	struct kmenu *in_list;     // new style: whose list of members it is linked in
	struct ksym *prev, *next;
	struct ksym **members; // old style choice
	size_t members_len, members_cap;
	uint32_t index; // in k->syms
};

// How this tree's conf differs from others; see doc/kconfig-semantics.md.
struct kdialect {
	uint32_t hash_size;  // buckets of its symbol table: the order in which it walks all symbols
	bool new_choice;     // since 6.11
	bool shared_expr;    // since 6.12: values are kept with expressions, simplification goes bottom up
	bool number_default; // int is "0" and hex "0x0" where nothing gives a value; else ""
	bool strict_lines;   // a CONFIG_X without = is warned about
	bool reset_range;    // a value out of range is forgotten when .config is read
	bool has_optional, has_transitional, has_modules;
};

struct kvar {
	const char *name;
	char *value;
	bool simple;
	int busy; // expansions under way
};

struct kprobe_cache;

struct kconfig {
	struct arena arena;
	struct kdialect dialect;
	char *srctree;
	int src_fd;
	struct hmap env; // name -> value
	char **env_list;
	kconfig_run_fn *run;
	void *run_ctx;
	kconfig_warn_fn *warn;
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
	struct kexpr **exprs; // hash buckets
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
