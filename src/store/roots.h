// SPDX-License-Identifier: GPL-2.0-or-later
// What keeps paths alive: gcroots/ and profiles/ of the state folder, indirect roots (gcroots/auto/HASH -> a
// link anywhere), temporary roots of processes, and what running programs have open; and profiles with their
// generations.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "base/err.h"
#include "base/hmap.h"

struct store;

// Makes link -> path and registers it (gcroots/auto). This is `result`, `--add-root`. link may be relative; a
// link that is there is replaced only when it points into the store. *ret_link (may be NULL) is its absolute
// name.
int roots_add_indirect(struct store *s, const char *link, const char *path, char **ret_link, struct err *e);
// A link below gcroots/ or profiles/ itself: direct, nothing in auto/.
int roots_add_direct(struct store *s, const char *link, const char *path, struct err *e);
// Registers a link that the caller makes himself.
int roots_register(struct store *s, const char *link, struct err *e);

struct root {
	char *link; // where it comes from: a link, "{temp:PID}", "/proc/PID/maps", "{censored}"
	char *path; // store path, valid
};
struct root_list {
	struct root *roots;
	size_t len, cap;
};
enum roots_flags {
	ROOTS_RUNTIME = 1,
	ROOTS_TEMP = 2,
	// Stale indirect roots (their link is gone) are removed on the way: only for who holds gc.lock, since
	// between a look and the removal somebody else may make the link again.
	ROOTS_SWEEP = 4,
};
// What cannot be looked at is an error; only in a store that is opened read-only roots of others are passed
// over.
int roots_find(struct store *s, int flags, struct root_list *ret, struct err *e);
void root_list_release(struct root_list *l);

// --- profiles: PROFILE -> NAME-N-link -> store path ---
struct generation {
	uint64_t number;
	char *link; // .../NAME-N-link
	char *path; // where it points
	time_t created;
	bool current;
};
struct generation_list {
	struct generation *gens; // ascending
	size_t len, cap;
};
int profile_list(const char *profile, struct generation_list *ret, struct err *e);
void generation_list_release(struct generation_list *l);
// Adds a generation (none when the last one is the same path, unless always_new) and switches to it; durable
// on return.
int profile_add(struct store *s, const char *profile, const char *path, bool always_new, uint64_t *ret_number,
        struct err *e);
// Points PROFILE at generation number; -ENOENT when there is none.
int profile_switch(const char *profile, uint64_t number, struct err *e);
// The generation before the current one; -ENOENT when there is none.
int profile_rollback(const char *profile, uint64_t *ret_number, struct err *e);
// The profile that is meant, whatever links lead to it (~/.nix-profile); owned.
int profile_real(const char *profile, char **ret, struct err *e);
// A rollback to generation `to` begins: it is noted before the switch. Whoever has switched a profile and has
// nothing more to do says so with rollback_done, as the last thing.
int rollback_begin(const char *profile, uint64_t to, struct err *e);
int rollback_done(const char *profile, struct err *e);
// Was a rollback to the current generation killed after its switch? Then it is to be finished: the one before
// would be one too far.
int rollback_interrupted(const char *profile, uint64_t current, bool *ret, struct err *e);
int profile_delete_generation(
        const char *profile, uint64_t number, bool dry_run, struct err *e); // never the current
int profile_delete_old(const char *profile, bool dry_run, size_t *ret_count, struct err *e);
// Those that were not current any more at `before` (seconds since the epoch), as nix-collect-garbage has it.
int profile_delete_older(const char *profile, time_t before, bool dry_run, size_t *ret_count, struct err *e);
