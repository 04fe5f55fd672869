// SPDX-License-Identifier: GPL-2.0-or-later
// fork, exec and pipes for the few programs that an initrd may hold.
#include "stage1/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// There is no udev here: whoever makes a device makes its node, too, and waits for nobody.
static char *const environment[] = {(char *)"PATH=/sbin:/bin:/usr/sbin:/usr/bin", (char *)"HOME=/",
        (char *)"LC_ALL=C", (char *)"DM_DISABLE_UDEV=1", (char *)"LVM_SUPPRESS_FD_WARNINGS=1", NULL};

static void child(char *const *argv, int in, int out)
{
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	execve(argv[0], argv, environment);
	_exit(errno == ENOENT ? RUN_NO_PROGRAM : 126);
}

// Writes what is left of the input; closes the pipe at its end, or when the program does not want more.
static void feed(int *fd, const struct run_opts *o, size_t *done)
{
	ssize_t n = write(*fd, (const char *)o->input + *done, o->input_bytes - *done);

	if (n > 0)
		*done += (size_t)n;
	if ((n < 0 && errno != EINTR && errno != EAGAIN) || *done == o->input_bytes) {
		close(*fd);
		*fd = -1;
	}
}

// False at the end of what the program says. What does not fit is read and dropped.
static bool drain(int fd, const struct run_opts *o, size_t *len)
{
	char chunk[1024];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	size_t room = o->out_size > *len + 1 ? o->out_size - *len - 1 : 0;
	size_t take = (size_t)n < room ? (size_t)n : room;
	if (take > 0)
		memcpy(o->out + *len, chunk, take);
	*len += take;
	return n > 0;
}

static void talk(int in, int out, const struct run_opts *o)
{
	size_t done = 0, len = 0;
	bool open = true, patient = !o->slow;

	if (o->input_bytes == 0) {
		close(in);
		in = -1;
	}
	while (open) {
		struct pollfd fds[2] = {{.fd = out, .events = POLLIN}, {.fd = in, .events = POLLOUT}};

		int n = poll(fds, 2, patient ? -1 : RUN_SLOW_MS);
		if (n < 0 && errno != EINTR)
			break;
		if (n == 0) {
			say_person(o->say, "%s", o->slow);
			patient = true;
		}
		if (in >= 0 && fds[1].revents)
			feed(&in, o, &done);
		if (fds[0].revents)
			open = drain(out, o, &len);
	}
	if (in >= 0)
		close(in);
	close(out);
	if (o->out_size > 0)
		o->out[len] = '\0';
}

int run_program(char *const *argv, const struct run_opts *o)
{
	int in[2], out[2], status = 0;

	if (o->out_size > 0)
		o->out[0] = '\0';
	if (pipe2(in, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(out, O_CLOEXEC) < 0) {
		int saved = errno;
		close(in[0]);
		close(in[1]);
		return -saved;
	}
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	pid_t pid = fork();
	int failed = pid < 0 ? -errno : 0;
	if (pid == 0)
		child(argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	talk(in[1], out[0], o);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGPIPE, before);
	return failed ? failed : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void run_tell(const struct say *s, const char *program, const char *text, int status)
{
	const char *name = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;

	for (const char *p = text; *p;) {
		int n = (int)strcspn(p, "\n");

		if (n > 0 && status == 0)
			say_info(s, "%s: %.*s", name, n, p);
		else if (n > 0)
			say_warn(s, "%s: %.*s", name, n, p);
		p += n + (p[n] == '\n');
	}
	if (status == RUN_NO_PROGRAM)
		say_person(s, "%s, or a library that it needs, is not in this initrd", program);
	else if (status < 0)
		say_warn(s, "%s: %s", program, strerror(-status));
	else if (status != 0)
		say_warn(s, "%s: exit status %d", name, status);
}

int run_logged(const struct say *s, char *const *argv)
{
	char text[4096];
	int status = run_program(argv, &(struct run_opts){.out = text, .out_size = sizeof(text)});

	run_tell(s, argv[0], text, status);
	return status;
}
