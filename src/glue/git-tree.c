// SPDX-License-Identifier: GPL-2.0-or-later
// Writes the tree of a commit, or the tracked files of a working tree, into a folder. Names in a commit are
// whatever its author wanted: folders are entered one by one, and never through a link.
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <git2/sys/repository.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/syscalls.h"
#include "glue/git.h"

// ---- the folder that is written

struct tree {
	int root;
	int at;                    // the folder that was entered last...
	char *at_path;             // ...and its path from root; NULL: none
	struct hmap ignored, kept; // paths by what .gitattributes says of them
};

static void tree_release(struct tree *t)
{
	if (t->root >= 0)
		close(t->root);
	if (t->at >= 0)
		close(t->at);
	mem_free(t->at_path);
	hmap_release(&t->ignored);
	hmap_release(&t->kept);
}

static bool is_name(const char *part, size_t len)
{
	return len && !(len == 1 && *part == '.') && !(len == 2 && !memcmp(part, "..", 2));
}

// The folder of path below the root, made where it is missing; *ret_name what comes in it. The descriptor
// stays the tree's.
static int tree_enter(struct tree *t, const char *path, const char **ret_name, struct err *e)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = mem_strndup(path, slash ? (size_t)(slash - path) : 0);

	*ret_name = slash ? slash + 1 : path;
	if (!is_name(*ret_name, strlen(*ret_name)))
		return err_set(e, -EINVAL, "the tree has a file of the name '%s'", path);
	if (t->at_path && str_eq(t->at_path, dir))
		return t->at;
	_cleanup_close_ int fd = fcntl(t->root, F_DUPFD_CLOEXEC, 3);
	for (const char *p = dir; fd >= 0 && *p;) {
		size_t len = strcspn(p, "/");
		_cleanup_free_ char *name = mem_strndup(p, len);
		if (!is_name(p, len))
			return err_set(e, -EINVAL, "the tree has a file of the name '%s'", path);
		if (mkdirat(fd, name, 0755) < 0 && errno != EEXIST)
			break;
		int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return err_sys(e, errno, "making the folder of '%s'", path);
		close(fd);
		fd = next;
		p += len + (p[len] == '/');
	}
	if (fd < 0)
		return err_sys(e, errno, "making the folder of '%s'", path);
	if (t->at >= 0)
		close(t->at);
	mem_free(t->at_path);
	t->at = TAKE_FD(fd);
	t->at_path = TAKE_PTR(dir);
	return t->at;
}

static int write_dir(struct tree *t, const char *path, struct err *e)
{
	const char *name;
	int fd = tree_enter(t, path, &name, e);

	if (fd < 0)
		return fd;
	return mkdirat(fd, name, 0755) < 0 && errno != EEXIST ? err_sys(e, errno, "making '%s'", path) : 0;
}

static int write_file(
        struct tree *t, const char *path, unsigned mode, const void *data, size_t len, struct err *e)
{
	const char *name;
	int dir = tree_enter(t, path, &name, e);

	if (dir < 0)
		return dir;
	if (mode == GIT_FILEMODE_LINK) {
		_cleanup_free_ char *target = mem_strndup(data, len);
		return symlinkat(target, dir, name) < 0 ? err_sys(e, errno, "symlinking '%s'", path) : 0;
	}
	_cleanup_close_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	        mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644);
	if (fd < 0)
		return err_sys(e, errno, "writing '%s'", path);
	return fs_write_all(fd, data, len, path, e);
}

// ---- a revision

// Does .gitattributes of the revision keep the path, or a folder above it, out of exports?
static bool is_ignored(struct tree *t, git_repository *view, const char *path)
{
	_cleanup_free_ char *dir = str_dirname(path);
	const char *value = NULL;

	if (hmap_has(&t->ignored, path))
		return true;
	if (hmap_has(&t->kept, path))
		return false;
	bool ignored = !str_eq(dir, ".") && is_ignored(t, view, dir);
	if (!ignored && git_attr_get(&value, view, GIT_ATTR_CHECK_INDEX_ONLY | GIT_ATTR_CHECK_NO_SYSTEM, path,
	                        "export-ignore") == 0)
		ignored = git_attr_value(value) == GIT_ATTR_VALUE_TRUE;
	hmap_put(ignored ? &t->ignored : &t->kept, path, t);
	return ignored;
}

static int write_entry(struct tree *t, git_repository *view, const git_index_entry *en, struct err *e)
{
	git_blob *b = NULL;

	if (en->mode == GIT_FILEMODE_COMMIT) // a submodule
		return write_dir(t, en->path, e);
	if (git_blob_lookup(&b, view, &en->id) < 0)
		return git_fail(e, "reading '%s'", en->path);
	int r = write_file(t, en->path, en->mode, git_blob_rawcontent(b), (size_t)git_blob_rawsize(b), e);
	git_blob_free(b);
	return r;
}

static int read_index(struct git *g, git_repository *view, git_index **ret, struct err *e)
{
	git_commit *c = NULL;
	git_tree *tree = NULL;
	git_oid id;
	int r = git_oid_fromstr(&id, g->commit);

	if (r == 0)
		r = git_commit_lookup(&c, view, &id);
	if (r == 0)
		r = git_commit_tree(&tree, c);
	if (r == 0)
		r = git_index_new(ret);
	if (r == 0)
		r = git_index_read_tree(*ret, tree);
	if (r == 0)
		r = git_repository_set_index(view, *ret);
	if (r < 0)
		r = git_fail(e, "reading the tree of '%s'", g->commit);
	if (tree)
		git_tree_free(tree);
	if (c)
		git_commit_free(c);
	return r;
}

static int write_revision(struct git *g, struct tree *t, struct err *e)
{
	git_repository *view = NULL;
	git_index *index = NULL;
	int r = git_open_view(g, &view, e);

	if (r == 0)
		r = read_index(g, view, &index, e);
	for (size_t i = 0, n = r < 0 ? 0 : git_index_entrycount(index); r == 0 && i < n; i++) {
		const git_index_entry *en = git_index_get_byindex(index, i);
		if (!g->export_ignore || !is_ignored(t, view, en->path))
			r = write_entry(t, view, en, e);
	}
	if (index)
		git_index_free(index);
	if (view)
		git_repository_free(view);
	return r;
}

// ---- a working tree

// What a tracked name is now, not through links on the way; -ENOENT when it was deleted (or is behind a link,
// where git does not look either).
static int open_tracked(int root, const char *path, struct err *e)
{
	struct open_how how = {
	        .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return -ENOENT;
	return err_sys(e, errno, "opening '%s'", path);
}

static int copy_link(int fd, struct tree *t, const char *path, struct err *e)
{
	char target[4096];
	ssize_t n = readlinkat(fd, "", target, sizeof(target));

	if (n < 0)
		return err_sys(e, errno, "reading the link '%s'", path);
	return write_file(t, path, GIT_FILEMODE_LINK, target, (size_t)n, e);
}

static int copy_tracked(int root, const char *path, const char *to, struct tree *t, struct err *e)
{
	_cleanup_close_ int fd = open_tracked(root, path, e);
	_cleanup_buf_ struct buf b = {0};
	struct stat st;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "getting status of '%s'", path);
	if (S_ISLNK(st.st_mode))
		return copy_link(fd, t, to, e);
	if (S_ISDIR(st.st_mode))
		return write_dir(t, to, e);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "'%s' of the working tree is no regular file", path);
	_cleanup_free_ char *same = str_printf("/proc/self/fd/%d", fd);
	int r = fs_read(same, 0, &b, e);
	return r < 0 ? r
	             : write_file(t, to, st.st_mode & 0100 ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB,
	                       b.data, b.len, e);
}

// What lies before a tracked path of the folder that was named, when that is one below the working tree.
static char *prefix_of(const struct git *g, const char *work)
{
	_cleanup_free_ char *real = realpath(g->dir, NULL), *top = realpath(work, NULL);
	const char *below = real && top ? str_after(real, top) : NULL;

	return below && *below == '/' ? str_printf("%s/", below + 1) : mem_strdup("");
}

// The files that git tracks, as they are now.
static int write_work_tree(struct git *g, struct tree *t, struct err *e)
{
	const char *work = git_repository_workdir(g->repo), *before = "";
	_cleanup_free_ char *prefix = prefix_of(g, work);
	_cleanup_close_ int root = fs_open(work, O_PATH | O_DIRECTORY, 0, e);
	git_index *index = NULL;
	int r = root < 0 ? root : 0;

	if (r == 0 && git_repository_index(&index, g->repo) < 0)
		r = git_fail(e, "reading the index");
	for (size_t i = 0, n = r < 0 ? 0 : git_index_entrycount(index); r == 0 && i < n; i++) {
		const char *path = git_index_get_byindex(index, i)->path, *to = str_after(path, prefix);
		if (to && !str_eq(path, before)) // of a conflict there are several
			r = copy_tracked(root, path, to, t, e);
		before = path;
	}
	if (index)
		git_index_free(index);
	return r;
}

int git_make_tree(struct git *g, char **ret, struct err *e)
{
	_cleanup_free_ char *dest = fs_join(g->tmp, "tree");
	struct tree t = {.root = -1, .at = -1};
	int r = fs_mkdir_p(dest, 0755, e);

	if (r == 0)
		r = t.root = fs_open(dest, O_RDONLY | O_DIRECTORY, 0, e);
	if (r >= 0)
		r = g->commit ? write_revision(g, &t, e) : write_work_tree(g, &t, e);
	tree_release(&t);
	if (r == 0)
		*ret = TAKE_PTR(dest);
	return r;
}
