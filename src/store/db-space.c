// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks for what must not fail for want of them.
#include "store/db-space.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/db.h"

#define RESERVED_BYTES (8 << 20)

void db_free_reserve(const char *db_dir)
{
	_cleanup_free_ char *file = fs_join(db_dir, "reserved");

	unlink(file);
}

static bool has_blocks(const struct stat *st, off_t bytes)
{
	return (off_t)st->st_blocks * 512 >= bytes;
}

// The reserve has to be real: one without blocks, made while there was no room for them, is filled as soon as
// there is. Where there is no room now the store works without it.
int db_make_reserve(const char *db_dir, struct err *e)
{
	_cleanup_free_ char *file = fs_join(db_dir, "reserved");
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (stat(file, &st) == 0 && has_blocks(&st, RESERVED_BYTES))
		return 0;
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOSPC ? 0 : err_sys(e, errno, "creating '%s'", file);
	// A file system that cannot do that has nothing to reserve (it compresses, or copies on every write).
	if (fallocate(fd, 0, 0, RESERVED_BYTES) < 0 && errno == ENOSPC && unlink(file) < 0 && errno != ENOENT)
		return err_sys(e, errno, "removing '%s'", file);
	return 0;
}

static int give_blocks(struct shm_guard *g, off_t end)
{
	struct stat st;

	// It stays open as long as SQLite has the file: to close it would give up SQLite's locks.
	if (g->fd < 0)
		g->fd = open(g->file, O_RDWR | O_CLOEXEC);
	if (g->fd < 0 || fstat(g->fd, &st) < 0 || has_blocks(&st, end) ||
	        fallocate(g->fd, FALLOC_FL_KEEP_SIZE, 0, end) == 0 || errno != ENOSPC)
		return SQLITE_OK;
	return SQLITE_FULL;
}

// In place of SQLite's own method, which makes and maps the page.
static int map_with_blocks(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	struct shm_guard *g =
	        (struct shm_guard *)((uintptr_t)file->pMethods - offsetof(struct shm_guard, methods));
	int code = g->map(file, page, size, extend, ret);

	if (code != SQLITE_OK || !*ret)
		return code;
	code = give_blocks(g, (off_t)(page + 1) * size);
	if (code != SQLITE_OK)
		*ret = NULL;
	return code;
}

void shm_guard_attach(struct shm_guard *g, sqlite3 *sql, const char *db_dir)
{
	sqlite3_file *file = NULL;

	if (sqlite3_file_control(sql, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file ||
	        !file->pMethods || file->pMethods->iVersion < 2)
		return;
	g->fd = -1;
	g->file = fs_join(db_dir, "db.sqlite-shm");
	g->methods = *file->pMethods;
	g->map = g->methods.xShmMap;
	g->methods.xShmMap = map_with_blocks;
	file->pMethods = &g->methods;
}

void shm_guard_release(struct shm_guard *g)
{
	if (!g->file)
		return;
	mem_free(g->file);
	if (g->fd >= 0)
		close(g->fd);
	*g = (struct shm_guard){0};
}
