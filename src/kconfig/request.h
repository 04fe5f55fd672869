// SPDX-License-Identifier: GPL-2.0-or-later
// Requests: the options that a configuration wants, applied to a loaded tree with a base as NixOS's kernel
// builder would apply them (answers to the questions of 'make config', twice), then checked; for each that
// does not hold the reason and a set of further requests that helps.
#pragma once

#include <stdbool.h>
#include "base/arena.h"
#include "kconfig/kconfig.h"

struct krequest {
	const char *name;  // without CONFIG_
	const char *value; // "y" "m" "n", a number, a string without quotes; NULL: no wish
	const char *why;   // who asks: an option, FILE:LINE; NULL: not known
	bool optional;     // failing is only a warning
	bool freeform;     // value is text even where it reads y, m or n
};

// All zero is a valid empty list. Strings live in the arena.
struct krequests {
	struct krequest *v;
	size_t len, cap;
	struct arena arena;
};

// Strings are copied; CONFIG_ before the name is dropped.
void krequests_add(struct krequests *r, const char *name, const char *value, bool optional, const char *why);
// Reads JSON and appends: an object NAME -> value, or a list of {name, value, optional, kind, why}. A value
// is "y" "m" "n" or other text, a number, a bool, null, or an object as lib.kernel makes it: {tristate,
// freeform, optional}. name is for messages.
int krequests_parse(struct krequests *r, const char *json, size_t len, const char *name, struct err *e);
// Reads the lines of a .config fragment and appends each as a request; why is FILE:LINE.
int krequests_parse_fragment(
        struct krequests *r, const char *text, size_t len, const char *name, struct err *e);
void krequests_release(struct krequests *r);
#define _cleanup_krequests_ _cleanup_(krequests_release)

struct ktrim;
struct kpolicy {
	bool auto_modules;   // what nobody asked for and may be m becomes m
	bool prefer_builtin; // but what is y stays y
	bool ignore_errors;  // failures are warnings
	bool no_fixes;       // do not search for further requests
	const char *trim; // afterwards what is not needed goes: a spec of kconfig_trim_spec; NULL or "": no
	struct ktrim *trimmed; // and what went and stayed is said here; may be NULL
};

enum kfailure_kind {
	KFAIL_CONFLICT, // two requests for one name
	KFAIL_UNKNOWN,  // no such symbol
	KFAIL_VALUE,    // not a value of the symbol's type
	KFAIL_RANGE,    // a number out of its range
	KFAIL_HIDDEN,   // nobody can set it: it has no prompt
	KFAIL_DEPENDS,  // dependencies are unmet
	KFAIL_LIMITED,  // may be m at most
	KFAIL_SELECTED, // another symbol selects it
	KFAIL_CHOICE,   // another member of the choice is y
};

struct kfailure {
	const struct krequest *request;
	const struct krequest *other; // of a conflict
	enum kfailure_kind kind;
	bool fatal;                // not optional, and errors are not ignored
	const char *actual;        // value that came out; NULL: not in .config
	const char *text;          // reasons, several lines, no newline at the end
	bool excluded;             // proven: it cannot hold together with the other requests, or at all
	const char *const *rivals; // names of those others, NULL-terminated; NULL where it is not excluded
	bool mended;               // holds with the report's fix
	struct krequest *fix;      // the report's fix, where that makes it hold; borrowed
	size_t fix_len;
	bool fix_verified;          // there is a fix: nothing else is printed
	const char *const *nearest; // names like it, NULL-terminated; may be NULL
};

// Likeliest causes first.
struct kreport {
	struct kfailure *v;
	size_t len, cap, fatal;
	size_t questions; // answered
	// Further requests with which, solved again by all of the ways in which it can be applied, all that
	// must hold does; nothing when there are none. part: some requests still fail with them
	// (kfailure.mended).
	struct krequest *fix;
	size_t fix_len;
	bool fix_part;
	struct arena arena;
};

// Applies, checks, explains. The tree holds the result afterwards. An error is returned only when the work
// cannot be done; failures of requests are in *ret, which the caller releases in either case.
int krequests_apply(struct kconfig *k, const struct krequests *r, const struct kpolicy *policy,
        struct kreport *ret, struct err *e);
void kreport_release(struct kreport *r);
// All failures for people to read, with Nix to paste; fatal_only leaves optional ones out.
void kreport_text(const struct kreport *r, bool fatal_only, struct buf *b);
void kreport_json(const struct kreport *r, struct buf *b);
// One request as a line of structuredExtraConfig: "  NAME = lib.kernel.yes;\n".
void krequest_nix(const struct krequest *r, const char *indent, struct buf *b);
#define _cleanup_kreport_ _cleanup_(kreport_release)
