// SPDX-License-Identifier: GPL-2.0-or-later
// The disposable disks of a boot test: of the same kind as those that an initrd looks for. A device that is
// named by what is written on it (UUID, label, volume, mapped name) is made under that name, so that the
// initrd's own tables hold; one that is named by its place (/dev/sda2, PARTUUID=, by-id) is made as a device
// with a UUID, and the tables say that one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"
#include "boot/initrd-read.h"

// A file system that mkfs makes in a file.
struct layout_image {
	char *type, *uuid, *label;
	char *name; // of its file
};

// Owned; all zero is empty.
struct layout {
	struct buf plan;           // for the guest (boottest/guest.h)
	struct buf fstab, storage; // for stage 1, in place of the initrd's
	struct layout_image *images;
	size_t image_count, image_cap;
	size_t disk_count; // the first has layout_sectors(0), and so on
	bool needs_key;    // a key file is wanted in the initrd, LAYOUT_KEY_PATH
	bool encrypted;    // what was never written does not read as zeros there
	char *kind;        // "ext4 with LUKS"
	char *instead;     // why it is not quite what the initrd looks for, or NULL
	char *why_not;     // such a root cannot be made: why. Then nothing else counts
};

#define LAYOUT_KEY_PATH  "/kernix/key"
#define LAYOUT_KEY_BYTES 65536

struct layout_opts {
	const struct initrd_contents *initrd;
	const char *params;   // the kernel's command line, whose root= wins over the initrd's table
	bool plain;           // without arrays, volumes and encryption
	char *const *builtin; // modules that are built into the kernel
};
void layout_make(const struct layout_opts *o, struct layout *ret);
void layout_release(struct layout *l);
#define _cleanup_layout_ _cleanup_(layout_release)

// Sizes of the disks differ, so that the guest knows which is which.
unsigned long long layout_sectors(size_t disk);

// Makes the file system: extents (boottest/guest.h) of what mkfs wrote.
int layout_image_make(
        const struct layout *l, const struct layout_image *image, struct buf *ret, struct err *e);
// The program that makes such a file system, owned; NULL: it is not installed.
char *layout_mkfs(const char *type);
// The last value of NAME= on a command line, quotes removed, owned; NULL: there is none.
char *layout_param(const char *params, const char *name);
