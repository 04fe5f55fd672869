// SPDX-License-Identifier: GPL-2.0-or-later
// Trees that somebody else may be changing while we work on them (openat(2), symlink(7), fchmodat2(2)): every
// entry is reached from the descriptor of its folder, never through a link, and once it is held, nothing but
// the descriptor is used. So whatever is put in its place meanwhile stays untouched. Functions give 0, or a
// descriptor with O_CLOEXEC, or a negative errno; the words are the caller's.
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

// A descriptor of an entry of the folder dir (or AT_FDCWD) that opens nothing (O_PATH): a FIFO does not
// block, a device does nothing, a link is the link itself.
int tree_hold(int dir, const char *name, struct stat *ret);
// Opens what is held, a regular file or a folder, for reading; anything else is -EINVAL. dir, name and st are
// those of tree_hold: where there is no /proc the name is opened again, and -ESTALE if it became another.
int tree_open(int held, const struct stat *st, int dir, const char *name);
// tree_hold and tree_open.
int tree_open_entry(int dir, const char *name, struct stat *ret);
// These take a descriptor of either kind.
int tree_chmod(int fd, mode_t mode); // not of links
int tree_chown(int fd, uid_t uid, gid_t gid);
int tree_set_times(int fd, const struct timespec times[2]);
int tree_list_xattrs(int fd, char *ret, size_t size_bytes, size_t *ret_len); // as listxattr(2)
int tree_remove_xattr(int fd, const char *name);
// The names that readdir has to give, to its end, sorted, without . and ..; owned (strv). ret_types (may be
// NULL): their DT_*, owned, DT_UNKNOWN where the file system does not say.
int tree_collect(DIR *d, char ***ret, unsigned char **ret_types);
// The same of an open folder.
int tree_names(int fd, char ***ret);
// Removes an entry with all that is below it, however deep, also read-only folders; missing is fine.
int tree_remove(int dir, const char *name);
