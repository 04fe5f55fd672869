// SPDX-License-Identifier: GPL-2.0-or-later
// The database of a local store: STATE/db/db.sqlite with Nix's schema 10, STATE/db/schema, STATE/db/big-lock
// and STATE/db/reserved, used beside real Nix. The only place that knows SQLite; src/store only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/hmap.h"

struct db;
struct store_info;

// DB_LATER: the files are opened by the first question. DB_NO_RESERVE: the reserve is not made.
enum db_flags { DB_READ_ONLY = 1, DB_NO_SYNC = 2, DB_NO_CREATE = 4, DB_LATER = 8, DB_NO_RESERVE = 16 };

// db_dir is STATE/db, store_dir the logical store folder: every path that a question gives is checked to be
// one of its store paths, and is -EUCLEAN else, because paths are deleted and read by what is said here.
// Creates the schema in an empty one; refuses another schema than 10.
int db_open(const char *db_dir, const char *store_dir, int flags, struct db **ret, struct err *e);
void db_close(struct db *db);
// Gives the reserve back to the disk: a full one must not keep the collector from opening the database and
// from forgetting what it deletes. db_open without DB_NO_RESERVE makes it again, where there is room.
void db_free_reserve(const char *db_dir);
int db_make_reserve(const char *db_dir, struct err *e);

// Transactions are exclusive to this process while they last; a busy database is waited for.
// Are its pages and indexes sound? -EUCLEAN when not. Reads all of it. An index that lost an entry says of a
// valid path that it is none, so whoever deletes what is not valid asks this first.
int db_check(struct db *db, struct err *e);
int db_begin(struct db *db, struct err *e);
int db_commit(struct db *db, struct err *e);
void db_rollback(struct db *db);

// 0 with *ret_id 0 when the path is not valid.
int db_path_id(struct db *db, const char *path, int64_t *ret_id, struct err *e);
int db_get_info(
        struct db *db, const char *path, struct store_info **ret, struct err *e); // *ret NULL when not valid
int db_refs(struct db *db, const char *path, char ***ret, struct err *e);
int db_referrers(struct db *db, const char *path, char ***ret, struct err *e);
int db_all_paths(struct db *db, char ***ret, struct err *e);
// As they stand there, unchecked: for those who look after the database itself.
int db_all_rows(struct db *db, char ***ret, struct err *e);
int db_derivers(struct db *db, const char *path, char ***ret, struct err *e);
int db_drv_outputs(struct db *db, const char *drv_path, struct hmap *ret, struct err *e);
// First path that is >= prefix; NULL when none.
int db_first_from(struct db *db, const char *prefix, char **ret, struct err *e);

// Inserts or updates the row; references are added apart, once all rows are there.
int db_put_info(struct db *db, const struct store_info *i, int64_t *ret_id, struct err *e);
int db_add_ref(struct db *db, int64_t referrer, int64_t reference, struct err *e);
int db_add_drv_output(struct db *db, int64_t drv, const char *output, const char *path, struct err *e);
int db_update(
        struct db *db, const struct store_info *i, struct err *e); // narSize, narHash, ultimate, sigs, ca
int db_delete_path(struct db *db, const char *path, struct err *e);
