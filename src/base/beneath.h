// SPDX-License-Identifier: GPL-2.0-or-later
// Files below a folder that stands for / and that somebody else may have filled: links in it are followed as
// after a chroot, so that none leads out of it, or are refused (openat2(2)).
#pragma once

#include "base/err.h"
#include "base/macro.h"

// Where root + path really is: every link on the way, and the last one, is resolved below root; what does
// not exist stays as it is. root "" is the running system, whose paths stay as they are. Links in a circle
// give a path that cannot exist. Owned.
char *beneath_path(const char *root, const char *path);
char *beneath_printf(const char *root, const char *fmt, ...) _printf_(2, 3);
// The same for a path that begins with root already.
char *beneath_again(const char *root, const char *path);
// The same, but the last part stays what it is, also a link: for what is made, replaced or removed there.
char *beneath_entry(const char *root, const char *path);
// -ELOOP when path, relative to root, or a folder on its way is a link, wherever that leads. Missing is fine.
int beneath_check(const char *root, const char *path, struct err *e);
// Opens it under that condition, with O_CLOEXEC; missing is -ENOENT. What is open stays beneath root,
// whatever takes its place.
int beneath_open(const char *root, const char *path, int flags, struct err *e);
