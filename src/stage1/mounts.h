// SPDX-License-Identifier: GPL-2.0-or-later
// Mounting: the kernel's own file systems at the start, then what fstab lines and the command line ask for.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "stage1/module.h"

// The text of a file, to be freed; NULL when there is none.
char *file_text(const char *path);
// Decodes \NNN (octal) in place, as fstab writes blanks.
void octal_decode(char *s);
// Makes the folder and those above it; what is there stays.
void mkdir_parents(const char *path);

// Loads the modules that a file system type needs.
void mount_load_type(struct loader *l, const char *type);
// A file system of several devices has to know them all before one of them is mounted.
void btrfs_announce(const char *device);
// False when devices of the btrfs that is on this one are still missing.
bool btrfs_is_whole(const char *device);

// One fstab line; owned strings.
struct mount_entry {
	char *device, *where, *type, *options;
	bool check; // the sixth field, fsck's pass number, is not 0
};

struct mount_list {
	struct mount_entry *v;
	size_t n;
};

// Text of an fstab: comments and blank lines are skipped, \040 and the like are decoded, missing fields are
// "auto" and "defaults". Lines without a mount point are left out.
void mount_list_parse(const char *text, struct mount_list *ret);
// The file; an empty list when there is none.
void mount_list_read(const char *path, struct mount_list *ret);
void mount_list_release(struct mount_list *l);
// The entry that is mounted at where, or NULL.
const struct mount_entry *mount_list_at(const struct mount_list *l, const char *where);
// Leaves only the first n entries.
void mount_list_cut(struct mount_list *l, size_t n);
// Puts an entry in the place of the one with the same mount point, whose check it keeps; or, if first or when
// there is none, before all others. Strings are copied.
void mount_list_put(struct mount_list *l, const char *device, const char *where, const char *type,
        const char *options, bool first);
// The index of "/", 0 when it is not there.
size_t mount_list_root(const struct mount_list *l);

// Splits "ro,noatime,commit=5" into mount(2) flags and data for the file system; options that are for user
// space only (noauto, nofail, user, loop, x-*) are dropped. False when data is too small.
bool mount_options_parse(const char *options, unsigned long *ret_flags, char *data, size_t data_size);

// /proc /sys /dev /run; *ret_what is what failed. 0 or negative errno.
int mounts_early(const char **ret_what);
// Whether a word is among the options, by itself or as WORD=VALUE; *ret_value (may be NULL) gets VALUE or "",
// cut to the size.
bool mount_option_find(const char *options, const char *word, char *ret_value, size_t size);
// The options with prefix before each folder of lowerdir=, upperdir= and workdir= that is an absolute path.
// False when they do not fit.
bool mount_overlay_options(const char *options, const char *prefix, char *ret, size_t size);
// Loads what the type needs, makes the folder and mounts. type may be "auto" (what was found on the device,
// else each that the kernel knows) or a comma-separated list. A device that cannot be written is mounted
// read-only.
int mount_one(struct loader *l, const char *device, const char *where, const char *type, const char *options,
        const char *found_type);
