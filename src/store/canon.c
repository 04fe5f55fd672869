// SPDX-License-Identifier: GPL-2.0-or-later
// Canonical metadata: what a NAR does not hold must not differ between two copies of a store path.
#include "store/store-impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

// seen: inodes (device and number) that were made canonical already, for hard links of a builder's user.
struct canon {
	uid_t from_uid;
	bool root;
	struct hmap seen;
	struct buf path;
	struct err *e;
};

static int c_fail(struct canon *c, const char *what)
{
	return err_sys(c->e, errno, "%s '%s'", what, buf_str(&c->path));
}

// Attributes that security modules put there by themselves stay.
static bool keeps_attr(const char *name)
{
	return str_eq(name, "security.selinux") || str_eq(name, "system.nfs4_acl");
}

static int remove_xattrs(struct canon *c)
{
	char names[4096];
	ssize_t n = llistxattr(buf_str(&c->path), names, sizeof(names));

	if (n < 0)
		return errno == ENOTSUP || errno == ENODATA || errno == ENOSYS
		               ? 0
		               : c_fail(c, "querying extended attributes of");
	for (char *p = names; p < names + n; p += strlen(p) + 1)
		if (!keeps_attr(p) && lremovexattr(buf_str(&c->path), p) < 0 && errno != ENODATA)
			return c_fail(c, "removing an extended attribute of");
	return 0;
}

static int set_metadata(struct canon *c, const struct stat *st)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
	const char *path = buf_str(&c->path);
	mode_t mode = S_ISDIR(st->st_mode) || (st->st_mode & S_IXUSR) ? 0555 : 0444;

	if (c->root && (st->st_uid != 0 || st->st_gid != 0) &&
	        fchownat(AT_FDCWD, path, 0, 0, AT_SYMLINK_NOFOLLOW) < 0)
		return c_fail(c, "changing owner of");
	if (!S_ISLNK(st->st_mode) && (st->st_mode & 07777) != mode && chmod(path, mode) < 0)
		return c_fail(c, "changing mode of");
	if ((st->st_mtim.tv_sec != 1 || st->st_mtim.tv_nsec) &&
	        utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
		return c_fail(c, "changing modification time of");
	return 0;
}

static int canon_node(struct canon *c, int depth);

static int canon_entries(struct canon *c, int depth)
{
	size_t len = c->path.len;
	_cleanup_strv_ char **names = NULL;

	if (depth >= NAR_DEPTH_MAX)
		return err_set(c->e, -ELOOP, "directory '%s' is nested too deeply", buf_str(&c->path));
	int r = fs_list(buf_str(&c->path), &names, c->e);
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		buf_addc(&c->path, '/');
		buf_adds(&c->path, names[i]);
		r = canon_node(c, depth + 1);
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

static int canon_node(struct canon *c, int depth)
{
	struct stat st;
	bool done;

	if (lstat(buf_str(&c->path), &st) < 0)
		return c_fail(c, "getting status of");
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(c->e, -EINVAL, "file '%s' has an unsupported type", buf_str(&c->path));
	int r = check_owner(c, &st, &done);
	if (r < 0 || done)
		return r;
	r = remove_xattrs(c);
	if (r == 0 && S_ISDIR(st.st_mode)) {
		if ((st.st_mode & 0700) != 0700 && chmod(buf_str(&c->path), st.st_mode | 0700) < 0)
			return c_fail(c, "changing mode of");
		r = canon_entries(c, depth);
		if (r == 0 && lstat(buf_str(&c->path), &st) < 0)
			return c_fail(c, "getting status of");
	}
	return r < 0 ? r : set_metadata(c, &st);
}

int store_canonicalise(struct store *s, const char *real_path, uid_t from_uid, struct err *e)
{
	struct canon c = {.from_uid = from_uid, .root = geteuid() == 0, .e = e};

	(void)s;
	buf_adds(&c.path, real_path);
	int r = canon_node(&c, 0);
	buf_release(&c.path);
	hmap_release(&c.seen);
	return r;
}
