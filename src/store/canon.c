// SPDX-License-Identifier: GPL-2.0-or-later
// Canonical metadata: what a NAR does not hold must not differ between two copies of a store path. The walk
// is by descriptors (base/tree.h), because whoever made the tree may still hold a folder of it.
#include "store/store-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

// seen: inodes (device and number) that were made canonical already, for hard links of a builder's user.
// path is for messages only.
struct canon {
	uid_t from_uid;
	bool root;
	struct hmap seen;
	struct buf path;
	struct err *e;
};

static int c_fail(struct canon *c, int r, const char *what)
{
	return err_sys(c->e, -r, "%s '%s'", what, buf_str(&c->path));
}

// Attributes that security modules put there by themselves stay.
static bool keeps_attr(const char *name)
{
	return str_eq(name, "security.selinux") || str_eq(name, "system.nfs4_acl");
}

static int remove_xattrs(struct canon *c, int fd)
{
	char names[4096];
	size_t n;
	int r = tree_list_xattrs(fd, names, sizeof(names), &n);

	if (r < 0)
		return r == -ENOTSUP || r == -ENODATA || r == -ENOSYS
		               ? 0
		               : c_fail(c, r, "querying extended attributes of");
	for (char *p = names; p < names + n; p += strlen(p) + 1) {
		r = keeps_attr(p) ? 0 : tree_remove_xattr(fd, p);
		if (r < 0 && r != -ENODATA)
			return c_fail(c, r, "removing an extended attribute of");
	}
	return 0;
}

static int take_owner(struct canon *c, int fd, const struct stat *st)
{
	int r = c->root && (st->st_uid != 0 || st->st_gid != 0) ? tree_chown(fd, 0, 0) : 0;

	return r < 0 ? c_fail(c, r, "changing owner of") : 0;
}

static int set_mode(struct canon *c, int fd, const struct stat *st, mode_t mode)
{
	int r = (st->st_mode & 07777) != mode ? tree_chmod(fd, mode) : 0;

	return r < 0 ? c_fail(c, r, "changing mode of") : 0;
}

static int set_times(struct canon *c, int fd, const struct stat *st)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
	int r = st->st_mtim.tv_sec != 1 || st->st_mtim.tv_nsec ? tree_set_times(fd, times) : 0;

	return r < 0 ? c_fail(c, r, "changing modification time of") : 0;
}

static int canon_node(struct canon *c, int dir, const char *name, int depth);

static int canon_entries(struct canon *c, int fd, int depth)
{
	size_t len = c->path.len;
	_cleanup_strv_ char **names = NULL;

	if (depth >= NAR_DEPTH_MAX)
		return err_set(c->e, -ELOOP, "directory '%s' is nested too deeply", buf_str(&c->path));
	int r = tree_names(fd, &names);
	if (r < 0)
		return c_fail(c, r, "listing");
	for (size_t i = 0; r == 0 && names[i]; i++) {
		buf_addc(&c->path, '/');
		buf_adds(&c->path, names[i]);
		r = canon_node(c, fd, names[i], depth + 1);
		c->path.len = len;
		c->path.data[len] = '\0';
	}
	return r;
}

// A file that belongs to somebody else may be a hard link that the builder made to it: it is refused, unless
// it is one that we took over ourselves a moment ago under another of its names.
static int check_owner(struct canon *c, const struct stat *st, bool *ret_done)
{
	struct {
		dev_t dev;
		ino_t ino;
	} key;

	memset(&key, 0, sizeof(key));
	key.dev = st->st_dev;
	key.ino = st->st_ino;
	*ret_done = false;
	if (st->st_nlink > 1 && !S_ISDIR(st->st_mode)) {
		*ret_done = hmap_getn(&c->seen, &key, sizeof(key)) != NULL;
		if (*ret_done)
			return 0;
		hmap_putn(&c->seen, &key, sizeof(key), c);
	}
	if (c->from_uid != (uid_t)-1 && st->st_uid != c->from_uid)
		return err_set(c->e, -EPERM, "invalid ownership on file '%s'", buf_str(&c->path));
	return 0;
}

// A folder becomes ours alone to write before it is listed: what is in it then is all that there will be.
// Takes held; while the entries are walked only one descriptor a level is open.
static int canon_directory(
        struct canon *c, int held, const struct stat *st, int dir, const char *name, int depth)
{
	_cleanup_close_ int own = held;
	struct stat after;
	int r = set_mode(c, own, st, (st->st_mode & 0555) | 0700);

	if (r < 0)
		return r;
	_cleanup_close_ int fd = tree_open(own, st, dir, name);
	if (fd < 0)
		return c_fail(c, fd, "opening directory");
	close(TAKE_FD(own));
	r = canon_entries(c, fd, depth);
	if (r == 0 && fstat(fd, &after) < 0)
		return c_fail(c, -errno, "getting status of");
	if (r == 0)
		r = set_mode(c, fd, &after, 0555);
	return r < 0 ? r : set_times(c, fd, &after);
}

static int canon_file(struct canon *c, int held, const struct stat *st)
{
	int r = S_ISLNK(st->st_mode) ? 0 : set_mode(c, held, st, st->st_mode & S_IXUSR ? 0555 : 0444);

	return r < 0 ? r : set_times(c, held, st);
}

static int canon_node(struct canon *c, int dir, const char *name, int depth)
{
	struct stat st;
	bool done;
	_cleanup_close_ int held = tree_hold(dir, name, &st);

	if (held < 0)
		return c_fail(c, held, "getting status of");
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(c->e, -EINVAL, "file '%s' has an unsupported type", buf_str(&c->path));
	int r = check_owner(c, &st, &done);
	if (r < 0 || done)
		return r;
	r = take_owner(c, held, &st);
	if (r == 0)
		r = remove_xattrs(c, held);
	if (r < 0)
		return r;
	return S_ISDIR(st.st_mode) ? canon_directory(c, TAKE_FD(held), &st, dir, name, depth)
	                           : canon_file(c, held, &st);
}

int store_canonicalise(struct store *s, const char *real_path, uid_t from_uid, struct err *e)
{
	struct canon c = {.from_uid = from_uid, .root = geteuid() == 0, .e = e};

	(void)s;
	buf_adds(&c.path, real_path);
	int r = canon_node(&c, AT_FDCWD, real_path, 0);
	buf_release(&c.path);
	hmap_release(&c.seen);
	return r;
}
