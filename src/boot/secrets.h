// SPDX-License-Identifier: GPL-2.0-or-later
// boot.initrd.secrets: files of the machine that are in the initrd and never in the store. They are packed
// into an archive of their own when the boot entry is written; the loader hands it to the kernel after the
// initrd.
#pragma once

#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

struct secret {
	char *target; // absolute path in the initrd
	char *source; // absolute path on the machine
};

// All strings are owned.
struct secrets {
	struct secret *v;
	size_t len, cap;
};

void secrets_add(struct secrets *s, const char *target, const char *source);
void secrets_release(struct secrets *s);
// The archive, appended to ret. Sources are of the machine whose / is root ("" for the running one); one that
// begins with root already is taken as it is. A file keeps its mode; a folder is packed with what is in it.
// -ENOENT and the like name the option and the file.
int secrets_pack(const struct secrets *s, const char *root, struct buf *ret, struct err *e);
