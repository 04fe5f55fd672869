// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: rows of somebody else's store database, whose tables have no constraints. A line of the input
// is a row, a word a column, "-" NULL: p PATH HASH TIME DERIVER SIZE ULTIMATE SIGS CA, r REFERRER REFERENCE,
// o DRV ID PATH. They are read by the questions that other parts ask.
#include <sqlite3.h>
#include "scratch.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLUMNS_MAX = 8, PATHS_MAX = 8 };

static const struct {
	char letter;
	int columns;
	const char *text;
} tables[] = {
        {'p', 8,
                "insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) "
                "values (?, "
                "?, ?, ?, ?, ?, ?, ?)"},
        {'r', 2, "insert into Refs (referrer, reference) values (?, ?)"},
        {'o', 3, "insert into DerivationOutputs (drv, id, path) values (?, ?, ?)"},
};

static const char schema[] =
        "pragma synchronous = off;"
        "drop table if exists ValidPaths; drop table if exists Refs; drop table if exists DerivationOutputs;"
        "create table ValidPaths (id integer primary key, path, hash, registrationTime, deriver, narSize, "
        "ultimate, "
        "sigs, ca);"
        "create table Refs (referrer, reference);"
        "create table DerivationOutputs (drv, id, path);";

static void insert(sqlite3 *sql, const char *line)
{
	_cleanup_strv_ char **words = strv_split(line, " ");
	sqlite3_stmt *st = NULL;

	for (size_t i = 0; words && i < ARRAY_SIZE(tables); i++) {
		if (words[0][0] != tables[i].letter || words[0][1])
			continue;
		if (sqlite3_prepare_v2(sql, tables[i].text, -1, &st, NULL) != SQLITE_OK)
			abort();
		for (int k = 1; k <= tables[i].columns && words[k]; k++)
			if (!str_eq(words[k], "-"))
				sqlite3_bind_text(st, k, words[k], -1, SQLITE_STATIC);
		sqlite3_step(st);
		sqlite3_finalize(st);
	}
}

static void fill(const char *file, const char *text)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");
	sqlite3 *sql = NULL;

	if (sqlite3_open(file, &sql) != SQLITE_OK ||
	        sqlite3_exec(sql, schema, NULL, NULL, NULL) != SQLITE_OK ||
	        sqlite3_exec(sql, "begin", NULL, NULL, NULL) != SQLITE_OK)
		abort();
	strv_for_each (line, lines)
		insert(sql, line);
	if (sqlite3_exec(sql, "commit", NULL, NULL, NULL) != SQLITE_OK)
		abort();
	sqlite3_close(sql);
}

static void questions(struct store *s, const char *path)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_store_info_ struct store_info *info = NULL;
	_cleanup_strv_ char **refs = NULL, **referrers = NULL, **closure = NULL, **derivers = NULL;
	_cleanup_hmap_ struct hmap outputs = {0};
	char *one[] = {(char *)path, NULL};

	store_query_info(s, path, &info, &e);
	store_query_refs(s, path, &refs, &e);
	store_query_referrers(s, path, &referrers, &e);
	store_query_valid_derivers(s, path, &derivers, &e);
	store_query_drv_outputs(s, path, &outputs, &e);
	hmap_for_each (en, &outputs)
		mem_free(en->value);
	store_closure(s, one, CLOSURE_OUTPUTS | CLOSURE_DERIVERS, &closure, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *root = fs_join(scratch_dir(), "root"),
	                    *file = fs_join(root, "nix/var/nix/db/db.sqlite"),
	                    *text = mem_strndup((const char *)data, size);
	_cleanup_strv_ char **all = NULL;
	_cleanup_err_ struct err e = {0};
	struct store *s = NULL;

	if (!fs_exists(file) && (store_open(root, STORE_NO_SYNC, &s, &e) < 0 || (store_close(s), s = NULL)))
		abort();
	fill(file, text);
	if (store_open(root, STORE_NO_SYNC, &s, &e) < 0)
		abort();
	store_query_all(s, &all, &e);
	for (size_t i = 0; all && all[i] && i < PATHS_MAX; i++)
		questions(s, all[i]);
	questions(s, "/nix/store/00000000000000000000000000000000-x");
	store_close(s);
	return 0;
}
