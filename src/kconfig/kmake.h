// SPDX-License-Identifier: GPL-2.0-or-later
// The part of make that the kernel's Makefiles need to say what is built when: variables, conditionals,
// includes and the functions on words. Options have no value here: $(CONFIG_X) is a word with the condition
// X, and so every word that comes out knows when it is there.
#pragma once

#include "kconfig/model.h"

enum kcond_op {
	KC_VALUE, // as the option: obj-$(CONFIG_X)
	KC_ON,    // y where the option is y or m: ifdef, $(subst m,y,..)
	KC_ON_M,  // m where it is y or m: $(subst y,m,..)
	KC_IS_Y,
	KC_IS_M,
	KC_ANY,    // y where one of syms is on
	KC_UNKNOWN // what a compiler or shell says
};

// All of a chain must hold. NULL: always.
struct kcond {
	const struct kcond *up;
	enum kcond_op op;
	bool negated;
	const char *name; // of the option, without CONFIG_; of KC_ANY: several, with blanks; of KC_UNKNOWN:
	                  // the text
	struct ksym *sym; // NULL: not defined in this tree and architecture, so it is n
};

struct kword {
	const char *s;
	const struct kcond *cond;
	bool config; // the value of an option itself
};

// In the arena.
struct kwords {
	struct kword *v;
	size_t len, cap;
};

struct kmake {
	struct kconfig *k;
	struct arena *arena;
	struct hmap vars; // of struct kmvar
	const char *dir;  // below the tree: $(src)
	const struct kcond *cond;
	unsigned depth;
	struct kmblock *blocks; // of the file being read: ifeq .. endif
	struct buf *define;     // the body of define .. endef being read
	const char *define_name;
	bool in_rule;
	unsigned calls;   // of a define, under way
	const char *file; // being read, or NULL
	size_t left;      // about as many bytes may still be looked at and kept
	struct err over;  // once that was too much, or conditions too deep: nothing is expanded any more
};

// left: see above; of a whole tree it is one sum.
void kmake_init(struct kmake *m, struct kconfig *k, struct arena *arena, const char *dir, size_t left);
void kmake_release(struct kmake *m);
// Reads a file below the tree; false when there is none.
bool kmake_read(struct kmake *m, const char *path);
void kmake_lines(struct kmake *m, const char *text, size_t len);
void kmake_set(struct kmake *m, const char *name, const char *value);
bool kmake_has(const struct kmake *m, const char *name);
// Appends the words of a variable.
void kmake_words(struct kmake *m, const char *name, struct kwords *ret);
// The same for obj-y and its kin: as what a word is built is said by the name of the list in each assignment.
void kmake_list(struct kmake *m, const char *name, struct kwords *ret);

// Between the files of this module.
#define KMAKE_DEPTH_MAX 40
bool kmake_spend(struct kmake *m, size_t steps); // false: there is nothing left
static inline bool kmake_over(const struct kmake *m)
{
	return m->over.code != 0;
}
struct kmfrag {
	struct kmfrag *next;
	const char *raw; // NULL: words
	struct kwords words;
	const struct kcond *cond;
};
struct kmvar {
	struct kmfrag *first, *last;
	const char *body; // of define
	bool busy;        // being expanded
};
void kmake_expand(struct kmake *m, const char *s, size_t len, const struct kcond *c, struct kwords *ret);
// The function `name` of make on its arguments; false when there is none of that name.
bool kmake_call(struct kmake *m, const char *name, size_t name_len, const char *args, size_t len,
        const struct kcond *c, struct kwords *ret);
void kwords_add(struct kmake *m, struct kwords *w, const char *s, const struct kcond *c, bool config);
const char *kwords_join(struct kmake *m, const struct kwords *w); // with blanks
const struct kcond *kcond_and(struct kmake *m, const struct kcond *a, const struct kcond *b);
const struct kcond *kcond_add(
        struct kmake *m, const struct kcond *up, enum kcond_op op, bool negated, const char *name);
const struct kcond *kcond_not(struct kmake *m, const struct kcond *up, const struct kcond *c);
// "ifeq (A,B)" and its kin after the word; false: it is known not to hold.
bool kmake_condition(struct kmake *m, const char *word, const char *rest, const struct kcond **ret);
struct kmvar *kmake_var(struct kmake *m, const char *name);
// Binds name to words; what was bound before is given back and put back.
struct kmvar *kmake_bind(struct kmake *m, const char *name, const struct kwords *w);
void kmake_unbind(struct kmake *m, const char *name, struct kmvar *before);
