// SPDX-License-Identifier: GPL-2.0-or-later
// builtin:buildenv (the tree of links of a profile) and builtin:unpack-channel (an archive of expressions).
// Both run in the sandbox, where store paths are what they say.
#include "build/builtin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/unpack.h"
#include "store/nar.h"

// One output that gets in; a lower priority number wins.
struct env_package {
	char *path;
	int64_t priority;
};

struct env_packages {
	struct env_package *list;
	size_t len, cap;
};

static int env_order(const void *x, const void *y)
{
	const struct env_package *a = x, *b = y;

	return a->priority != b->priority ? (a->priority < b->priority ? -1 : 1) : strcmp(a->path, b->path);
}

static int env_parse(const char *text, struct env_packages *ret, struct err *e)
{
	_cleanup_strv_ char **words = strv_split(text, " \t\n");
	size_t n = strv_len(words), i = 0;

	while (i < n) {
		int64_t priority;
		uint64_t outputs;
		if (i + 3 > n || str_to_i64(words[i + 1], &priority) < 0 ||
		        str_to_u64(words[i + 2], &outputs) < 0 || outputs > n - i - 3)
			return err_set(e, -EINVAL, "'derivations' of the environment is malformed at '%s'",
			        words[i]);
		for (size_t k = 0; k < outputs && !str_eq(words[i], "false"); k++) {
			mem_grow(&ret->list, &ret->cap, ret->len + 1, sizeof(*ret->list));
			ret->list[ret->len++] = (struct env_package){mem_strdup(words[i + 3 + k]), priority};
		}
		i += 3 + outputs;
	}
	if (ret->len)
		qsort(ret->list, ret->len, sizeof(*ret->list), env_order);
	return 0;
}

static int env_link_tree(
        const char *from, const char *to, int64_t priority, struct hmap *prio, int depth, struct err *e);

// A link to a folder becomes a folder of links when another package has something for it.
static int env_open_folder(const char *to, struct hmap *prio, int depth, struct err *e)
{
	_cleanup_free_ char *old = NULL;
	const struct env_package *owner = hmap_get(prio, to);
	struct stat st;

	if (lstat(to, &st) < 0)
		return err_sys(e, errno, "lstat '%s'", to);
	if (!S_ISLNK(st.st_mode))
		return 0;
	int r = fs_readlink(to, &old, e);
	if (r < 0)
		return r;
	if (unlink(to) < 0 || mkdir(to, 0755) < 0)
		return err_sys(e, errno, "making '%s'", to);
	return env_link_tree(old, to, owner ? owner->priority : 0, prio, depth, e);
}

static int env_collide(
        const char *from, const char *to, int64_t priority, struct hmap *prio, int depth, struct err *e)
{
	const struct env_package *owner = hmap_get(prio, to);
	int r = fs_is_dir_maybe(from, e);

	if (r > 0)
		r = fs_is_dir_maybe(to, e);
	if (r < 0)
		return r;
	if (r > 0) {
		r = env_open_folder(to, prio, depth, e);
		return r < 0 ? r : env_link_tree(from, to, priority, prio, depth + 1, e);
	}
	if (owner && owner->priority < priority)
		return 0;
	_cleanup_free_ char *old = NULL;
	r = fs_readlink(to, &old, e);
	return r < 0 ? r
	             : err_set(e, -EEXIST,
	                       "files '%s' and '%s' conflict; use 'nix-env --set-flag priority NUMBER "
	                       "INSTALLED_PKGNAME' to "
	                       "change the priority of one of the conflicting packages (0 being the highest "
	                       "priority)",
	                       old, from);
}

static int env_link_one(
        const char *from, const char *to, int64_t priority, struct hmap *prio, int depth, struct err *e)
{
	struct stat st;

	if (lstat(to, &st) == 0)
		return env_collide(from, to, priority, prio, depth, e);
	if (symlink(from, to) < 0)
		return err_sys(e, errno, "linking '%s'", to);
	struct env_package *owner = NEW(struct env_package); // lives as long as this process: it ends soon
	owner->priority = priority;
	hmap_put(prio, to, owner);
	return 0;
}

static int env_link_tree(
        const char *from, const char *to, int64_t priority, struct hmap *prio, int depth, struct err *e)
{
	static const char *const left_out[] = {
	        "propagated-build-inputs", "nix-support", "perllocal.pod", "info/dir", "log"};
	_cleanup_strv_ char **names = NULL;
	int r = depth > NAR_DEPTH_MAX ? err_set(e, -ELOOP, "'%s' is nested too deeply", from)
	                              : fs_list(from, &names, e);

	strv_for_each (name, names) {
		bool skip = false;
		for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
			skip = skip || str_eq(name, left_out[i]) ||
			       (str_eq(left_out[i], "info/dir") && str_eq(name, "dir") &&
			               str_eq(str_basename(from), "info"));
		if (r < 0 || skip)
			continue;
		_cleanup_free_ char *a = fs_join(from, name), *b = fs_join(to, name);
		r = env_link_one(a, b, priority, prio, depth, e);
	}
	return r;
}

int builtin_buildenv(void *ctx, const struct builtin_args *a, struct err *e)
{
	const char *out = builtin_out(a, "out");
	const char *text = builtin_env(a, "derivations"), *manifest = builtin_env(a, "manifest");
	struct env_packages packages = {0};
	struct hmap prio = {0};
	int r;

	(void)ctx;
	if (!out || !text)
		return err_set(e, -EINVAL, "the environment has no 'derivations' or no output 'out'");
	r = env_parse(text, &packages, e);
	if (r == 0 && mkdir(out, 0755) < 0)
		r = err_sys(e, errno, "making '%s'", out);
	for (size_t i = 0; r == 0 && i < packages.len; i++)
		r = env_link_tree(packages.list[i].path, out, packages.list[i].priority, &prio, 0, e);
	if (r == 0 && manifest) {
		_cleanup_free_ char *link = fs_join(out, "manifest.nix");
		if (symlink(manifest, link) < 0)
			r = err_sys(e, errno, "linking '%s'", link);
	}
	return r;
}

int builtin_unpack_channel(void *ctx, const struct builtin_args *a, struct err *e)
{
	const char *out = builtin_out(a, "out");
	const char *src = builtin_env(a, "src"), *name = builtin_env(a, "channelName");

	(void)ctx;
	if (!out || !src || !name || !*name || strchr(name, '/') || name[0] == '.')
		return err_set(e, -EINVAL, "the channel has no 'src', no 'channelName' or no output 'out'");
	if (mkdir(out, 0755) < 0)
		return err_sys(e, errno, "making '%s'", out);
	_cleanup_free_ char *to = fs_join(out, name);
	return unpack_archive(src, to, UNPACK_STRIP, e);
}
