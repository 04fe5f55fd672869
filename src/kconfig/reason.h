// SPDX-License-Identifier: GPL-2.0-or-later
// Why a symbol is what it is: in words, from the tree and its current values.
#pragma once

#include "kconfig/kexpr.h"
#include "kconfig/request.h"

// How deep chains of unmet dependencies are followed.
#define KREASON_DEPTH 5

// Finds out why the request does not hold and fills kind, actual, text and nearest of f. The tree holds the
// final values.
void kreason_failure(struct kconfig *k, struct kreport *rep, struct kfailure *f);
// "defined at FILE:LINE (tristate \"Prompt\")" for each place, one a line.
void kreason_definitions(struct kconfig *k, const struct ksym *s, const char *indent, struct buf *b);
// What keeps e below want, one line a cause, deeper causes indented; nothing when e is at least want.
void kreason_unmet(
        struct kconfig *k, struct kexpr *e, uint8_t want, unsigned depth, const char *indent, struct buf *b);
// Lines "select FOO [=y] at FILE:LINE if COND" for those that now select s at tri or more.
void kreason_selectors(struct kconfig *k, struct ksym *s, uint8_t tri, const char *indent, struct buf *b);
// For a name that no Kconfig file of this architecture defines: lines that say where else in the tree it is
// defined or still used. Reads the Kconfig files, Makefiles and defconfigs of the whole tree.
void kreason_elsewhere(struct kconfig *k, const char *name, struct buf *b);
// Appends the macro calls that are tests in the defaults and conditions of the entries of s, as
// "$(cc-option,-mfoo)". False: there are none.
bool kreason_tests(struct kconfig *k, const struct ksym *s, struct buf *b);
// Appends which tool a symbol with this name is about, the oldest version that will do, and what there is;
// nothing for most names.
void kreason_tools(struct kconfig *k, const char *name, struct buf *b);
