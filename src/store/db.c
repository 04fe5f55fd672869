// SPDX-License-Identifier: GPL-2.0-or-later
// The SQLite database of a store, schema 10: opening, transactions, and one prepared statement per question.
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/db-space.h"
#include "store/store-impl.h"

#define BUSY_TIMEOUT_MS (3600 * 1000)
#define SCHEMA_VERSION  "10"

enum query {
	Q_PATH_ID,
	Q_INFO,
	Q_REFS_OF_ID,
	Q_REFS,
	Q_REFERRERS,
	Q_ALL,
	Q_ALL_ROWS,
	Q_DERIVERS,
	Q_DRV_OUTPUTS,
	Q_FIRST_FROM,
	Q_INSERT,
	Q_UPDATE_FULL,
	Q_ADD_REF,
	Q_ADD_DRV_OUTPUT,
	Q_UPDATE,
	Q_DELETE_SELF,
	Q_DELETE,
	Q_COUNT
};

static const char *const query_text[Q_COUNT] = {
        [Q_PATH_ID] = "select id from ValidPaths where path = ?",
        [Q_INFO] = "select id, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from ValidPaths "
                   "where path = ?",
        [Q_REFS_OF_ID] =
                "select path from Refs join ValidPaths on reference = id where referrer = ? order by path",
        [Q_REFS] = "select v.path from Refs r join ValidPaths v on r.reference = v.id "
                   "where r.referrer = (select id from ValidPaths where path = ?) order by v.path",
        [Q_REFERRERS] = "select v.path from Refs r join ValidPaths v on r.referrer = v.id "
                        "where r.reference = (select id from ValidPaths where path = ?) order by v.path",
        [Q_ALL] = "select path from ValidPaths order by path",
        [Q_ALL_ROWS] = "select path from ValidPaths order by path",
        [Q_DERIVERS] = "select v.path from DerivationOutputs d join ValidPaths v on d.drv = v.id where "
                       "d.path = ? order by v.path",
        [Q_DRV_OUTPUTS] = "select d.id, d.path from DerivationOutputs d join ValidPaths v on d.drv = v.id "
                          "where v.path = ? "
                          "order by d.id",
        [Q_FIRST_FROM] = "select path from ValidPaths where path >= ? order by path limit 1",
        [Q_INSERT] =
                "insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) "
                "values (?, ?, ?, ?, ?, ?, ?, ?)",
        [Q_UPDATE_FULL] =
                "update ValidPaths set hash = ?2, registrationTime = ?3, deriver = coalesce(?4, deriver), "
                "narSize = ?5, ultimate = ?6, sigs = ?7, ca = ?8 where path = ?1",
        [Q_ADD_REF] = "insert or ignore into Refs (referrer, reference) values (?, ?)",
        [Q_ADD_DRV_OUTPUT] = "insert or replace into DerivationOutputs (drv, id, path) values (?, ?, ?)",
        [Q_UPDATE] = "update ValidPaths set narSize = ?5, hash = ?2, ultimate = ?6, sigs = ?7, ca = ?8 where "
                     "path = ?1",
        [Q_DELETE_SELF] = "delete from Refs where referrer = reference and "
                          "referrer = (select id from ValidPaths where path = ?)",
        [Q_DELETE] = "delete from ValidPaths where path = ?",
};

static const char schema_text[] =
        "create table if not exists ValidPaths ("
        " id integer primary key autoincrement not null, path text unique not null, hash text not null,"
        " registrationTime integer not null, deriver text, narSize integer, ultimate integer, sigs text, ca "
        "text);"
        "create table if not exists Refs ("
        " referrer integer not null, reference integer not null, primary key (referrer, reference),"
        " foreign key (referrer) references ValidPaths(id) on delete cascade,"
        " foreign key (reference) references ValidPaths(id) on delete restrict);"
        "create index if not exists IndexReferrer on Refs(referrer);"
        "create index if not exists IndexReference on Refs(reference);"
        "create trigger if not exists DeleteSelfRefs before delete on ValidPaths begin"
        " delete from Refs where referrer = old.id and reference = old.id; end;"
        "create table if not exists DerivationOutputs ("
        " drv integer not null, id text not null, path text not null, primary key (drv, id),"
        " foreign key (drv) references ValidPaths(id) on delete cascade);"
        "create index if not exists IndexDerivationOutputs on DerivationOutputs(path);";

struct db {
	sqlite3 *sql;
	char *dir, *store_dir;
	int big_lock; // shared while we are open, exclusive while the schema is made; -1 when read-only
	int flags;
	sqlite3_stmt *stmts[Q_COUNT];
	struct shm_guard shm;
	int64_t busy_since_ms;
	bool busy_said;
};

static int fail(struct db *db, struct err *e)
{
	int code = sqlite3_errcode(db->sql) & 0xff;
	int errnum = code == SQLITE_FULL                               ? ENOSPC
	             : code == SQLITE_BUSY || code == SQLITE_LOCKED    ? EBUSY
	             : code == SQLITE_READONLY || code == SQLITE_PERM  ? EROFS
	             : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? EUCLEAN
	             : code == SQLITE_CONSTRAINT                       ? EEXIST
	                                                               : EIO;

	return err_set(e, -errnum, "SQLite database '%s/db.sqlite': %s", db->dir, sqlite3_errmsg(db->sql));
}

static int exec(struct db *db, const char *text, struct err *e)
{
	return sqlite3_exec(db->sql, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(db, e);
}

static int make_schema(struct db *db, const char *schema_file, struct err *e)
{
	int r = exec(db, "begin exclusive", e);

	if (r == 0)
		r = exec(db, schema_text, e);
	r = r == 0 ? exec(db, "commit", e) : (db_rollback(db), r);
	if (r == 0)
		r = fs_write_atomic(schema_file, SCHEMA_VERSION, strlen(SCHEMA_VERSION), 0644, e);
	return r;
}

// What the file `schema` says: 0 when there is none.
static int read_schema(const char *schema_file, uint64_t *ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};

	*ret = 0;
	int r = fs_read_maybe(schema_file, 64, &text, e);
	if (r <= 0)
		return r;
	text.len = strcspn(buf_str(&text), "\n");
	text.data[text.len] = '\0';
	if (str_to_u64(text.data, ret) < 0)
		return err_set(e, -EUCLEAN, "'%s' is corrupt", schema_file);
	return 0;
}

static int check_schema(struct db *db, struct err *e)
{
	_cleanup_free_ char *file = fs_join(db->dir, "schema");
	uint64_t version;
	int r = read_schema(file, &version, e);

	if (r < 0 || version == 10)
		return r;
	if (version != 0)
		return err_set(e, -EPROTO,
		        "the store's database '%s' has schema %llu; only schema %s is supported", db->dir,
		        (unsigned long long)version, SCHEMA_VERSION);
	if (db->flags & (DB_READ_ONLY | DB_NO_CREATE))
		return err_set(e, -ENOENT, "there is no store database in '%s'", db->dir);
	_cleanup_free_ char *lock = fs_join(db->dir, "big-lock");
	r = lock_wait(db->big_lock, true, "the big Nix store lock", lock, e);
	if (r < 0)
		return r;
	r = read_schema(file, &version, e); // somebody may have been quicker
	if (r == 0 && version == 0)
		r = make_schema(db, file, e);
	if (flock(db->big_lock, LOCK_SH) < 0 && r == 0)
		r = err_sys(e, errno, "locking '%s/big-lock'", db->dir);
	return r;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Somebody else writes: waits, up to an hour, and says so when it is not for a moment.
static int on_busy(void *ctx, int count)
{
	static const int delays_ms[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
	struct db *db = ctx;
	int delay_ms = delays_ms[MIN((size_t)count, ARRAY_SIZE(delays_ms) - 1)];

	if (count == 0) {
		db->busy_since_ms = now_ms();
		db->busy_said = false;
	}
	int64_t waited_ms = now_ms() - db->busy_since_ms;
	if (waited_ms >= LOCK_SAY_AFTER_MS && !db->busy_said) {
		_cleanup_free_ char *shm = str_printf("%s/db.sqlite-shm", db->dir);
		lock_say("the Nix store's database", shm);
		db->busy_said = true;
	}
	nanosleep(&(struct timespec){.tv_nsec = delay_ms * 1000L * 1000}, NULL);
	return waited_ms < BUSY_TIMEOUT_MS;
}

// A store may be somebody else's, and so is the program in its database: views, triggers and expressions,
// which could run without end, or change other rows than those that are meant. Foreign keys go on working.
static void distrust_schema(struct db *db)
{
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

static int open_sql(struct db *db, struct err *e)
{
	_cleanup_free_ char *file = fs_join(db->dir, "db.sqlite");
	bool create = !(db->flags & (DB_READ_ONLY | DB_NO_CREATE));
	int mode = db->flags & DB_READ_ONLY ? SQLITE_OPEN_READONLY
	           : create                 ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
	                                    : SQLITE_OPEN_READWRITE;
	// Without the right to make the -shm file a reader needs those that a writer left, or takes the file
	// as it is.
	_cleanup_free_ char *wal = str_printf("%s-wal", file);
	bool immutable = (db->flags & DB_READ_ONLY) && access(db->dir, W_OK) < 0;
	int has_wal = immutable ? fs_lstat_maybe(wal, NULL, e) : 0;
	if (has_wal < 0)
		return has_wal;
	immutable = immutable && !has_wal;
	_cleanup_free_ char *uri = str_printf("file:%s%s", file, immutable ? "?immutable=1" : "");

	if (strpbrk(file, "?#%"))
		return err_set(e, -EINVAL,
		        "the store's state folder '%s' must not have '?', '#' or '%%' in its name", db->dir);
	if (sqlite3_open_v2(uri, &db->sql, mode | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return err_set(e, -EIO, "cannot open SQLite database '%s': %s", file,
		        db->sql ? sqlite3_errmsg(db->sql) : "no memory");
	distrust_schema(db);
	shm_guard_attach(&db->shm, db->sql, db->dir);
	sqlite3_busy_handler(db->sql, on_busy, db);
	int r = exec(db, "pragma foreign_keys = 1; pragma temp_store = memory", e);
	if (r == 0)
		r = exec(db,
		        db->flags & DB_NO_SYNC ? "pragma synchronous = off" : "pragma synchronous = full", e);
	if (r == 0 && !(db->flags & DB_READ_ONLY))
		r = exec(db, "pragma main.journal_mode = wal", e);
	if (r == 0 && !(db->flags & DB_READ_ONLY))
		r = exec(db, "pragma wal_autocheckpoint = 40000", e);
	return r;
}

static int open_files(struct db *db, struct err *e)
{
	_cleanup_free_ char *lock = fs_join(db->dir, "big-lock");
	int r = 0;

	if (!(db->flags & DB_READ_ONLY)) {
		r = db->flags & DB_NO_CREATE ? 0 : fs_mkdir_p(db->dir, 0755, e);
		if (r == 0)
			r = lock_file_wait(lock, false, "the big Nix store lock", &db->big_lock, e);
		if (r == 0 && !(db->flags & DB_NO_RESERVE))
			r = db_make_reserve(db->dir, e);
	}
	if (r == 0)
		r = open_sql(db, e);
	return r < 0 ? r : check_schema(db, e);
}

int db_open(const char *db_dir, const char *store_dir, int flags, struct db **ret, struct err *e)
{
	struct db *db = NEW(struct db);

	db->dir = mem_strdup(db_dir);
	db->store_dir = mem_strdup(store_dir);
	db->flags = flags;
	db->big_lock = -1;
	int r = flags & DB_LATER ? 0 : open_files(db, e);
	if (r < 0) {
		db_close(db);
		return r;
	}
	*ret = db;
	return 0;
}

static void close_files(struct db *db)
{
	for (int i = 0; i < Q_COUNT; i++)
		sqlite3_finalize(db->stmts[i]);
	sqlite3_close(db->sql);
	db->sql = NULL;
	shm_guard_release(&db->shm);
	if (db->big_lock >= 0)
		close(db->big_lock);
	db->big_lock = -1;
}

// For DB_LATER; what fails is tried again by the next question.
static int ready(struct db *db, struct err *e)
{
	int r = db->sql ? 0 : open_files(db, e);

	if (r < 0)
		close_files(db);
	return r;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	close_files(db);
	mem_free(db->dir);
	mem_free(db->store_dir);
	mem_free(db);
}

int db_begin(struct db *db, struct err *e)
{
	int r = ready(db, e);

	return r < 0 ? r : exec(db, "begin immediate", e);
}

int db_commit(struct db *db, struct err *e)
{
	int r = exec(db, "commit", e);

	if (r < 0)
		db_rollback(db);
	return r;
}

void db_rollback(struct db *db)
{
	sqlite3_exec(db->sql, "rollback", NULL, NULL, NULL);
}

static int statement(struct db *db, enum query q, sqlite3_stmt **ret, struct err *e)
{
	int r = ready(db, e);

	if (r < 0)
		return r;
	if (!db->stmts[q] && sqlite3_prepare_v3(db->sql, query_text[q], -1, SQLITE_PREPARE_PERSISTENT,
	                             &db->stmts[q], NULL) != SQLITE_OK)
		return fail(db, e);
	*ret = db->stmts[q];
	sqlite3_reset(*ret);
	sqlite3_clear_bindings(*ret);
	return 0;
}

static void bind_text(sqlite3_stmt *st, int i, const char *s)
{
	if (s)
		sqlite3_bind_text(st, i, s, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, i);
}

// Runs a statement that gives no rows.
static int run(struct db *db, sqlite3_stmt *st, struct err *e)
{
	int r = sqlite3_step(st) == SQLITE_DONE ? 0 : fail(db, e);

	sqlite3_reset(st);
	return r;
}

// Next row: 1, the end: 0, or an error.
static int step(struct db *db, sqlite3_stmt *st, struct err *e)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 1;
	int r = rc == SQLITE_DONE ? 0 : fail(db, e);
	sqlite3_reset(st);
	return r;
}

static const char *col_text(sqlite3_stmt *st, int i)
{
	return (const char *)sqlite3_column_text(st, i);
}

// The text of a column that is a path; NULL with an error when it is none of this store.
static const char *col_path(struct db *db, sqlite3_stmt *st, int i, struct err *e)
{
	const char *path = col_text(st, i);

	if (path && store_path_valid(db->store_dir, path))
		return path;
	err_set(e, -EUCLEAN, "SQLite database '%s/db.sqlite': '%s' is not a store path", db->dir,
	        path ? path : "");
	sqlite3_reset(st);
	return NULL;
}

// First column of every row.
static int rows_to_strv(struct db *db, sqlite3_stmt *st, bool checked, char ***ret, struct err *e)
{
	struct buf list = {0};
	int r;

	while ((r = step(db, st, e)) > 0) {
		const char *path = checked ? col_path(db, st, 0, e) : col_text(st, 0);
		if (checked && !path) {
			r = -EUCLEAN;
			break;
		}
		strs_add(&list, path ? path : "");
	}
	char **all = strs_steal(&list);
	if (r < 0)
		strv_free(all);
	else
		*ret = all;
	return r;
}

int db_check(struct db *db, struct err *e)
{
	_cleanup_strv_ char **words = NULL;
	sqlite3_stmt *st = NULL;
	int r = ready(db, e);

	if (r == 0 && sqlite3_prepare_v2(db->sql, "pragma integrity_check(1)", -1, &st, NULL) != SQLITE_OK)
		r = fail(db, e);
	if (r == 0)
		r = rows_to_strv(db, st, false, &words, e);
	sqlite3_finalize(st);
	if (r < 0 || (strv_len(words) == 1 && str_eq(words[0], "ok")))
		return r;
	err_set(e, -EUCLEAN, "SQLite database '%s/db.sqlite' is damaged: %s", db->dir,
	        words && *words ? words[0] : "it cannot be checked");
	return err_hint(
	        e, "Nothing is deleted by what it says. 'sqlite3 FILE .recover' may read what is left.");
}

static int list_of(struct db *db, enum query q, const char *arg, char ***ret, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int r = statement(db, q, &st, e);

	if (r < 0)
		return r;
	if (arg)
		bind_text(st, 1, arg);
	return rows_to_strv(db, st, q != Q_ALL_ROWS, ret, e);
}

// The first row of a query about one path: 1 and the statement standing on it (to be reset), 0 when there is
// none.
static int row_of(struct db *db, enum query q, const char *path, sqlite3_stmt **ret, struct err *e)
{
	int r = statement(db, q, ret, e);

	if (r < 0)
		return r;
	bind_text(*ret, 1, path);
	return step(db, *ret, e);
}

int db_path_id(struct db *db, const char *path, int64_t *ret_id, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int r = row_of(db, Q_PATH_ID, path, &st, e);

	if (r < 0)
		return r;
	*ret_id = r ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return 0;
}

static int row_to_info(struct db *db, sqlite3_stmt *st, const char *path, struct store_info *i, struct err *e)
{
	const char *hash = col_text(st, 1), *deriver = col_text(st, 3), *sigs = col_text(st, 6),
	           *ca = col_text(st, 7);
	int r = hash_parse(hash ? hash : "", HASH_NONE, &i->nar_hash, e);

	if (r < 0)
		return err_wrap(e, "invalid-path entry for '%s'", path);
	i->path = mem_strdup(path);
	i->registration_time = sqlite3_column_int64(st, 2);
	// Only a note: what is no store path says nothing.
	i->deriver = deriver && store_path_valid(db->store_dir, deriver) ? mem_strdup(deriver) : NULL;
	i->nar_size_bytes = (uint64_t)sqlite3_column_int64(st, 4);
	i->ultimate = sqlite3_column_int(st, 5) == 1;
	i->sigs = sigs ? strv_split(sigs, " ") : NULL;
	i->ca = ca && *ca ? mem_strdup(ca) : NULL;
	return 0;
}

int db_get_info(struct db *db, const char *path, struct store_info **ret, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	sqlite3_stmt *st = NULL;
	int r = row_of(db, Q_INFO, path, &st, e);

	if (r < 0)
		return r;
	*ret = NULL;
	if (r == 0)
		return 0;
	i = NEW(struct store_info);
	int64_t id = sqlite3_column_int64(st, 0);
	r = row_to_info(db, st, path, i, e);
	sqlite3_reset(st);
	if (r == 0)
		r = statement(db, Q_REFS_OF_ID, &st, e);
	if (r < 0)
		return r;
	sqlite3_bind_int64(st, 1, id);
	r = rows_to_strv(db, st, true, &i->refs, e);
	if (r == 0)
		*ret = TAKE_PTR(i);
	return r;
}

int db_refs(struct db *db, const char *path, char ***ret, struct err *e)
{
	return list_of(db, Q_REFS, path, ret, e);
}

int db_referrers(struct db *db, const char *path, char ***ret, struct err *e)
{
	return list_of(db, Q_REFERRERS, path, ret, e);
}

int db_all_paths(struct db *db, char ***ret, struct err *e)
{
	return list_of(db, Q_ALL, NULL, ret, e);
}

int db_all_rows(struct db *db, char ***ret, struct err *e)
{
	return list_of(db, Q_ALL_ROWS, NULL, ret, e);
}

int db_derivers(struct db *db, const char *path, char ***ret, struct err *e)
{
	return list_of(db, Q_DERIVERS, path, ret, e);
}

int db_drv_outputs(struct db *db, const char *drv_path, struct hmap *ret, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int r = statement(db, Q_DRV_OUTPUTS, &st, e);

	if (r < 0)
		return r;
	bind_text(st, 1, drv_path);
	while ((r = step(db, st, e)) > 0) {
		const char *output = col_text(st, 0), *path = col_path(db, st, 1, e);
		if (!path)
			return -EUCLEAN;
		if (!output) { // our schema has none such, somebody else's may
			sqlite3_reset(st);
			return err_set(e, -EUCLEAN,
			        "SQLite database '%s/db.sqlite': an output of '%s' has no name", db->dir,
			        drv_path);
		}
		mem_free(hmap_put(ret, output, mem_strdup(path)));
	}
	return r;
}

int db_first_from(struct db *db, const char *prefix, char **ret, struct err *e)
{
	_cleanup_strv_ char **found = NULL;
	int r = list_of(db, Q_FIRST_FROM, prefix, &found, e);

	if (r == 0)
		*ret = found && *found ? mem_strdup(*found) : NULL;
	return r;
}

static void bind_info(sqlite3_stmt *st, const struct store_info *i, const char *hash, const char *sigs)
{
	bind_text(st, 1, i->path);
	bind_text(st, 2, hash);
	sqlite3_bind_int64(st, 3, i->registration_time);
	bind_text(st, 4, i->deriver);
	if (i->nar_size_bytes)
		sqlite3_bind_int64(st, 5, (sqlite3_int64)i->nar_size_bytes);
	if (i->ultimate)
		sqlite3_bind_int64(st, 6, 1);
	bind_text(st, 7, sigs && *sigs ? sigs : NULL);
	bind_text(st, 8, i->ca);
}

static int write_info(struct db *db, enum query q, const struct store_info *i, struct err *e)
{
	_cleanup_free_ char *hash = hash_format(&i->nar_hash, HASH_BASE16, true);
	_cleanup_free_ char *sigs = strv_join(i->sigs, " ");
	sqlite3_stmt *st = NULL;
	int r = statement(db, q, &st, e);

	if (r < 0)
		return r;
	bind_info(st, i, hash, sigs);
	return run(db, st, e);
}

int db_put_info(struct db *db, const struct store_info *i, int64_t *ret_id, struct err *e)
{
	int64_t id;
	int r = db_path_id(db, i->path, &id, e);

	if (r == 0)
		r = write_info(db, id ? Q_UPDATE_FULL : Q_INSERT, i, e);
	if (r == 0)
		*ret_id = id ? id : sqlite3_last_insert_rowid(db->sql);
	return r;
}

int db_add_ref(struct db *db, int64_t referrer, int64_t reference, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int r = statement(db, Q_ADD_REF, &st, e);

	if (r < 0)
		return r;
	sqlite3_bind_int64(st, 1, referrer);
	sqlite3_bind_int64(st, 2, reference);
	return run(db, st, e);
}

int db_add_drv_output(struct db *db, int64_t drv, const char *output, const char *path, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int r = statement(db, Q_ADD_DRV_OUTPUT, &st, e);

	if (r < 0)
		return r;
	sqlite3_bind_int64(st, 1, drv);
	bind_text(st, 2, output);
	bind_text(st, 3, path);
	return run(db, st, e);
}

int db_update(struct db *db, const struct store_info *i, struct err *e)
{
	return write_info(db, Q_UPDATE, i, e);
}

int db_delete_path(struct db *db, const char *path, struct err *e)
{
	static const enum query both[] = {Q_DELETE_SELF, Q_DELETE};
	int r = 0;

	// A path may refer to itself. The schema has a trigger for that, which is off (distrust_schema).
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(both); i++) {
		sqlite3_stmt *st = NULL;
		r = statement(db, both[i], &st, e);
		if (r < 0)
			return r;
		bind_text(st, 1, path);
		r = run(db, st, e);
	}
	return r;
}
