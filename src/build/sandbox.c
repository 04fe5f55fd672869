// SPDX-License-Identifier: GPL-2.0-or-later
// Processes of the sandbox: the clone with its namespaces and id maps, pid 1 that reaps and reports, and pid
// 2 that gives everything up and becomes the builder. How it ended travels over one pipe that only pid 1
// holds.
#include "build/sandbox-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/syscalls.h"
#include "build/uidpool.h"

#define SANDBOX_NAMESPACES (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS)

// What pid 1 writes into the status pipe: a wait status, or why there is no builder.
// REPORT_NO_OVERLAY: an error that the caller may find a way around.
enum report_kind { REPORT_STATUS = 'S', REPORT_ERROR = 'E', REPORT_NO_OVERLAY = 'O' };

// Lines 'INSIDE OUTSIDE COUNT'.
bool sandbox_id_mapped(const char *map_path, uint64_t id)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_strv_ char **lines = NULL;
	_cleanup_err_ struct err e = {0};

	if (fs_read(map_path, 0, &b, &e) < 0)
		return false;
	lines = strv_split(buf_str(&b), "\n");
	strv_for_each (line, lines) {
		unsigned long long inside, outside, count;
		if (sscanf(line, "%llu %llu %llu", &inside, &outside, &count) == 3 && id >= inside &&
		        id - inside < count)
			return true;
	}
	return false;
}

void sandbox_ids(struct sandbox_ids *ret)
{
	const uint64_t last = UIDPOOL_START + (UIDPOOL_SLOTS - 1) * UIDPOOL_EACH;
	bool foreign = geteuid() == 0 && sandbox_id_mapped("/proc/self/uid_map", UIDPOOL_START) &&
	               sandbox_id_mapped("/proc/self/gid_map", UIDPOOL_START) &&
	               sandbox_id_mapped("/proc/self/uid_map", last) &&
	               sandbox_id_mapped("/proc/self/gid_map", last);

	*ret = (struct sandbox_ids){
	        .uid = foreign ? UIDPOOL_START : geteuid(),
	        .gid = foreign ? UIDPOOL_START : getegid(),
	        .own = !foreign,
	};
}

static void report_error(int fd, const struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err ignored = {0};

	buf_addc(&b, e->code == -EOPNOTSUPP ? REPORT_NO_OVERLAY : REPORT_ERROR);
	buf_adds(&b, e->msg ? e->msg : "no reason given");
	buf_addc(&b, '\0'); // pid 1 writes its status behind it
	fs_write_all(fd, b.data, b.len, "status", &ignored);
}

static void report_status(int fd, int status)
{
	char msg[1 + sizeof(status)] = {REPORT_STATUS};
	_cleanup_err_ struct err ignored = {0};

	memcpy(msg + 1, &status, sizeof(status));
	fs_write_all(fd, msg, sizeof(msg), "status", &ignored);
}

static int child_loopback_up(struct err *e)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};

	if (fd < 0)
		return err_sys(e, errno, "opening a socket in the sandbox");
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		return err_sys(e, errno, "bringing the loopback interface up");
	return 0;
}

static int child_set_ids(const struct sandbox_spec *spec, struct err *e)
{
	// An ordinary user may not drop groups in a user namespace; they are unmapped then.
	if (!spec->ids.own && setgroups(0, NULL) < 0)
		return err_sys(e, errno, "dropping the supplementary groups");
	if (setresgid(SANDBOX_GID, SANDBOX_GID, SANDBOX_GID) < 0 ||
	        setresuid(SANDBOX_UID, SANDBOX_UID, SANDBOX_UID) < 0)
		return err_sys(e, errno, "becoming the build user");
	// A change of ids clears both.
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return err_sys(e, errno, "prctl");
	return 0;
}

// Also past the exec, which takes it from the ambient set.
static int child_keep_override(struct __user_cap_header_struct *head, struct err *e)
{
	const unsigned bit = CAP_TO_MASK(CAP_DAC_OVERRIDE);
	struct __user_cap_data_struct data[2] = {{bit, bit, bit}};

	if (syscall(SYS_capset, head, data) < 0 ||
	        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0) < 0)
		return err_sys(e, errno, "dropping capabilities");
	return 0;
}

static int child_drop_caps(const struct sandbox_spec *spec, struct err *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, errno, "setting no_new_privs");
	if (spec->writes_read_only)
		return child_keep_override(&head, e);
	if (syscall(SYS_capset, &head, data) < 0)
		return err_sys(e, errno, "dropping capabilities");
	return 0;
}

static int child_names(const struct sandbox_spec *spec, struct err *e)
{
	static const char host[] = "localhost", domain[] = "(none)";

	if (sethostname(host, sizeof(host) - 1) < 0 || setdomainname(domain, sizeof(domain) - 1) < 0)
		return err_sys(e, errno, "setting the host name of the sandbox");
	return spec->network ? 0 : child_loopback_up(e);
}

// By the system call: signal() refuses 32 and 33, which are libc's own, and a caller may have left them
// ignored.
static void child_default_signals(void)
{
	static const unsigned long kernel_default[8]; // a struct sigaction of the kernel's, with room to
	                                              // spare: SIG_DFL, no flags

	for (int sig = 1; sig < NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, kernel_default, NULL, (NSIG - 1) / 8);
}

// Signals, limits and descriptors as a freshly booted machine would have them.
static int child_clean_process(const struct sandbox_spec *spec, struct err *e)
{
	struct rlimit no_core = {0};
	sigset_t none;

	child_default_signals();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	if (setrlimit(RLIMIT_CORE, &no_core) < 0)
		return err_sys(e, errno, "setting limits");
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return err_sys(e, errno, "opening /dev/null");
	if (dup2(null, 0) < 0 || dup2(spec->log_fd, 1) < 0 || dup2(spec->log_fd, 2) < 0)
		return err_sys(e, errno, "dup2");
	return 0;
}

static void child_personality(const struct sandbox_spec *spec)
{
	unsigned long p = PER_LINUX;

#if defined(__x86_64__)
	if (spec->system && str_eq(spec->system, "i686-linux"))
		p = PER_LINUX32;
#endif
	// Addresses must not get into outputs; a kernel that refuses leaves them random.
	personality(p | ADDR_NO_RANDOMIZE);
}

// The builder itself (pid 2). Reports only what keeps it from running.
static _noreturn_ void child_builder(const struct sandbox_spec *spec, int status_fd)
{
	_cleanup_err_ struct err e = {0};

	child_personality(spec);
	if (child_drop_caps(spec, &e) < 0 || sandbox_confine(spec, &e) < 0 ||
	        (spec->filter && sandbox_filter_load(spec->filter, &e) < 0)) {
		report_error(status_fd, &e);
		_exit(1);
	}
	if (!spec->program) {
		close(status_fd);
		_exit(spec->run(spec->run_ctx));
	}
	syscall_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	execve(spec->program, spec->argv, spec->env);
	err_sys(&e, errno, "executing '%s'", spec->program);
	report_error(status_fd, &e);
	_exit(1);
}

// pid 1: waits for the builder, reaps whatever else dies here.
static _noreturn_ void child_init(pid_t builder, int status_fd)
{
	int status;

	syscall_close_range(0, (unsigned)status_fd - 1, 0);
	for (;;) {
		pid_t pid = wait(&status);
		if (pid == builder)
			break;
		if (pid < 0 && errno != EINTR)
			_exit(1);
	}
	report_status(status_fd, status);
	_exit(0);
}

// The first descriptor from fd on that is kept: the log, the status pipe, the layers of overlays.
static unsigned child_next_kept(const struct sandbox_spec *spec, int status_fd, unsigned fd)
{
	unsigned next = ~0U; // as are closed ones, -1

	if ((unsigned)spec->log_fd >= fd)
		next = MIN(next, (unsigned)spec->log_fd);
	if ((unsigned)status_fd >= fd)
		next = MIN(next, (unsigned)status_fd);
	for (size_t i = 0; i < spec->n_overlays; i++) {
		if ((unsigned)spec->overlays[i].lower_tree >= fd)
			next = MIN(next, (unsigned)spec->overlays[i].lower_tree);
	}
	return next;
}

// Everything but the kept descriptors goes: locks and databases of the parent must not live on in here.
static void child_close_others(const struct sandbox_spec *spec, int status_fd)
{
	for (unsigned fd = 3, kept; fd; fd = kept + 1) {
		kept = child_next_kept(spec, status_fd, fd);
		if (kept > fd)
			syscall_close_range(fd, kept == ~0U ? ~0U : kept - 1, 0);
	}
}

// The death signal is off for a moment while ids change: whoever died then left a status pipe without a
// reader.
static bool child_is_orphan(int status_fd)
{
	struct pollfd p = {.fd = status_fd, .events = POLLOUT};

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

// Start and end of the words and the variables that we were started with (proc(5), fields 48 to 51 of stat).
static int child_start_block(unsigned long *ret_from, unsigned long *ret_to, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	unsigned long args, args_end, env;
	int r = fs_read("/proc/self/stat", 0, &b, e);
	const char *p = r < 0 ? NULL : strrchr(buf_str(&b), ')'); // what is before may have spaces

	for (int field = 3; p && field <= 48; field++)
		p = (p = strchr(p, ' ')) ? p + 1 : NULL;
	if (r == 0 && (!p || sscanf(p, "%lu %lu %lu %lu", &args, &args_end, &env, ret_to) != 4))
		return err_set(e, -EIO, "'/proc/self/stat' has not the fields that it should have");
	*ret_from = r < 0 ? 0 : args;
	return r;
}

// The caller's words and variables are in our memory, where /proc/PID/cmdline and environ show them.
static int child_forget_caller(struct err *e)
{
	static char *none[] = {NULL};
	unsigned long from = 0, to = 0;
	int r = child_start_block(&from, &to, e);

	if (r < 0)
		return r;
	for (char **v = environ; v && *v; v++)
		memset(*v, 0, strlen(*v));
	environ = none;
	if (from < to)
		memset((void *)from, 0, to - from);
	return 0;
}

static int child_setup(const struct sandbox_spec *spec, struct err *e)
{
	struct sandbox_root *root = NULL;
	int r;

	// Not at the clone: the group that we are put into is to be the root of what can be seen.
	if (unshare(CLONE_NEWCGROUP) < 0)
		return err_sys(e, errno, "hiding the control groups of the host");
	r = child_forget_caller(e);
	if (r == 0)
		r = sandbox_root_open(spec, &root, e);
	if (r == 0)
		r = child_set_ids(spec, e);
	if (r == 0) {
		sandbox_shown_open(spec);
		r = child_names(spec, e);
	}
	if (r == 0)
		r = sandbox_root_enter(root, spec, e);
	return r < 0 ? r : child_clean_process(spec, e);
}

static _noreturn_ void child_main(const struct sandbox_spec *spec, int sync_fd, int status_fd)
{
	_cleanup_err_ struct err e = {0};
	char go;

	// Either the parent's death kills us from here on, or the pipe below ends without a byte.
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (read(sync_fd, &go, 1) != 1)
		_exit(1);
	child_close_others(spec, status_fd);
	setsid();
	if (child_setup(spec, &e) < 0) {
		report_error(status_fd, &e);
		_exit(1);
	}
	if (child_is_orphan(status_fd))
		_exit(1);
	pid_t pid = fork();
	if (pid < 0) {
		err_sys(&e, errno, "fork in the sandbox");
		report_error(status_fd, &e);
		_exit(1);
	}
	if (pid == 0)
		child_builder(spec, status_fd);
	child_init(pid, status_fd);
}

static int parent_write_map(pid_t pid, const char *file, const char *text, struct err *e)
{
	char path[64];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return err_sys(e, errno, "writing '%s' (the users of the sandbox)", path);
	return 0;
}

static int parent_map_ids(pid_t pid, const struct sandbox_spec *spec, struct err *e)
{
	const struct sandbox_ids *ids = &spec->ids;
	char uid_map[64], gid_map[64];
	int r = 0;

	snprintf(uid_map, sizeof(uid_map), "%u %u 1", SANDBOX_UID, ids->uid);
	snprintf(gid_map, sizeof(gid_map), "%u %u 1", SANDBOX_GID, ids->gid);
	if (ids->own)
		r = parent_write_map(pid, "setgroups", "deny", e);
	if (r == 0)
		r = parent_write_map(pid, "uid_map", uid_map, e);
	if (r == 0)
		r = parent_write_map(pid, "gid_map", gid_map, e);
	return r;
}

// clone3(2): what headers of older kernels lack of it.
struct clone_args_v2 {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
	        set_tid_size, cgroup;
};
#define CLONE_ARGS_INTO_CGROUP 0x200000000ull

// Into a group at once: to be moved there later would have the whole machine's tasks wait for each other.
static pid_t sandbox_clone(unsigned long flags, int cgroup_fd)
{
	struct clone_args_v2 args = {
	        .flags = flags | CLONE_ARGS_INTO_CGROUP,
	        .exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD, // else that of the parent, the same
	        .cgroup = (uint64_t)cgroup_fd,
	};
	pid_t pid = cgroup_fd < 0 ? -1 : (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid >= 0)
		return pid;
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

static bool sandbox_is_alone(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) == 0 && st.st_nlink == 3; // '.', '..' and one thread
}

// The child works on with the C library (it allocates, it runs builtins). After clone(2) as such, a lock that
// another thread of ours held stays shut in the child for ever; after fork(3) it does not, for the library
// sees to its own. So clone(2) is only called by a process of one thread: us, or, when there are more
// (evaluation runs in one of its own), a child made by fork, which makes the sandbox in our name
// (CLONE_PARENT) and ends. Returns 0 in the child, its pid in the parent, or -1 with errno.
static pid_t sandbox_fork(unsigned long flags, int cgroup_fd)
{
	int answer[2], status;

	if (sandbox_is_alone())
		return sandbox_clone(flags, cgroup_fd);
	if (pipe2(answer, O_CLOEXEC) < 0)
		return -1;
	pid_t middle = fork(), pid = -1;
	if (middle == 0) {
		pid = sandbox_clone(flags | CLONE_PARENT, cgroup_fd);
		if (pid == 0) {
			close(answer[0]);
			close(answer[1]);
			return 0;
		}
		pid = pid < 0 ? -errno : pid;
		_exit(write(answer[1], &pid, sizeof(pid)) != sizeof(pid));
	}
	int errnum = middle < 0 ? errno : EIO;
	close(answer[1]);
	while (middle > 0 && waitpid(middle, &status, 0) < 0 && errno == EINTR)
		;
	if (middle > 0 && read(answer[0], &pid, sizeof(pid)) != sizeof(pid))
		pid = -1;
	close(answer[0]);
	errno = pid < -1 ? -pid : errnum;
	return pid < 0 ? -1 : pid;
}

static int sandbox_clone_error(int errnum, struct err *e)
{
	// ENOSPC has nothing to do with disks here (clone(2)).
	bool limit = errnum == ENOSPC || errnum == EUSERS;

	err_set(e, limit ? -EPERM : -errnum, "making the namespaces of the sandbox: %s",
	        limit ? "no more of them are allowed" : strerror(errnum));
	if (limit || errnum == EPERM)
		err_hint(e,
		        "builds need user namespaces: see sysctl kernel.unprivileged_userns_clone, "
		        "kernel.apparmor_restrict_unprivileged_userns and user.max_user_namespaces. "
		        "In a chroot Linux allows none: enter the tree with systemd-nspawn or pivot_root.");
	return e->code;
}

// The pipes of one child; -1 where closed or handed on.
struct sandbox_pipes {
	int sync[2], status[2];
};

static void pipes_close(struct sandbox_pipes *p)
{
	for (size_t i = 0; i < 2; i++) {
		if (p->sync[i] >= 0)
			close(p->sync[i]);
		if (p->status[i] >= 0)
			close(p->status[i]);
	}
}

static int pipes_open(struct sandbox_pipes *p, struct err *e)
{
	*p = (struct sandbox_pipes){{-1, -1}, {-1, -1}};
	if (pipe2(p->sync, O_CLOEXEC) < 0 || pipe2(p->status, O_CLOEXEC) < 0) {
		int errnum = errno;
		pipes_close(p);
		return err_sys(e, errnum, "pipe");
	}
	return 0;
}

int sandbox_start(const struct sandbox_spec *spec, struct sandbox_proc *ret, struct err *e)
{
	struct sandbox_pipes p;
	int pidfd = -1, r = sandbox_overlay_prepare(spec, e);

	if (r < 0)
		return r;
	r = pipes_open(&p, e);
	if (r < 0) {
		sandbox_overlay_close(spec);
		return r;
	}
	_cleanup_close_ int cgroup_fd =
	        spec->cgroup ? open(spec->cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	pid_t pid = sandbox_fork(SANDBOX_NAMESPACES | (spec->network ? 0 : CLONE_NEWNET), cgroup_fd);
	if (pid < 0) {
		r = sandbox_clone_error(errno, e);
		sandbox_overlay_close(spec);
		pipes_close(&p);
		return r;
	}
	if (pid == 0) {
		close(p.sync[1]); // of a parent that died nothing is left but an end of this pipe
		child_main(spec, p.sync[0], p.status[1]);
	}
	sandbox_overlay_close(spec);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	r = pidfd < 0 ? err_sys(e, errno, "watching the sandbox") : parent_map_ids(pid, spec, e);
	if (r == 0 && write(p.sync[1], "g", 1) != 1)
		r = err_sys(e, errno, "letting the sandbox go on");
	if (r < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		if (pidfd >= 0)
			close(pidfd);
		pipes_close(&p);
		return r;
	}
	*ret = (struct sandbox_proc){pid, pidfd, TAKE_FD(p.status[0])};
	pipes_close(&p);
	return 0;
}

static _noreturn_ void plain_child(const struct sandbox_spec *spec, int status_fd)
{
	_cleanup_err_ struct err e = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	child_close_others(spec, status_fd);
	setsid();
	if (child_clean_process(spec, &e) < 0) {
		report_error(status_fd, &e);
		_exit(1);
	}
	int code = spec->run(spec->run_ctx);
	report_status(status_fd, (code & 0xff) << 8);
	_exit(0);
}

int sandbox_start_plain(const struct sandbox_spec *spec, struct sandbox_proc *ret, struct err *e)
{
	struct sandbox_pipes p;
	int pidfd = -1, r = pipes_open(&p, e);

	if (r < 0)
		return r;
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(1);
		plain_child(spec, p.status[1]);
	}
	if (pid > 0)
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		r = err_sys(e, errno, "starting a process");
		if (pid > 0) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		pipes_close(&p);
		return r;
	}
	*ret = (struct sandbox_proc){pid, pidfd, TAKE_FD(p.status[0])};
	pipes_close(&p);
	return 0;
}

void sandbox_kill(const struct sandbox_proc *p)
{
	// The plain child leads a process group; pid 1 of a sandbox takes its namespace along.
	kill(-p->pid, SIGKILL);
	kill(p->pid, SIGKILL);
}

int sandbox_reap(struct sandbox_proc *p, int *ret_status, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err read_err = {0};
	int status = 0;

	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	int r = fs_read_fd(p->status_fd, "status of the sandbox", 1 << 20, &b, &read_err);
	close(p->status_fd);
	close(p->pidfd);
	*p = (struct sandbox_proc){-1, -1, -1};
	if (r == 0 && b.len && b.data[0] == REPORT_ERROR)
		return err_set(e, -EIO, "%s", b.data + 1);
	if (r == 0 && b.len && b.data[0] == REPORT_NO_OVERLAY)
		return err_set(e, -EOPNOTSUPP, "%s", b.data + 1);
	if (r == 0 && b.len == 1 + sizeof(status) && b.data[0] == REPORT_STATUS)
		memcpy(&status, b.data + 1, sizeof(status));
	*ret_status = status; // of pid 1 itself, when it was killed before it could report
	return 0;
}
