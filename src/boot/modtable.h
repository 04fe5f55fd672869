// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the module table that stage 1 reads (stage1/format.h).
#pragma once

#include "base/buf.h"
#include "boot/modclosure.h"

// Where the module's uncompressed file is inside the initrd: "/lib/modules/VERSION/kernel/fs/ext4/ext4.ko";
// owned.
char *modtable_path(const struct modclosure *c, const struct closure_module *m);
// Appends the table to b. load are names of roots to be loaded first, in order. Of conf: options; aliases to
// modules of the closure; blacklisted modules lose their aliases; modules with an install command are never
// inserted.
void modtable_write(const struct modclosure *c, const struct modconf *conf, char *const *load, struct buf *b);
