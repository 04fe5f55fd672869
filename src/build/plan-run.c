// SPDX-License-Identifier: GPL-2.0-or-later
// The event loop of a plan: starts what is ready, waits for logs, ends, deadlines, locks and signals, and
// lets those go on that waited for what was built.
#include "build/plan-impl.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/str.h"
#include "build/history.h"
#include "store/path.h"

// How often a lock that another process holds is tried again.
#define RUN_LOCK_RETRY_MS 200

struct running {
	struct build *build;
	struct plan_node *node;
	bool reported; // its result was taken; only its last helper still runs
};

struct run {
	struct plan *plan;
	struct plan_node **order;
	size_t n_order;
	struct running *builds;
	size_t n_builds, cap_builds;
	struct pollfd *fds;
	size_t n_fds, cap_fds;
	int signal_fd;
	struct history history;
	bool stop; // start nothing more
};

static void run_fail(struct run *r, struct plan_node *n, enum build_outcome outcome, struct err *e)
{
	n->state = NODE_FAILED;
	r->plan->outcomes |= 1u << outcome;
	strv_add(&r->plan->errors, e->msg ? e->msg : "failed");
	if (!r->plan->opts.keep_going)
		r->stop = true;
}

// Everything that needs n, and what needs that, cannot be built. Each is told once: it fails with its first
// input.
static void run_fail_dependents(struct run *r, struct plan_node *failed)
{
	struct plan_node **todo = mem_array(r->n_order + 1, sizeof(struct plan_node *));
	size_t len = 0;

	todo[len++] = failed;
	while (len) {
		struct plan_node *n = todo[--len];
		for (size_t i = 0; i < n->n_dependents; i++) {
			struct plan_node *d = n->dependents[i];
			d->failed_inputs++;
			if (d->state == NODE_FAILED)
				continue;
			d->state = NODE_FAILED;
			todo[len++] = d;
		}
	}
	mem_free(todo);
}

static void run_done(struct run *r, struct plan_node *n)
{
	n->state = NODE_DONE;
	for (size_t i = 0; i < n->n_dependents; i++) {
		struct plan_node *d = n->dependents[i];
		if (--d->missing_inputs == 0 && d->state == NODE_WAITING)
			d->state = NODE_READY;
	}
}

static void run_note(struct run *r, const struct plan_node *n)
{
	uint64_t objects = 0, took_ms = 0;

	progress_counted(r->plan->progress, n->drv_path, &objects, &took_ms);
	history_note(&r->history, n->drv_path, objects, took_ms);
}

// From the last build of that name, or of one of another version, so that somebody can be told how long it
// takes.
static void run_expect(struct run *r, const struct plan_node *n)
{
	_cleanup_free_ char *name = store_drv_name(n->drv_path);
	const struct history_row *row = history_find(&r->history, name, true);

	if (row)
		progress_expect(r->plan->progress, n->drv_path, row->objects, row->took_ms);
}

static void run_report(struct run *r, struct running *b)
{
	_cleanup_err_ struct err e = {0};
	enum build_outcome outcome = build_result(b->build, &e);
	bool ok = outcome == BUILD_DONE || outcome == BUILD_VALID;

	b->reported = true;
	if (outcome == BUILD_DONE)
		run_note(r, b->node);
	progress_end(r->plan->progress, b->node->drv_path, ok);
	if (ok) {
		run_done(r, b->node);
	} else {
		run_fail(r, b->node, outcome, &e);
		run_fail_dependents(r, b->node);
	}
}

static void run_locked(struct run *r, struct plan_node *n)
{
	n->state = NODE_LOCKED;
	n->retry_ms = build_now_ms() + RUN_LOCK_RETRY_MS;
	if (!n->said_locked && !n->drv->outputs[0].path[0])
		return;
	if (!n->said_locked)
		progress_message(r->plan->progress, "waiting for lock on '%s'", n->drv->outputs[0].path);
	n->said_locked = true;
}

static void run_start(struct run *r, struct plan_node *n)
{
	_cleanup_err_ struct err e = {0};
	struct build *b = NULL;
	int err = build_start(r->plan->builder, n->drv_path, n->drv, n->top && r->plan->opts.check, &b, &e);

	if (err == -EWOULDBLOCK) {
		run_locked(r, n);
		return;
	}
	if (err < 0) {
		run_fail(r, n, BUILD_FAILED, &e);
		run_fail_dependents(r, n);
		return;
	}
	n->state = NODE_BUILDING;
	run_expect(r, n);
	mem_grow(&r->builds, &r->cap_builds, r->n_builds + 1, sizeof(*r->builds));
	r->builds[r->n_builds++] = (struct running){.build = b, .node = n};
	if (build_ended(b)) { // valid by now: nothing runs that could wake us
		run_report(r, &r->builds[--r->n_builds]);
		build_free(b);
	}
}

static size_t run_busy(const struct run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_builds; i++)
		n += !r->builds[i].reported;
	return n;
}

static bool run_startable(const struct plan_node *n, int64_t now)
{
	return n->state == NODE_READY || (n->state == NODE_LOCKED && n->retry_ms <= now);
}

static void run_start_ready(struct run *r)
{
	int64_t now = build_now_ms();

	for (size_t i = 0; i < r->n_order && !r->stop && run_busy(r) < r->plan->opts.max_jobs; i++) {
		if (run_startable(r->order[i], now))
			run_start(r, r->order[i]);
	}
}

static bool run_has_more(const struct run *r)
{
	if (r->n_builds)
		return true;
	for (size_t i = 0; i < r->n_order && !r->stop; i++) {
		if (r->order[i]->state == NODE_READY || r->order[i]->state == NODE_LOCKED)
			return true;
	}
	return false;
}

static int64_t run_sooner(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : MIN(a, b);
}

// Fills fds; returns when to wake up at the latest (monotonic ms, -1: never).
static int64_t run_collect(struct run *r)
{
	int64_t wake_ms = -1;

	mem_grow(&r->fds, &r->cap_fds, r->n_builds * 2 + 1, sizeof(*r->fds));
	r->n_fds = 0;
	r->fds[r->n_fds++] = (struct pollfd){.fd = r->signal_fd, .events = POLLIN};
	for (size_t i = 0; i < r->n_builds; i++) {
		int64_t deadline_ms;
		r->n_fds += build_poll(r->builds[i].build, r->fds + r->n_fds, &deadline_ms);
		wake_ms = run_sooner(wake_ms, deadline_ms);
	}
	for (size_t i = 0; i < r->n_order; i++) {
		if (r->order[i]->state == NODE_LOCKED)
			wake_ms = run_sooner(wake_ms, r->order[i]->retry_ms);
	}
	return wake_ms;
}

// Takes the signal: it must not be there any more when the signals are let through again.
static bool run_interrupted(struct run *r)
{
	struct signalfd_siginfo info;

	return (r->fds[0].revents & POLLIN) && read(r->signal_fd, &info, sizeof(info)) > 0;
}

// -EINTR when a signal asks for the end.
static int run_wait(struct run *r, struct err *e)
{
	int64_t wake_ms = run_collect(r);
	int tick_ms = progress_tick(r->plan->progress);
	int64_t now = build_now_ms();
	int timeout_ms = wake_ms < 0 ? -1 : (int)MAX(wake_ms - now, (int64_t)0);

	timeout_ms = (int)run_sooner(timeout_ms, tick_ms);
	if (poll(r->fds, r->n_fds, timeout_ms) < 0 && errno != EINTR)
		return err_sys(e, errno, "waiting for builds");
	return run_interrupted(r) ? err_set(e, -EINTR, "interrupted by the user") : 0;
}

static void run_step(struct run *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n_builds; i++) {
		struct running *b = &r->builds[i];
		build_step(b->build);
		if (!b->reported && build_ended(b->build))
			run_report(r, b);
	}
	for (size_t i = 0; i < r->n_builds; i++) {
		if (r->builds[i].reported && build_gone(r->builds[i].build))
			build_free(r->builds[i].build);
		else
			r->builds[kept++] = r->builds[i];
	}
	r->n_builds = kept;
}

// Ends whatever still runs.
static void run_cancel(struct run *r)
{
	for (size_t i = 0; i < r->n_builds; i++) {
		if (!r->builds[i].reported)
			progress_end(r->plan->progress, r->builds[i].node->drv_path, false);
		build_free(r->builds[i].build);
	}
	r->n_builds = 0;
}

// Signals that ask for the end come to r->signal_fd, and only there: no other thread lets them through
// (base/thread.h, eval_run). SIGHUP is not one where it is ignored (nohup); SIGINT is, as for Nix, since
// shells that are no dialogue ignore it for whatever runs in the background.
static int run_watch_signals(struct run *r, sigset_t *ret_old, struct err *e)
{
	static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction how;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(watched); i++)
		if (watched[i] != SIGHUP || (sigaction(SIGHUP, NULL, &how) == 0 && how.sa_handler != SIG_IGN))
			sigaddset(&set, watched[i]);
	r->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signal_fd < 0)
		return err_sys(e, errno, "preparing to wait for signals");
	pthread_sigmask(SIG_BLOCK, &set, ret_old);
	return 0;
}

static int run_loop(struct run *r, struct err *e)
{
	int err = 0;

	for (;;) {
		run_start_ready(r);
		if (r->stop)
			run_cancel(r);
		if (!run_has_more(r))
			return 0;
		err = run_wait(r, e);
		if (err < 0)
			break;
		run_step(r);
	}
	run_cancel(r);
	return err;
}

// Wanted derivations that were not even begun.
static void run_report_unbegun(struct run *r)
{
	for (size_t i = 0; i < r->n_order; i++) {
		const struct plan_node *n = r->order[i];
		if (n->top && n->state == NODE_FAILED && n->failed_inputs)
			strv_take(&r->plan->errors,
			        str_printf("%zu dependencies of derivation '%s' failed to build",
			                n->failed_inputs, n->drv_path));
	}
}

static int run_result(struct plan *p, struct err *e)
{
	if (!p->errors)
		return 0;
	_cleanup_free_ char *all = strv_join(p->errors, "\n");
	return err_set(e, -EIO, "%s", all);
}

int plan_run(struct plan *p, struct err *e)
{
	struct run r = {.plan = p, .signal_fd = -1};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old_pipe;
	sigset_t old;
	int err;

	r.order = plan_order(p, &r.n_order);
	if (r.n_order && p->opts.max_jobs == 0) {
		mem_free(r.order);
		return err_set(e, -EINVAL,
		        "unable to start any build: '%s' and %zu more would have to be built, but --max-jobs "
		        "is 0",
		        p->nodes.entries[0].key, r.n_order - 1);
	}
	if (r.n_order)
		build_sweep(p->builder);
	progress_total(p->progress, r.n_order);
	if (r.n_order)
		history_open(&r.history, p->store);
	for (size_t i = 0; i < r.n_order; i++) {
		if (r.order[i]->state == NODE_WAITING && r.order[i]->missing_inputs == 0)
			r.order[i]->state = NODE_READY;
	}
	err = p->opts.no_signals ? 0 : run_watch_signals(&r, &old, e);
	// Whoever read our messages may be gone: builds go on, and only what is said is lost.
	sigaction(SIGPIPE, &ignore, &old_pipe);
	if (err == 0)
		err = run_loop(&r, e);
	sigaction(SIGPIPE, &old_pipe, NULL);
	history_close(&r.history);
	if (err == 0) {
		run_report_unbegun(&r);
		err = run_result(p, e);
	}
	if (r.signal_fd >= 0) {
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		close(r.signal_fd);
	}
	mem_free(r.builds);
	mem_free(r.fds);
	mem_free(r.order);
	return err;
}
