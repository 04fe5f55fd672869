// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of the sandbox share: sandbox.c (parent, processes), sandbox-root.c (the table of mounts and
// the child's root), sandbox-shown.c (host files that fetchers read), sandbox-overlay.c, sandbox-filter.c
// (system calls).
#pragma once

#include "build/sandbox.h"

// Host folders opened as detached mounts before the child changes its user, in the order of need.
struct sandbox_root;

// In the child, as the caller's user: opens everything that will be mounted.
int sandbox_root_open(const struct sandbox_spec *spec, struct sandbox_root **ret, struct err *e);
// In the child, as its own user: makes the root and pivots into it; the working directory is /build
// afterwards.
int sandbox_root_enter(struct sandbox_root *root, const struct sandbox_spec *spec, struct err *e);

// In the builder itself, without capabilities and with no_new_privs: keyring, limits and, with a network, the
// sockets.
int sandbox_confine(const struct sandbox_spec *spec, struct err *e);
// Host files that are shown: opened once the process is its own user, put in place below the new root (the
// working directory) before the pivot.
void sandbox_shown_open(const struct sandbox_spec *spec);
int sandbox_shown_place(const struct sandbox_spec *spec, struct err *e);

// Overlays: in the parent, before the clone, what only the caller may do; in the child as the caller's user,
// and below the new root. lower_tree of each stays open for the child until the parent closes it.
int sandbox_overlay_prepare(const struct sandbox_spec *spec, struct err *e);
void sandbox_overlay_close(const struct sandbox_spec *spec);
int sandbox_overlay_open(const struct sandbox_spec *spec, struct err *e);
int sandbox_overlay_place(const struct sandbox_spec *spec, struct err *e);

// Loads the filter into this process for good. no_new_privs must be set.
int sandbox_filter_load(const struct sandbox_filter *f, struct err *e);
