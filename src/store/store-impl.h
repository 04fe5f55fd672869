// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of src/store share about an open store; nobody else includes it.
#pragma once

#include "store/db.h"
#include "store/store.h"

// Lists that grow in one piece: b holds pointers to owned strings.
void strs_add(struct buf *b, const char *s);
char **strs_steal(struct buf *b); // strv, never NULL
void strs_sort(char **v);         // not NULL; doubles go
char **strs_copy(char *const *v);

struct store {
	char *dir, *real_dir, *root, *state_dir, *log_dir;
	int flags;
	bool unwritable; // opened read-only because it cannot be written: adding is an error, not only
	                 // computed
	struct db *db;   // NULL: nothing is known to be valid
	bool db_checked; // by store_clear_place: once is enough
	int temp_roots;  // temproots/PID, locked; -1 until the first one
	char *temp_roots_file;
	int gc_lock;            // gc.lock, locked only while a temporary root is written; -1 until then
	int gc_socket;          // to a collector that is running; -1
	int folder;             // store_folder; -1 until it is needed
	struct hmap temp_known; // paths that are in temproots/PID
	struct hmap drv_hashes; // .drv path -> struct hash
	// Files that are in place and whole, without a row yet (store_flush). pending_index: path -> struct
	// store_info.
	struct store_info **pending;
	size_t n_pending, cap_pending;
	struct hmap pending_index;
};

// dir + "/" + rest of a file of the store's state, owned.
char *store_state_file(const struct store *s, const char *name);
int store_refuse_read_only(const struct store *s, struct err *e);
// Keeps collectors out until the descriptor is closed; waits for one that runs.
int store_lock_gc_shared(struct store *s, int *ret_fd, struct err *e);
// For what read-only stores only compute: an error when that was not what was asked for.
int store_refuse_unwritable(const struct store *s, struct err *e);
// "path '...' is not valid"
int store_not_valid(const char *path, struct err *e);
// The same as store_is_valid without looking at what is pending.
int store_db_valid(struct store *s, const char *path, bool *ret, struct err *e);
// Puts path, or those outputs of a derivation, into a set when they are valid.
int store_see_valid(struct store *s, struct hmap *seen, const char *path, struct err *e);
int store_see_outputs(struct store *s, struct hmap *seen, const char *drv_path, struct err *e);
struct store_info *store_info_new(const char *path);
// Makes everything that was written below the real store durable: files by themselves when there are few,
// else the whole file system.
int store_sync_paths(struct store *s, const struct store_info *const *infos, size_t n, struct err *e);
// The open store folder, beneath the root whatever is put in its place; not to be closed.
int store_folder(struct store *s, struct err *e);
// Removes an entry of the store folder, by its bare name.
int store_remove_entry(struct store *s, const char *name, struct err *e);
// Removes the files of a path, valid or not.
int store_remove_files(struct store *s, const char *path, struct err *e);
// store_add_text with refs sorted already; trusted: a .drv that was made here needs no check.
int store_add_drv_text(struct store *s, const char *name, const void *data, size_t len, char *const *refs,
        bool trusted, char **ret, struct err *e);
