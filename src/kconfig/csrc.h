// SPDX-License-Identifier: GPL-2.0-or-later
// As much of C as tables of device ids need: macros of a source file and of what it includes, their
// expansion, and constant expressions. Conditionals are not decided: of two definitions of a name the first
// branch counts, and what is below #if 0 is not there.
#pragma once

#include <stdint.h>
#include "kconfig/model.h"

struct cmacro {
	const char *name, *body;
	size_t body_len, at; // offset of the definition
	int params;          // -1: like an object
	const char **param;
	bool variadic;
};

struct cinclude {
	const char *name;
	bool quoted, looked;
	struct csrc *file; // NULL: not found
};

struct csrc {
	const char *path; // below the tree
	char *text;       // without comments; directives are still there
	size_t len;
	struct cmacro *macros;
	size_t macros_len, macros_cap;
	struct hmap names; // name -> the newest macro's number + 1
	struct cinclude *includes;
	size_t includes_len, includes_cap;
	struct hmap seen; // of a top file: name -> macro of its includes, or &cmacro_none
	uint32_t mark;
	const struct csrc *within; // while it is read in the midst of another file
	struct arena arena;
};

struct ctok {
	const char *s;
	uint32_t len;
	char kind; // i: name, n: number, s: string, c: character, p: sign
};

struct ctoks {
	struct ctok *v;
	size_t len, cap;
};

// All files of one run. Headers stay; source files come and go.
struct cworld {
	struct kconfig *k;
	struct hmap headers; // path -> struct csrc, or NULL where there is none
	uint32_t mark;
	size_t left; // about as many bytes of this source file, and what comes out of it, may still be looked
	             // at
};

// False when that was too much: whoever asks gives up.
bool cworld_spend(struct cworld *w, size_t steps);
void cworld_release(struct cworld *w);
// Reads one source file (w->left is for it and all that it asks for); takes b's text. Free with csrc_free.
struct csrc *csrc_parse(struct cworld *w, const char *path, struct buf *b);
void csrc_free(struct csrc *f);

void ctoks_add(struct ctoks *t, const struct ctok *tok);
void ctoks_release(struct ctoks *t);
#define _cleanup_ctoks_ _cleanup_(ctoks_release)
// Tokens of text; directives are passed over, but #include "..." is read in its place where w is given.
void ctokens(struct cworld *w, struct csrc *top, const char *s, size_t len, struct ctoks *ret);
bool ctok_is(const struct ctok *t, const char *text);

// The macro that a name means at an offset of the top file; NULL: none. called: a ( follows.
const struct cmacro *cmacro_find(
        struct cworld *w, struct csrc *top, const char *name, size_t len, size_t at, bool called);
// If v begins with a macro (and its arguments), what it stands for, once; *ret_used tokens were taken.
bool cexpand_once(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n,
        struct ctoks *ret, size_t *ret_used);
void cexpand(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n, unsigned depth,
        struct ctoks *ret);
// A constant expression, or adjacent strings; false when it is none that can be known here.
bool ceval(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n, uint64_t *ret);
bool cstring(struct cworld *w, struct csrc *top, size_t at, const struct ctok *v, size_t n, struct buf *ret);
