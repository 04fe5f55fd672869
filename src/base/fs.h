// SPDX-License-Identifier: GPL-2.0-or-later
// Files: reading whole ones, replacing them atomically, trees. All descriptors are O_CLOEXEC.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"

// The whole file, appended to b. limit_bytes 0 means no limit; more than the limit is -EFBIG.
int fs_read(const char *path, size_t limit_bytes, struct buf *b, struct err *e);
// The same for regular files only: another one (a FIFO, a device) is -EINVAL at once, and never waited for.
int fs_read_regular(const char *path, size_t limit_bytes, struct buf *b, struct err *e);
int fs_read_regular_at(int dir, const char *path, int flags, size_t limit_bytes, struct buf *b,
        struct err *e); // flags: O_NOFOLLOW, 0
int fs_read_fd(int fd, const char *name, size_t limit_bytes, struct buf *b, struct err *e);
// Writes all bytes, restarting after signals.
int fs_write_all(int fd, const void *data, size_t len, const char *name, struct err *e);
// Creates or replaces path: temporary file beside it, fsync, rename, fsync of the folder. The old file stays
// on any failure.
int fs_write_atomic(const char *path, const void *data, size_t len, mode_t mode, struct err *e);
// Replaces (by rename) or creates the symlink path -> target; durable on return: its folder is synced. What
// killed ones left beside it goes.
int fs_symlink_atomic(const char *target, const char *path, struct err *e);
// Is this the name of a link that fs_symlink_atomic of a process that is gone left: NAME.tmp-PID-N?
bool fs_is_abandoned(const char *name);
int fs_mkdir_p(const char *path, mode_t mode, struct err *e);
// Removes a tree (also read-only folders), never following links, never crossing to another path; missing is
// fine.
int fs_rm_rf(const char *path, struct err *e);
// Where the link points, owned by the caller.
int fs_readlink(const char *path, char **ret, struct err *e);
// Only for what costs nothing when it is wrong: an error is 'no' here. Whoever deletes, overwrites or goes on
// without something asks by a call of the next group.
bool fs_exists(const char *path); // lstat succeeds
bool fs_is_dir(const char *path); // of the link's target
// Questions: 1 is yes (and *ret is filled; NULL where it is not wanted), 0 is no (ENOENT, ENOTDIR), and what
// could not be found out is an error.
struct stat;
_nodiscard_ int fs_lstat_maybe(const char *path, struct stat *ret, struct err *e);
_nodiscard_ int fs_stat_maybe(const char *path, struct stat *ret, struct err *e); // of the link's target
_nodiscard_ int fs_is_dir_maybe(const char *path, struct err *e);                 // of the link's target
_nodiscard_ int fs_read_maybe(const char *path, size_t limit_bytes, struct buf *b, struct err *e);
_nodiscard_ int fs_read_regular_maybe(const char *path, size_t limit_bytes, struct buf *b, struct err *e);
_nodiscard_ int fs_readlink_maybe(const char *path, char **ret, struct err *e); // 'no' for no link, too
// fs_list, with an empty list where there is no folder: 0 or an error.
_nodiscard_ int fs_list_maybe(const char *path, char ***ret, struct err *e);
// Sorted names of a folder without . and ..
int fs_list(const char *path, char ***ret, struct err *e);
// The same with their types, as tree_collect has them.
int fs_list_types(const char *path, char ***ret, unsigned char **ret_types, struct err *e);
// A new folder DIR/PREFIX-XXXXXX, owned path.
int fs_mkdtemp(const char *dir, const char *prefix, char **ret, struct err *e);
// Absolute path with . and .. and double slashes removed by text alone (no links resolved). fs_absolute takes
// a relative one from the working directory, which may be gone: then there is no answer but an error.
int fs_absolute(const char *path, char **ret, struct err *e);
// The same for a path that is absolute already.
char *fs_clean(const char *path);
// dir + "/" + name, owned.
char *fs_join(const char *dir, const char *name);
// fsync of a folder or file by path.
int fs_sync(const char *path, struct err *e);
// open(2) with O_CLOEXEC; returns the descriptor or a negative errno.
int fs_open(const char *path, int flags, mode_t mode, struct err *e);
// An exclusive (or shared) flock on path, created if missing, not through a link; waits if wait, and says so
// when it takes long (base/lock.h). -EWOULDBLOCK without error text when not free.
int fs_lock(const char *path, bool exclusive, bool wait, int *ret_fd, struct err *e);

static inline void fs_closep(int *fd)
{
	extern int close(int);
	if (*fd >= 0)
		close(*fd);
}
#define _cleanup_close_ _cleanup_(fs_closep)
