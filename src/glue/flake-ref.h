// SPDX-License-Identifier: GPL-2.0-or-later
// References of flakes (flake-ref.c): sets of attributes, their text (flake-ref-text.c), and paths that
// people type (flake-ref-path.c). Everything lives in the evaluator's memory and throws.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/hash.h"
#include "expr/eval.h"

enum ref_kind { REF_TEXT, REF_NUMBER, REF_BOOL };

struct ref_attr {
	const char *name;
	enum ref_kind kind;
	const char *text;
	uint64_t number; // of REF_BOOL: 0 or 1
};

// The attributes of an input: "type" and what its type has, sorted by name.
struct ref {
	struct ref_attr *attrs;
	size_t len, cap;
};

struct ref *ref_new(struct eval *ev);
struct ref *ref_copy(struct eval *ev, const struct ref *r);
const struct ref_attr *ref_get(const struct ref *r, const char *name);
const char *ref_text(const struct ref *r, const char *name); // NULL: it has none
bool ref_flag(const struct ref *r, const char *name);
// The scheme of an "url" is set in lower case.
void ref_set(struct eval *ev, struct ref *r, const char *name, const char *text);
void ref_set_number(struct eval *ev, struct ref *r, const char *name, uint64_t n);
void ref_set_bool(struct eval *ev, struct ref *r, const char *name, bool b);
void ref_remove(struct ref *r, const char *name);
bool ref_equal(const struct ref *a, const struct ref *b);
bool ref_is(const struct ref *r, const char *type);
// A path from its flake's folder: "path:./x".
bool ref_is_relative(const struct ref *r);
// Something of this machine: a folder, a repository or an archive that lies here.
bool ref_is_here(const struct ref *r);
// Certainly of another machine; what is neither (an unknown scheme, a name of the registry) is nobody's.
bool ref_is_elsewhere(const struct ref *r);
// The hash of the contents that it says; false: none that can be compared.
bool ref_nar_hash(const struct ref *r, struct hash *ret);
// Names one state for good: the hash of the contents, or a revision where revisions are such names.
bool ref_is_locked(const struct ref *r);

struct value ref_value(struct eval *ev, const struct ref *r);
// From a set of strings, integers and Booleans (lock files, fetchTree).
struct ref *ref_of_attrs(struct eval *ev, struct attrs *a);
// Throws unless the type is known and has what it needs, each of it of the right kind.
void ref_check(struct eval *ev, const struct ref *r);

enum ref_flags {
	REF_RELATIVE = 1, // "./x" stays what it is: an input of a flake
	REF_FLAKE = 2,    // names a flake, so a URL without a known ending is an archive
	REF_HERE = 4, // a path is one from the caller's folder; the repository that it lies in is looked for
};
// *ret_fragment (may be NULL: then one is an error) is what stands behind '#', decoded.
struct ref *ref_parse(struct eval *ev, const char *text, unsigned flags, const char **ret_fragment);
const char *ref_show(struct eval *ev, const struct ref *r);
// What people type as a path: the nearest flake.nix at it or above, in its git repository.
struct ref *ref_of_path(struct eval *ev, const char *text, const char *query);
bool ref_is_rev(const char *s);
// With %XX decoded; what is not one stays.
const char *ref_decoded(struct eval *ev, const char *s, size_t len);
const char *ref_coded(struct eval *ev, const char *s); // of a path
