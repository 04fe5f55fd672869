// SPDX-License-Identifier: GPL-2.0-or-later
// The generations of systems: those of the profile PROFILES/system and of PROFILES/system-profiles/NAME, as
// NixOS has them. The links themselves are store/roots.h's; here is what a boot menu and nixos-rebuild need
// to know of all of them together.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "base/err.h"

struct store;

struct sysgen {
	char *profile; // name: "system", or that of a system profile
	uint64_t number;
	char *id;        // of its boot entry: kernix-N, or kernix-NAME-N
	char *toplevel;  // store path
	char **variants; // those of its specialisations; NULL: none
	time_t created;  // seconds since the epoch
	bool current;    // its profile points to it
};

// In the order: system first, then other profiles by name; ascending numbers.
struct sysgens {
	struct sysgen *gens;
	size_t len, cap;
};

// "system" is PROFILES/system, any other NAME is PROFILES/system-profiles/NAME; owned. A name with '/' is
// -EINVAL.
int sysgen_profile_path(struct store *s, const char *name, char **ret, struct err *e);
// Is this the link of a system's profile in the store? *ret its name, owned.
bool sysgen_profile_name(struct store *s, const char *path, char **ret);

int sysgens_read(struct store *s, struct sysgens *ret, struct err *e);
void sysgens_release(struct sysgens *l);
#define _cleanup_sysgens_ _cleanup_(sysgens_release)

// The number that toplevel will get in this profile: that of the newest generation when that is the same
// system, else one more.
uint64_t sysgens_next(const struct sysgens *l, const char *profile, const char *toplevel);
// Adds a generation that is not there yet (for a plan), at its place; nothing when it is there.
void sysgens_add(
        struct sysgens *l, const char *profile, uint64_t number, const char *toplevel, time_t created);
void sysgens_remove(struct sysgens *l, size_t i);
// Does the machine that was started with this system (NULL: none) run the generation, or a specialisation of
// it?
bool sysgen_runs(const struct sysgen *g, const char *booted);
const struct sysgen *sysgens_find(const struct sysgens *l, const char *id);
const struct sysgen *sysgens_find_path(const struct sysgens *l, const char *toplevel); // the newest with it
