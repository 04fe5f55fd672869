// SPDX-License-Identifier: GPL-2.0-or-later
// Child processes with captured output, input and a time limit.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

// The child's standard streams; -1 where there is none. failed: why there is no program, as an errno; closed
// by exec without a word.
struct pipes {
	int in[2], out[2], err[2], failed[2];
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pipe_close(int p[2])
{
	for (int i = 0; i < 2; i++) {
		if (p[i] >= 0)
			close(p[i]);
		p[i] = -1;
	}
}

static void pipes_close(struct pipes *p)
{
	pipe_close(p->in);
	pipe_close(p->out);
	pipe_close(p->err);
	pipe_close(p->failed);
}

static int pipes_open(struct pipes *p, const struct proc_opts *o, struct err *e)
{
	if (pipe2(p->failed, O_CLOEXEC) < 0)
		return err_sys(e, errno, "making a pipe");
	if (o->input_len && pipe2(p->in, O_CLOEXEC) < 0)
		return err_sys(e, errno, "making a pipe");
	if (o->out && pipe2(p->out, O_CLOEXEC) < 0)
		return err_sys(e, errno, "making a pipe");
	if (o->err && o->err != o->out && pipe2(p->err, O_CLOEXEC) < 0)
		return err_sys(e, errno, "making a pipe");
	return 0;
}

_noreturn_ static void child_fail(const struct pipes *p)
{
	int errnum = errno;

	_exit(write(p->failed[1], &errnum, sizeof(errnum)) == sizeof(errnum) ? 126 : 125);
}

_noreturn_ static void child(char *const *argv, const struct proc_opts *o, struct pipes *p)
{
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	int in = o->input_len ? p->in[0] : o->inherit_stdin ? 0 : open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = o->out ? p->out[1] : 1;
	int err = o->err == o->out && o->err ? out : o->err ? p->err[1] : 2;
	if (in == 0 && fcntl(in, F_SETFD, 0) < 0) // dup2 would leave it to be closed
		child_fail(p);
	if (dup2(in, 0) < 0 || dup2(err, 2) < 0 || dup2(out, 1) < 0)
		child_fail(p);
	if (o->cwd && chdir(o->cwd) < 0)
		child_fail(p);
	if (o->env)
		execvpe(argv[0], argv, o->env);
	else
		execvp(argv[0], argv);
	child_fail(p);
}

static int drain(int *fd, struct buf *b, size_t limit)
{
	buf_reserve(b, 64 * 1024);
	ssize_t n = read(*fd, b->data + b->len, b->cap - b->len - 1);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return 0;
	}
	b->len += (size_t)n;
	b->data[b->len] = '\0';
	return limit && b->len > limit ? -EFBIG : 0;
}

static void feed(int *fd, const struct proc_opts *o, size_t *done)
{
	ssize_t n = write(*fd, (const char *)o->input + *done, MIN(o->input_len - *done, (size_t)4096));

	if (n > 0)
		*done += (size_t)n;
	if ((n < 0 && errno != EINTR && errno != EAGAIN) || *done == o->input_len) {
		close(*fd);
		*fd = -1;
	}
}

static int pump(struct pipes *p, const struct proc_opts *o, int64_t deadline_ms)
{
	size_t fed = 0;
	int r = 0;

	while (r == 0 && (p->in[1] >= 0 || p->out[0] >= 0 || p->err[0] >= 0)) {
		struct pollfd f[] = {{p->in[1], POLLOUT, 0}, {p->out[0], POLLIN, 0}, {p->err[0], POLLIN, 0}};
		int64_t left = deadline_ms ? deadline_ms - now_ms() : -1;

		if (deadline_ms && left <= 0)
			return -ETIMEDOUT;
		if (poll(f, 3, (int)left) < 0 && errno != EINTR)
			return -errno;
		if (f[0].revents)
			feed(&p->in[1], o, &fed);
		if (f[1].revents)
			r = drain(&p->out[0], o->out, o->limit_bytes);
		if (f[2].revents && r == 0)
			r = drain(&p->err[0], o->err, 0);
	}
	return r;
}

static int wait_deadline(pid_t pid, int64_t deadline_ms, int *ws)
{
	for (;;) {
		pid_t got = waitpid(pid, ws, deadline_ms ? WNOHANG : 0);
		if (got == pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (!deadline_ms)
			continue;
		if (now_ms() >= deadline_ms)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec){0, 2000000}, NULL);
	}
}

static int finish(pid_t pid, struct pipes *p, const struct proc_opts *o, int *ws)
{
	int64_t deadline_ms = o->timeout_ms ? now_ms() + o->timeout_ms : 0;
	struct sigaction ign = {.sa_handler = SIG_IGN}, old;
	int r;

	sigaction(SIGPIPE, &ign, &old);
	r = pump(p, o, deadline_ms);
	sigaction(SIGPIPE, &old, NULL);
	if (r == 0)
		r = wait_deadline(pid, deadline_ms, ws);
	if (r < 0) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, ws, 0);
	}
	return r;
}

// Waits until the program runs; what kept it from that.
static int started(struct pipes *p)
{
	int errnum = 0;
	ssize_t n;

	while ((n = read(p->failed[0], &errnum, sizeof(errnum))) < 0 && errno == EINTR)
		;
	return n == sizeof(errnum) ? -errnum : 0;
}

int proc_run(char *const *argv, const struct proc_opts *opts, int *ret_status, struct err *e)
{
	static const struct proc_opts none;
	const struct proc_opts *o = opts ? opts : &none;
	struct pipes p = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
	int ws = 0, r = pipes_open(&p, o, e);
	pid_t pid;

	if (r < 0) {
		pipes_close(&p);
		return r;
	}
	pid = fork();
	if (pid == 0)
		child(argv, o, &p);
	if (pid < 0) {
		int errnum = errno;

		pipes_close(&p);
		return err_sys(e, errnum, "starting '%s'", argv[0]);
	}
	int *childs[] = {&p.in[0], &p.out[1], &p.err[1], &p.failed[1]};
	for (size_t i = 0; i < ARRAY_SIZE(childs); i++)
		if (*childs[i] >= 0) {
			close(*childs[i]);
			*childs[i] = -1;
		}
	int failed = started(&p);
	r = finish(pid, &p, o, &ws);
	pipes_close(&p);
	if (failed == -ENOENT && !(o->cwd && access(o->cwd, F_OK) < 0))
		return err_set(e, failed, "the program '%s' is not installed", argv[0]);
	if (failed < 0)
		return err_sys(e, -failed, "starting '%s'", argv[0]);
	if (r == -ETIMEDOUT)
		return err_set(e, r, "'%s' did not end within %d ms", argv[0], o->timeout_ms);
	if (r == -EFBIG)
		return err_set(e, r, "'%s' wrote more than %zu bytes", argv[0], o->limit_bytes);
	if (r < 0)
		return err_sys(e, -r, "running '%s'", argv[0]);
	*ret_status = WIFEXITED(ws) ? WEXITSTATUS(ws) : 128 + WTERMSIG(ws);
	return 0;
}

static const char *last_lines(const char *s, unsigned lines)
{
	const char *p = s + strlen(s);

	while (p > s && (p[-1] != '\n' || p[0] == '\0' || --lines))
		p--;
	return p;
}

int proc_run_ok(char *const *argv, const struct proc_opts *opts, struct err *e)
{
	_cleanup_buf_ struct buf said = {0};
	_cleanup_free_ char *line = strv_join(argv, " ");
	struct proc_opts o = opts ? *opts : (struct proc_opts){0};
	int status, r;

	if (!o.err)
		o.err = &said;
	r = proc_run(argv, &o, &status, e);
	if (r < 0)
		return r;
	if (status)
		return err_set(e, -EIO, "'%s' failed with exit status %d:\n%s", line, status,
		        last_lines(buf_str(o.err), 10));
	return 0;
}

char *proc_which(const char *name)
{
	const char *path = getenv("PATH");
	_cleanup_strv_ char **dirs = strv_split(path ? path : "/usr/bin:/bin", ":");

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? mem_strdup(name) : NULL;
	for (size_t i = 0; dirs && dirs[i]; i++) {
		_cleanup_free_ char *p = fs_join(dirs[i], name);

		if (access(p, X_OK) == 0 && !fs_is_dir(p))
			return TAKE_PTR(p);
	}
	return NULL;
}
