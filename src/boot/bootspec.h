// SPDX-License-Identifier: GPL-2.0-or-later
// What a built system (a toplevel, `nixos-system-...`) says about itself: its boot.json (bootspec v1, RFC 125
// of NixOS) and the small files beside it. Everything that makes boot entries or lists generations reads
// systems through this.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "boot/secrets.h"

struct store;

// Where the system says nothing.
#define BOOTSPEC_TRIAL_S  600
#define BOOTSPEC_STAGE1_S 180

// All strings are owned. Paths of the store are logical ("/nix/store/...").
struct bootspec {
	char *toplevel;
	char *label;            // for people
	char *init;             // what stage 1 starts
	char *kernel, *initrd;  // real names of the files, links followed; initrd NULL: there is none
	char *params;           // kernelParams, joined by spaces
	char *release;          // what `uname -r` will say; "unknown" without a module tree
	char *nixos_version;    // "" when it does not say
	struct secrets secrets; // org.kernix.secrets.v1: boot.initrd.secrets
	char *revision;         // configurationRevision; "" when there is none
	char **specialisations; // names, sorted
	uint64_t limit;         // of generations in the menu (org.kernix.loader.v1); 0: none
	bool has_timeout;       // of the same: boot.loader.timeout is said
	int timeout_s;          // -1: the menu waits for ever
	char *system;           // "x86_64-linux"; "" when it does not say
	bool untested;          // boot.kernix.bootTest.enable = false (org.kernix.boottest.v1)
	uint64_t test_limit_s;  // of the same: boot.kernix.bootTest.timeout; 0: it does not say
	unsigned trial_s;  // of the same: a trial restarts when it is not confirmed in this time; 0: no limit
	bool trial_said;   // the former is the configuration's own
	unsigned stage1_s; // of the same: nor when stage 1 is not through
	bool has_root;     // it knows its root file system: root= or "/" in its fstab

	// Of org.kernix.loader.v1, too: who signs kernels (secureBoot), and the stub of unified kernel
	// images, its real name. NULL: neither.
	char *key_file, *cert_file, *uki_stub;

	// Of the same: the loader that the configuration means ("grub", "systemd-boot", "extlinux"), and the
	// device tree of the machine, its real name. NULL: it does not say.
	char *loader, *device_tree;
};

// A toplevel that is not there is -ENOENT, one without boot.json or with a broken one -EINVAL; the message
// names the file.
int bootspec_read(const struct store *s, const char *toplevel, struct bootspec *ret, struct err *e);
void bootspec_release(struct bootspec *b);
#define _cleanup_bootspec_ _cleanup_(bootspec_release)

// The fields of the next line in the text of an fstab, from *at on, that mounts on dir: at least two, a strv,
// owned; NULL: there is no further one.
char **fstab_next(const char **at, const char *dir);
// Device and type (ret[0], ret[1]; a strv, owned) of what the fstab in this file mounts on /; NULL where it
// says nothing of it or is not there.
int fstab_root(const char *file, char ***ret, struct err *e);

// The words of a kernel command line: separated by blanks outside of double quotes; the quotes stay. A strv,
// owned.
char **cmdline_words(const char *params);
// Is there a word NAME or NAME=...?
bool cmdline_has(const char *params, const char *name);

// The real name of a logical path below the store with all links followed that lead into the store, owned. A
// private store's links say /nix/store, so the kernel of this process cannot follow them.
int store_file(const struct store *s, const char *path, char **ret, struct err *e);
