// SPDX-License-Identifier: GPL-2.0-or-later
// A process of its own that restarts the machine when a start takes too long, so that nobody has to press a
// key: the boot loader then takes the last good entry. It also keeps the watchdog devices quiet while the
// machine runs at all. A hang of stage 1 itself, of a program that it waits for, or of stage 2 does not stop
// it; a kernel that hangs does, and then the watchdog restarts the machine.
//
// It lives until stage 1 is done; where the start is a trial (kernix.trial=) until `kernix boot confirm`
// sends it SIGUSR1, which finds it by its name, S1_KEEPER_NAME.
#pragma once

#include <sys/types.h>
#include "stage1/module.h"

struct keeper {
	pid_t pid;                   // 0: there is none
	struct keeper_shared *state; // memory that both processes see
};

// Starts the first watchdog that there is, and the process, where the command line asks for either.
void keeper_start(struct keeper *k, struct loader *l);
// What takes as long as it takes (a person who types, a file system that is repaired) does not count. NULL: no keeper.
void keeper_pause(const struct keeper *k);
void keeper_resume(const struct keeper *k);
// Stage 1 is done.
void keeper_hand_on(const struct keeper *k);
