// SPDX-License-Identifier: GPL-2.0-or-later
// Which system calls can fail in which way (inject-calls.c has the tables; what the man pages say is
// possible), and their names.
#pragma once

#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/user.h>

#ifndef SYS_openat2 // headers before Linux 5.6
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2 // before 5.8
#define SYS_faccessat2 439
#endif

enum fault_kind { FAULT_COUNT, FAULT_KILL, FAULT_KILL_MAIN, FAULT_SHORT, FAULT_ERRNO };
struct fault {
	const char *name;
	enum fault_kind kind;
	int error;
	const long *calls; // ended by -1; NULL: all
};

const struct fault *fault_find(const char *name);
// Some calls fit only with some arguments: openat makes a file only with O_CREAT, fcntl waits only with
// F_SETLKW.
bool fault_fits(const struct fault *fault, const struct user_regs_struct *regs);
// The register with the length of what is read or written.
unsigned long long *fault_length(struct user_regs_struct *regs);
const char *fault_call_name(long call);
