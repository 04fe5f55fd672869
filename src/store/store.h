// SPDX-License-Identifier: GPL-2.0-or-later
// The store: valid paths with their contents (files below the real store folder) and metadata (SQLite),
// shared with any Nix on the machine. One `struct store` is used by one thread; any number of processes may
// have the same store open. Paths are logical ("/nix/store/..."), returned lists are strv. A function that is
// given a path that is not valid says -ENOENT "path '...' is not valid". Contents are durable before the row
// is, and the row before success is returned.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "base/err.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "store/nar.h"
#include "store/path.h"

struct store;
struct db;

enum store_flags {
	STORE_READ_ONLY =
	        1,         // nothing is written: adding only computes paths (evaluation without side effects)
	STORE_NO_SYNC = 2, // no fsync: tests and throw-away stores
	STORE_NO_CREATE = 4, // fail when there is no store yet
	STORE_DB_LATER = 8,  // the database is opened by the first question: most evaluations ask none
	STORE_RECLAIM = 16,  // space will be freed: the reserve goes first, for opening the database takes some
};

// uri NULL: $NIX_REMOTE, else "auto". Known: "auto" (the machine's store where it can be written, else a
// private root under $XDG_DATA_HOME/kernix/root), "local",
// "local?root=DIR&store=DIR&state=DIR&log=DIR&real=DIR", "DIR" (root), "dummy://" (in no place, read-only).
// $NIX_STORE_DIR, $NIX_STATE_DIR, $NIX_LOG_DIR as Nix has them. "daemon" and others are refused.
int store_open(const char *uri, int flags, struct store **ret, struct err *e);
void store_close(struct store *s);
// store_add_text only queues its rows: thousands of .drv files cost one sync and one transaction. This makes
// them durable and valid; every question about the database and store_close do it too. Call it before a path
// is shown to anybody.
int store_flush(struct store *s, struct err *e);
const char *store_dir(const struct store *s);       // logical: "/nix/store"
const char *store_real_dir(const struct store *s);  // where the files are
const char *store_root(const struct store *s);      // "" or the DIR of root=DIR
const char *store_state_dir(const struct store *s); // .../var/nix
const char *store_log_dir(const struct store *s);   // .../var/log/nix
bool store_is_private(
        const struct store *s); // files are not where their names say: builds need a mount namespace
bool store_is_read_only(const struct store *s);
// Read-only because it cannot be written, not because only paths are to be computed: what is not there
// already cannot be added, and adding it says so.
bool store_is_unwritable(const struct store *s);
struct db *store_db(struct store *s); // NULL for a dummy; only for src/store
// Where the file named by a logical path (a store path or below) really is; owned.
char *store_real_path(const struct store *s, const char *path);

struct store_info {
	char *path;
	struct hash nar_hash; // sha256
	uint64_t nar_size_bytes;
	char **refs;   // sorted; may hold path itself
	char *deriver; // NULL: unknown
	char *ca;      // NULL: not content-addressed
	char **sigs;   // "NAME:BASE64"
	time_t registration_time;
	bool ultimate; // built here
};
void store_info_free(struct store_info *i);
struct store_info *store_info_copy(const struct store_info *i);
#define _cleanup_store_info_ _cleanup_(store_info_freep)
static inline void store_info_freep(struct store_info **i)
{
	store_info_free(*i);
}

// --- questions ---
// An error is never an answer: *ret is set only when the store could be asked, and whoever deletes or
// overwrites goes on only with an answer. The same holds for every question here.
_nodiscard_ int store_is_valid(struct store *s, const char *path, bool *ret, struct err *e);
// 0 when path is valid, -ENOENT and the message when it is not, another error when that is not known.
_nodiscard_ int store_check_valid(struct store *s, const char *path, struct err *e);
int store_query_info(struct store *s, const char *path, struct store_info **ret, struct err *e);
int store_query_all(struct store *s, char ***ret, struct err *e);
int store_query_refs(struct store *s, const char *path, char ***ret, struct err *e);
int store_query_referrers(struct store *s, const char *path, char ***ret, struct err *e);
enum closure_flags { CLOSURE_REFERRERS = 1, CLOSURE_OUTPUTS = 2, CLOSURE_DERIVERS = 4 };
// Everything reachable from paths, themselves included, sorted so that no path comes before one that it
// refers to.
int store_closure(struct store *s, char *const *paths, int flags, char ***ret, struct err *e);
// References before referrers, among the given paths only.
int store_topo_sort(struct store *s, char *const *paths, char ***ret, struct err *e);
// Outputs of a derivation as the database knows them (whether or not they are valid now): name -> owned path.
int store_query_drv_outputs(struct store *s, const char *drv_path, struct hmap *ret, struct err *e);
int store_query_valid_derivers(struct store *s, const char *path, char ***ret, struct err *e);
// The valid path whose name begins with these 32 characters; *ret NULL when there is none.
int store_path_from_hash_part(struct store *s, const char *hash_part, char **ret, struct err *e);
// The part of a log path that belongs to a derivation: LOGDIR/drvs/XX/REST (without .bz2); owned.
char *store_log_path(struct store *s, const char *drv_path);

// --- adding ---
// Everything that is added becomes a temporary root of this process.
int store_add_text(struct store *s, const char *name, const void *data, size_t len, char *const *refs,
        char **ret, struct err *e);
// Copies a file or tree (method CA_FLAT: a regular file). *ret is its path; ret_hash (may be NULL) what it
// was hashed to.
int store_add_path(struct store *s, const char *name, const char *file, enum ca_method method,
        enum hash_algo algo, const struct nar_filter *filter, char **ret, struct hash *ret_hash,
        struct err *e);
// Only computes the path.
int store_path_for_file(struct store *s, const char *name, const char *file, enum ca_method method,
        enum hash_algo algo, const struct nar_filter *filter, char **ret, struct hash *ret_hash,
        struct err *e);
// Removes what lies in the place of a path that is not valid, before it is filled; refuses when it is valid,
// or when the database is too damaged to say. The caller holds the path's lock.
int store_clear_place(struct store *s, const char *path, struct err *e);
// Takes the contents of info->path from a NAR; info->nar_hash and size are checked when algo is not
// HASH_NONE.
int store_add_nar(struct store *s, const struct store_info *info, const struct source *nar, struct err *e);
// The first half of that, for many paths that are registered together: contents in their place, checked, but
// not valid. The caller holds the path's lock and registers it, or drops it.
int store_restore_nar(struct store *s, struct store_info *info, const struct source *nar, struct err *e);
void store_drop_unregistered(struct store *s, const char *path);
// Makes paths valid whose contents are in place, canonical and whole, in one transaction. Syncs the contents
// first. References must be valid or in the same call; cycles between different paths are refused.
int store_register(struct store *s, const struct store_info *const *infos, size_t n, struct err *e);
int store_add_sigs(struct store *s, const char *path, char *const *sigs, struct err *e);

// --- hash modulo of derivations, remembered by path (see drv.h) ---
const struct hash *store_drv_hash_get(const struct store *s, const char *drv_path);
void store_drv_hash_put(struct store *s, const char *drv_path, const struct hash *h);

// --- what a builder needs ---
// Protects a path (valid or not yet) from the garbage collector until this process ends.
int store_add_temp_root(struct store *s, const char *path, struct err *e);
struct store_locks;
// PATH.lock of every path, in sorted order so that nobody deadlocks. Not wait: -EWOULDBLOCK when one is held
// by another.
int store_lock_paths(struct store *s, char *const *paths, bool wait, struct store_locks **ret, struct err *e);
// Unlocks; remove: the lock files go too (when the outputs are there, nobody needs them).
void store_unlock(struct store_locks *l, bool remove);
// Owner, modes 0444/0555, mtime 1, no extended attributes below the real path. from_uid: files must belong to
// it (a builder's user), (uid_t) -1: no check. Refuses devices, sockets and setuid tricks by construction.
int store_canonicalise(struct store *s, const char *real_path, uid_t from_uid, struct err *e);
// Copies a tree into new files of ours that nobody else has open, modes 0600/0700; from_uid as above, for the
// original. to must not exist. What was made stays after a failure.
int store_copy_fresh(const char *from, const char *to, uid_t from_uid, struct err *e);
// upper: what a builder wrote into an overlay over lower, a valid store path's real path on the same file
// system. Makes upper canonical (from_uid as above) and complete: what is lower's in the overlay becomes hard
// links to lower's files.
int store_merge_overlay(const char *upper, const char *lower, uid_t from_uid, struct err *e);
// Hash, size and references of a tree in one reading. candidates: store paths; *ret_refs the found ones,
// sorted.
int store_scan_references(const char *real_path, char *const *candidates, struct hash *ret_hash,
        uint64_t *ret_size_bytes, char ***ret_refs, struct err *e);
// Replaces equal files by hard links through .links; ret_saved_bytes may be NULL.
int store_optimise_path(struct store *s, const char *path, uint64_t *ret_saved_bytes, struct err *e);
int store_optimise(struct store *s, uint64_t *ret_saved_bytes, uint64_t *ret_files, struct err *e);

// --- care ---
// Findings go to the log. *ret_bad counts what is wrong. repair is refused for now.
int store_verify(struct store *s, bool check_contents, bool repair, size_t *ret_bad, struct err *e);
// Contents of one path against its hash: 0, or -EUCLEAN with Nix's message.
int store_verify_path(struct store *s, const char *path, struct err *e);
// Runs on the last reference: makes invalid and removes files of paths that nothing alive needs; -EBUSY when
// one is alive.
int store_delete(
        struct store *s, char *const *paths, bool ignore_liveness, uint64_t *ret_freed_bytes, struct err *e);
// Makes a path invalid in the database (it must have no referrers but itself) and removes its files.
int store_invalidate(struct store *s, const char *path, struct err *e);
