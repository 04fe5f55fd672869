// SPDX-License-Identifier: GPL-2.0-or-later
// The process that stage 1 leaves behind to restart a trial that does not come up (stage1/keeper.h).
#pragma once

#include "base/err.h"

// This start came up: tells the keeper below proc ("/proc") to go, which also stops the watchdogs that it
// holds. Nothing where there is none. Only a process of root's can be one.
int trialkeeper_stop(const char *proc, struct err *e);
