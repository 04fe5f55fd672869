// SPDX-License-Identifier: GPL-2.0-or-later
// Taking a slot of the range of build users.
#include "build/uidpool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define POOL_NAME "userpool2"

struct pool {
	char *dirs[3]; // NULL: not used
};

// In a view of a private store (enter.h) its folder is the machine's, under two names: locked by one, it
// would be found taken by the other, for ever.
static bool is_same_folder(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool pool_has(const struct pool *p, const char *dir)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->dirs); i++)
		if (p->dirs[i] && (str_eq(p->dirs[i], dir) || is_same_folder(p->dirs[i], dir)))
			return true;
	return false;
}

// The folder must be the caller's alone: who can lock a slot can keep builds from starting.
static int pool_dir(const char *parent, bool may_fail, char **ret, struct err *e)
{
	_cleanup_free_ char *dir = fs_join(parent, POOL_NAME);
	struct stat st;

	if ((mkdir(dir, 0755) < 0 && errno != EEXIST) || lstat(dir, &st) < 0)
		return may_fail ? 0 : err_sys(e, errno, "making '%s' (users of builds)", dir);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return err_set(e, -EPERM, "'%s' (users of builds) is not a folder of the caller alone", dir);
	*ret = TAKE_PTR(dir);
	return 0;
}

static int pool_open(struct pool *p, const char *state_dir, struct err *e)
{
	static const char run[] = "/run/kernix", nix[] = "/nix/var/nix";
	_cleanup_free_ char *machine = fs_join(nix, POOL_NAME);
	int r = pool_dir(state_dir, false, &p->dirs[0], e);
	int beside = r == 0 && !pool_has(p, machine) ? fs_is_dir_maybe(nix, e) : r;

	if (beside > 0)
		r = pool_dir(nix, true, &p->dirs[1], e);
	else if (beside < 0)
		r = beside;
	if (r == 0 && (mkdir(run, 0755) == 0 || errno == EEXIST))
		r = pool_dir(run, true, &p->dirs[2], e);
	return r;
}

// 0, or -EWOULDBLOCK when another build has it.
static int pool_lock(const char *dir, unsigned n, int *ret, struct err *e)
{
	_cleanup_free_ char *file = str_printf("%s/slot-%u", dir, n);
	_cleanup_close_ int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_sys(e, errno, "opening '%s' (users of builds)", file);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EWOULDBLOCK : err_sys(e, errno, "locking '%s'", file);
	*ret = TAKE_FD(fd);
	return 0;
}

static int pool_take(const struct pool *p, unsigned n, struct uidpool_slot *slot, struct err *e)
{
	int r = 0;

	*slot = UIDPOOL_NO_SLOT;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(p->dirs); i++)
		if (p->dirs[i])
			r = pool_lock(p->dirs[i], n, &slot->fds[i], e);
	if (r < 0)
		uidpool_give_back(slot);
	return r;
}

int uidpool_take(const char *state_dir, const struct sandbox_ids *base, struct sandbox_ids *ret,
        struct uidpool_slot *slot, struct err *e)
{
	struct pool p = {{NULL}};
	int r;

	*slot = UIDPOOL_NO_SLOT;
	*ret = *base;
	if (base->own)
		return 0;
	r = pool_open(&p, state_dir, e);
	for (unsigned n = 0; r == 0 && n < UIDPOOL_SLOTS; n++) {
		r = pool_take(&p, n, slot, e);
		if (r == 0) {
			ret->uid = ret->gid = UIDPOOL_START + n * UIDPOOL_EACH;
			break;
		}
		if (r == -EWOULDBLOCK && n + 1 < UIDPOOL_SLOTS)
			r = 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(p.dirs); i++)
		mem_free(p.dirs[i]);
	return r;
}

void uidpool_give_back(struct uidpool_slot *slot)
{
	for (size_t i = 0; i < ARRAY_SIZE(slot->fds); i++)
		if (slot->fds[i] >= 0)
			close(slot->fds[i]);
	*slot = UIDPOOL_NO_SLOT;
}
