// SPDX-License-Identifier: GPL-2.0-or-later
// What the actions of nixos-rebuild share.
#pragma once

#include <stdbool.h>
#include "cmd/boot-target.h"

struct rebuild;

// One action. Bits say what is done with the system; `run` is for actions that are something else.
enum action_does {
	DOES_BUILD = 1,    // only ./result
	DOES_BOOT = 2,     // a generation and boot entries
	DOES_ACTIVATE = 4, // the running system
	DOES_NOTHING = 8,  // only says what it would do
};

struct action {
	const char *name, *attr, *help;
	unsigned does;
	bool dry;                       // nix-build --dry-run
	int (*run)(struct rebuild *rb); // exit status; NULL: as the bits say
};

struct rebuild {
	const struct action *action;
	char *config;      // the configuration.nix, absolute
	char **words;      // options for nix-build, as given
	char *flake;       // --flake, or /etc/nixos; NULL: none
	char *file, *attr; // --file, --attr: in place of the configuration
	char *root, *store_uri, *loader, *profile, *specialisation;
	char *tries_text;
	bool rollback, permanent, json, dry_run, no_flake, force, no_boot_test;
	char *test_limit_text; // --boot-test-timeout
	uint64_t test_limit_s; // 0: as the configuration says
	unsigned tries;
	struct boot_target t;
	char *switched; // a profile that was switched, where all is done but to say so (rollback_done)
};

// nix-build of this attribute of the configuration; *ret (may be NULL: ./result is left) is the path. The
// exit status.
int rebuild_build(struct rebuild *rb, const char *attr, char **ret);
// Evaluates only: *ret is the path when it is built already, else untouched; *ret_drv is what builds it. The
// exit status.
int rebuild_is_built(struct rebuild *rb, const char *attr, char **ret, char **ret_drv);
// Says what building it would build and fetch, without evaluating (and warning) once more. The exit status.
int rebuild_say_missing(struct rebuild *rb, char *drv);
// boot, switch, test, dry-activate: builds (or goes back), plans, says, does. The exit status.
int rebuild_activate(struct rebuild *rb);
// Is this system known not to start? Then an error says why, or with --force a warning.
int rebuild_refuse(struct rebuild *rb, const char *toplevel, bool dry, struct err *e);
// Starts the entry of that id of the plan in QEMU, says what came out, and is an error where it does not come
// up.
int rebuild_boot_test(struct rebuild *rb, const char *toplevel, const struct boot_plan *plan, const char *id,
        struct err *e);
int rebuild_uninstall(struct rebuild *rb);
int rebuild_list(struct rebuild *rb);
