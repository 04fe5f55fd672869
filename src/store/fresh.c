// SPDX-License-Identifier: GPL-2.0-or-later
// Copying a tree into inodes that nobody else can hold open: what a builder made that could pass descriptors
// on becomes a store path only so. Contents are shared with the original where the file system can
// (FICLONE), and are ours from then on all the same.
#include "store/store-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

#define CHUNK (256u << 10)

// path is the original's, for messages. from_uid: whose the files have to be; (uid_t)-1: anybody's.
struct fresh {
	uid_t from_uid;
	struct buf path;
	struct err *e;
};

static int f_fail(struct fresh *f, int r, const char *what)
{
	return err_sys(f->e, -r, "%s '%s'", what, buf_str(&f->path));
}

// Bytes from..to, for file systems that cannot do it themselves.
static int copy_bytes(struct fresh *f, int in, int out, off_t from, off_t to)
{
	_cleanup_free_ char *chunk = mem_alloc(CHUNK);

	while (from < to) {
		ssize_t n = pread(in, chunk, (size_t)MIN(to - from, (off_t)CHUNK), from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return f_fail(f, n < 0 ? -errno : -EIO, "copying");
		ssize_t done = 0;
		while (done < n) {
			ssize_t m = pwrite(out, chunk + done, (size_t)(n - done), from + done);
			if (m < 0 && errno != EINTR)
				return f_fail(f, -errno, "copying");
			done += m > 0 ? m : 0;
		}
		from += n;
	}
	return 0;
}

static int copy_range(struct fresh *f, int in, int out, off_t from, off_t to)
{
	while (from < to) {
		off_t in_at = from, out_at = from;
		ssize_t n = copy_file_range(in, &in_at, out, &out_at, (size_t)(to - from), 0);
		if (n <= 0)
			return copy_bytes(f, in, out, from, to); // it knows what to say of real errors
		from += n;
	}
	return 0;
}

// The contents as long as they are now, holes as holes: a file that grows meanwhile is not followed for ever.
static int copy_contents(struct fresh *f, int in, int out)
{
	struct stat st;
	int r = 0;

	if (fstat(in, &st) < 0)
		return f_fail(f, -errno, "getting status of");
	if (ioctl(out, FICLONE, in) == 0)
		return 0;
	for (off_t at = 0; r == 0 && at < st.st_size;) {
		off_t data = lseek(in, at, SEEK_DATA), hole;
		if (data < 0 && errno == ENXIO)
			break;
		data = data < 0 ? at : data;
		hole = lseek(in, data, SEEK_HOLE);
		at = hole <= data || hole > st.st_size ? st.st_size : hole;
		r = data < at ? copy_range(f, in, out, data, at) : 0;
	}
	if (r == 0 && ftruncate(out, st.st_size) < 0)
		r = f_fail(f, -errno, "copying");
	return r;
}

static int fresh_regular(
        struct fresh *f, int held, const struct stat *st, int dir, const char *name, int to, const char *as)
{
	_cleanup_close_ int in = tree_open(held, st, dir, name), out = -1;

	if (in < 0)
		return f_fail(f, in, "opening");
	out = openat(to, as, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return f_fail(f, -errno, "making a copy of");
	int r = copy_contents(f, in, out);
	if (r == 0 && (st->st_mode & S_IXUSR) && fchmod(out, 0700) < 0)
		r = f_fail(f, -errno, "making a copy of");
	return r;
}

static int fresh_symlink(struct fresh *f, int held, int to, const char *as)
{
	char target[4096];
	ssize_t n = readlinkat(held, "", target, sizeof(target) - 1);

	if (n < 0)
		return f_fail(f, -errno, "reading symbolic link");
	target[n] = '\0';
	return symlinkat(target, to, as) < 0 ? f_fail(f, -errno, "making a copy of") : 0;
}

static int fresh_node(struct fresh *f, int dir, const char *name, int to, const char *as, int depth);

static int fresh_entries(struct fresh *f, int in, int out, int depth)
{
	_cleanup_strv_ char **names = NULL;
	size_t len = f->path.len;
	int r = tree_names(in, &names);

	if (r < 0)
		return f_fail(f, r, "listing");
	for (size_t i = 0; r == 0 && names[i]; i++) {
		buf_addc(&f->path, '/');
		buf_adds(&f->path, names[i]);
		r = fresh_node(f, in, names[i], out, names[i], depth + 1);
		f->path.len = len;
		f->path.data[len] = '\0';
	}
	return r;
}

// Takes held, so that only two descriptors a level are open.
static int fresh_directory(
        struct fresh *f, int held, const struct stat *st, int to, const char *as, int depth)
{
	_cleanup_close_ int own = held;
	int r = (st->st_mode & 0700) != 0700 ? tree_chmod(own, 0700) : 0;

	if (depth >= NAR_DEPTH_MAX)
		return err_set(f->e, -ELOOP, "directory '%s' is nested too deeply", buf_str(&f->path));
	if (r < 0)
		return f_fail(f, r, "changing mode of");
	_cleanup_close_ int in = tree_open(own, st, -1, "");
	if (in < 0)
		return f_fail(f, in, "opening directory");
	close(TAKE_FD(own));
	if (mkdirat(to, as, 0700) < 0)
		return f_fail(f, -errno, "making a copy of");
	_cleanup_close_ int out = openat(to, as, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return out < 0 ? f_fail(f, -errno, "making a copy of") : fresh_entries(f, in, out, depth);
}

static int fresh_node(struct fresh *f, int dir, const char *name, int to, const char *as, int depth)
{
	struct stat st;
	_cleanup_close_ int held = tree_hold(dir, name, &st);

	if (held < 0)
		return f_fail(f, held, "getting status of");
	// It may be somebody else's file, linked here for us to read.
	if (f->from_uid != (uid_t)-1 && st.st_uid != f->from_uid)
		return err_set(f->e, -EPERM, "invalid ownership on file '%s'", buf_str(&f->path));
	if (S_ISDIR(st.st_mode))
		return fresh_directory(f, TAKE_FD(held), &st, to, as, depth);
	if (S_ISREG(st.st_mode))
		return fresh_regular(f, held, &st, dir, name, to, as);
	if (S_ISLNK(st.st_mode))
		return fresh_symlink(f, held, to, as);
	return err_set(f->e, -EINVAL, "file '%s' has an unsupported type", buf_str(&f->path));
}

int store_copy_fresh(const char *from, const char *to, uid_t from_uid, struct err *e)
{
	struct fresh f = {.from_uid = from_uid, .e = e};

	buf_adds(&f.path, from);
	int r = fresh_node(&f, AT_FDCWD, from, AT_FDCWD, to, 0);
	buf_release(&f.path);
	return r;
}
