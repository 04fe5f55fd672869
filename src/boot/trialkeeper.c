// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the keeper by its name, since stage 2 may have put another file system over any place where a number
// could have been left.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/trialkeeper.h"
#include "stage1/format.h"

// A process that ends meanwhile was none.
static bool is_keeper(const char *dir)
{
	_cleanup_free_ char *file = fs_join(dir, "comm");
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf name = {0};
	struct stat st;

	return stat(dir, &st) == 0 && st.st_uid == 0 && fs_read(file, 64, &name, &ignored) == 0 &&
	       str_eq(buf_str(&name), S1_KEEPER_NAME "\n");
}

int trialkeeper_stop(const char *proc, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(proc, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *dir = fs_join(proc, names[i]);
		uint64_t pid;
		if (str_to_u64(names[i], &pid) < 0 || pid < 2 || pid > INT32_MAX || !is_keeper(dir))
			continue;
		if (kill((pid_t)pid, SIGUSR1) < 0 && errno != ESRCH)
			r = err_sys(e, errno, "telling stage 1's keeper (process %s) that the machine is up",
			        names[i]);
	}
	return r;
}
