// SPDX-License-Identifier: GPL-2.0-or-later
// A control group (cgroup v2) for each build: its limits of memory and processes, and its end. Nothing of it
// is needed: where there is no cgroup v2, or none may be made, builds run without.
// Where it is made: below the group that we are in (the machine's root group, or one that is delegated to the
// caller), or else beside it, for a group that holds processes can give its children no controllers.
#pragma once

#include <sys/types.h>
#include "build/sandbox.h"

// The folder in which groups of builds can be made; owned, NULL: there is none. Groups that a killed kernix
// left there are removed.
char *cgroup_find(void);
// What cgroup_find asks: the folder of our own group in the file system, from the text of
// /proc/self/mountinfo and /proc/self/cgroup; owned, NULL: none. *ret_top: it is the topmost that can be
// seen.
char *cgroup_own(const char *mountinfo, const char *groups, bool *ret_top);

// Makes BASE/kernix-PID-NAME with limits; owned, NULL when that is not possible. Controllers that are not
// there limit nothing.
char *cgroup_make(const char *base, const char *name, const struct sandbox_limits *limits);
void cgroup_limit_all(const char *group, const struct sandbox_limits *limits);
// Kills what is in it, removes it and frees the name. NULL is legal.
void cgroup_end(char *group);
