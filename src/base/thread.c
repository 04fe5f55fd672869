// SPDX-License-Identifier: GPL-2.0-or-later
// Threads that take no signals.

#include <signal.h>
#include "base/thread.h"

int thread_start(pthread_t *ret, void *(*f)(void *arg), void *arg)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int r = pthread_create(ret, NULL, f, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}
