// SPDX-License-Identifier: GPL-2.0-or-later
// Opens what is closed, ignores broken pipes, and checks that standard output was written.
#include "cmd/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

// A handler, unlike SIG_IGN, is not inherited by the programs that we start.
static void ignore(int sig)
{
	(void)sig;
}

void streams_open(void)
{
	struct sigaction quiet = {.sa_handler = ignore, .sa_flags = SA_RESTART}, before;

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) // NOLINT: to be inherited
			_exit(1);
	if (sigaction(SIGPIPE, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
		sigaction(SIGPIPE, &quiet, NULL);
}

bool streams_broken(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

int streams_flush(struct err *e)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	int errnum = errno ? errno : streams_broken() ? EPIPE : 0;
	__fpurge(stdout);
	clearerr(stdout);
	if (errnum)
		return err_sys(e, errnum, "writing to standard output");
	// It failed while much was printed, and stdio does not say why any more.
	return err_set(e, -EIO, "writing to standard output: not all of it could be written");
}

int streams_close(int status)
{
	_cleanup_err_ struct err e = {0};
	int r = streams_flush(&e);

	if (close(STDOUT_FILENO) < 0 && r == 0 && errno != EINTR)
		r = err_sys(&e, errno, "writing to standard output");
	if (r < 0 && r != -EPIPE)
		fprintf(stderr, "error: %s\n", e.msg);
	return r == 0 || status ? status : r == -EPIPE ? STATUS_PIPE : 1;
}
