// SPDX-License-Identifier: GPL-2.0-or-later
// flock with words.
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#define STEP_MAX_MS 20

struct holder {
	long pid;
	int rank; // how sure it is that this is who we wait for
};

// Takes the process that a line of /proc/locks names, when it is about this file and more likely than what is
// there. The number of the device is not that of stat(2) on every file system, so the inode's alone will do
// if it must; and who writes is in the way before those who read.
static void look_at(const char *line, const struct stat *st, struct holder *ret)
{
	char kind[16], mode[16];
	unsigned major_, minor_;
	unsigned long inode;
	long pid;

	if (sscanf(line, "%*d: %15s ADVISORY %15s %ld %x:%x:%lu", kind, mode, &pid, &major_, &minor_,
	            &inode) != 6 ||
	        inode != st->st_ino || pid <= 0 || pid == (long)getpid())
		return;
	int rank =
	        1 + str_eq(mode, "WRITE") + 2 * (major_ == major(st->st_dev) && minor_ == minor(st->st_dev));
	if (rank > ret->rank)
		*ret = (struct holder){pid, rank};
}

// 0 when it cannot be told.
static long holder_of(const char *path)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf text = {0};
	struct holder found = {0};
	struct stat st;

	if (stat(path, &st) < 0 || fs_read("/proc/locks", 0, &text, &ignored) < 0)
		return 0;
	_cleanup_strv_ char **lines = strv_split(buf_str(&text), "\n");
	strv_for_each (line, lines)
		look_at(line, &st, &found);
	return found.pid;
}

void lock_say(const char *what, const char *path)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf name = {0};
	long pid = holder_of(path);

	if (!pid) {
		log_note("waiting for %s...", what);
		return;
	}
	_cleanup_free_ char *file = str_printf("/proc/%ld/comm", pid);
	if (fs_read(file, 256, &name, &ignored) < 0)
		buf_clear(&name);
	log_note("waiting for %s, which process %ld (%.*s) has...", what, pid,
	        (int)strcspn(buf_str(&name), "\n"), buf_str(&name));
}

int lock_wait(int fd, bool exclusive, const char *what, const char *path, struct err *e)
{
	int op = exclusive ? LOCK_EX : LOCK_SH;
	bool said = false;

	for (int waited_ms = 0, step_ms = 1;; waited_ms += step_ms, step_ms = MIN(step_ms * 2, STEP_MAX_MS)) {
		struct timespec pause = {.tv_nsec = step_ms * 1000L * 1000};

		if (flock(fd, said ? op : op | LOCK_NB) == 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys(e, errno, "locking '%s'", path);
		if (waited_ms >= LOCK_SAY_AFTER_MS) {
			lock_say(what, path);
			said = true;
		} else {
			nanosleep(&pause, NULL);
		}
	}
}

int lock_file_wait(const char *path, bool exclusive, const char *what, int *ret_fd, struct err *e)
{
	_cleanup_close_ int fd = fs_open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600, e);
	int r = fd < 0 ? fd : lock_wait(fd, exclusive, what, path, e);

	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

int fs_lock(const char *path, bool exclusive, bool wait, int *ret_fd, struct err *e)
{
	_cleanup_free_ char *what = str_printf("the lock '%s'", path);
	_cleanup_close_ int fd = -1;

	if (wait)
		return lock_file_wait(path, exclusive, what, ret_fd, e);
	fd = fs_open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600, e);
	if (fd < 0)
		return fd;
	if (flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EWOULDBLOCK : err_sys(e, errno, "locking '%s'", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}
