// SPDX-License-Identifier: GPL-2.0-or-later
// Activation of a system on a distribution that is not its own: only files with our name are written or
// removed, and the running kernel gets sysctls and modules. What would be done is a plan first.
//
//   the system's etc/                  here                              in /run (until the next boot)
//   modprobe.d/nixos.conf              /etc/modprobe.d/kernix.conf       /run/modprobe.d/kernix.conf
//   modules-load.d/nixos.conf          /etc/modules-load.d/kernix.conf   -
//   sysctl.d/60-nixos.conf             /etc/sysctl.d/60-kernix.conf      -
//   systemd/system/*                   -                                 /run/systemd/system/*
//   kernel-modules/lib/modules/V       link /lib/modules/V               -
//
// The link is not made where the distribution has a folder of that name, units only where systemd runs.
#pragma once

#include <stdbool.h>
#include "base/err.h"

struct store;
struct activation;

struct activate_opts {
	const char *root;     // "" for the running system, else a folder that stands for /
	const char *toplevel; // NULL: take everything of ours away
	bool persistent;      // in /etc; else in /run
	bool live;            // the running kernel gets sysctls and modules too
	const char *release;  // of the running kernel (uname -r); with live
};

int activation_plan(struct store *s, const struct activate_opts *o, struct activation **ret, struct err *e);
void activation_free(struct activation *a);
static inline void activation_freep(struct activation **a)
{
	activation_free(*a);
}
#define _cleanup_activation_ _cleanup_(activation_freep)
// What would be done, a sentence in the infinitive each; NULL when nothing would.
char *const *activation_changes(const struct activation *a);
// What a person should know: files of the distribution in our way, a kernel that needs a reboot.
char *const *activation_notes(const struct activation *a);
// Does it. A sysctl or module that the running kernel refuses does not stop the rest: *ret_failed (strv,
// owned) says which and why.
int activation_apply(struct activation *a, char ***ret_failed, struct err *e);
