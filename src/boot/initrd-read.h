// SPDX-License-Identifier: GPL-2.0-or-later
// Reads back what an initrd of ours says: the tables that stage 1 obeys, and which programs and modules are
// in it. So whoever judges a system judges what will be started, whatever configuration it was made from.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "boot/initrd.h"

// All zero: nothing. Owned.
struct initrd_contents {
	char *fstab, *storage;       // S1_FSTAB_PATH, S1_STORAGE_PATH; NULL where they are not there
	struct initrd_mount *mounts; // what fstab says
	size_t mount_count, mount_cap;
	char *table; // S1_TABLE_PATH, table_bytes of them
	size_t table_bytes;
	char **names; // strv: all entries, absolute
};

// *ret_known is false where the file is no archive that we can read: then nothing is known of it.
int initrd_read(const char *path, struct initrd_contents *ret, bool *ret_known, struct err *e);
void initrd_contents_release(struct initrd_contents *c);
#define _cleanup_initrd_contents_ _cleanup_(initrd_contents_release)
// The words of a line of either file, \\NNN decoded: a strv, owned; NULL where there is none.
char **initrd_words(const char *line);
// Is there such an entry?
bool initrd_contents_has(const struct initrd_contents *c, const char *name);
// Is the module in it? '-' and '_' are the same.
bool initrd_contents_has_module(const struct initrd_contents *c, const char *name);
