// SPDX-License-Identifier: GPL-2.0-or-later
// A tree of objects is put together of what a builder left and, where it is unchanged, of the tree that it
// began with, by hard links; and sealed.
#include "build/keep-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

struct seal {
	const struct sandbox_ids *ids;
	struct timespec newest;
};

static void seal_newest(struct seal *s, const struct timespec *t)
{
	if (t->tv_sec > s->newest.tv_sec || (t->tv_sec == s->newest.tv_sec && t->tv_nsec > s->newest.tv_nsec))
		s->newest = *t;
}

static int seal_copy_data(int in, int out, const char *name, struct err *e)
{
	_cleanup_free_ char *data = mem_alloc(1 << 16);
	ssize_t n;

	while ((n = read(in, data, 1 << 16)) > 0) {
		int r = fs_write_all(out, data, (size_t)n, name, e);
		if (r < 0)
			return r;
	}
	return n < 0 ? err_sys(e, errno, "reading '%s'", name) : 0;
}

// Over the border of a file system.
static int seal_copy(int from, const char *name, const struct stat *st, int to, struct err *e)
{
	const struct timespec times[2] = {st->st_mtim, st->st_mtim};
	char target[4096];
	ssize_t n;

	if (S_ISLNK(st->st_mode)) {
		n = readlinkat(from, name, target, sizeof(target) - 1);
		if (n < 0)
			return err_sys(e, errno, "reading the link '%s'", name);
		target[n] = '\0';
		return symlinkat(target, to, name) < 0 ? err_sys(e, errno, "linking '%s'", name) : 0;
	}
	_cleanup_close_ int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int out =
	        openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (in < 0 || out < 0)
		return err_sys(e, errno, "copying '%s'", name);
	int r = seal_copy_data(in, out, name, e);
	if (r < 0)
		return r;
	if (fchmod(out, st->st_mode & 0777) < 0 || futimens(out, times) < 0)
		return err_sys(e, errno, "copying '%s'", name);
	return 0;
}

// What the builder made becomes ours.
static int seal_move(struct seal *s, int from, const char *name, const struct stat *st, int to, struct err *e)
{
	if (!S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode))
		return err_set(e, -EINVAL, "'%s' is neither a file nor a link", name);
	if (S_ISREG(st->st_mode))
		seal_newest(s, &st->st_mtim);
	if (renameat(from, name, to, name) < 0) {
		int r = errno == EXDEV ? seal_copy(from, name, st, to, e)
		                       : err_sys(e, errno, "moving '%s'", name);
		if (r < 0)
			return r;
	}
	if (!s->ids->own && fchownat(to, name, geteuid(), getegid(), AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, errno, "chown '%s'", name);
	return 0;
}

static int seal_merge(struct seal *s, int lower, int upper, int out, unsigned depth, struct err *e);

static int seal_open_dir(int dir, const char *name)
{
	return dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// upper: -1 where the builder changed nothing below.
static int seal_merge_dir(struct seal *s, int lower_dir, int upper_dir, const char *name, int out_dir,
        unsigned depth, struct err *e)
{
	char opaque[2];

	if (depth >= KEEP_DEPTH)
		return err_set(e, -ELOOP, "folders are too deep");
	if (mkdirat(out_dir, name, 0755) < 0)
		return err_sys(e, errno, "making the folder '%s'", name);
	_cleanup_close_ int upper = seal_open_dir(upper_dir, name), out = seal_open_dir(out_dir, name);
	if (out < 0 || (upper_dir >= 0 && upper < 0))
		return err_sys(e, errno, "opening the folder '%s'", name);
	bool alone = upper >= 0 && fgetxattr(upper, "user.overlay.opaque", opaque, sizeof(opaque)) > 0;
	_cleanup_close_ int lower = alone ? -1 : seal_open_dir(lower_dir, name);
	return seal_merge(s, lower, upper, out, depth + 1, e);
}

static int seal_upper(
        struct seal *s, int lower, int upper, const char *name, int out, unsigned depth, struct err *e)
{
	struct stat st;

	if (fstatat(upper, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, errno, "lstat '%s'", name);
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0))
		return 0; // it was removed
	if (S_ISDIR(st.st_mode))
		return seal_merge_dir(s, lower, upper, name, out, depth, e);
	return seal_move(s, upper, name, &st, out, e);
}

static int seal_lower(struct seal *s, int lower, const char *name, int out, unsigned depth, struct err *e)
{
	struct stat st;

	if (fstatat(lower, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, errno, "lstat '%s'", name);
	if (S_ISDIR(st.st_mode))
		return seal_merge_dir(s, lower, -1, name, out, depth, e);
	if (linkat(lower, name, out, name, 0) == 0)
		return 0;
	return errno == EMLINK ? seal_copy(lower, name, &st, out, e)
	                       : err_sys(e, errno, "linking '%s'", name);
}

static int seal_merge(struct seal *s, int lower, int upper, int out, unsigned depth, struct err *e)
{
	_cleanup_strv_ char **above = NULL, **below = NULL;
	_cleanup_hmap_ struct hmap hidden = {0};
	int r = upper < 0 ? 0 : tree_names(upper, &above);

	if (r == 0 && lower >= 0)
		r = tree_names(lower, &below);
	if (r < 0)
		return err_sys(e, -r, "listing a folder");
	strv_for_each (name, above) {
		hmap_put(&hidden, name, name);
		r = seal_upper(s, lower, upper, name, out, depth, e);
		if (r < 0)
			return r;
	}
	strv_for_each (name, below) {
		r = hmap_has(&hidden, name) ? 0 : seal_lower(s, lower, name, out, depth, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int seal_tree(struct keep *k, struct seal *s, struct err *e)
{
	_cleanup_free_ char *lower_path = k->lower ? fs_join(k->lower, "tree") : NULL;
	_cleanup_free_ char *made = k->lower ? mem_strdup(k->upper) : fs_join(k->build_dir, k->folder);
	_cleanup_close_ int upper = open(made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int lower =
	        lower_path ? open(lower_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	_cleanup_close_ int out = open(k->fresh, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (upper < 0 || out < 0 || (lower_path && lower < 0))
		return err_sys(e, errno, "opening '%s'", made);
	if (mkdirat(out, "tree", 0755) < 0)
		return err_sys(e, errno, "making '%s/tree'", k->fresh);
	_cleanup_close_ int tree = seal_open_dir(out, "tree");
	if (tree < 0)
		return err_sys(e, errno, "opening '%s/tree'", k->fresh);
	return seal_merge(s, lower, upper, tree, 0, e);
}

static int seal_list(struct keep *k, struct err *e)
{
	_cleanup_free_ char *path = fs_join(k->fresh, "source");
	int r = 0;

	if (!k->list.n && k->list_from && link(k->list_from, path) == 0)
		return 0;
	if (!k->list.n)
		r = keep_list_make(k->source_real, NULL, NULL, &k->list, e);
	return r < 0 ? r : keep_list_write(&k->list, path, e);
}

static int seal_rest(struct keep *k, const struct seal *s, struct err *e)
{
	_cleanup_free_ char *real = store_real_path(k->store, k->options);
	_cleanup_free_ char *options = fs_join(k->fresh, "options"), *used = fs_join(k->fresh, "used");
	_cleanup_buf_ struct buf text = {0};
	const struct keep_meta meta = {
	        .key = k->key, .series = k->series, .source = k->source, .newest = s->newest};
	int r = fs_read_regular(real, 0, &text, e);

	if (r == 0)
		r = fs_write_atomic(options, text.data, text.len, 0600, e);
	if (r == 0)
		r = fs_write_atomic(used, "", 0, 0600, e);
	if (r == 0)
		r = keep_meta_write(k->fresh, &meta, e);
	_cleanup_close_ int fd = r < 0 ? -1 : fs_open(k->fresh, O_RDONLY | O_DIRECTORY, 0, e);
	if (r < 0 || fd < 0)
		return MIN(r, fd);
	// Objects without a trace of having been written are not found to be old: all before the name.
	return syncfs(fd) < 0 ? err_sys(e, errno, "writing '%s' to its disk", k->fresh) : 0;
}

bool keep_open_fresh(struct keep *k)
{
	_cleanup_close_ int lock = -1;
	_cleanup_err_ struct err e = {0};
	unsigned long long random;

	if (!k || !k->place || k->lower_same || getrandom(&random, sizeof(random), 0) != sizeof(random) ||
	        keep_place_lock(k->place, &lock, &e) < 0)
		return false;
	if (!k->said)
		k->said = mmap(
		        NULL, sizeof(*k->said), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k->said == MAP_FAILED) {
		k->said = NULL;
		return false;
	}
	char *fresh = str_printf("%s/.new-%.16s-%016llx", k->place, k->key, random);
	_cleanup_free_ char *path = fs_join(fresh, "lock");
	if (mkdir(fresh, 0700) < 0 || fs_lock(path, true, false, &k->fresh_lock, &e) < 0) {
		rmdir(fresh);
		mem_free(fresh);
		return false;
	}
	k->fresh = fresh;
	return true;
}

int keep_gather(struct keep *k)
{
	struct seal s = {.ids = &k->ids, .newest = k->lower_meta.newest};
	_cleanup_err_ struct err e = {0};
	int r = seal_tree(k, &s, &e);

	if (r == 0)
		r = seal_list(k, &e);
	if (r == 0)
		r = seal_rest(k, &s, &e);
	if (r < 0) {
		snprintf(k->said->text, sizeof(k->said->text), "%s", e.msg);
		return 1;
	}
	return 0;
}

static int seal_name(struct keep *k, struct err *e)
{
	_cleanup_close_ int lock = -1;
	_cleanup_free_ char *name = str_printf("%s/%s", k->place, str_basename(k->fresh) + strlen(".new-"));
	int r = keep_place_lock(k->place, &lock, e);

	if (r < 0)
		return r;
	uint64_t bytes = keep_tree_bytes(k->fresh), max = k->limits.bytes ? k->limits.bytes : KEEP_BYTES;
	if (bytes > max)
		return err_set(e, -EFBIG, "they are larger than kept-objects-size");
	keep_place_prune(k->place, &k->limits, bytes);
	if (rename(k->fresh, name) < 0)
		return err_sys(e, errno, "renaming '%s'", k->fresh);
	mem_free(k->fresh);
	k->fresh = NULL;
	return fs_sync(k->place, e);
}

void keep_seal(struct keep *k, bool good, char **ret_word)
{
	_cleanup_err_ struct err e = {0}, ignored = {0};

	if (!k || !k->fresh)
		return;
	if (good && !k->said->text[0])
		seal_name(k, &e);
	const char *why = k->said->text[0] ? k->said->text : e.msg;
	if (ret_word && why)
		*ret_word = str_printf("objects are not kept: %s", why);
	if (k->fresh)
		fs_rm_rf(k->fresh, &ignored);
	mem_free(k->fresh);
	k->fresh = NULL;
	if (k->fresh_lock >= 0)
		close(k->fresh_lock);
	k->fresh_lock = -1;
}
