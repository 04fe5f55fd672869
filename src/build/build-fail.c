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
#define FAIL_LOW_MIB 4.0

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

int build_fail_log_size(struct build *bd, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};

	fail_add_log(bd, &text);
	return err_set(e, -EFBIG,
	        "building of '%s' killed after writing more than %llu bytes of log output%s", bd->drv_path,
	        (unsigned long long)bd->builder->opts.max_log_bytes, buf_str(&text));
}

static bool fail_hint_space(const char *path, bool only_low, struct err *e)
{
	struct statvfs fs;

	if (!path || statvfs(path, &fs) < 0)
		return false;
	double mib = (double)fs.f_bavail * (double)fs.f_frsize / (1 << 20);
	bool no_inodes = fs.f_files && fs.f_favail == 0;
	bool low = mib < FAIL_LOW_MIB || no_inodes;
	if (low)
		err_hint(e, "note: no space left on the file system of '%s': %.1f MiB%s are free there", path,
		        mib, no_inodes ? " but no inodes" : "");
	else if (!only_low)
		err_hint(e,
		        "note: a file system was full during the build; now %.1f MiB are free on that of "
		        "'%s'",
		        mib, path);
	return low;
}

static bool fail_tail_has_any(const struct build *bd, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (build_log_tail_has(bd->log, words[i]))
			return true;
	}
	return false;
}

// A builder that failed (not one that we ended): was it for want of memory, or in pahole, which needs most of
// it?
static void fail_hint_memory(struct build *bd, struct err *e)
{
	static const char *const killed_words[] = {"Killed", "Error 137", "signal 9", "ut of memory",
	        "memory exhausted", "Cannot allocate memory", "terminated signal"};
	static const char *const btf_words[] = {"pahole", "resolve_btfids", "BTFIDS", "load BTF", ".btf."};
	bool counted = build_oom_kills() > bd->oom_kills;
	bool killed = counted || strstr(e->msg, "signal 9 ") ||
	              fail_tail_has_any(bd, killed_words, ARRAY_SIZE(killed_words));
	bool btf = fail_tail_has_any(bd, btf_words, ARRAY_SIZE(btf_words));

	if (counted)
		err_hint(e, "note: while this build ran, the kernel killed a process for want of memory (see "
		            "dmesg)");
	else if (killed)
		err_hint(e, "note: a process of this build was killed or got no memory: most often the "
		            "machine has "
		            "too little of it");
	if (killed)
		err_hint(e, "note: fewer jobs (-j, --cores), more memory or swap help");
	if (btf || (killed && str_has_prefix(bd->drv->name, "linux")))
		err_hint(e, "note: BTF type information (made by pahole) takes gigabytes of memory: turn the "
		            "option "
		            "DEBUG_INFO_BTF off ('DEBUG_INFO_BTF = lib.mkForce lib.kernel.no;' in "
		            "structuredExtraConfig)");
}

// An install step that does not know of $out.
static void fail_hint_install(struct build *bd, struct err *e)
{
	static const char *const words[] = {"directory '/lib", "directory ‘/lib", "directory '/usr",
	        "directory ‘/usr", "file '/lib/modules", "file ‘/lib/modules"};
	bool modules = build_log_tail_has(bd->log, "/lib/modules");

	if (!fail_tail_has_any(bd, words, ARRAY_SIZE(words)))
		return;
	err_hint(e, "note: the build installs outside of its output: what it installs belongs below $out%s",
	        modules ? "; for a kernel module add \"INSTALL_MOD_PATH=$(out)\" to makeFlags"
	                : " (for example makeFlags = [ \"PREFIX=$(out)\" ])");
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
	if (bd->log && e->code == -EIO && e->msg)
		fail_hint_memory(bd, e);
	if (bd->log && e->code == -EIO && e->msg)
		fail_hint_install(bd, e);
}
