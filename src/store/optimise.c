// SPDX-License-Identifier: GPL-2.0-or-later
// Equal files as hard links: STORE/.links/NIX32 is a link to every file content that was met, named by the
// sha256 of its NAR.
#include "store/store-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

// store, links: the open folders STORE and STORE/.links. path is for messages only: the tree is walked by
// descriptors.
struct optimise {
	struct store *s;
	int store, links;
	uint64_t saved_bytes, files;
	struct buf path;
	struct err *e;
};

static const struct timespec mtime_1[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};

static int o_fail(struct optimise *o, int errnum, const char *what)
{
	return err_sys(o->e, errnum, "%s '%s'", what, buf_str(&o->path));
}

static bool same_kind(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mode == b->st_mode;
}

// Puts a link to .links/HASH in the place of the file, by rename, with its folder writable for a moment.
static int replace(struct optimise *o, const char *link, int dir, const char *name, const struct stat *st)
{
	_cleanup_free_ char *temp = str_printf(".tmp-link-%ld", (long)getpid());
	struct stat dir_st;
	int r = 0;

	if (fstat(dir, &dir_st) < 0)
		return o_fail(o, errno, "getting status of the folder of");
	bool inside = dir != o->store;
	if (inside && fchmod(dir, dir_st.st_mode | 0200) < 0)
		return o_fail(o, errno, "making the folder writable of");
	unlinkat(o->store, temp, 0);
	if (linkat(o->links, link, o->store, temp, 0) < 0)
		r = errno == EMLINK ? 0 : o_fail(o, errno, "linking"); // too many links: the file stays
	else if (renameat(o->store, temp, dir, name) < 0)
		r = o_fail(o, errno, "replacing");
	else
		o->saved_bytes += (uint64_t)st->st_size, o->files++;
	unlinkat(o->store, temp, 0);
	if (inside && (fchmod(dir, dir_st.st_mode & 07777) < 0 || futimens(dir, mtime_1) < 0) && r == 0)
		r = o_fail(o, errno, "restoring the folder of");
	return r;
}

static int optimise_file(struct optimise *o, int dir, const char *name, const struct stat *st)
{
	struct hash h;
	struct stat link_st;
	int r = nar_hash_at(dir, name, buf_str(&o->path), HASH_SHA256, &h, o->e);

	if (r < 0)
		return r;
	_cleanup_free_ char *link = hash_format(&h, HASH_NIX32, false);
	if (linkat(dir, name, o->links, link, 0) == 0)
		return 0;
	if (errno == EMLINK || errno == ENOSPC) // no room in .links: nothing is lost without the link
		return 0;
	if (errno != EEXIST)
		return o_fail(o, errno, "linking");
	if (fstatat(o->links, link, &link_st, AT_SYMLINK_NOFOLLOW) < 0)
		return o_fail(o, errno, "getting status of the link of");
	if (link_st.st_ino == st->st_ino)
		return 0;
	if (!same_kind(&link_st, st)) {
		log_warn("removing corrupted link '%s/.links/%s'", o->s->real_dir, link);
		if (unlinkat(o->links, link, 0) < 0 || linkat(dir, name, o->links, link, 0) < 0)
			return o_fail(o, errno, "linking");
		return 0;
	}
	return replace(o, link, dir, name, st);
}

static int optimise_node(struct optimise *o, int dir, const char *name, int depth);

static int optimise_directory(struct optimise *o, int dir, const char *name, int depth)
{
	_cleanup_strv_ char **names = NULL;
	size_t len = o->path.len;
	struct stat st;
	_cleanup_close_ int fd = tree_open_entry(dir, name, &st);

	if (depth >= NAR_DEPTH_MAX)
		return err_set(o->e, -ELOOP, "directory '%s' is nested too deeply", buf_str(&o->path));
	int r = fd < 0 ? fd : tree_names(fd, &names);
	if (r < 0)
		return o_fail(o, -r, "listing");
	for (size_t i = 0; r == 0 && names[i]; i++) {
		buf_addc(&o->path, '/');
		buf_adds(&o->path, names[i]);
		r = optimise_node(o, fd, names[i], depth + 1);
		o->path.len = len;
		o->path.data[len] = '\0';
	}
	return r;
}

static int optimise_node(struct optimise *o, int dir, const char *name, int depth)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return o_fail(o, errno, "getting status of");
	// Writable files are not canonical: somebody may change them. Links to symlinks are not portable.
	if (S_ISREG(st.st_mode))
		return st.st_mode & 0222 ? 0 : optimise_file(o, dir, name, &st);
	return S_ISDIR(st.st_mode) ? optimise_directory(o, dir, name, depth) : 0;
}

static int optimise_one(struct optimise *o, const char *path)
{
	_cleanup_free_ char *real = store_real_path(o->s, path);

	buf_clear(&o->path);
	buf_adds(&o->path, real);
	return optimise_node(o, o->store, str_basename(real), 0);
}

static int optimise_open(struct optimise *o)
{
	struct stat st;
	int r = store_refuse_read_only(o->s, o->e);

	o->store = o->links = -1;
	if (r == 0)
		r = o->store = store_folder(o->s, o->e);
	if (r < 0)
		return r;
	o->links = tree_open_entry(o->store, ".links", &st);
	return o->links < 0 ? err_sys(o->e, -o->links, "opening '%s/.links'", o->s->real_dir) : 0;
}

static void optimise_close(struct optimise *o)
{
	if (o->links >= 0)
		close(o->links);
	buf_release(&o->path);
}

int store_optimise_path(struct store *s, const char *path, uint64_t *ret_saved_bytes, struct err *e)
{
	struct optimise o = {.s = s, .e = e};
	int r = optimise_open(&o);

	if (r == 0)
		r = optimise_one(&o, path);
	optimise_close(&o);
	if (r == 0 && ret_saved_bytes)
		*ret_saved_bytes = o.saved_bytes;
	return r;
}

int store_optimise(struct store *s, uint64_t *ret_saved_bytes, uint64_t *ret_files, struct err *e)
{
	struct optimise o = {.s = s, .e = e};
	_cleanup_strv_ char **paths = NULL;
	int r = optimise_open(&o);

	if (r == 0)
		r = store_query_all(s, &paths, e);
	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		bool valid = false;
		r = store_add_temp_root(s, paths[i], e);
		if (r == 0) // it may have been collected since
			r = store_is_valid(s, paths[i], &valid, e);
		if (r == 0 && valid)
			r = optimise_one(&o, paths[i]);
	}
	optimise_close(&o);
	if (r == 0 && ret_saved_bytes)
		*ret_saved_bytes = o.saved_bytes;
	if (r == 0 && ret_files)
		*ret_files = o.files;
	return r;
}
