// SPDX-License-Identifier: GPL-2.0-or-later
// Where a flake's lock file is written: the folder that the flake was read from, and no other that was put in
// its place meanwhile. Whoever owns that folder, or one above it, could do so; where that is another user
// nothing is written.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/sandbox.h"
#include "glue/flake.h"
#include "glue/git.h"
#include "glue/glue.h"
#include "store/store.h"

enum { OVERFLOW_UID = 65534, TRIES = 100 };

static const char *path_of(struct eval *ev, const struct ref *r)
{
	const char *top = NULL, *dir = ref_text(r, "dir");

	if (ref_is(r, "path") && !store_path_inside(store_dir(glue_of(ev)->store), ref_text(r, "path")))
		top = ref_text(r, "path");
	if (ref_is(r, "git") && !ref_get(r, "rev") && !ref_get(r, "ref")) {
		const char *url = str_after(ref_text(r, "url"), "file://");
		top = url ? ref_decoded(ev, url, strcspn(url, "?")) : NULL;
	}
	return top && dir ? arena_printf(&ev->heap, "%s/%s", top, dir) : top;
}

struct flake_place flake_place_of(struct eval *ev, const struct ref *r)
{
	struct flake_place p = {.path = path_of(ev, r)};
	struct stat st;

	if (p.path && stat(p.path, &st) == 0) {
		p.dev = st.st_dev;
		p.ino = st.st_ino;
	}
	return p;
}

// Of a folder above: in a user namespace root's folders belong to a user that is not there.
static bool is_trusted_above(uid_t uid)
{
	return git_trusts(uid) ||
	       (uid == OVERFLOW_UID && !sandbox_id_mapped("/proc/self/uid_map", OVERFLOW_UID));
}

static int check_owners(const char *folder, struct err *e)
{
	_cleanup_free_ char *at = mem_strdup(folder);
	struct stat st;

	for (bool above = false;; above = true) {
		if (lstat(at, &st) < 0)
			return err_sys(e, errno, "looking at '%s'", at);
		if (!(above ? is_trusted_above(st.st_uid) : git_trusts(st.st_uid)))
			return err_set(e, -EPERM,
			        "no lock file is written into '%s', since '%s' belongs to another user (uid "
			        "%u)",
			        folder, at, (unsigned)st.st_uid);
		if (str_eq(at, "/"))
			return 0;
		char *up = str_dirname(at);
		mem_free(at);
		at = up;
	}
}

static int write_in(int dir, const char *text, const char *folder, struct err *e)
{
	_cleanup_free_ char *tmp = NULL;
	_cleanup_close_ int fd = -1;

	for (unsigned i = 0; fd < 0 && i < TRIES; i++) {
		mem_free(tmp);
		tmp = str_printf("flake.lock.tmp-%ld-%u", (long)getpid(), i);
		fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0)
		return err_sys(e, errno, "creating a file in '%s'", folder);
	int r = fs_write_all(fd, text, strlen(text), tmp, e);
	if (r == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0 || renameat(dir, tmp, dir, "flake.lock") < 0 ||
	                      fsync(dir) < 0))
		r = err_sys(e, errno, "writing '%s/flake.lock'", folder);
	if (r < 0)
		unlinkat(dir, tmp, 0);
	return r;
}

int flake_place_write(const struct flake_place *p, const char *text, char **ret_file, struct err *e)
{
	_cleanup_free_ char *real = realpath(p->path, NULL);
	struct stat st;

	if (!real)
		return err_sys(e, errno, "following '%s'", p->path);
	int r = check_owners(real, e);
	_cleanup_close_ int dir = r < 0 ? r : beneath_open("/", real, O_RDONLY | O_DIRECTORY, e);
	if (dir < 0)
		return dir;
	if (fstat(dir, &st) < 0)
		return err_sys(e, errno, "looking at '%s'", real);
	if (st.st_dev != p->dev || st.st_ino != p->ino)
		return err_set(e, -ESTALE,
		        "no lock file is written: '%s' is another folder now than when the flake was read",
		        p->path);
	r = write_in(dir, text, real, e);
	if (r == 0)
		*ret_file = fs_join(real, "flake.lock");
	return r;
}
