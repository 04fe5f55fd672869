// SPDX-License-Identifier: GPL-2.0-or-later
// The part of `kernix boot` that is about Secure Boot: its state, and making keys.
#pragma once

#include "cmd/boot-target.h"

// Prints what firmware and shim say, and what of it matters.
int boot_status_secure(const struct boot_target *t, struct err *e);
// The whole of `kernix boot status` as one JSON object.
int boot_status_json(
        const struct boot_target *t, const struct boot *b, const struct sysgens *gens, struct err *e);

struct boot_keys {
	char *dir; // NULL: /etc/kernix/secureboot of the target's root
	bool own;  // PK, KEK and db; else a machine owner's key for shim
	bool enroll, dry_run;
};
// Makes what is not there yet and says what enrols it. -EPERM when it is to be written into a firmware that
// is not in setup mode.
int boot_keys(const struct boot_target *t, const struct boot_keys *k, struct err *e);
