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

struct optimise {
	struct store *s;
	uint64_t saved_bytes, files;
	struct buf path;
	struct err *e;
};

static const struct timespec mtime_1[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};

static int o_fail(struct optimise *o, const char *what)
{
	return err_sys(o->e, errno, "%s '%s'", what, buf_str(&o->path));
}

static bool same_kind(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mode == b->st_mode;
}

// Puts a link to `link` in the place of the file, by rename, with its folder writable for a moment.
static int replace(struct optimise *o, const char *link, const struct stat *st)
{
	_cleanup_free_ char *temp = str_printf("%s/.tmp-link-%ld", o->s->real_dir, (long)getpid());
	_cleanup_free_ char *dir = str_dirname(buf_str(&o->path));
	struct stat dir_st;
	int r = 0;

	if (lstat(dir, &dir_st) < 0)
		return o_fail(o, "getting status of the folder of");
	bool inside = !str_eq(dir, o->s->real_dir);
	if (inside && chmod(dir, dir_st.st_mode | 0200) < 0)
		return o_fail(o, "making the folder writable of");
	unlink(temp);
	if (linkat(AT_FDCWD, link, AT_FDCWD, temp, 0) < 0)
		r = errno == EMLINK ? 0 : o_fail(o, "linking"); // too many links: the file stays
	else if (rename(temp, buf_str(&o->path)) < 0)
		r = o_fail(o, "replacing");
	else
		o->saved_bytes += (uint64_t)st->st_size, o->files++;
	unlink(temp);
	if (inside && (chmod(dir, dir_st.st_mode & 07777) < 0 || utimensat(AT_FDCWD, dir, mtime_1, 0) < 0) &&
	        r == 0)
		r = o_fail(o, "restoring the folder of");
	return r;
}

static int optimise_file(struct optimise *o, const struct stat *st)
{
	struct hash h;
	struct stat link_st;
	int r = nar_hash_path(buf_str(&o->path), HASH_SHA256, NULL, &h, NULL, o->e);

	if (r < 0)
		return r;
	_cleanup_free_ char *name = hash_format(&h, HASH_NIX32, false);
	_cleanup_free_ char *link = str_printf("%s/.links/%s", o->s->real_dir, name);
	if (linkat(AT_FDCWD, buf_str(&o->path), AT_FDCWD, link, 0) == 0)
		return 0;
	if (errno == EMLINK || errno == ENOSPC) // no room in .links: nothing is lost without the link
		return 0;
	if (errno != EEXIST)
		return o_fail(o, "linking");
	if (lstat(link, &link_st) < 0)
		return o_fail(o, "getting status of the link of");
	if (link_st.st_ino == st->st_ino)
		return 0;
	if (!same_kind(&link_st, st)) {
		log_warn("removing corrupted link '%s'", link);
		if (unlink(link) < 0 || linkat(AT_FDCWD, buf_str(&o->path), AT_FDCWD, link, 0) < 0)
			return o_fail(o, "linking");
		return 0;
	}
	return replace(o, link, st);
}

static int optimise_node(struct optimise *o, int depth)
{
	_cleanup_strv_ char **names = NULL;
	size_t len = o->path.len;
	struct stat st;
	int r = 0;

	if (depth >= NAR_DEPTH_MAX)
		return err_set(o->e, -ELOOP, "directory '%s' is nested too deeply", buf_str(&o->path));
	if (lstat(buf_str(&o->path), &st) < 0)
		return o_fail(o, "getting status of");
	// Writable files are not canonical: somebody may change them. Links to symlinks are not portable.
	if (S_ISREG(st.st_mode))
		return st.st_mode & 0222 ? 0 : optimise_file(o, &st);
	if (S_ISDIR(st.st_mode))
		r = fs_list(buf_str(&o->path), &names, o->e);
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		buf_addc(&o->path, '/');
		buf_adds(&o->path, names[i]);
		r = optimise_node(o, depth + 1);
		o->path.len = len;
		o->path.data[len] = '\0';
	}
	return r;
}

static int optimise_one(struct optimise *o, const char *path)
{
	_cleanup_free_ char *real = store_real_path(o->s, path);

	buf_clear(&o->path);
	buf_adds(&o->path, real);
	return optimise_node(o, 0);
}

int store_optimise_path(struct store *s, const char *path, uint64_t *ret_saved_bytes, struct err *e)
{
	struct optimise o = {.s = s, .e = e};
	int r = store_refuse_read_only(s, e);

	if (r == 0)
		r = optimise_one(&o, path);
	buf_release(&o.path);
	if (r == 0 && ret_saved_bytes)
		*ret_saved_bytes = o.saved_bytes;
	return r;
}

int store_optimise(struct store *s, uint64_t *ret_saved_bytes, uint64_t *ret_files, struct err *e)
{
	struct optimise o = {.s = s, .e = e};
	_cleanup_strv_ char **paths = NULL;
	int r = store_refuse_read_only(s, e);

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
	buf_release(&o.path);
	if (r == 0 && ret_saved_bytes)
		*ret_saved_bytes = o.saved_bytes;
	if (r == 0 && ret_files)
		*ret_files = o.files;
	return r;
}
