// SPDX-License-Identifier: GPL-2.0-or-later
// A limit of processor time for targets that run the evaluator: what an expression asks for may take for ever
// by right, so that is no finding. Not SIGALRM: libFuzzer's own limit for an input is made of that.
#pragma once

#include <signal.h>
#include <sys/time.h>
#include "expr/eval.h"

static struct eval *limited; // for the signal

static void limit_over(int sig)
{
	if (limited)
		limited->interrupted = 1;
}

// From now on; NULL ends it.
static void limit_eval(struct eval *ev, long ms)
{
	struct itimerval t = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}};

	limited = ev;
	signal(SIGVTALRM, limit_over);
	setitimer(ITIMER_VIRTUAL, ev ? &t : &(struct itimerval){0}, NULL);
}
