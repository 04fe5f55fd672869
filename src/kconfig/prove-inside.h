// SPDX-License-Identifier: GPL-2.0-or-later
// The inside of proofs: bounds, what they follow from, and the rules of the tree.
#pragma once

#include "kconfig/kexpr.h"
#include "kconfig/prove.h"

#define KCAUSE_PARENTS_MAX 16
#define KPROOF_DEPTH_MAX   20000 // of expressions
#define KPROOF_NEVER_MAX   6     // how far it is told why something can never be

enum kwhy {
	KWHY_ASKED,       // an item says so
	KWHY_TREE,        // it can never be otherwise
	KWHY_DEPENDS,     // subject depends on it
	KWHY_SOURCE,      // subject gets its value from nothing else
	KWHY_SELECTS,     // subject selects it
	KWHY_SELECTED,    // it selects subject, which must stay low
	KWHY_DEFAULT,     // subject has no prompt, and this is its default or implies it
	KWHY_MEMBER,      // subject is the member of the choice that is y
	KWHY_LAST_MEMBER, // no other member of the choice can be y
	KWHY_MODULE,      // subject is m
	KWHY_UNREACHED,   // nothing is left that turns subject on
	KWHY_VALUE,       // nothing is left that gives subject the text
	KWHY_CLASH,       // subject would be two things at once
};

// Why a bound is what it is: by which rule, and from which other bounds.
struct kcause {
	enum kwhy why;
	struct ksym *subject;
	const struct kprop *prop;
	const struct kmenu *choice;
	struct kexpr *expr; // that cannot be
	const char *text;   // asked for, of numbers and strings
	size_t item, sources;
	bool unmet;    // direct dependencies are to blame, or (of a source) there is none
	bool too_many; // parents: some are not told
	uint8_t parents;
	uint32_t parent[KCAUSE_PARENTS_MAX];
};

struct kevent {
	struct ksym *sym; // NULL: the contradiction
	bool least;
	uint8_t tri;
	bool told;
	struct kcause cause;
};

struct kspan {
	uint8_t lo, hi;
};

// Arrays are by ksym.index.
struct kproof {
	struct kconfig *k;
	uint8_t *lo, *hi, *lo_ever, *hi_ever;
	uint32_t *lo_event, *hi_event; // numbered from 1
	struct kevent *events;
	size_t events_len, events_cap;
	struct ksym **queue;   // what has other bounds than the tree gives it
	bool *active, *hidden; // hidden: no prompt of it can ever be seen
	size_t queue_len;
	bool changed;
	uint32_t clash; // the event that ends the proof
	unsigned depth, never_depth;
};

// prove.c
void kcause_add(struct kcause *c, uint32_t event);
bool kproof_need(struct kproof *p, struct kexpr *e, bool least, uint8_t tri, const struct kcause *c);
bool kproof_bound(struct kproof *p, struct ksym *s, bool least, uint8_t tri, const struct kcause *c);
uint32_t kproof_event(struct kproof *p, struct ksym *s, bool least);
// Adds to c why e is below (upper) or above tri.
void kproof_blame(struct kproof *p, struct kexpr *e, bool upper, uint8_t tri, struct kcause *c);
bool kproof_clash(struct kproof *p, const struct kcause *c);

// prove-rules.c
struct kspan kspan_of(struct kproof *p, struct kexpr *e);
struct kspan kspan_sym(const struct kproof *p, const struct ksym *s);
bool kspan_is_tri(const struct ksym *s); // does comparing with it compare n, m, y?
// Is s nothing without its direct dependencies (unless something selects it)?
bool kproof_has_dependencies(const struct ksym *s);
// What s needs and turns on, and what s keeps off. False: that is a contradiction.
bool kproof_follow_up(struct kproof *p, struct ksym *s);
bool kproof_follow_down(struct kproof *p, struct ksym *s);
// What everything that is off keeps off, through the whole tree.
bool kproof_follow_far(struct kproof *p);
// Adds to c what keeps s from being more than hi.
void kproof_why_never(struct kproof *p, struct ksym *s, uint8_t hi, struct kcause *c);
// The bounds that the tree itself gives each symbol.
void kproof_ever(struct kproof *p);

// prove-values.c
// May the number or string s be what the event asks for?
bool kproof_follow_value(struct kproof *p, struct ksym *s, const char *text, uint32_t asked);

// prove-text.c
void kproof_mark(struct kproof *p); // what the contradiction rests on
