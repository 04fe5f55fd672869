// SPDX-License-Identifier: GPL-2.0-or-later
// The folder of kept object trees: whose it is, its lock, what killed ones left, and its bounds.
#include "build/keep-impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

char *keep_place_path(const char *state_dir)
{
	return str_printf("%s/kernix/objects", state_dir);
}

int keep_place_open(const char *place, struct err *e)
{
	_cleanup_free_ char *parent = str_dirname(place);
	struct stat st;
	int r = fs_mkdir_p(parent, 0755, e);

	if (r < 0)
		return r;
	if (mkdir(place, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "making '%s'", place);
	if (lstat(place, &st) < 0)
		return err_sys(e, errno, "lstat '%s'", place);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
		return err_set(e, -EPERM, "'%s' is not a folder of this user alone (mode 0700)", place);
	return 0;
}

int keep_place_lock(const char *place, int *ret_fd, struct err *e)
{
	_cleanup_free_ char *path = fs_join(place, ".lock");

	return fs_lock(path, true, true, ret_fd, e);
}

bool keep_name_is_tree(const char *name)
{
	return name[0] != '.';
}

// Is it nobody's? Then it is taken out of sight first, so that a kill leaves no half of a tree.
static bool place_remove(const char *place, const char *name)
{
	_cleanup_free_ char *path = fs_join(place, name), *lock = fs_join(path, "lock");
	_cleanup_free_ char *old = str_printf("%s/.old-%s", place, name);
	_cleanup_err_ struct err ignored = {0};
	_cleanup_close_ int fd = -1;
	int there = fs_lstat_maybe(lock, NULL, &ignored);

	if (there < 0 || (there && fs_lock(lock, true, false, &fd, &ignored) < 0))
		return false;
	if (name[0] != '.' && rename(path, old) < 0)
		return false;
	return fs_rm_rf(name[0] == '.' ? path : old, &ignored) == 0;
}

void keep_place_sweep(const char *place)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err ignored = {0};

	if (fs_list(place, &names, &ignored) < 0)
		return;
	strv_for_each (name, names) {
		if (str_has_prefix(name, ".new-") || str_has_prefix(name, ".old-"))
			place_remove(place, name);
	}
}

// Files that several trees share count in each with a part.
static uint64_t tree_bytes(int dir, unsigned depth)
{
	_cleanup_strv_ char **names = NULL;
	uint64_t sum = 0;
	struct stat st;

	if (depth > KEEP_DEPTH || tree_names(dir, &names) < 0)
		return 0;
	strv_for_each (name, names) {
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			_cleanup_close_ int fd =
			        openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			sum += fd < 0 ? 0 : tree_bytes(fd, depth + 1);
		} else {
			sum += (uint64_t)st.st_blocks * 512 / st.st_nlink;
		}
	}
	return sum;
}

uint64_t keep_tree_bytes(const char *dir)
{
	_cleanup_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? 0 : tree_bytes(fd, 0);
}

static char *place_oldest(const char *place, char *const *left_out, size_t *ret_n, uint64_t *ret_bytes)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err ignored = {0};
	struct timespec oldest = {0};
	char *found = NULL;
	struct stat st;

	*ret_n = 0;
	*ret_bytes = 0;
	if (fs_list(place, &names, &ignored) < 0)
		return NULL;
	strv_for_each (name, names) {
		if (!keep_name_is_tree(name))
			continue;
		_cleanup_free_ char *tree = fs_join(place, name), *used = fs_join(tree, "used");
		++*ret_n;
		*ret_bytes += keep_tree_bytes(tree);
		if (strv_has(left_out, name))
			continue;
		if (lstat(used, &st) < 0)
			st.st_mtim = (struct timespec){0};
		if (found &&
		        (st.st_mtim.tv_sec > oldest.tv_sec ||
		                (st.st_mtim.tv_sec == oldest.tv_sec && st.st_mtim.tv_nsec >= oldest.tv_nsec)))
			continue;
		oldest = st.st_mtim;
		mem_free(found);
		found = mem_strdup(name);
	}
	return found;
}

void keep_place_prune(const char *place, const struct keep_limits *limits, uint64_t more_bytes)
{
	_cleanup_strv_ char **in_use = NULL;
	uint64_t bytes, max = limits->bytes ? limits->bytes : KEEP_BYTES;
	unsigned trees = limits->trees ? limits->trees : KEEP_TREES;
	size_t n;

	for (;;) {
		_cleanup_free_ char *name = place_oldest(place, in_use, &n, &bytes);
		if (!name || (n < trees && bytes <= max && more_bytes <= max - bytes))
			return;
		if (!place_remove(place, name))
			strv_add(&in_use, name);
	}
}

int keep_drop_all(const char *state_dir, size_t *ret_n, uint64_t *ret_bytes, struct err *e)
{
	_cleanup_free_ char *place = keep_place_path(state_dir);
	_cleanup_strv_ char **names = NULL;
	_cleanup_close_ int lock = -1;
	int r = fs_list_maybe(place, &names, e);

	*ret_n = 0;
	*ret_bytes = 0;
	if (r < 0 || !names)
		return r;
	r = keep_place_open(place, e);
	if (r == 0)
		r = keep_place_lock(place, &lock, e);
	if (r < 0)
		return r;
	keep_place_sweep(place);
	strv_for_each (name, names) {
		_cleanup_free_ char *tree = fs_join(place, name);
		uint64_t bytes = keep_name_is_tree(name) ? keep_tree_bytes(tree) : 0;
		if (!keep_name_is_tree(name) || !place_remove(place, name))
			continue;
		*ret_bytes += bytes;
		++*ret_n;
	}
	return 0;
}

void keep_meta_release(struct keep_meta *m)
{
	mem_free(m->key);
	mem_free(m->series);
	mem_free(m->source);
	*m = (struct keep_meta){0};
}

int keep_meta_read(const char *tree, struct keep_meta *ret, struct err *e)
{
	_cleanup_free_ char *path = fs_join(tree, "meta");
	_cleanup_buf_ struct buf b = {0};
	int r = fs_read_regular(path, 1 << 16, &b, e);

	if (r < 0)
		return r;
	_cleanup_strv_ char **lines = strv_split(buf_str(&b), "\n");
	int64_t seconds, nanoseconds;
	// Another form, an older one, or a file that a full disk cut off.
	if (strv_len(lines) != 7 || !str_eq(lines[0], KEEP_FORMAT) || !str_eq(lines[6], "end") ||
	        str_to_i64(lines[4], &seconds) < 0 || str_to_i64(lines[5], &nanoseconds) < 0)
		return err_set(e, -EBADMSG, "'%s' is not of the form '%s'", path, KEEP_FORMAT);
	*ret = (struct keep_meta){
	        .key = mem_strdup(lines[1]),
	        .series = mem_strdup(lines[2]),
	        .source = mem_strdup(lines[3]),
	        .newest = {seconds, nanoseconds},
	};
	return 0;
}

int keep_meta_write(const char *tree, const struct keep_meta *m, struct err *e)
{
	_cleanup_free_ char *path = fs_join(tree, "meta");
	_cleanup_free_ char *text = str_printf("%s\n%s\n%s\n%s\n%lld\n%ld\nend\n", KEEP_FORMAT, m->key,
	        m->series, m->source, (long long)m->newest.tv_sec, m->newest.tv_nsec);

	return fs_write_atomic(path, text, strlen(text), 0600, e);
}
