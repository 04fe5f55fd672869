// SPDX-License-Identifier: GPL-2.0-or-later
// The language of modprobe.d, as modprobe.d(5) has it: options, alias, blacklist, softdep, install, remove.
// (libkmod reads it too, but mixes in the kernel command line of the machine that it runs on.)
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct modconf_alias {
	char *pattern; // '-' as '_' outside of brackets
	char *module;  // '-' as '_'
};

struct modconf_softdep {
	char *module;
	char **pre, **post;
};

// All zero is an empty configuration. Module names have '_' for '-'.
struct modconf {
	char **options; // pairs: module, text; in order
	char **blacklist;
	char **install; // pairs: module, command
	struct modconf_alias *aliases;
	size_t alias_count, alias_cap;
	struct modconf_softdep *softdeps;
	size_t softdep_count, softdep_cap;
};

// Adds what text says. An unknown command or a missing word is -EINVAL with the line (name is the file or
// option it came from).
int modconf_parse(struct modconf *c, const char *text, const char *name, struct err *e);
void modconf_release(struct modconf *c);
// All options for the module joined by spaces ("" when none), also those given to an alias of it; owned.
char *modconf_options(const struct modconf *c, const char *module);
// The install command of the module, or NULL.
const char *modconf_install(const struct modconf *c, const char *module);
// Writes '_' for '-' outside of brackets, in place; returns s.
char *modconf_normalise(char *s);
