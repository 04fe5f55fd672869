// SPDX-License-Identifier: GPL-2.0-or-later
// The last step: the mounted system becomes the root, the initramfs is emptied, and its init is started.
#pragma once

#include <stdbool.h>

// What keeps path (absolute, links resolved inside of root) from being executed when root is the root; NULL:
// nothing.
const char *root_lacks_init(const char *root, const char *path);
// Moves /dev /proc /sys /run into root, makes it "/", deletes what is in the initramfs, and executes argv[0].
// Returns only on failure: negative errno, *ret_what is the step.
int root_switch(const char *root, char **argv, const char **ret_what);
