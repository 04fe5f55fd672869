// SPDX-License-Identifier: GPL-2.0-or-later
// Firmware of an initrd: what its modules may ask for (the firmware= lines in them), as far as the packages
// have it.
#pragma once

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"
#include "boot/cpio.h"
#include "boot/initrd.h"

// A file of the packages that is compressed in a way that this kernel's firmware loader cannot read
// (FW_LOADER_COMPRESS_ZSTD, FW_LOADER_COMPRESS_XZ) goes in unpacked. What no package has is told in one line.
int initrd_add_firmware(
        const struct initrd_spec *s, struct cpio *c, const struct modclosure *mods, struct err *e);
// The file's content, unpacked where it is compressed; more than 1 GiB is -EFBIG.
int initrd_unpack(const char *path, struct buf *b, struct err *e);
// Is CONFIG_OPTION=y in the text of a .config?
bool initrd_config_has(const char *config, const char *option);
