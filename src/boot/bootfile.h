// SPDX-License-Identifier: GPL-2.0-or-later
// Kernels and initrds in the boot file system: BOOT/kernix/HASH-kernel and HASH-initrd. HASH is of the
// content, so generations with the same kernel share one file, and a file that is there is whole: it was
// written beside, synced and renamed. SYSTEM-RANDOM-secrets (mode 0600) holds the secrets of one system's
// initrd: its name says nothing of the content, since everybody can read names.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

struct bootfile {
	char *name;   // HASH-kernel
	char *source; // real name of the file that it is a copy of
	uint64_t size_bytes;
	bool there;      // in the folder already
	struct buf data; // of a file that has no source: secrets; wiped when it is released
};
struct bootfiles {
	struct bootfile *files;
	size_t len, cap;
	char *dir; // BOOT/kernix
};

// dir need not be there yet.
void bootfiles_init(struct bootfiles *f, const char *dir);
void bootfiles_release(struct bootfiles *f);
// The file of source with this suffix ("kernel", "initrd"); each content is there once. Reads source to hash
// it. *ret is borrowed until the next call.
int bootfiles_add(struct bootfiles *f, const char *source, const char *suffix, const struct bootfile **ret,
        struct err *e);
// Secrets of the system whose store path has this hash: data is taken over and gets a new name.
const struct bootfile *bootfiles_add_secrets(struct bootfiles *f, const char *system, struct buf *data);
// The secrets that are there under this name stay.
const struct bootfile *bootfiles_keep_secrets(struct bootfiles *f, const char *name, uint64_t size_bytes);
// The name of the system's secrets that are in the folder and that `text` (entries on the disk) names, owned;
// NULL: there are none.
int bootfiles_find_secrets(
        const struct bootfiles *f, const char *system, const char *text, char **ret, struct err *e);
// The hash in a store path, owned; NULL where it has none.
char *bootfiles_system(const char *toplevel);
const struct bootfile *bootfiles_find(const struct bootfiles *f, const char *name);

// Names in the folder that look like ours (also left-over temporary ones) and are not in f, nor a word of
// `text` (entries on the disk). A strv; *ret_bytes is what they take.
int bootfiles_stale(
        const struct bootfiles *f, const char *text, char ***ret, uint64_t *ret_bytes, struct err *e);
int bootfiles_remove(const struct bootfiles *f, char *const *names, struct err *e);
// What still has to be copied, rounded up to blocks of 4 KiB.
uint64_t bootfiles_missing_bytes(const struct bootfiles *f);
// What may be written to the file system of dir (or of the folder above it).
int bootfiles_free_bytes(const char *dir, uint64_t *ret, struct err *e);
// Copies what is not there; durable on return.
int bootfiles_copy(struct bootfiles *f, struct err *e);
