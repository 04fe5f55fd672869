// SPDX-License-Identifier: GPL-2.0-or-later
// What keeps a builder from its machine beyond namespaces: a session keyring of its own, and, where it keeps
// the host's network (fixed outputs), nothing through which a process outside could be given a descriptor or
// give one. Sockets of the abstract namespace belong to a network namespace, so that builders and strangers
// share them there (CVE-2024-27297). Two things shut that, either is enough for what it covers:
//   - Landlock's scopes (kernel 6.12 on): no connection to an abstract socket, and no signal, out of the
//   sandbox;
//   - a system call filter, on every kernel: no Unix sockets but pairs that are connected for good. So nobody
//     can connect to the builder either, which Landlock would allow.
// What the filter takes away is small: programs that find no Unix sockets use others (libc without nscd, git,
// curl), but gpg's helpers and their like do not run in builders with a network.
#include "build/sandbox-impl.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/macro.h"

// landlock(7), of headers younger than some that we are built with.
#define CONFINE_LANDLOCK_CREATE_RULESET 444
#define CONFINE_LANDLOCK_RESTRICT_SELF  446
#define CONFINE_LANDLOCK_VERSION        1u // flag: which ABI there is
#define CONFINE_SCOPE_ABSTRACT_UNIX     1u
#define CONFINE_SCOPE_SIGNAL            2u

struct confine_ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

int sandbox_landlock_abi(void)
{
	long abi = syscall(CONFINE_LANDLOCK_CREATE_RULESET, NULL, (size_t)0, CONFINE_LANDLOCK_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

// A kernel without it, or with it turned off, is no error: the filter below is there.
static int confine_landlock(struct err *e)
{
	const struct confine_ruleset set = {.scoped = CONFINE_SCOPE_ABSTRACT_UNIX | CONFINE_SCOPE_SIGNAL};

	if (sandbox_landlock_abi() < 6)
		return 0;
	_cleanup_close_ int fd = (int)syscall(CONFINE_LANDLOCK_CREATE_RULESET, &set, sizeof(set), 0u);
	if (fd < 0 || syscall(CONFINE_LANDLOCK_RESTRICT_SELF, fd, 0u) < 0)
		return err_sys(e, errno, "confining the builder with Landlock");
	return 0;
}

// Numbers of system calls by architecture; the kernel of this machine runs no others. -1: there is none.
struct confine_arch {
	uint32_t arch;
	int socket, socketpair, socketcall;
};

static const struct confine_arch confine_arches[] = {
#if defined(__x86_64__)
        {AUDIT_ARCH_X86_64, 41, 53, -1},
#endif
#if defined(__x86_64__)
        {AUDIT_ARCH_I386, 359, 360, 102},
#elif defined(__i386__)
        // Its C library asks for every socket by socketcall: without it there is no network at all.
        // Landlock's
        // scopes and the copy of what is left over (output.c) have to do.
        {AUDIT_ARCH_I386, 359, 360, -1},
#endif
#if defined(__aarch64__)
        {AUDIT_ARCH_AARCH64, 198, 199, -1},
#endif
#if defined(__aarch64__) || defined(__arm__)
        {AUDIT_ARCH_ARM, 281, 288, 102},
#endif
#if defined(__riscv)
        {AUDIT_ARCH_RISCV64, 198, 199, -1},
#endif
};

#define CONFINE_IO_URING_SETUP 425         // on all of them: it makes sockets past a filter
#define CONFINE_X32            0x40000000u // bit of the numbers of x32
#define CONFINE_TYPE_MASK      0xfu        // of a socket's type; the rest are flags
#define CONFINE_CODE           20          // instructions for one architecture

#define FIELD(name)     (uint32_t) offsetof(struct seccomp_data, name)
#define LOAD(offset)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define AND(mask)       BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask)
#define UNLESS(k, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(k), 0, skip)
#define WHEN(k, skip)   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(k), skip, 0)
#define REFUSE(errnum)  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (errnum))
#define ALLOW           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
// The low half of an argument: the kernel takes an int.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARG(n) LOAD(FIELD(args) + 8 * (n))
#else
#define ARG(n) LOAD(FIELD(args) + 8 * (n) + 4)
#endif

static void confine_arch_code(const struct confine_arch *a, struct sock_filter *ret)
{
	const struct sock_filter code[CONFINE_CODE] = {
	        LOAD(FIELD(arch)),
	        UNLESS(a->arch, 18),
	        LOAD(FIELD(nr)),
	        AND(~CONFINE_X32),
	        UNLESS(CONFINE_IO_URING_SETUP, 1),
	        REFUSE(ENOSYS),
	        UNLESS(a->socketcall, 1),
	        REFUSE(ENOSYS), // its arguments cannot be seen
	        WHEN(a->socket, 2),
	        WHEN(a->socketpair, 4),
	        ALLOW,
	        ARG(0),
	        UNLESS(AF_UNIX, 6),
	        REFUSE(EAFNOSUPPORT),
	        ARG(1),
	        AND(CONFINE_TYPE_MASK),
	        WHEN(SOCK_STREAM, 2),
	        WHEN(SOCK_SEQPACKET, 1),
	        REFUSE(EPROTONOSUPPORT), // datagram pairs can be taken apart and bound; the others cannot
	        ALLOW,
	};

	for (size_t i = 0; i < ARRAY_SIZE(code); i++)
		ret[i] = code[i];
}

static int confine_sockets(struct err *e)
{
	struct sock_filter code[ARRAY_SIZE(confine_arches) * CONFINE_CODE + 1];

	for (size_t i = 0; i < ARRAY_SIZE(confine_arches); i++)
		confine_arch_code(&confine_arches[i], code + i * CONFINE_CODE);
	code[ARRAY_SIZE(code) - 1] = (struct sock_filter)REFUSE(ENOSYS);
	const struct sock_fprog prog = {.len = ARRAY_SIZE(code), .filter = code};
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &prog) < 0)
		return err_sys(e, errno, "loading the filter of sockets");
	return 0;
}

int sandbox_confine(const struct sandbox_spec *spec, struct err *e)
{
	uint64_t processes = spec->limits.processes ? spec->limits.processes : SANDBOX_PROCESSES;
	struct rlimit now;

	// Keys of the caller's session are neither seen nor used. A kernel without keys, or a user with too
	// many, is no error: the filter of system calls refuses them all.
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	// Of a user that is this build's alone; else the caller's other processes would count.
	if (!spec->ids.own && processes != UINT64_MAX && getrlimit(RLIMIT_NPROC, &now) == 0) {
		now.rlim_max = MIN(now.rlim_max, (rlim_t)processes);
		now.rlim_cur = MIN(now.rlim_cur, now.rlim_max);
		if (setrlimit(RLIMIT_NPROC, &now) < 0)
			return err_sys(e, errno, "limiting the processes of the builder");
	}
	if (!spec->network)
		return 0;
	int r = confine_landlock(e);
	return r < 0 ? r : confine_sockets(e);
}
