// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of inject: faults, the calls that each of them fits, names of calls.
#include "inject-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define CALLS(...) ((const long[]){__VA_ARGS__, -1})
#define READS      SYS_read, SYS_pread64, SYS_readv, SYS_getdents64, SYS_readlink, SYS_readlinkat
#define STATS                                                                                                \
	SYS_stat, SYS_lstat, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_access, SYS_faccessat,                \
	        SYS_faccessat2, SYS_statfs, SYS_fstatfs
#define OPENS  SYS_open, SYS_openat, SYS_openat2, SYS_creat
#define WRITES SYS_write, SYS_pwrite64, SYS_writev, SYS_copy_file_range, SYS_sendfile
#define NAMES_MADE                                                                                           \
	SYS_mkdir, SYS_mkdirat, SYS_symlink, SYS_symlinkat, SYS_link, SYS_linkat, SYS_rename, SYS_renameat,  \
	        SYS_renameat2, SYS_mknod, SYS_mknodat
#define NAMES_GONE SYS_unlink, SYS_unlinkat, SYS_rmdir
#define SYNCS      SYS_fsync, SYS_fdatasync, SYS_syncfs
#define SIZES      SYS_ftruncate, SYS_fallocate
#define MODES                                                                                                \
	SYS_chmod, SYS_fchmod, SYS_fchmodat, SYS_chown, SYS_fchown, SYS_fchownat, SYS_lchown, SYS_utimensat
#define DESCRIPTORS                                                                                          \
	SYS_pipe2, SYS_dup, SYS_dup2, SYS_dup3, SYS_fcntl, SYS_socket, SYS_socketpair, SYS_accept4,          \
	        SYS_epoll_create1, SYS_eventfd2, SYS_signalfd4, SYS_timerfd_create, SYS_memfd_create,        \
	        SYS_pidfd_open
#define WAITS                                                                                                \
	SYS_flock, SYS_fcntl, SYS_wait4, SYS_waitid, SYS_poll, SYS_ppoll, SYS_epoll_wait, SYS_epoll_pwait,   \
	        SYS_nanosleep, SYS_clock_nanosleep, SYS_connect, SYS_accept4, SYS_recvfrom, SYS_recvmsg,     \
	        SYS_sendto, SYS_sendmsg
#define PROCESSES SYS_fork, SYS_vfork, SYS_clone, SYS_clone3

static const struct fault faults[] = {
        {"count", FAULT_COUNT, 0, NULL},
        {"kill", FAULT_KILL, 0, NULL},
        {"kill-main", FAULT_KILL_MAIN, 0, NULL},
        {"short", FAULT_SHORT, 0,
                CALLS(SYS_read, SYS_pread64, SYS_write, SYS_pwrite64, SYS_copy_file_range, SYS_sendfile,
                        SYS_sendto, SYS_recvfrom)},
        {"EIO", FAULT_ERRNO, EIO,
                CALLS(READS, STATS, OPENS, WRITES, NAMES_MADE, NAMES_GONE, SYNCS, SIZES, MODES)},
        {"ENOSPC", FAULT_ERRNO, ENOSPC, CALLS(OPENS, WRITES, NAMES_MADE, SYNCS, SIZES)},
        {"EMFILE", FAULT_ERRNO, EMFILE, CALLS(OPENS, DESCRIPTORS)},
        {"EINTR", FAULT_ERRNO, EINTR,
                CALLS(SYS_read, SYS_pread64, SYS_write, SYS_pwrite64, SYS_copy_file_range, OPENS,
                        SYS_fallocate, WAITS)},
        {"ENOMEM", FAULT_ERRNO, ENOMEM,
                CALLS(SYS_getdents64, SYS_readlink, STATS, OPENS, NAMES_MADE, NAMES_GONE, PROCESSES, SYS_mmap,
                        SYS_brk, SYS_socket, SYS_unshare, SYS_mount)},
        {"EACCES", FAULT_ERRNO, EACCES,
                CALLS(STATS, OPENS, NAMES_MADE, NAMES_GONE, SYS_readlink, SYS_readlinkat)},
};

const struct fault *fault_find(const char *name)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (!strcmp(faults[i].name, name))
			return &faults[i];
	return NULL;
}

static bool is_open(long call)
{
	return call == SYS_open || call == SYS_openat;
}

bool fault_fits(const struct fault *fault, const struct user_regs_struct *regs)
{
	long call = (long)regs->orig_rax;
	unsigned long long flags = call == SYS_open ? regs->rsi : regs->rdx;
	if (fault->kind != FAULT_ERRNO)
		return true;
	if (fault->error == ENOSPC && is_open(call))
		return flags & O_CREAT;
	if (call == SYS_fcntl && fault->error == EMFILE)
		return regs->rsi == F_DUPFD || regs->rsi == F_DUPFD_CLOEXEC;
	if (call == SYS_fcntl)
		return regs->rsi == F_SETLKW || regs->rsi == F_OFD_SETLKW;
	if (call == SYS_mmap)
		return regs->r10 & (MAP_ANONYMOUS | MAP_SHARED);
	return true;
}

unsigned long long *fault_length(struct user_regs_struct *regs)
{
	switch (regs->orig_rax) {
	case SYS_copy_file_range:
		return &regs->r8;
	case SYS_sendfile:
		return &regs->r10;
	default:
		return &regs->rdx;
	}
}

#define NAME(call)                                                                                           \
	{                                                                                                    \
		SYS_##call, #call                                                                            \
	}
static const struct {
	long call;
	const char *name;
} names[] = {
        NAME(read),
        NAME(pread64),
        NAME(readv),
        NAME(getdents64),
        NAME(readlink),
        NAME(readlinkat),
        NAME(stat),
        NAME(lstat),
        NAME(fstat),
        NAME(newfstatat),
        NAME(statx),
        NAME(access),
        NAME(faccessat),
        NAME(faccessat2),
        NAME(open),
        NAME(openat),
        NAME(openat2),
        NAME(write),
        NAME(pwrite64),
        NAME(writev),
        NAME(copy_file_range),
        NAME(sendfile),
        NAME(mkdir),
        NAME(mkdirat),
        NAME(symlink),
        NAME(symlinkat),
        NAME(link),
        NAME(linkat),
        NAME(rename),
        NAME(renameat),
        NAME(renameat2),
        NAME(unlink),
        NAME(unlinkat),
        NAME(rmdir),
        NAME(fsync),
        NAME(fdatasync),
        NAME(syncfs),
        NAME(ftruncate),
        NAME(fallocate),
        NAME(chmod),
        NAME(fchmod),
        NAME(fchmodat),
        NAME(chown),
        NAME(fchown),
        NAME(fchownat),
        NAME(utimensat),
        NAME(pipe2),
        NAME(dup2),
        NAME(dup3),
        NAME(fcntl),
        NAME(socket),
        NAME(socketpair),
        NAME(accept4),
        NAME(epoll_create1),
        NAME(eventfd2),
        NAME(signalfd4),
        NAME(flock),
        NAME(wait4),
        NAME(waitid),
        NAME(poll),
        NAME(ppoll),
        NAME(epoll_wait),
        NAME(nanosleep),
        NAME(clock_nanosleep),
        NAME(connect),
        NAME(recvfrom),
        NAME(recvmsg),
        NAME(sendto),
        NAME(sendmsg),
        NAME(fork),
        NAME(vfork),
        NAME(clone),
        NAME(clone3),
        NAME(mmap),
        NAME(munmap),
        NAME(mprotect),
        NAME(brk),
        NAME(close),
        NAME(lseek),
        NAME(getpid),
        NAME(futex),
        NAME(mount),
        NAME(umount2),
        NAME(unshare),
        NAME(setns),
        NAME(pivot_root),
        NAME(exit_group),
        NAME(execve),
        NAME(rt_sigaction),
        NAME(rt_sigprocmask),
        NAME(getcwd),
        NAME(ioctl),
        NAME(prctl),
        NAME(kill),
};

const char *fault_call_name(long call)
{
	static char number[24];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].call == call)
			return names[i].name;
	snprintf(number, sizeof(number), "call-%ld", call);
	return number;
}
