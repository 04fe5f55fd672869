// SPDX-License-Identifier: GPL-2.0-or-later
// A builder's overlay becomes a tree of its own: what it wrote (overlayfs's upper folder) is made canonical
// as every output is, and what it left alone comes from the store path below, as hard links to the same
// files. Two store paths may share files, as `nix-store --optimise` has them: they are ours, read-only and
// never written again. The builder, which is gone by now, never had such a link in its hands.
//
// What the upper folder says of the lower one (overlayfs.rst): a character device 0/0 hides an entry, and a
// folder with the attribute user.overlay.opaque hides all of the folder's entries. The rest of overlayfs's
// attributes (redirections, files without contents) is off in the sandbox. A builder that found a way to make
// such signs itself would only have a say in its own output.
#include "store/store-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

// hidden: the paths, relative to both trees, at which nothing of the lower tree is to be seen. path is such a
// path, too.
struct merge {
	const char *upper, *lower;
	struct hmap hidden;
	struct buf path;
	uid_t own, from_uid;
	struct err *e;
};

static int m_fail(struct merge *m, int r, const char *what)
{
	return err_sys(m->e, -r, "%s '%s%s'", what, m->upper, buf_str(&m->path));
}

// Calls step for each of names with path being that entry's.
static int m_each(struct merge *m, char *const *names,
        int (*step)(struct merge *m, const int dirs[2], const char *name, int depth), const int dirs[2],
        int depth)
{
	size_t len = m->path.len;
	int r = depth >= NAR_DEPTH_MAX ? err_set(m->e, -ELOOP, "directory '%s%s' is nested too deeply",
	                                         m->upper, buf_str(&m->path))
	                               : 0;

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		buf_addc(&m->path, '/');
		buf_adds(&m->path, names[i]);
		r = step(m, dirs, names[i], depth);
		m->path.len = len;
		m->path.data[len] = '\0';
	}
	return r;
}

static void m_hide(struct merge *m)
{
	hmap_put(&m->hidden, buf_str(&m->path), m);
}

static bool m_is_hidden(const struct merge *m)
{
	return m->path.len && hmap_has(&m->hidden, m->path.data);
}

// Signs of overlayfs are collected and taken away, before anything is changed that they are told by.
static int m_signs(struct merge *m, const int dirs[2], const char *name, int depth)
{
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	char opaque;
	_cleanup_close_ int held = tree_hold(dirs[0], name, &st);

	if (held < 0)
		return m_fail(m, held, "getting status of");
	if (S_ISCHR(st.st_mode) && st.st_rdev == 0) {
		m_hide(m);
		return unlinkat(dirs[0], name, 0) < 0 ? m_fail(m, -errno, "removing") : 0;
	}
	// An ordinary user removes an attribute of a file that it may write; modes are made canonical later.
	int r = S_ISREG(st.st_mode) && st.st_uid == m->from_uid && !(st.st_mode & 0200)
	                ? tree_chmod(held, (st.st_mode & 0777) | 0200)
	                : 0;
	if (r < 0)
		return m_fail(m, r, "changing mode of");
	if (!S_ISDIR(st.st_mode))
		return 0;
	r = (st.st_mode & 0700) != 0700 ? tree_chmod(held, (st.st_mode & 0777) | 0700) : 0;
	if (r < 0)
		return m_fail(m, r, "changing mode of");
	_cleanup_close_ int fd = tree_open(held, &st, dirs[0], name);
	close(TAKE_FD(held));
	r = fd < 0 ? fd : tree_names(fd, &names);
	if (r < 0)
		return m_fail(m, r, "listing");
	if (fgetxattr(fd, "user.overlay.opaque", &opaque, 1) == 1 && opaque == 'y')
		m_hide(m);
	return m_each(m, names, m_signs, (const int[2]){fd, -1}, depth + 1);
}

// The canonical metadata of store paths, and ours: only such a file may be one of two paths.
static bool m_may_share(const struct merge *m, const struct stat *st)
{
	mode_t mode = st->st_mode & 07777;

	return S_ISREG(st->st_mode) && st->st_uid == m->own && (mode == 0444 || mode == 0555) &&
	       st->st_mtim.tv_sec == 1 && st->st_mtim.tv_nsec == 0;
}

static int m_copy(struct merge *m)
{
	_cleanup_free_ char *from = str_printf("%s%s", m->lower, buf_str(&m->path)),
	                    *to = str_printf("%s%s", m->upper, buf_str(&m->path));
	int r = store_copy_fresh(from, to, (uid_t)-1, m->e);

	return r < 0 ? r : store_canonicalise(NULL, to, (uid_t)-1, m->e);
}

static int m_entry(struct merge *m, const int dirs[2], const char *name, int depth);

static int m_folder(struct merge *m, int lower_dir, int upper_dir, const char *name, int depth)
{
	static const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	_cleanup_close_ int lower = tree_open_entry(lower_dir, name, &st);
	_cleanup_close_ int upper = tree_open_entry(upper_dir, name, &st);
	int r = lower < 0 ? lower : upper < 0 ? upper : tree_names(lower, &names);

	if (r == 0)
		r = tree_chmod(upper, 0755);
	if (r < 0)
		return m_fail(m, r, "opening directory");
	r = m_each(m, names, m_entry, (const int[2]){lower, upper}, depth + 1);
	if (r == 0 && ((r = tree_chmod(upper, 0555)) < 0 || (r = tree_set_times(upper, times)) < 0))
		r = m_fail(m, r, "making canonical");
	return r;
}

// An entry of the lower tree (dirs[0]) that the upper one (dirs[1]) lacks.
static int m_take(struct merge *m, const int dirs[2], const char *name, const struct stat *st, int depth)
{
	if (m_may_share(m, st)) {
		if (linkat(dirs[0], name, dirs[1], name, 0) == 0)
			return 0;
		// Too many links of one file, or a file system that has none.
		if (errno != EMLINK && errno != EPERM && errno != EXDEV && errno != EOPNOTSUPP)
			return m_fail(m, -errno, "linking");
	}
	if (!S_ISDIR(st->st_mode))
		return m_copy(m);
	if (mkdirat(dirs[1], name, 0755) < 0)
		return m_fail(m, -errno, "making directory");
	return m_folder(m, dirs[0], dirs[1], name, depth);
}

static int m_entry(struct merge *m, const int dirs[2], const char *name, int depth)
{
	struct stat lower, upper;

	if (fstatat(dirs[0], name, &lower, AT_SYMLINK_NOFOLLOW) < 0)
		return m_fail(m, -errno, "getting status of what is below");
	if (fstatat(dirs[1], name, &upper, AT_SYMLINK_NOFOLLOW) < 0)
		return errno != ENOENT  ? m_fail(m, -errno, "getting status of")
		       : m_is_hidden(m) ? 0
		                        : m_take(m, dirs, name, &lower, depth);
	if (S_ISDIR(lower.st_mode) && S_ISDIR(upper.st_mode) && !m_is_hidden(m))
		return m_folder(m, dirs[0], dirs[1], name, depth);
	return 0;
}

int store_merge_overlay(const char *upper, const char *lower, uid_t from_uid, struct err *e)
{
	struct merge m = {.upper = upper, .lower = lower, .own = geteuid(), .from_uid = from_uid, .e = e};
	struct stat st;
	int r = m_signs(&m, (const int[2]){AT_FDCWD, -1}, upper, 0);

	if (r == 0)
		r = store_canonicalise(NULL, upper, from_uid, e);
	_cleanup_close_ int up = r < 0 ? -1 : tree_open_entry(AT_FDCWD, upper, &st);
	_cleanup_close_ int low = r < 0 ? -1 : tree_open_entry(AT_FDCWD, lower, &st);
	if (r == 0 && (up < 0 || low < 0))
		r = err_sys(e, up < 0 ? -up : -low, "opening '%s'", up < 0 ? upper : lower);
	if (r == 0)
		r = m_folder(&m, low, up, ".", 0);
	hmap_release(&m.hidden);
	buf_release(&m.path);
	return r;
}
