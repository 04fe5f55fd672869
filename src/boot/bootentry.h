// SPDX-License-Identifier: GPL-2.0-or-later
// Boot entries of all generations, whatever the boot loader: what the menu has to be (a plan, which writes
// nothing), and writing it.
//
// A generation that has never come up is only *tried*: it starts by itself once (or a few times), and only
// when it has come up (boot_confirm, run at the end of the start) it is the normal entry, the default of
// every boot. Until then the normal entry is what it was: the last good generation or the distribution's own
// default. Which systems have come up is kept in BOOT/kernix/good.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "boot/generation.h"
#include "boot/loader.h"

struct store;
struct boot;
struct boot_plan;

// Does it matter that Secure Boot would refuse a kernel that is to start by itself?
enum boot_firmware {
	BOOT_FIRMWARE_ANY,     // no: entries only change their roles, or go
	BOOT_FIRMWARE_CHECKED, // yes: nothing is planned
	BOOT_FIRMWARE_FORCED   // it is said
};

struct boot_opts {
	const char *root;   // "" for the running system, else a folder that stands for /
	const char *loader; // name, or NULL: the one that is there
	const char *booted; // toplevel that the machine runs now, or NULL
	enum boot_firmware firmware;
	bool confirms; // the machine runs `kernix boot confirm` at the end of each start
};

// Finds the loader and holds BOOT/kernix/lock until boot_close (another one waits). A plan only needs a
// reader: lock = false.
int boot_open(const struct boot_opts *o, bool lock, struct boot **ret, struct err *e);
void boot_close(struct boot *b);
static inline void boot_closep(struct boot **b)
{
	boot_close(*b);
}
#define _cleanup_boot_ _cleanup_(boot_closep)
const struct loader *boot_loader(const struct boot *b);
const struct boot_place *boot_place(const struct boot *b);
const struct boot_choice *boot_choice(const struct boot *b); // as it is on the disk
bool boot_is_good(const struct boot *b, const char *toplevel);
int boot_is_installed(const struct boot *b, bool *ret, struct err *e); // are there entries of ours?

// The choice when g is to be started next: the normal entry if it is known to come up or `permanent`, else
// tried `tries` times. -EOPNOTSUPP when the loader cannot count tries.
int boot_choose(const struct boot *b, const struct sysgen *g, bool permanent, unsigned tries,
        struct boot_choice *ret, struct err *e);
// May this generation's entry go? Not the current, booted, normal or trial one: then `why` says which it is.
bool boot_protects(const struct boot *b, const struct sysgen *g, const char **ret_why);

// The initrd secrets of this generation (by id) are read from the machine's files anew, as they are now.
// Those of all others stay what they were when their entries were written.
void boot_renew_secrets(struct boot *b, const char *id);
// Everything that writing these generations' entries takes. -ENOSPC when it does not fit: the message is a
// plan of what could go. Systems that cannot be read are left out with a warning, unless choice names them.
int boot_plan_new(struct boot *b, struct store *s, const struct sysgens *gens,
        const struct boot_choice *choice, struct boot_plan **ret, struct err *e);
void boot_plan_free(struct boot_plan *p);
static inline void boot_plan_freep(struct boot_plan **p)
{
	boot_plan_free(*p);
}
#define _cleanup_boot_plan_ _cleanup_(boot_plan_freep)
// What would change, a sentence in the infinitive each ("add the boot entry ..."); NULL when nothing would.
char *const *boot_plan_changes(const struct boot_plan *p);
// The entry of that id as it would be written, borrowed; NULL: there is none.
const struct boot_item *boot_plan_item(const struct boot_plan *p, const char *id);
// Does it; durable on return. kill -9 at any instant leaves the old menu or the new one.
int boot_plan_apply(struct boot_plan *p, struct err *e);

enum boot_outcome { BOOT_OTHER, BOOT_CONFIRMED, BOOT_FAILED };
// Called when the machine has come up with opts.booted. It was on trial: it is good and normal now
// (BOOT_CONFIRMED). Another one was on trial and was started (its tries are used up): it is given up
// (BOOT_FAILED; *ret_id, owned, is the one). Writes nothing itself: *ret is the choice for a new plan, and
// the list of good systems has been written.
int boot_confirm(struct boot *b, const struct sysgens *gens, struct boot_choice *ret,
        enum boot_outcome *ret_outcome, char **ret_id, struct err *e);

// Takes everything of ours out of the boot file system again.
int boot_uninstall(struct boot *b, struct err *e);
