// SPDX-License-Identifier: GPL-2.0-or-later
// The boot test: a kernel and its initrd are started in QEMU with disposable disks of the kind that the
// initrd looks for, until stage 2 begins. Nothing of the machine's own disks, device mapper or boot files is
// used.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct boottest_input {
	const char *kernel, *initrd; // real names; initrd NULL: there is none
	const char *params;          // the command line of the entry, with init=
	const char *system;          // "x86_64-linux"; "" or NULL: this machine's
	char *const *builtin;        // modules that are built into the kernel
	bool builtin_known;
	uint64_t limit_s;       // 0: as it is usual, by what runs the guest
	void (*on_start)(void); // called before a guest starts; may be NULL
	const char *state_dir;  // where results are kept: a folder that only its user may write to
};

enum boottest_outcome {
	BOOTTEST_PASSED,
	BOOTTEST_KEPT, // it passed another time
	BOOTTEST_FAILED,
	BOOTTEST_SKIPPED, // it could not be tested
	BOOTTEST_ENDED,   // by a signal, which is ours to take after all is cleaned up
};

// Owned strings.
struct boottest_result {
	enum boottest_outcome outcome;
	char *why;     // failed, skipped: one line
	char *with;    // "KVM, root: ext4 with LUKS"
	char *note;    // how the root differs from the real one, or NULL
	char *console; // failed: the last lines
	double seconds;
	int signal; // ended
};

// An error is one of ours (no temporary folder); what the kernel does is the result.
int boottest_run(const struct boottest_input *in, struct boottest_result *ret, struct err *e);
void boottest_result_release(struct boottest_result *r);
#define _cleanup_boottest_ _cleanup_(boottest_result_release)
