// SPDX-License-Identifier: GPL-2.0-or-later
// One build from its running process to registered outputs: a state machine stepped by the event loop of
// plan.c.
#include "build/builder-impl.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/builtin.h"
#include "build/cgroup.h"

static void build_on_line(void *ctx, const char *line, size_t len)
{
	struct build *bd = ctx;

	progress_line(bd->builder->progress, bd->drv_path, line, len);
}

static void build_on_phase(void *ctx, const char *phase)
{
	struct build *bd = ctx;

	progress_phase(bd->builder->progress, bd->drv_path, phase);
}

static struct log_listener build_listener(struct build *bd)
{
	return (struct log_listener){build_on_line, build_on_phase, bd};
}

// The result stands. e is moved in for a failure.
static void build_settle(struct build *bd, enum build_outcome outcome, struct err *e)
{
	bd->outcome = outcome;
	if (e && e->code) {
		build_fail_hints(bd, e);
		err_move(&bd->err, e);
	}
	bd->state = bd->proc.pid > 0 ? BUILD_STATE_TIDY : BUILD_STATE_GONE;
}

static int build_all_valid(const struct build *bd, bool *ret, struct err *e)
{
	bool valid = true;
	int r = 0;

	for (size_t i = 0; r == 0 && valid && i < bd->drv->n_outputs; i++)
		r = store_is_valid(bd->builder->store, bd->drv->outputs[i].path, &valid, e);
	*ret = valid;
	return r;
}

static int build_lock(struct build *bd, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;

	for (size_t i = 0; i < bd->drv->n_outputs; i++) {
		if (!bd->drv->outputs[i].path[0])
			return err_set(e, -ENOTSUP,
			        "the path of output '%s' of '%s' is only known after the build "
			        "(content-addressed): "
			        "such derivations are not supported",
			        bd->drv->outputs[i].name, bd->drv_path);
		strv_add(&paths, bd->drv->outputs[i].path);
	}
	return store_lock_paths(bd->builder->store, paths, false, &bd->locks, e);
}

static int build_begin(struct build *bd, struct err *e)
{
	bool valid = false;
	int r = build_lock(bd, e);

	if (r == 0)
		r = build_all_valid(bd, &valid, e);
	if (r < 0)
		return r;
	if (bd->check && !valid)
		return err_set(e, -EINVAL, "some outputs of '%s' are not valid, so checking is not possible",
		        bd->drv_path);
	if (!bd->check && valid) {
		build_settle(bd, BUILD_VALID, NULL);
		return 0;
	}
	r = builder_check_platform(bd->builder, bd->drv, bd->drv_path, e);
	return r < 0 ? r : build_prepare(bd, e);
}

int build_start(struct builder *b, const char *drv_path, const struct drv *d, bool check, struct build **ret,
        struct err *e)
{
	struct build *bd = NEW(struct build);

	bd->builder = b;
	bd->drv_path = drv_path;
	bd->drv = d;
	bd->check = check;
	bd->out_fd = -1;
	bd->slot = UIDPOOL_NO_SLOT;
	bd->proc = (struct sandbox_proc){-1, -1, -1};
	int r = build_begin(bd, e);
	if (r < 0) {
		if (r != -EWOULDBLOCK)
			build_fail_hints(bd, e);
		build_free(bd);
		return r;
	}
	if (bd->state == BUILD_STATE_RUN)
		progress_start(b->progress, drv_path, check);
	*ret = bd;
	return 0;
}

bool build_ended(const struct build *bd)
{
	return bd->state >= BUILD_STATE_TIDY;
}

bool build_gone(const struct build *bd)
{
	return bd->state == BUILD_STATE_GONE;
}

static int64_t build_deadline(const struct build *bd)
{
	const struct builder_opts *o = &bd->builder->opts;
	int64_t total = o->timeout_s ? bd->started_ms + (int64_t)o->timeout_s * 1000 : -1;
	int64_t silent = o->max_silent_s ? bd->last_output_ms + (int64_t)o->max_silent_s * 1000 : -1;

	if (bd->state > BUILD_STATE_EXAMINE || bd->killed_for_time)
		return -1;
	return total < 0 ? silent : silent < 0 ? total : MIN(total, silent);
}

size_t build_poll(const struct build *bd, struct pollfd ret[2], int64_t *ret_deadline_ms)
{
	size_t n = 0;

	if (bd->out_fd >= 0)
		ret[n++] = (struct pollfd){.fd = bd->out_fd, .events = POLLIN};
	if (bd->proc.pid > 0)
		ret[n++] = (struct pollfd){.fd = bd->proc.pidfd, .events = POLLIN};
	*ret_deadline_ms = build_deadline(bd);
	return n;
}

// A log that is full ends its builder; what it says beyond that is dropped.
static void build_feed_log(struct build *bd, const char *data, size_t len, const struct log_listener *to)
{
	uint64_t max = bd->builder->opts.max_log_bytes;
	uint64_t room = max ? max - MIN(max, bd->log_bytes) : UINT64_MAX;

	if (bd->killed_for_log)
		return;
	bd->log_bytes += len;
	build_log_feed(bd->log, data, (size_t)MIN((uint64_t)len, room), to);
	if (len <= room)
		return;
	bd->killed_for_log = true;
	sandbox_kill(&bd->proc);
}

// Reads what is there (all of it when the process has ended; else some, so that other builds get their turn).
static void build_drain(struct build *bd, bool all)
{
	static const size_t turn_bytes = 1 << 20;
	char data[1 << 16];
	size_t sum = 0;
	struct log_listener to = build_listener(bd);

	while (bd->out_fd >= 0 && (all || sum < turn_bytes)) {
		ssize_t n = read(bd->out_fd, data, sizeof(data));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(bd->out_fd);
			bd->out_fd = -1;
			return;
		}
		sum += (size_t)n;
		bd->last_output_ms = build_now_ms();
		if (bd->state == BUILD_STATE_RUN)
			build_feed_log(bd, data, (size_t)n, &to);
		else
			buf_add(&bd->findings, data, (size_t)n);
	}
}

static bool build_process_ended(const struct build *bd)
{
	struct pollfd p = {.fd = bd->proc.pidfd, .events = POLLIN};

	return bd->proc.pid > 0 && poll(&p, 1, 0) > 0;
}

static void build_close_out(struct build *bd)
{
	if (bd->out_fd >= 0)
		close(bd->out_fd);
	bd->out_fd = -1;
}

static void build_after_failure(struct build *bd, enum build_outcome outcome, struct err *e)
{
	_cleanup_err_ struct err ignored = {0};

	build_settle(bd, outcome, e);
	build_drop_dir(bd, true);
	build_log_compress(bd->log_path, &ignored);
}

// The sandbox could not be made with an overlay: nothing of the builder has run.
static int build_again_without_overlay(struct build *bd, struct err *e)
{
	err_release(e);
	*e = (struct err){0};
	build_log_free(TAKE_PTR(bd->log));
	int r = build_overlay_give_up(bd, e);
	if (r == 0)
		r = build_log_open(bd->log_path, bd->builder->opts.log_lines, &bd->log, e);
	return r == 0 ? build_start_process(bd, e) : r;
}

static void build_builder_ended(struct build *bd)
{
	_cleanup_err_ struct err e = {0};
	struct log_listener to = build_listener(bd);
	int status = 0;

	sandbox_kill(&bd->proc); // what a builtin may have left in its session
	build_drain(bd, true);
	build_close_out(bd);
	build_log_end(bd->log, &to);
	int r = sandbox_reap(&bd->proc, &status, &e);
	cgroup_end(TAKE_PTR(bd->cgroup));
	if (r == -EOPNOTSUPP && keep_has_lower(bd->keep)) {
		progress_message(bd->builder->progress, "note: %s: built clean: %s", bd->drv->name, e.msg);
		err_release(&e);
		if (build_restart_clean(bd, &e) < 0)
			build_after_failure(bd, BUILD_FAILED, &e);
		return;
	}
	if (r == -EOPNOTSUPP && bd->overlay.lower && build_again_without_overlay(bd, &e) == 0)
		return;
	if (r < 0) {
		err_wrap(&e, "setting up the build environment of '%s'", bd->drv_path);
		build_after_failure(bd, BUILD_FAILED, &e);
	} else if (bd->killed_for_time) {
		build_fail_time(bd, &e);
		build_after_failure(bd, BUILD_TIMED_OUT, &e);
	} else if (bd->killed_for_log) {
		build_fail_log_size(bd, &e);
		build_after_failure(bd, BUILD_LOG_LIMIT, &e);
	} else if (status != 0) {
		build_fail_status(bd, status, &e);
		build_after_failure(bd, BUILD_FAILED, &e);
	} else if (build_start_examine(bd, &e) < 0) {
		build_after_failure(bd, BUILD_FAILED, &e);
	} else {
		bd->state = BUILD_STATE_EXAMINE;
		bd->last_output_ms = build_now_ms();
	}
}

static enum build_outcome build_outcome_of(int code)
{
	return code == -EILSEQ     ? BUILD_HASH_MISMATCH
	       : code == -ENOTUNIQ ? BUILD_NOT_DETERMINISTIC
	                           : BUILD_FAILED;
}

// Reading the outputs took too long: an endless (sparse) file, say. The child is gone, the tidying is ours.
static void build_examine_late(struct build *bd)
{
	_cleanup_err_ struct err e = {0}, ignored = {0};
	int status;

	sandbox_reap(&bd->proc, &status, &ignored);
	build_fail_time(bd, &e);
	build_after_failure(bd, BUILD_TIMED_OUT, &e);
}

// All findings are there; the child may still be at its tidying.
static void build_examined(struct build *bd)
{
	_cleanup_err_ struct err e = {0};
	int r = output_parse(&bd->set, &bd->findings, &e);

	if (r == 0)
		r = output_check_refs(&bd->set, &e);
	if (r == 0)
		r = bd->check ? output_compare(&bd->set, &e) : output_install(&bd->set, &e);
	build_settle(bd, r < 0 ? build_outcome_of(r) : BUILD_DONE, &e);
	if (r < 0 && bd->builder->opts.keep_failed)
		build_drop_dir(bd, true);
}

static void build_tidied(struct build *bd)
{
	_cleanup_err_ struct err e = {0};
	char *word = NULL;
	int status = 1;
	bool good = sandbox_reap(&bd->proc, &status, &e) == 0 && bd->outcome == BUILD_DONE;

	if (good && status != 0)
		good = WIFEXITED(status); // it says why
	keep_seal(bd->keep, good, &word);
	if (word)
		progress_message(bd->builder->progress, "note: %s: %s", bd->drv->name, word);
	mem_free(word);
	build_drop_dir(bd, false); // mostly gone already
	bd->state = BUILD_STATE_GONE;
}

static void build_check_time(struct build *bd)
{
	int64_t deadline = build_deadline(bd);
	const struct builder_opts *o = &bd->builder->opts;

	if (deadline < 0 || build_now_ms() < deadline)
		return;
	bd->killed_for_time = true;
	bd->silent = o->max_silent_s && bd->last_output_ms + (int64_t)o->max_silent_s * 1000 <= deadline;
	sandbox_kill(&bd->proc);
}

void build_step(struct build *bd)
{
	if (bd->state == BUILD_STATE_RUN) {
		build_check_time(bd);
		bool ended = build_process_ended(bd);
		build_drain(bd, false);
		if (ended)
			build_builder_ended(bd);
	}
	if (bd->state == BUILD_STATE_EXAMINE) {
		build_check_time(bd);
		bool ended = build_process_ended(bd);
		build_drain(bd, true);
		if (ended)
			build_close_out(bd);
		if (bd->killed_for_time && ended)
			build_examine_late(bd);
		else if (bd->out_fd < 0 && !bd->killed_for_time)
			build_examined(bd);
	}
	if (bd->state == BUILD_STATE_TIDY && build_process_ended(bd))
		build_tidied(bd);
}

enum build_outcome build_result(struct build *bd, struct err *e)
{
	if (bd->err.code)
		err_move(e, &bd->err);
	return bd->outcome;
}

void build_free(struct build *bd)
{
	_cleanup_err_ struct err ignored = {0};
	int status;

	if (!bd)
		return;
	if (bd->proc.pid > 0) {
		sandbox_kill(&bd->proc);
		sandbox_reap(&bd->proc, &status, &ignored);
	}
	build_close_out(bd);
	keep_free(bd->keep);
	build_drop_dir(bd, false);
	// The note in it is how the next build finds a folder that could not be removed now.
	if (bd->scratch && !bd->dir_stays)
		fs_rm_rf(bd->scratch, &ignored);
	cgroup_end(bd->cgroup);
	uidpool_give_back(&bd->slot);
	store_unlock(bd->locks, true); // whoever waits for the file sees its mark and opens a new one
	output_set_release(&bd->set);
	build_overlay_release(bd);
	build_log_free(bd->log);
	buf_release(&bd->findings);
	err_release(&bd->err);
	strv_free(bd->inputs);
	strv_free(bd->env);
	strv_free(bd->argv);
	strv_free(bd->fetch_env);
	builtin_host_release(&bd->host);
	mem_free(bd->tools_dir);
	mem_free(bd->scratch);
	mem_free(bd->out_dir);
	mem_free(bd->tmp_dir);
	mem_free(bd->log_path);
	mem_free(bd);
}
