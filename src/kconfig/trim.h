// SPDX-License-Identifier: GPL-2.0-or-later
// Trimming: from a configuration that can do much to one that has what is needed. Only tristates that are m
// are looked at: nothing is turned on, and what is built in stays.
#pragma once

#include "base/hmap.h"
#include "kconfig/request.h"

// What is to stay beside what was asked for.
struct ktrim_wish {
	struct krequests modules; // name: as /proc/modules has it; why; optional: a machine has it
	struct krequests options; // name: an option, or a pattern with * and ?; why; optional: as above
	const char
	        *weak; // optional requests that only this one makes (krequest.why) hold nothing; may be NULL
};

struct ktrim {
	struct krequests go;   // what may be n, and why
	struct krequests stay; // m and stays, and why; optional: since a machine has it
	size_t loaded, known;  // modules of machines, and those of them that the tree has
};

// From the current configuration. The tree is left trimmed. Appends to ret.
void kconfig_trim(
        struct kconfig *k, const struct ktrim_wish *w, const struct krequests *asked, struct ktrim *ret);
void ktrim_release(struct ktrim *t);
void ktrim_wish_release(struct ktrim_wish *w);

// The same as a derivation asks for it. spec is JSON:
//   { "version": 1, "reports": [ REPORT of `kernix hardware`, ... ], "modules": { NAME: WHY }, "options": {
//   NAME: WHY },
//     "weak": WHO }
// What an alias of a report means is said by the tree's own sources. ret may be NULL.
int kconfig_trim_spec(
        struct kconfig *k, const char *spec, const struct krequests *asked, struct ktrim *ret, struct err *e);

// Module names and the options that build them, as the tree's Makefiles say ("obj-$(CONFIG_X) += a.o").
struct kmodmap {
	struct kconfig *k;
	struct hmap first;  // module name, with _ for - -> symbol
	struct ksym **more; // further ones, with their names beside them
	char **more_names;
	size_t more_len, more_cap;
	const char **module; // by symbol: a module that it builds
	struct arena arena;
};
void kmodmap_read(struct kmodmap *m, struct kconfig *k);
void kmodmap_release(struct kmodmap *m);
