// SPDX-License-Identifier: GPL-2.0-or-later
// Control groups of builds (cgroups(7), the kernel's cgroup-v2.rst).
#include "build/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define CGROUP_PREFIX "kernix-"
#define CGROUP_TRIES  100 // of removing, a millisecond each: what was killed is not gone at once

static bool cgroup_write(const char *dir, const char *file, const char *text)
{
	_cleanup_free_ char *path = fs_join(dir, file);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool cgroup_has(const char *dir, const char *file)
{
	_cleanup_free_ char *path = fs_join(dir, file);

	return access(path, W_OK) == 0;
}

// The mount of cgroup2: its point, and the group that is shown there. The line is "ID PARENT DEV ROOT POINT
// OPTIONS [TAG]... - TYPE SOURCE OPTIONS".
static bool cgroup_mount(const char *mountinfo, char **ret_root, char **ret_point)
{
	_cleanup_strv_ char **lines = strv_split(mountinfo, "\n");

	strv_for_each (line, lines) {
		_cleanup_strv_ char **words = strv_split(line, " ");
		if (strv_len(words) < 6 || !strstr(line, " - cgroup2 "))
			continue;
		*ret_root = mem_strdup(words[3]);
		*ret_point = mem_strdup(words[4]);
		return true;
	}
	return false;
}

char *cgroup_own(const char *mountinfo, const char *groups, bool *ret_top)
{
	_cleanup_free_ char *root = NULL, *point = NULL;
	_cleanup_strv_ char **lines = strv_split(groups, "\n");

	if (!cgroup_mount(mountinfo, &root, &point))
		return NULL;
	strv_for_each (line, lines) {
		const char *group = str_after(line, "0::");
		const char *below = group && !str_eq(root, "/") ? str_after(group, root) : group;
		if (!below || (*below && *below != '/') || strstr(below, "/.."))
			continue;
		*ret_top = str_eq(below, "/") || !*below;
		return *ret_top ? TAKE_PTR(point) : str_printf("%s%s", point, below);
	}
	return NULL;
}

// Groups of processes that are gone. One that is in use cannot be removed.
static void cgroup_sweep(const char *base)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err ignored = {0};

	if (fs_list(base, &names, &ignored) < 0)
		return;
	strv_for_each (name, names) {
		const char *after = str_after(name, CGROUP_PREFIX);
		long pid = after ? strtol(after, NULL, 10) : 0;
		_cleanup_free_ char *dir = fs_join(base, name);
		if (pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
			rmdir(dir);
	}
}

// 0: no group can be made there; 1: one without limits; 2: one with.
static int cgroup_try(const char *base)
{
	static const struct sandbox_limits none = {.processes = UINT64_MAX};
	char *group = cgroup_make(base, "try", &none);
	int worth = group ? 1 + (cgroup_has(group, "pids.max") || cgroup_has(group, "memory.max")) : 0;

	cgroup_end(group);
	return worth;
}

char *cgroup_find(void)
{
	_cleanup_buf_ struct buf mounts = {0}, groups = {0};
	_cleanup_err_ struct err ignored = {0};
	bool top = false;

	if (fs_read("/proc/self/mountinfo", 0, &mounts, &ignored) < 0 ||
	        fs_read("/proc/self/cgroup", 0, &groups, &ignored) < 0)
		return NULL;
	_cleanup_free_ char *own = cgroup_own(buf_str(&mounts), buf_str(&groups), &top);
	if (!own)
		return NULL;
	// Only the root group and one without processes can do that; systemd has done it where it matters.
	cgroup_write(own, "cgroup.subtree_control", "+memory");
	cgroup_write(own, "cgroup.subtree_control", "+pids");
	_cleanup_free_ char *beside = top ? NULL : str_dirname(own);
	int here = cgroup_try(own), there = here < 2 && beside ? cgroup_try(beside) : 0;
	char *base = there > here ? TAKE_PTR(beside) : here ? TAKE_PTR(own) : NULL;
	if (base)
		cgroup_sweep(base);
	return base;
}

static void cgroup_limit(const char *group, const char *file, uint64_t value)
{
	char text[32];

	if (value == UINT64_MAX)
		return;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	cgroup_write(group, file, text);
}

void cgroup_limit_all(const char *group, const struct sandbox_limits *limits)
{
	cgroup_limit(group, "memory.max", limits->memory_bytes ? limits->memory_bytes : UINT64_MAX);
	cgroup_limit(group, "pids.max", limits->processes ? limits->processes : SANDBOX_PROCESSES);
}

char *cgroup_make(const char *base, const char *name, const struct sandbox_limits *limits)
{
	_cleanup_free_ char *group = str_printf("%s/" CGROUP_PREFIX "%ld-%s", base, (long)getpid(), name);

	if (mkdir(group, 0755) < 0)
		return NULL;
	cgroup_limit_all(group, limits);
	return TAKE_PTR(group);
}

void cgroup_end(char *group)
{
	const struct timespec pause = {0, 1000000};

	for (int i = 0; group && i < CGROUP_TRIES && rmdir(group) < 0 && errno == EBUSY; i++) {
		cgroup_write(group, "cgroup.kill", "1");
		nanosleep(&pause, NULL);
	}
	mem_free(group);
}
