// SPDX-License-Identifier: GPL-2.0-or-later
// Git repositories for fetchGit. They are read by libgit2, which runs nothing: no hook, filter or monitor of
// a repository's configuration. One that lies here has to belong to the user or to root (git-local.c); a
// remote one is brought into the user's cache by the git program, confined (git-remote.c). Blobs are written
// as they are stored: no line endings are converted and nothing is substituted, so that a revision has one
// store path everywhere.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/err.h"
#include "base/hash.h"
#include "expr/throw.h"

enum { GIT_SHA1_CHARS = 40 };

struct git_repository;

struct git {
	const char *url, *ref, *rev, *name; // borrowed
	bool submodules, shallow, export_ignore;
	bool ask_branch; // a remote repository says which branch its HEAD is
	// found out; owned
	char *dir;                   // a local repository as it was named
	struct git_repository *repo; // opened
	char *objects;               // its folder of objects
	char **parts;                // strv: the folders of a local repository, without links
	char *tmp;                   // folder for the tree
	char *commit;                // full revision; NULL: a dirty working tree
	char *head;                  // of a dirty tree, NULL when there is no commit yet
	char *branch;                // that HEAD is, as "refs/heads/main"; NULL: not known
	int64_t modified;            // seconds since 1970; 0: no commit
	int64_t count;               // of commits
};

void git_release(struct git *g);

// A fetch of the evaluator: what an error that flies through it must not leave behind.
struct fetching {
	struct git git;
	struct err err;
	char *path;      // of the tree, in the store
	struct hash nar; // what it was hashed to
	struct frame clean;
};

void fetching_begin(struct eval *ev, struct fetching *f);
void fetching_release(struct fetching *f);
void fetching_end(struct eval *ev, struct fetching *f);
// Brings the tree of f->git into the store, and warns of one that is dirty.
void git_fetch(struct eval *ev, struct fetching *f);

// lazy-git.c: loads libgit2 and leaves out all configuration but that of repositories.
int git_start(struct err *e);
// -EIO with libgit2's last error behind the sentence, without control characters.
int git_fail(struct err *e, const char *fmt, ...) _printf_(2, 3);
// text without control characters (but newlines): what strangers write must not reach a terminal.
void git_make_plain(char *text);

// Folders of objects that the repository borrows: objects/info/alternates has them.
bool git_borrows(const struct git *g);
// Is it the user who started us, root, or who called sudo?
bool git_trusts(uid_t uid);
// Tells the repository around a file that it is to be tracked, as 'git add --intent-to-add' does.
int git_intend_to_add(const char *file, struct err *e);

// git-local.c: the repository in (or above) the folder g->dir: opens it and finds the revision; the message
// names g->url.
int git_open_local(struct git *g, struct err *e);
// git-remote.c: fetches g->url into the cache and opens the objects there.
int git_open_remote(struct git *g, struct err *e);
// A bare repository in g->tmp over g->objects, for reading: it has no configuration, references or
// attributes of its own that could come between.
int git_open_view(struct git *g, struct git_repository **ret, struct err *e);
// The commit that rev (hexadecimal) or, without it, ref names, into g->commit.
int git_resolve(struct git *g, const char *rev, const char *ref, struct err *e);
// g->modified and g->count.
int git_describe(struct git *g, struct err *e);

// git-tree.c: writes the tree of g->commit, or the tracked files as they are now, into g->tmp; *ret its
// folder.
int git_make_tree(struct git *g, char **ret, struct err *e);
