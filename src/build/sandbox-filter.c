// SPDX-License-Identifier: GPL-2.0-or-later
// The system call filter of the sandbox: rows of calls and what they get, compiled through libseccomp to one
// BPF program that every build loads as it is.
#include "build/sandbox-impl.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

struct sandbox_filter {
	struct buf code; // of struct sock_filter
};

// mode_arg: which argument is a file mode that must not have the setuid or setgid bit; -1: the call as such
// is refused. number: of calls that are younger than libseccomp may be (they have one number on all
// architectures): where it does not know them, they do not exist for the builder (ENOSYS; the C library falls
// back to older ones).
struct filter_row {
	const char *call;
	int mode_arg;
	int error;
	int number;
};

static const struct filter_row filter_rows[] = {
        {"chmod", 1, EPERM},
        {"fchmod", 1, EPERM},
        {"fchmodat", 2, EPERM},
        {"fchmodat2", 2, EPERM, 452},
        {"setxattr", -1, ENOTSUP},
        {"lsetxattr", -1, ENOTSUP},
        {"fsetxattr", -1, ENOTSUP},
        {"setxattrat", -1, ENOTSUP, 463},
        // Keys are the machine's: request_key even starts a program of it, as root.
        {"add_key", -1, ENOSYS},
        {"request_key", -1, ENOSYS},
        {"keyctl", -1, ENOSYS},
};

static const uint32_t filter_arches[] = {
#if defined(__x86_64__)
        SCMP_ARCH_X86,
        SCMP_ARCH_X32,
#elif defined(__aarch64__)
        SCMP_ARCH_ARM,
#else
        0,
#endif
};

static int filter_add_row(scmp_filter_ctx ctx, const struct filter_row *row)
{
	int nr = seccomp_syscall_resolve_name(row->call);

	if (nr == __NR_SCMP_ERROR)
		return 0;
	if (row->mode_arg < 0)
		return seccomp_rule_add(ctx, SCMP_ACT_ERRNO((uint32_t)row->error), nr, 0);
	static const mode_t bits[] = {S_ISUID, S_ISGID};
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		int r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO((uint32_t)row->error), nr, 1,
		        SCMP_CMP((unsigned)row->mode_arg, SCMP_CMP_MASKED_EQ, bits[i], bits[i]));
		if (r < 0)
			return r;
	}
	return 0;
}

// Goes before the program of libseccomp.
static void filter_add_young(struct buf *code)
{
	const struct sock_filter load_nr =
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));

	buf_add(code, &load_nr, sizeof(load_nr));
	for (size_t i = 0; i < ARRAY_SIZE(filter_rows); i++) {
		const struct filter_row *row = &filter_rows[i];
		if (!row->number || seccomp_syscall_resolve_name(row->call) != __NR_SCMP_ERROR)
			continue;
		const struct sock_filter refuse[] = {
		        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)row->number, 0, 1),
		        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		};
		buf_add(code, refuse, sizeof(refuse));
	}
}

static int filter_compile(scmp_filter_ctx ctx, struct buf *code, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(filter_arches); i++) {
		if (filter_arches[i])
			seccomp_arch_add(ctx, filter_arches[i]); // one that is missing is no harm
	}
	// Calls of other architectures get through: the store drops setuid bits once more itself.
	seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	for (size_t i = 0; i < ARRAY_SIZE(filter_rows); i++) {
		int r = filter_add_row(ctx, &filter_rows[i]);
		if (r < 0)
			return err_sys(e, -r, "adding '%s' to the system call filter", filter_rows[i].call);
	}
	_cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "memfd_create");
	int r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return err_sys(e, -r, "compiling the system call filter");
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, errno, "lseek");
	filter_add_young(code);
	return fs_read_fd(fd, "system call filter", 0, code, e);
}

int sandbox_filter_new(struct sandbox_filter **ret, struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (!ctx)
		return err_set(e, -ENOMEM, "making a system call filter failed");
	struct sandbox_filter *f = NEW(struct sandbox_filter);
	int r = filter_compile(ctx, &f->code, e);
	seccomp_release(ctx);
	if (r < 0) {
		sandbox_filter_free(f);
		return r;
	}
	*ret = f;
	return 0;
}

void sandbox_filter_free(struct sandbox_filter *f)
{
	if (!f)
		return;
	buf_release(&f->code);
	mem_free(f);
}

int sandbox_filter_load(const struct sandbox_filter *f, struct err *e)
{
	struct sock_fprog prog = {
	        .len = (unsigned short)(f->code.len / sizeof(struct sock_filter)),
	        .filter = (struct sock_filter *)f->code.data,
	};
	// SPEC_ALLOW: builders are not each other's enemies inside one process; without it older kernels slow
	// every branch of the compiler down.
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &prog) < 0)
		return err_sys(e, errno, "loading the system call filter");
	return 0;
}
