// SPDX-License-Identifier: GPL-2.0-or-later
// GRUB's environment block of ours: what starts by itself, and how often. GRUB counts by overwriting the
// block's sectors before it starts a trial, which it can only where the file's blocks are plain ones of a
// plain partition. Where BOOT is not such a place, the block is in another file system that is: the EFI
// system partition, or a small partition that the administrator mounts on /boot/kernix-env.
#pragma once

#include "base/err.h"
#include "boot/loader.h"

struct grub_env {
	char *file; // with the root before it; all are owned
	char *path; // in the root; NULL: in BOOT/kernix
	char *name; // on its file system, for GRUB's search: "/kernix/grubenv-1a2b3c4d"; NULL likewise
};
void grub_env_release(struct grub_env *env);
#define _cleanup_grub_env_ _cleanup_(grub_env_release)

// Where the block is that BOOT/kernix/grub.cfg (menu: its text, "" when there is none) reads.
void grub_env_used(const struct boot_place *p, const char *menu, struct grub_env *ret);
// Where it belongs. -EOPNOTSUPP with what can be done: GRUB can write nowhere.
int grub_env_place(const struct boot_place *p, const char *menu, struct grub_env *ret, struct err *e);
// The lines of grub.cfg that set kernix_env to the file, as GRUB names it.
void grub_env_script(const struct grub_env *env, struct buf *b);

int grub_env_read(
        const struct boot_place *p, const struct grub_env *env, struct boot_choice *ret, struct err *e);
int grub_env_write(const struct boot_place *p, const struct grub_env *env, const struct boot_choice *c,
        struct err *e);
