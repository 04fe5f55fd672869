// SPDX-License-Identifier: GPL-2.0-or-later
// Local repositories: whose they are, which revision is meant, what is known about it.
#include <errno.h>
#include <fts.h>
#include <git2.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/gitname.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "glue/git.h"

void git_release(struct git *g)
{
	if (g->repo)
		git_repository_free(g->repo);
	if (g->tmp)
		fs_rm_rf(g->tmp, NULL);
	mem_free(g->dir);
	mem_free(g->objects);
	strv_free(g->parts);
	mem_free(g->tmp);
	mem_free(g->commit);
	mem_free(g->head);
	mem_free(g->branch);
}

void git_make_plain(char *text)
{
	for (char *p = text; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\n') || *p == 0x7f)
			*p = '?';
}

int git_fail(struct err *e, const char *fmt, ...)
{
	const git_error *last = git_error_last();
	_cleanup_free_ char *why = mem_strdup(last && last->message ? last->message : "no reason given");
	va_list ap;

	git_make_plain(why);
	va_start(ap, fmt);
	err_vset(e, -EIO, fmt, ap);
	va_end(ap);
	return e ? err_set(e, -EIO, "%s: %s", e->msg, why) : -EIO;
}

// ---- whose it is

// Nothing of a repository runs here; but it says what is read (other folders of objects, other files of
// configuration), and that is not for strangers to say.
// Whoever started us, root, and for root the user who called sudo, as git has it.
bool git_trusts(uid_t uid)
{
	const char *sudo = geteuid() == 0 ? getenv("SUDO_UID") : NULL;
	uint64_t caller;

	return uid == geteuid() || uid == 0 || (sudo && str_to_u64(sudo, &caller) == 0 && caller == uid);
}

static int check_owner(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return err_sys(e, errno, "looking at '%s'", path);
	if (git_trusts(st.st_uid))
		return 0;
	err_set(e, -EPERM, "'%s' belongs to another user (uid %u), so it is not trusted", path,
	        (unsigned)st.st_uid);
	return err_hint(
	        e, "Clone it as yourself (git clone) and use the copy, or make it yours with 'chown -R'.");
}

// What one of git's one-line files says behind prefix, as a path from the folder dir, without links.
static int read_pointer(const char *file, const char *prefix, const char *dir, char **ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	struct stat st;
	int r = lstat(file, &st) < 0 || !S_ISREG(st.st_mode)
	                ? err_set(e, -EINVAL, "'%s' is no regular file", file)
	                : fs_read(file, PATH_MAX, &b, e);
	const char *to = r < 0 ? NULL : str_after(buf_str(&b), prefix);

	if (r < 0)
		return r;
	if (!to)
		return err_set(e, -EINVAL, "'%s' is not what git writes", file);
	_cleanup_free_ char *word = mem_strndup(to, strcspn(to, "\n"));
	_cleanup_free_ char *path = *word == '/' ? mem_strdup(word) : fs_join(dir, word);
	*ret = realpath(path, NULL);
	return *ret ? 0 : err_sys(e, errno, "following '%s'", file);
}

static bool is_git_dir(const char *dir)
{
	static const char *const parts[] = {"HEAD", "objects", "refs"};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		_cleanup_free_ char *path = fs_join(dir, parts[i]);
		if (!fs_exists(path))
			return false;
	}
	return true;
}

// libgit2 opens what it finds by its name, and would wait at a FIFO for ever, or read a device without an
// end. Sockets (of git's own monitor of files) cannot be opened, so they do no harm.
static int check_plain(const char *dir, struct err *e)
{
	char *paths[] = {(char *)dir, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	int r = tree ? 0 : err_sys(e, errno, "looking into '%s'", dir);
	struct stat st;

	for (FTSENT *at; r == 0 && (at = fts_read(tree));) {
		if (at->fts_info == FTS_SL || at->fts_info == FTS_SLNONE ? stat(at->fts_path, &st) < 0
		                                                         : at->fts_info != FTS_DEFAULT)
			continue;
		mode_t mode = at->fts_info == FTS_DEFAULT ? at->fts_statp->st_mode : st.st_mode;
		if (S_ISFIFO(mode) || S_ISCHR(mode) || S_ISBLK(mode))
			r = err_set(e, -EINVAL, "'%s' in a git repository is no regular file", at->fts_path);
	}
	if (tree)
		fts_close(tree);
	return r;
}

// The folder of the repository behind top (a working tree with .git, or a bare repository), all of whose
// parts belong to somebody trusted. *ret NULL: there is none in top.
static int trusted_git_dir(const char *top, char **ret, struct err *e)
{
	_cleanup_free_ char *dot = fs_join(top, ".git"), *dir = NULL, *common = NULL, *file = NULL;
	struct stat st;
	int r = 0;

	*ret = NULL;
	if (lstat(dot, &st) < 0) {
		if (!is_git_dir(top))
			return 0;
		dir = mem_strdup(top);
	} else if (check_owner(top, e) < 0 || check_owner(dot, e) < 0) {
		return e->code;
	} else if (S_ISREG(st.st_mode)) {
		r = read_pointer(dot, "gitdir: ", top, &dir, e);
	} else {
		dir = realpath(dot, NULL);
		r = dir ? 0 : err_sys(e, errno, "following '%s'", dot);
	}
	if (r == 0)
		r = check_owner(dir, e);
	file = r == 0 ? fs_join(dir, "commondir") : NULL;
	if (file && fs_exists(file)) // a further working tree of another repository
		r = read_pointer(file, "", dir, &common, e);
	if (r == 0 && common)
		r = check_owner(common, e);
	if (r == 0)
		r = check_plain(dir, e);
	if (r == 0 && common)
		r = check_plain(common, e);
	if (r == 0)
		*ret = TAKE_PTR(dir);
	return r;
}

// In the folder or above it, on the same file system, as git looks for it. *ret_top: where.
static int find_trusted(const char *dir, char **ret_top, struct err *e)
{
	_cleanup_free_ char *top = realpath(dir, NULL), *found = NULL;
	struct stat first, st;

	if (!top || stat(top, &first) < 0)
		return err_sys(e, errno, "following '%s'", dir);
	for (;;) {
		int r = trusted_git_dir(top, &found, e);
		if (r < 0)
			return r;
		if (found) {
			*ret_top = TAKE_PTR(top);
			return 0;
		}
		char *up = str_dirname(top);
		bool end = str_eq(up, top) || stat(up, &st) < 0 || st.st_dev != first.st_dev;
		mem_free(top);
		top = up;
		if (end)
			break;
	}
	err_set(e, -ENOENT, "'%s' is not in a git repository", dir);
	return err_hint(e,
	        "'git init', 'git add' and 'git commit' in it make it a repository; 'import %s { }' takes it "
	        "as it is.",
	        dir);
}

// ---- which revision

static int take_commit(struct git *g, const git_object *o, struct err *e)
{
	git_object *commit = NULL;
	char hex[GIT_SHA1_CHARS + 1];

	if (git_object_peel(&commit, o, GIT_OBJECT_COMMIT) < 0)
		return git_fail(e, "looking for the commit");
	mem_free(g->commit);
	g->commit = mem_strdup(git_oid_tostr(hex, sizeof(hex), git_object_id(commit)));
	git_object_free(commit);
	return 0;
}

static int resolve_rev(struct git *g, const char *rev, struct err *e)
{
	git_object *o = NULL;
	git_oid id;

	if (git_oid_fromstr(&id, rev) < 0)
		return git_fail(e, "reading the revision '%s'", rev);
	if (git_object_lookup(&o, g->repo, &id, GIT_OBJECT_ANY) < 0)
		return git_fail(e, "the repository has no revision '%s'", rev);
	int r = take_commit(g, o, e);
	git_object_free(o);
	return r;
}

int git_resolve(struct git *g, const char *rev, const char *ref, struct err *e)
{
	git_reference *found = NULL;
	git_object *o = NULL;
	int r;

	if (rev)
		return resolve_rev(g, rev, e);
	ref = ref ? ref : "HEAD";
	r = gitname_check_ref(ref, e);
	if (r < 0)
		return r;
	if (git_reference_dwim(&found, g->repo, ref) < 0)
		return git_fail(e, "the repository has no reference '%s'", ref);
	r = git_reference_peel(&o, found, GIT_OBJECT_COMMIT) < 0 ? git_fail(e, "following '%s'", ref)
	                                                         : take_commit(g, o, e);
	if (o)
		git_object_free(o);
	git_reference_free(found);
	return r;
}

// The working tree as it is: HEAD if nothing tracked was changed. What is in submodules does not count, since
// they are not taken.
static int look_at_work_tree(struct git *g, struct err *e)
{
	git_status_options o = GIT_STATUS_OPTIONS_INIT;
	git_status_list *changes = NULL;

	o.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
	if (git_status_list_new(&changes, g->repo, &o) < 0)
		return git_fail(e, "comparing the working tree");
	size_t n = git_status_list_entrycount(changes);
	git_status_list_free(changes);
	if (git_resolve(g, NULL, NULL, NULL) < 0)
		return 0; // no commit yet
	if (n)
		g->head = TAKE_PTR(g->commit);
	return 0;
}

// A detached HEAD is none.
static void find_branch(struct git *g)
{
	git_reference *head = NULL;

	if (git_reference_lookup(&head, g->repo, "HEAD") == 0 &&
	        git_reference_type(head) == GIT_REFERENCE_SYMBOLIC)
		g->branch = mem_strdup(git_reference_symbolic_target(head));
	git_reference_free(head);
}

int git_open_local(struct git *g, struct err *e)
{
	_cleanup_free_ char *top = NULL;
	int r = find_trusted(g->dir, &top, e);

	if (r == 0)
		r = git_start(e);
	if (r < 0)
		return r;
	if (git_repository_open_ext(&g->repo, top, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) < 0)
		return git_fail(e, "opening it");
	const char *tree = git_repository_workdir(g->repo);
	if (tree && (r = check_owner(tree, e)) < 0) // core.worktree
		return r;
	g->objects = fs_join(git_repository_commondir(g->repo), "objects");
	const char *const parts[] = {tree ? tree : top, git_repository_path(g->repo), g->objects};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char *real = realpath(parts[i], NULL);
		if (!real)
			return err_sys(e, errno, "following '%s'", parts[i]);
		strv_take(&g->parts, real);
	}
	find_branch(g);
	return g->rev || g->ref || git_repository_is_bare(g->repo) ? git_resolve(g, g->rev, g->ref, e)
	                                                           : look_at_work_tree(g, e);
}

bool git_borrows(const struct git *g)
{
	_cleanup_free_ char *file = fs_join(g->objects, "info/alternates");

	return fs_exists(file);
}

// ---- what is known about it

static int count_walk(struct git *g, const git_oid *from, struct err *e)
{
	git_revwalk *walk = NULL;
	git_oid id;
	int r = git_revwalk_new(&walk, g->repo);

	if (r == 0)
		r = git_revwalk_push(walk, from);
	while (r == 0 && (r = git_revwalk_next(&id, walk)) == 0)
		g->count++;
	git_revwalk_free(walk);
	return r == GIT_ITEROVER ? 0 : git_fail(e, "counting the commits");
}

// A repository that was cloned without all of its history: what is there counts.
struct walk {
	git_oid *todo;
	size_t len, cap;
	struct hmap seen;
};

static void walk_add(struct walk *w, const git_oid *id)
{
	char hex[GIT_SHA1_CHARS + 1];

	git_oid_tostr(hex, sizeof(hex), id);
	if (hmap_has(&w->seen, hex))
		return;
	hmap_put(&w->seen, hex, w);
	mem_grow(&w->todo, &w->cap, w->len + 1, sizeof(*w->todo));
	w->todo[w->len++] = *id;
}

static void count_shallow(struct git *g, const git_oid *from)
{
	struct walk w = {0};
	git_commit *c;

	walk_add(&w, from);
	while (w.len) {
		git_oid id = w.todo[--w.len];
		if (git_commit_lookup(&c, g->repo, &id) < 0)
			continue;
		g->count++;
		for (unsigned i = 0; i < git_commit_parentcount(c); i++)
			walk_add(&w, git_commit_parent_id(c, i));
		git_commit_free(c);
	}
	mem_free(w.todo);
	hmap_release(&w.seen);
}

int git_describe(struct git *g, struct err *e)
{
	const char *at = g->commit ? g->commit : g->head;
	git_commit *c = NULL;
	git_oid id;

	if (!at)
		return 0;
	if (git_oid_fromstr(&id, at) < 0 || git_commit_lookup(&c, g->repo, &id) < 0)
		return git_fail(e, "reading the commit '%s'", at);
	g->modified = git_commit_time(c);
	git_commit_free(c);
	if (!g->commit || g->shallow)
		return 0;
	if (!git_repository_is_shallow(g->repo))
		return count_walk(g, &id, e);
	count_shallow(g, &id);
	return 0;
}

// ---- a new file that is to be tracked

// 'git add --intent-to-add', without git: an entry of an empty file that says so.
static int add_entry(git_repository *repo, const char *path, struct err *e)
{
	git_index *index = NULL;
	git_index_entry entry = {.mode = GIT_FILEMODE_BLOB,
	        .path = path,
	        .flags = GIT_INDEX_ENTRY_EXTENDED,
	        .flags_extended = GIT_INDEX_ENTRY_INTENT_TO_ADD};
	int r = git_repository_index(&index, repo);

	if (r == 0 && !git_index_get_bypath(index, path, 0)) {
		r = git_blob_create_from_buffer(&entry.id, repo, "", 0);
		if (r == 0)
			r = git_index_add(index, &entry);
		if (r == 0)
			r = git_index_write(index);
	}
	if (index)
		git_index_free(index);
	return r < 0 ? git_fail(e, "telling git of '%s'", path) : 0;
}

int git_intend_to_add(const char *file, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(file), *top = NULL, *real = NULL;
	git_repository *repo = NULL;
	int r = find_trusted(dir, &top, e);

	if (r == 0)
		r = git_start(e);
	if (r < 0)
		return r;
	real = realpath(file, NULL);
	if (!real)
		return err_sys(e, errno, "following '%s'", file);
	if (git_repository_open_ext(&repo, top, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) < 0)
		return git_fail(e, "opening '%s'", top);
	const char *below = str_after(real, top);
	r = below && *below == '/' ? add_entry(repo, below + 1, e) : 0;
	git_repository_free(repo);
	return r;
}
