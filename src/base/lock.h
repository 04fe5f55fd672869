// SPDX-License-Identifier: GPL-2.0-or-later
// Waiting for locks: whoever waits longer than a second says what for, and who has it when the kernel tells
// (/proc/locks).
#pragma once

#include <stdbool.h>
#include "base/err.h"

#define LOCK_SAY_AFTER_MS 1000

// flock on fd, waiting. what: for the message, such as "the big Nix store lock"; path: of the file.
int lock_wait(int fd, bool exclusive, const char *what, const char *path, struct err *e);
// fs_lock with waiting, by the name that people know the lock by.
int lock_file_wait(const char *path, bool exclusive, const char *what, int *ret_fd, struct err *e);
// "waiting for WHAT, which process N (NAME) has...", as a note. The second part only when a process other
// than this one is known to hold a lock of the file.
void lock_say(const char *what, const char *path);
