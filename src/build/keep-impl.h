// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of kept object trees share: keep.c (begin, lists of what is shown), keep-place.c (the folder
// of the trees, its locks and bounds), keep-find.c (which tree is the nearest), keep-source.c (sources are
// compared), keep-rules.c (what make cannot see), keep-seal.c (a tree is put together and sealed).
//
// A tree is a folder with: `lock` (flock: shared while used), `used` (its time: last use), `meta` ("NAME
// VALUE" lines, see keep_meta), `source` (the list of the source's files), `options`, `tree`.
#pragma once

#include <sys/stat.h>
#include <time.h>
#include "base/hash.h"
#include "base/hmap.h"
#include "build/keep.h"

#define KEEP_FORMAT "kernix-objects 1"
enum { KEEP_DEPTH = 64 }; // of folders

struct keep_file {
	char kind; // 'f', 'x' (executable), 'l' (link)
	uint8_t digest[32];
	char *path; // relative
};
struct keep_list {
	struct keep_file *files;
	size_t n, cap;
	struct hmap by_path; // to files; made by keep_list_index
};
void keep_list_release(struct keep_list *l);
void keep_list_index(struct keep_list *l);
int keep_list_read(const char *path, struct keep_list *ret, struct err *e);
int keep_list_write(const struct keep_list *l, const char *path, struct err *e);
// Of the tree at dir. old (may be NULL) is the list of a tree that may still be at old_dir: what is the same
// file there is not read again.
int keep_list_make(const char *dir, const struct keep_list *old, const char *old_dir, struct keep_list *ret,
        struct err *e);

struct keep_meta {
	char *key, *series, *source; // source: logical store path
	struct timespec newest;      // time of the newest object
};
void keep_meta_release(struct keep_meta *m);

struct keep_said {
	char text[512]; // why nothing was kept; shared with the child
};

struct keep {
	struct store *store;
	struct sandbox_ids ids;
	struct keep_limits limits;
	char *folder, *source, *source_real, *options, *arch;
	char *build_dir, *scratch;
	char *place; // NULL: nothing is kept or found
	char *key, *series;
	char *lower; // the tree that this build begins with, PLACE/NAME; NULL: clean
	int lower_lock;
	struct keep_meta lower_meta;
	bool lower_same;       // same source and options: there is nothing new to keep
	struct keep_list list; // of the source, when it had to be made; n is 0: not made
	char *list_from;       // a file with it; NULL: none
	bool touched;          // files of the source are shown with a newer time
	char *fresh;           // the tree that is made, PLACE/.new-X
	int fresh_lock;
	struct sandbox_overlay overlays[2];
	struct sandbox_bind *binds;
	char *upper, *work, *new_upper, *new_work, *lower_tree, *target;
	struct keep_said *said;
};

// keep-place.c
char *keep_place_path(const char *state_dir);
// Made if missing; -EPERM when it is somebody else's or open to others.
int keep_place_open(const char *place, struct err *e);
int keep_place_lock(const char *place, int *ret_fd, struct err *e);
// With the place's lock: what was never sealed and is nobody's goes.
void keep_place_sweep(const char *place);
bool keep_name_is_tree(const char *name);
// Least recently used trees go until there is room for one more of n_bytes.
void keep_place_prune(const char *place, const struct keep_limits *limits, uint64_t more_bytes);
uint64_t keep_tree_bytes(const char *dir);
int keep_meta_read(const char *tree, struct keep_meta *ret, struct err *e);
int keep_meta_write(const char *tree, const struct keep_meta *m, struct err *e);

// keep-find.c: the nearest tree, locked, or none. Fills lower, touched, the list. *ret_word: owned.
void keep_find(struct keep *k, char **ret_word);

// keep-rules.c: reasons for a clean build, owned; NULL: none.
char *keep_rule_options(const char *options_text);
char *keep_rule_turned_off(const char *source_dir, const char *arch, char *const *off);
char *keep_rule_source(const char *path, const char *arch);

// keep-source.c: what differs gets a newer time below dir (of which it is a copy). Reason for a clean build
// or NULL; an error is one, too.
struct keep_changes {
	size_t changed, added, removed;
};
struct keep_touch {
	const char *source_dir, *tree_dir, *arch; // of the new source and the kept objects
	const char *into;
	const struct sandbox_ids *ids;
};
void keep_count(const struct keep_list *old, const struct keep_list *new, struct keep_changes *ret);
char *keep_touch(const struct keep_touch *t, const struct keep_list *old, const struct keep_list *new);
