// SPDX-License-Identifier: GPL-2.0-or-later
// The user's cache of what evaluation fetched. Whoever writes there decides what a URL means, so it is the
// user's alone: every folder on the way belongs to the user or to root, and nobody else may write to it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "glue/glue.h"

static int base_dir(char **ret, struct err *e)
{
	const char *own = getenv("NIX_CACHE_HOME"), *xdg = getenv("XDG_CACHE_HOME");

	if (own && *own)
		return fs_absolute(own, ret, e);
	if (xdg && *xdg == '/') {
		*ret = fs_join(xdg, "kernix");
		return 0;
	}
	_cleanup_free_ char *home = home_dir();
	if (!home) {
		err_set(e, -ENOENT, "you have no home folder, so there is no place for a cache");
		return err_hint(e, "Name a folder of your own in $NIX_CACHE_HOME.");
	}
	*ret = fs_join(home, ".cache/kernix");
	return 0;
}

static int refuse(const char *cache, const char *at, const char *why, struct err *e)
{
	err_set(e, -EPERM, "the cache '%s' is not used: '%s' %s", cache, at, why);
	return err_hint(e, "What is cached there could be another user's. Mend its owner and mode, or name a "
	                   "folder of your own in $NIX_CACHE_HOME.");
}

// In a folder with the sticky bit (/tmp) others cannot replace what is ours.
static int check_folder(const char *cache, const char *at, bool last, struct err *e)
{
	struct stat st;

	if (lstat(at, &st) < 0)
		return err_sys(e, errno, "looking at '%s'", at);
	if (!S_ISDIR(st.st_mode))
		return refuse(cache, at, "is no folder", e);
	if (st.st_uid != geteuid() && (last || st.st_uid != 0))
		return refuse(cache, at, "belongs to another user", e);
	if ((st.st_mode & 022) && (last || !(st.st_mode & S_ISVTX)))
		return refuse(cache, at, "can be written by others", e);
	return 0;
}

static int check_way(const char *cache, const char *real, struct err *e)
{
	int r = check_folder(cache, "/", false, e);

	for (const char *p = real + 1; r == 0 && *p;) {
		p += strcspn(p, "/");
		_cleanup_free_ char *at = mem_strndup(real, (size_t)(p - real));
		r = check_folder(cache, at, !*p, e);
		p += *p == '/';
	}
	return r;
}

// Before anything is made or changed there: nothing on the way as it is named, links too, may be another
// user's, who could lead us to a folder that is ours for something else.
static int check_named(const char *cache, struct err *e)
{
	struct stat st;

	for (const char *p = cache + 1; *p;) {
		p += strcspn(p, "/");
		_cleanup_free_ char *at = mem_strndup(cache, (size_t)(p - cache));
		if (lstat(at, &st) < 0)
			return errno == ENOENT ? 0 : err_sys(e, errno, "looking at '%s'", at);
		if (st.st_uid != geteuid() && st.st_uid != 0)
			return refuse(cache, at, "belongs to another user", e);
		p += *p == '/';
	}
	return 0;
}

int glue_cache_dir(const char *part, char **ret, struct err *e)
{
	_cleanup_free_ char *base = NULL, *dir = NULL, *real = NULL;
	struct stat st;
	int r = base_dir(&base, e);

	if (r < 0)
		return r;
	dir = fs_join(base, part);
	r = check_named(dir, e);
	if (r == 0)
		r = fs_mkdir_p(dir, 0700, e);
	if (r < 0)
		return r;
	real = realpath(dir, NULL);
	if (!real)
		return err_sys(e, errno, "following '%s'", dir);
	// One of our own that was made with a wider mode is made private; a link would be followed here, so
	// only what is no link any more is named.
	if (lstat(real, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) &&
	        !(st.st_mode & 022))
		r = chmod(real, 0700) < 0 ? err_sys(e, errno, "making '%s' private", real) : 0;
	if (r == 0)
		r = check_way(dir, real, e);
	if (r == 0)
		*ret = TAKE_PTR(real);
	return r;
}
