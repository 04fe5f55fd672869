// SPDX-License-Identifier: GPL-2.0-or-later
// How a probe's command is run. A watcher process starts the shell and traces it and all that it starts
// (ptrace(2)), only to see how each of them ends: no exit status that the shell passes on tells a compiler
// that was killed from one that said no. Where tracing is refused the command runs all the same, and what it
// answers counts as an answer.
#include "kconfig/probe-run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "kconfig/kconfig.h"

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Reads until the end of the output or the deadline. What is beyond PROBE_RESULT_MAX is dropped.
static int drain(int fd, struct buf *out, int timeout_ms)
{
	int64_t deadline = now_ms() + timeout_ms;
	char chunk[8192];

	for (;;) {
		int64_t left = deadline - now_ms();
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		if (left <= 0)
			return -ETIMEDOUT;
		int r = poll(&pfd, 1, (int)left);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r <= 0)
			continue;
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0 && out->len < PROBE_RESULT_MAX)
			buf_add(out, chunk, MIN((size_t)n, PROBE_RESULT_MAX - out->len));
	}
}

// The shell itself: waits until it is traced, then becomes sh. Between fork and exec only system calls.
_Noreturn static void become_shell(const char *cmd, char *const *env, int out_fd)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)cmd, NULL};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(out_fd, 1);
	if (null >= 0)
		dup2(null, 0);
	raise(SIGSTOP);
	execve("/bin/sh", argv, env);
	_exit(127);
}

// One report of waitpid about a traced process; it goes on, with the signal that it was to get. Stops that
// are the tracer's own are no signals.
static void let_go_on(pid_t pid, int status)
{
	int sig = WSTOPSIG(status);

	if (status >> 16 || sig == SIGTRAP || sig == SIGSTOP)
		sig = 0;
	ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)sig);
}

// Until nothing is left. A pipe's writer may be ended by SIGPIPE: that is an ordinary end.
static int watch_all(void)
{
	int status, seen = 0;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return seen;
		if (WIFSTOPPED(status))
			let_go_on(pid, status);
		else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE)
			seen = WTERMSIG(status);
	}
}

// The watcher: its exit status is the signal that ended a process of the command, 0 where none did.
_Noreturn static void watch(const char *cmd, char *const *env, int out_fd)
{
	long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	int status;

	setpgid(0, 0);
	pid_t pid = fork();
	if (pid < 0)
		_exit(255);
	if (pid == 0)
		become_shell(cmd, env, out_fd);
	close(out_fd);
	while (waitpid(pid, &status, WUNTRACED) < 0 && errno == EINTR)
		;
	bool traced = ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) == 0;
	kill(pid, SIGCONT);
	if (traced)
		_exit(watch_all());
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

static int reap(pid_t pid, bool kill_it, int *ret_status)
{
	if (kill_it)
		kill(-pid, SIGKILL);
	while (waitpid(pid, ret_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int probe_run(const char *cmd, char *const *env, const struct kconfig_place *place, const char *dir,
        int timeout_ms, struct buf *out, struct probe_end *ret, struct err *e)
{
	_cleanup_close_ int rd = -1, wr = -1;
	int fds[2], status = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, errno, "pipe");
	rd = fds[0];
	wr = fds[1];
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(e, errno, "cannot run sh");
	if (pid == 0) {
		if ((place && place->enter(place->ctx) < 0) || (dir && chdir(dir) < 0))
			_exit(255);
		watch(cmd, env, wr);
	}
	setpgid(pid, pid); // whoever is first: it may have to be killed before it has come that far
	close(TAKE_FD(wr));
	int r = drain(rd, out, timeout_ms);
	int r2 = reap(pid, r < 0, &status);
	if (r == -ETIMEDOUT)
		return err_set(e, r, "the command did not end within %d s", timeout_ms / 1000);
	if (r < 0 || r2 < 0)
		return err_sys(e, r < 0 ? -r : -r2, "cannot read from the command");
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 255)
		return err_set(e, -ECHILD, "cannot run sh");
	ret->signal = WEXITSTATUS(status);
	return 0;
}
