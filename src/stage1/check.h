// SPDX-License-Identifier: GPL-2.0-or-later
// File system checks before mounting, by the programs for that which are in the initrd.
#pragma once

#include <stdbool.h>
#include "stage1/cmdline.h"
#include "stage1/say.h"

enum check_verdict {
	CHECK_CLEAN,
	CHECK_REPAIRED,
	CHECK_REBOOT,     // the machine has to be started again
	CHECK_UNREPAIRED, // errors are left that a person has to decide about
	CHECK_FAILED      // the check itself did not work
};

// What the exit status of a checker means (fsck(8)).
enum check_verdict check_verdict_of(int status);
// The checker for that type of file system, NULL when the initrd has none.
const char *check_program(const char *type);
// Checks what is on device and repairs what can be without asking; tells what was found. Clean when there is
// no checker for it, or the command line says fsck.mode=skip.
enum check_verdict check_device(
        const char *device, const char *type, const struct cmdline *c, const struct say *say);
