// SPDX-License-Identifier: GPL-2.0-or-later
// SQLite's shared memory on a disk that is full. For db.c only; db.h has the reserve.
#pragma once

#include <sqlite3.h>

// A write to a page of SQLite's shared memory (db.sqlite-shm) that has no block kills with SIGBUS when the
// disk is full. SQLite writes one byte of each 4096 to get its blocks; where those are smaller (ext4 below
// 512 MiB has 1024) that is not all of the page. With a guard every page that is mapped has all of its
// blocks, or the answer is SQLITE_FULL. All zero is a guard that is not attached; it must outlive the
// connection.
struct shm_guard {
	sqlite3_io_methods methods; // SQLite's own of the database's file, but for xShmMap
	int (*map)(sqlite3_file *file, int page, int size, int extend, void volatile **ret);
	char *file;
	int fd;
};
void shm_guard_attach(struct shm_guard *g, sqlite3 *sql, const char *db_dir);
void shm_guard_release(struct shm_guard *g);
