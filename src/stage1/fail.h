// SPDX-License-Identifier: GPL-2.0-or-later
// When the system cannot be started: says what was waited for and what is there, then a shell, a panic or a
// reboot.
#pragma once

#include "stage1/module.h"

#define FAIL_REBOOT_DELAY_S       60
#define FAIL_REBOOT_DELAY_TRIAL_S 10 // the boot loader has another entry

// Prints the block devices with their ids and the modules that failed.
void fail_explain(const struct loader *l, const char *waited_for);
// A shell on the console when the initrd has /bin/sh; returns when it ends. False when there is none.
bool fail_shell(const struct say *s, const char *why);
// Ends: boot.panic_on_fail lets the kernel panic (or reboots at once when panic= would hang for ever);
// boot.shell_on_fail starts a shell and returns true when the person left it (try again);
// otherwise a reboot after FAIL_REBOOT_DELAY_S seconds, on a trial after FAIL_REBOOT_DELAY_TRIAL_S.
bool fail_end(const struct loader *l);
