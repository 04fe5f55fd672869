// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands that change boot entries share: which store, which root, which system is running; and
// deleting generations together with their boot entries.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include "base/err.h"
#include "boot/bootentry.h"
#include "store/roots.h"

struct store;

struct boot_target {
	struct store *store;
	char *root;    // "" for the running system
	char *loader;  // --loader, or NULL
	char *booted;  // toplevel that runs, or NULL
	char *running; // uname -r
};

// root: --root DIR or NULL; store_uri: --store or NULL. The root is DIR, else that of a store that was named
// (local?root=DIR, also by $NIX_REMOTE), so that then nothing of the machine is touched; and with --root the
// store is DIR's unless one is named.
int boot_target_open(
        const char *root, const char *store_uri, const char *loader, struct boot_target *ret, struct err *e);
// The same with flags for store_open.
int boot_target_open_with(const char *root, const char *store_uri, const char *loader, int store_flags,
        struct boot_target *ret, struct err *e);
void boot_target_release(struct boot_target *t);
#define _cleanup_target_ _cleanup_(boot_target_release)
// The store's URI that belongs to --root (absolute); owned, NULL: as the environment says.
char *boot_target_uri(const char *root, const char *store_uri);
// Only root may change the running system, with the store in its place, and not one that is a NixOS.
int boot_target_may_change(const struct boot_target *t, const char *what, struct err *e);
struct boot_opts boot_target_opts(const struct boot_target *t);
static inline bool boot_target_is_live(const struct boot_target *t)
{
	return !*t->root;
}

// --- deleting generations (boot-prune.c) ---
struct prune_rule {
	// Is generation i to be deleted? Never asked for the current one.
	bool (*matches)(const struct generation_list *all, size_t i, const void *ctx);
	bool newest_first; // the order in which Nix deletes them
};

// Deletes generations of a profile as nix-env does, saying "removing profile version N". When it is a
// system's profile and there are boot entries of ours, those go first, and generations that are needed to
// boot (default, running, on trial) stay with a note.
int boot_prune(const struct boot_target *t, const char *profile, const struct prune_rule *rule,
        const void *ctx, bool dry_run, struct err *e);
extern const struct prune_rule prune_all;
extern const struct prune_rule prune_older; // ctx: const time_t *

// The systemd unit that runs `kernix boot confirm` when the start is complete.
int confirm_unit_write(const struct boot_target *t, bool dry_run, struct err *e);
int confirm_unit_remove(const struct boot_target *t, bool dry_run, struct err *e);
