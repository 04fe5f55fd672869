// SPDX-License-Identifier: GPL-2.0-or-later
// Device ids in the tree's sources: the tables that MODULE_DEVICE_TABLE names, and MODULE_ALIAS, as the
// aliases that a build would put into modules.alias. The forms are those of scripts/mod/file2alias.c.
//
// Seen is what stands in the sources: tables that are made at run time, and values that only a compiler
// knows, are not; entries below a condition of the preprocessor are taken.
#pragma once

#include "kconfig/csrc.h"

#define DEV_FIELDS_MAX 16

#define DEV_LIST_MAX 12 // words of the longest bit map

struct dvalue {
	bool set, bad; // bad: it is not known what it is
	uint64_t n;
	char *s;                     // of texts; owned
	uint64_t list[DEV_LIST_MAX]; // of lists of numbers
};

struct dentry {
	struct dvalue v[DEV_FIELDS_MAX];
};

typedef void demit_fn(void *ctx, const char *alias);

struct dtype {
	const char *name;   // in MODULE_DEVICE_TABLE
	const char *prefix; // of its aliases; several, with blanks
	// In the order of the structure, with blanks: name is a number, "name a text, #name a list of
	// numbers, %name a GUID (its text, from macros such as GUID_INIT), ~name matches of DMI (a line "NAME
	// TEXT" each).
	const char *fields;
	bool (*format)(const struct dentry *d, demit_fn *emit,
	        void *ctx); // false: a value that it needs is not known
};

extern const struct dtype dtypes[]; // ends with name == NULL

// Is there a type whose aliases begin with this (up to the colon)?
bool dtype_has_prefix(const struct dtype *t, const char *alias);
// Is there any? Tables of other kinds of devices are not read.
bool dtypes_have(const char *alias);

struct dscan {
	struct cworld *w;
	char *const *prefixes; // of the aliases that are wanted, up to the colon (strv); NULL: all
	demit_fn *emit;
	void *ctx;
	size_t tables, entries, unread; // tables whose definition is elsewhere count as unread
};

// All aliases of one source file (text is taken).
void dscan_file(struct dscan *x, const char *path, struct buf *text);
// Can the text have any? A quick look.
bool dscan_wants(const struct dscan *x, const char *text, size_t len);
