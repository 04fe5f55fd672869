// SPDX-License-Identifier: GPL-2.0-or-later
// The tree of a build root, package by package. Every entry is made in a folder that was opened below the
// root (openat2(2)), and never over one that is there; so whatever links the packages have, nothing is
// written outside.

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/debroot.h"
#include "build/fetch-limits.h"
#include "build/unpack.h"

struct adding {
	struct debroot_tree *t;
	const struct debroot_package *p;
	const char *file;
};

int debroot_tree_open(const char *out, const struct debroot_set *set, struct debroot_tree *ret, struct err *e)
{
	if (mkdir(out, 0755) < 0)
		return err_sys(e, errno, "making '%s'", out);
	int fd = fs_open(out, O_RDONLY | O_DIRECTORY, 0, e);
	if (fd < 0)
		return fd;
	*ret = (struct debroot_tree){.set = set, .out = out, .fd = fd, .dir_fd = -1};
	return 0;
}

static int tree_open_dir(const struct debroot_tree *t, const char *dir)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, t->fd, *dir ? dir : ".", &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static int tree_mkdirs(struct debroot_tree *t, const char *dir, struct err *e)
{
	_cleanup_free_ char *part = mem_strdup(dir);
	char *end = part;

	while (end && *end) {
		end = strchr(end + 1, '/');
		if (end)
			*end = '\0';
		_cleanup_free_ char *above = strchr(part, '/') ? str_dirname(part) : mem_strdup("");
		_cleanup_close_ int fd = tree_open_dir(t, above);
		if (fd < 0 || (mkdirat(fd, str_basename(part), 0755) < 0 && errno != EEXIST))
			return err_sys(e, fd < 0 ? -fd : errno, "making the folder '%s'", part);
		if (end)
			*end = '/';
	}
	return 0;
}

// The folder that holds path, made where it is missing; stays open until another is asked for.
static int tree_parent(struct debroot_tree *t, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = mem_strndup(path, slash ? (size_t)(slash - path) : 0);

	if (t->dir_fd >= 0 && str_eq(t->dir, dir))
		return t->dir_fd;
	int fd = tree_open_dir(t, dir);
	if (fd == -ENOENT) {
		int r = tree_mkdirs(t, dir, e);
		if (r < 0)
			return r;
		fd = tree_open_dir(t, dir);
	}
	if (fd < 0)
		return err_sys(e, -fd, "opening the folder '%s'%s", dir,
		        fd == -EXDEV ? ", which a link leads out of the tree" : "");
	if (t->dir_fd >= 0)
		close(t->dir_fd);
	mem_free(t->dir);
	t->dir = TAKE_PTR(dir);
	return t->dir_fd = fd;
}

// An entry could not be made.
static int tree_refused(const struct debroot_tree *t, const char *path, const struct debroot_package *p,
        int errnum, struct err *e)
{
	const char *other = hmap_get(&t->owners, path);

	if (errnum != EEXIST)
		return err_sys(e, errnum, "making '%s'", path);
	return err_set(e, -EEXIST, "'%s' is in the package '%s' as well, or another kind of file there", path,
	        other ? other
	        : p   ? p->name
	              : "of the set");
}

static int tree_own(struct adding *a, const char *path)
{
	hmap_put(&a->t->owners, path, a->p->name);
	a->t->files++;
	return 0;
}

static int tree_write(int fd, struct adding *a, struct archive *in, struct err *e)
{
	const void *data;
	size_t len;
	la_int64_t at;
	int r;

	while ((r = archive_read_data_block(in, &data, &len, &at)) == ARCHIVE_OK) {
		// A hole stays one.
		if (lseek(fd, (off_t)at, SEEK_SET) < 0)
			return err_sys(e, errno, "seeking");
		int w = fs_write_all(fd, data, len, "a file of the root", e);
		if (w < 0)
			return w;
		a->t->size_bytes += len;
	}
	return r == ARCHIVE_EOF ? 0 : unpack_error(in, a->file, e);
}

static int tree_add_file(
        struct adding *a, const char *path, struct archive *in, struct archive_entry *entry, struct err *e)
{
	mode_t mode = archive_entry_perm(entry) & 0100 ? 0755 : 0644;
	int dir = tree_parent(a->t, path, e);

	if (dir < 0)
		return dir;
	_cleanup_close_ int fd =
	        openat(dir, str_basename(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return tree_refused(a->t, path, a->p, errno, e);
	int r = tree_write(fd, a, in, e);
	if (r == 0 && (ftruncate(fd, archive_entry_size(entry)) < 0 || fchmod(fd, mode) < 0))
		r = err_sys(e, errno, "writing '%s'", path);
	return r < 0 ? r : tree_own(a, path);
}

// A folder may be there, also by way of a link to one.
static int tree_add_dir(struct adding *a, const char *path, struct err *e)
{
	int dir = tree_parent(a->t, path, e);

	if (dir < 0)
		return dir;
	if (mkdirat(dir, str_basename(path), 0755) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(e, errno, "making the folder '%s'", path);
	_cleanup_close_ int there = tree_open_dir(a->t, path);
	return there < 0 ? tree_refused(a->t, path, a->p, EEXIST, e) : 0;
}

static int tree_symlink(struct debroot_tree *t, const char *path, const char *target,
        const struct debroot_package *p, struct err *e)
{
	int dir = tree_parent(t, path, e);

	if (dir < 0)
		return dir;
	if (symlinkat(target, dir, str_basename(path)) < 0)
		return tree_refused(t, path, p, errno, e);
	return 0;
}

// One of the links /bin, /lib and so on that some package has: the tree has them anyway.
static bool tree_is_merged_link(const char *name, const char *path)
{
	while (str_has_prefix(name, "./"))
		name += 2;
	return !strchr(name, '/') && str_has_prefix(path, "usr/");
}

static int tree_add_link(
        struct adding *a, const char *name, const char *path, const char *target, struct err *e)
{
	_cleanup_free_ char *to = NULL;
	int r = target ? debroot_target(name, target, &to, e)
	               : err_set(e, -EBADMSG, "the link '%s' leads nowhere", name);

	if (r < 0 || !to) // what leads to itself comes of the merge: the file is there
		return r;
	if (tree_is_merged_link(name, path))
		return err_set(
		        e, -EINVAL, "the link '%s' leads to '%s', and not to '%s'", name, target, path);
	r = tree_symlink(a->t, path, to, a->p, e);
	return r < 0 ? r : tree_own(a, path);
}

static int tree_add_hardlink(struct adding *a, const char *path, const char *target, struct err *e)
{
	_cleanup_free_ char *from = NULL;
	int r = debroot_path(target, &from, e);

	if (r < 0)
		return r;
	int dir = tree_parent(a->t, from, e);
	if (dir < 0)
		return dir;
	_cleanup_close_ int from_dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	dir = tree_parent(a->t, path, e);
	if (dir < 0)
		return dir;
	if (linkat(from_dir, str_basename(from), dir, str_basename(path), 0) < 0)
		return errno == ENOENT
		               ? err_set(e, -ENOENT, "'%s' is a link to '%s', which is not there", path, from)
		               : tree_refused(a->t, path, a->p, errno, e);
	return tree_own(a, path);
}

static bool tree_is_below(const char *path, const char *top)
{
	const char *rest = str_after(path, top);

	return rest && (*rest == '\0' || *rest == '/');
}

static bool tree_wants(const struct debroot_tree *t, const char *path)
{
	if (!tree_is_below(path, "usr") && !tree_is_below(path, "etc"))
		return false;
	strv_for_each (pattern, t->set->without) {
		if (fnmatch(pattern, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0)
			return false;
	}
	return true;
}

// Refused wherever it lies: no package of a compiler has a device.
static int tree_check_type(const char *name, mode_t type, struct err *e)
{
	return type == AE_IFREG || type == AE_IFDIR || type == AE_IFLNK
	               ? 0
	               : err_set(e, -EINVAL, "'%s' is neither a file, a folder nor a link", name);
}

static int tree_add_entry(void *ctx, struct archive *in, struct archive_entry *entry, struct err *e)
{
	struct adding *a = ctx;
	const char *name = archive_entry_pathname(entry), *hard = archive_entry_hardlink(entry);
	mode_t type = archive_entry_filetype(entry);
	_cleanup_free_ char *path = NULL;
	int r = name ? debroot_path(name, &path, e) : err_set(e, -EBADMSG, "an entry has no name");

	if (r < 0 || (!hard && (r = tree_check_type(name, type, e)) < 0))
		return r;
	if (!*path || !tree_wants(a->t, path))
		return 0;
	if (hard)
		return tree_add_hardlink(a, path, hard, e);
	if (type == AE_IFDIR)
		return tree_add_dir(a, path, e);
	return type == AE_IFLNK ? tree_add_link(a, name, path, archive_entry_symlink(entry), e)
	                        : tree_add_file(a, path, in, entry, e);
}

int debroot_tree_add(struct debroot_tree *t, const char *file, const struct debroot_package *p, struct err *e)
{
	static const struct fetch_limits usual;
	struct adding a = {t, p, p->name};
	int r = fetch_check_space(&usual, t->out, -1, e);

	// The error has the package's name, not that of the file in our folder.
	if (r == 0)
		r = unpack_deb_each(file, tree_add_entry, &a, e);
	return r < 0 ? err_wrap(e, "the package '%s'", p->name) : 0;
}

int debroot_tree_finish(struct debroot_tree *t, struct err *e)
{
	static const char *const merged[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->set->n_links; i++) {
		const struct debroot_link *l = &t->set->links[i];
		if ((r = tree_symlink(t, l->path, l->target, NULL, e)) < 0)
			err_wrap(e, "a link of the set");
	}
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(merged); i++) {
		_cleanup_free_ char *target = str_printf("usr/%s", merged[i]);
		_cleanup_close_ int there = tree_open_dir(t, target);
		if (there >= 0)
			r = tree_symlink(t, merged[i], target, NULL, e);
	}
	return r;
}

void debroot_tree_release(struct debroot_tree *t)
{
	if (t->dir_fd >= 0)
		close(t->dir_fd);
	if (t->fd >= 0)
		close(t->fd);
	mem_free(t->dir);
	hmap_release(&t->owners);
	*t = (struct debroot_tree){.fd = -1, .dir_fd = -1};
}
