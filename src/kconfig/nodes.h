// SPDX-License-Identifier: GPL-2.0-or-later
// The nodes of a loaded tree: expressions, properties, menu entries, symbols. All live in the arena of struct
// kconfig.
//
// Expressions are shared: two with the same operator and operands are one node, so a node is never changed
// after it was made, and its value is kept with it (in trees whose conf does the same, see struct kdialect).
#pragma once

#include <stddef.h>
#include <stdint.h>

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
