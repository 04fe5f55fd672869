// SPDX-License-Identifier: GPL-2.0-or-later
// Words about failed builds: how the builder ended, what it said last, where all of it is, and what the
// machine lacks.
#include "build/builder-impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

// Less free than this counts as full when a build has failed.
#define FAIL_LOW_BYTES (4u << 20)

uint64_t build_oom_kills(void)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err ignored = {0};

	if (fs_read("/proc/vmstat", 0, &b, &ignored) < 0)
		return 0;
	const char *line = strstr(buf_str(&b), "\noom_kill ");
	return line ? strtoull(line + strlen("\noom_kill "), NULL, 10) : 0;
}

static void fail_status_text(int status, char *ret, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(ret, size, "failed due to signal %d (%s)", WTERMSIG(status),
		        strsignal(WTERMSIG(status)));
	else if (WIFEXITED(status))
		snprintf(ret, size, "failed with exit code %d", WEXITSTATUS(status));
	else
		snprintf(ret, size, "died abnormally");
}

static void fail_add_log(struct build *bd, struct buf *out)
{
	_cleanup_buf_ struct buf tail = {0};
	size_t n = build_log_tail(bd->log, &tail);

	if (n)
		buf_addf(out, ";\nlast %zu log lines:\n%s", n, buf_str(&tail));
	else
		buf_addc(out, '\n');
	buf_addf(out, "For full logs, run 'nix log %s' or 'nix-store --read-log %s' (file %s.bz2).",
	        bd->drv_path, bd->drv_path, bd->log_path);
}

int build_fail_status(struct build *bd, int status, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	char how[128];

	fail_status_text(status, how, sizeof(how));
	fail_add_log(bd, &text);
	return err_set(e, -EIO, "builder for '%s' %s%s", bd->drv_path, how, buf_str(&text));
}

int build_fail_time(struct build *bd, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};

	fail_add_log(bd, &text);
	if (bd->silent)
		return err_set(e, -ETIMEDOUT, "%s timed out after %u seconds of silence%s", bd->drv_path,
		        bd->builder->opts.max_silent_s, buf_str(&text));
	return err_set(e, -ETIMEDOUT, "%s timed out after %u seconds%s", bd->drv_path,
	        bd->builder->opts.timeout_s, buf_str(&text));
}

static bool fail_hint_space(const char *path, bool only_low, struct err *e)
{
	struct statvfs fs;

	if (!path || statvfs(path, &fs) < 0)
		return false;
	uint64_t bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	bool no_inodes = fs.f_files && fs.f_favail == 0;
	if (only_low && bytes >= FAIL_LOW_BYTES && !no_inodes)
		return false;
	err_hint(e, "note: no space left on the file system of '%s': %.1f MiB%s are free there", path,
	        (double)bytes / (1 << 20), no_inodes ? " but no inodes" : "");
	return true;
}

static void fail_hint_memory(struct build *bd, struct err *e)
{
	static const char *const btf_words[] = {"pahole", "BTF", "resolve_btfids"};
	bool btf = false;

	if (build_oom_kills() > bd->oom_kills)
		err_hint(e, "note: while this build ran, the kernel killed a process for want of memory (see "
		            "dmesg): "
		            "fewer jobs (-j, --cores) or more memory or swap may help");
	for (size_t i = 0; i < ARRAY_SIZE(btf_words); i++)
		btf = btf || build_log_tail_has(bd->log, btf_words[i]);
	if (btf)
		err_hint(e, "note: making BTF type information (DEBUG_INFO_BTF, through pahole) takes "
		            "gigabytes of "
		            "memory: 'DEBUG_INFO_BTF = no;' does without");
}

void build_fail_hints(struct build *bd, struct err *e)
{
	const char *store = store_real_dir(bd->builder->store);
	bool said = e->code == -ENOSPC || (e->msg && strstr(e->msg, "No space left on device")) ||
	            (bd->log && build_log_tail_has(bd->log, "No space left on device"));

	if (said && !fail_hint_space(bd->build_dir, true, e) && !fail_hint_space(store, true, e)) {
		// Not low any more (the builder's files may be gone already), or a tmpfs inside: name both.
		fail_hint_space(bd->build_dir, false, e);
		fail_hint_space(store, false, e);
	}
	if (bd->log)
		fail_hint_memory(bd, e);
}
