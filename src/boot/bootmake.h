// SPDX-License-Identifier: GPL-2.0-or-later
// Files in the boot file system that are made there and not only copied: signed kernels, unified kernel
// images. Their names say what went into them and whose certificate it is, so that nothing is signed twice.
#pragma once

#include "boot/bootfile.h"
#include "boot/secureboot.h"
#include "boot/uki.h"

// The kernel signed by g; one that it has signed already is kept as it is. g must outlive f.
int bootfiles_add_signed(struct bootfiles *f, const char *source, const struct signer *g,
        const struct bootfile **ret, struct err *e);
// The image of these parts, signed unless g is NULL; a line KERNIX_FILE with its name is added to its
// os-release. Parts are taken over. entries: text of the entries on the disk that hold their image
// themselves, so that what they name is there; NULL: they are files like others.
int bootfiles_add_uki(struct bootfiles *f, struct uki_parts *parts, const struct signer *g,
        const char *entries, const struct bootfile **ret, struct err *e);
// Writes the content of such a file to `target`, verified where it is signed.
int bootfile_make(const struct bootfile *file, const char *target, struct err *e);
