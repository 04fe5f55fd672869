// SPDX-License-Identifier: GPL-2.0-or-later
// Protection between processes, as every Nix on the machine has it: PATH.lock files, and temproots/PID files
// that tell the garbage collector what is in use.
#include "store/store-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/str.h"

struct store_locks {
	char **files; // strv, sorted
	int *fds;
	size_t len;
};

// Is this the file that has the name now? 1, 0 or an error.
static int is_at(const char *file, const struct stat *st, struct err *e)
{
	struct stat now;
	int r = fs_lstat_maybe(file, &now, e);

	return r > 0 ? now.st_dev == st->st_dev && now.st_ino == st->st_ino : r;
}

// One lock file. Who is done with it unlinks it and then writes a byte into it, so a file that is not empty
// is stale: try again. But one that still has its name was not unlinked by anybody, for only we, who hold its
// lock, may do that; what is in it is rubbish, and would be there at every try.
static int lock_file(const char *file, bool wait, int *ret_fd, struct err *e)
{
	for (;;) {
		struct stat st;
		int fd;
		int r = fs_lock(file, true, wait, &fd, e);
		if (r < 0)
			return r;
		r = fstat(fd, &st) < 0 ? err_sys(e, errno, "getting status of '%s'", file)
		                       : is_at(file, &st, e);
		if (r > 0 && st.st_size && ftruncate(fd, 0) < 0)
			r = err_sys(e, errno, "emptying '%s'", file);
		if (r > 0) {
			*ret_fd = fd;
			return 0;
		}
		close(fd);
		if (r < 0)
			return r;
	}
}

int store_lock_paths(struct store *s, char *const *paths, bool wait, struct store_locks **ret, struct err *e)
{
	struct store_locks *l = NEW(struct store_locks);
	int r = store_refuse_read_only(s, e);

	strv_for_each (path, paths) {
		_cleanup_free_ char *real = store_real_path(s, path);
		strv_take(&l->files, str_printf("%s.lock", real));
	}
	if (l->files)
		strv_sort(l->files);
	l->fds = mem_array(strv_len(l->files) + 1, sizeof(int));
	for (size_t i = 0; r == 0 && l->files && l->files[i]; i++) {
		if (i && str_eq(l->files[i - 1], l->files[i]))
			l->fds[i] = -1; // the same path twice
		else
			r = lock_file(l->files[i], wait, &l->fds[i], e);
		if (r == 0)
			l->len++;
	}
	if (r < 0) {
		store_unlock(l, false);
		return r;
	}
	*ret = l;
	return 0;
}

void store_unlock(struct store_locks *l, bool remove)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->len; i++) {
		if (l->fds[i] < 0)
			continue;
		// Those who wait on this very file see the mark and open a new one.
		if (remove && unlink(l->files[i]) == 0 && write(l->fds[i], "d", 1) < 0)
			(void)0;
		close(l->fds[i]);
	}
	strv_free(l->files);
	mem_free(l->fds);
	mem_free(l);
}

// A file that is ours alone and empty, or -EWOULDBLOCK when a living process has it. What a dead one left is
// emptied.
static int claim_temp_roots(const char *file, int *ret_fd, struct err *e)
{
	for (;;) {
		_cleanup_close_ int fd = -1;
		struct stat st;
		int r = fs_lock(file, true, false, &fd, e);
		if (r < 0)
			return r;
		if (fstat(fd, &st) < 0)
			return err_sys(e, errno, "getting status of '%s'", file);
		if (st.st_nlink == 0) // a collector removed it in between
			continue;
		if (st.st_size && ftruncate(fd, 0) < 0)
			return err_sys(e, errno, "emptying '%s'", file);
		*ret_fd = TAKE_FD(fd);
		return 0;
	}
}

// temproots/PID, locked for as long as we live; PID-1 and so on where a process of another namespace has our
// number.
static int open_temp_roots(struct store *s, struct err *e)
{
	_cleanup_free_ char *dir = store_state_file(s, "temproots");
	_cleanup_free_ char *lock = store_state_file(s, "gc.lock");
	int r = -EWOULDBLOCK;

	if (s->temp_roots >= 0)
		return 0;
	if (s->gc_lock < 0)
		s->gc_lock = fs_open(lock, O_RDWR | O_CREAT | O_NOFOLLOW, 0600, e);
	if (s->gc_lock < 0)
		return s->gc_lock;
	for (int i = 0; r == -EWOULDBLOCK; i++) {
		mem_free(s->temp_roots_file);
		s->temp_roots_file = i ? str_printf("%s/%ld-%d", dir, (long)getpid(), i)
		                       : str_printf("%s/%ld", dir, (long)getpid());
		r = claim_temp_roots(s->temp_roots_file, &s->temp_roots, e);
	}
	return r;
}

static int connect_collector(struct store *s)
{
	_cleanup_free_ char *file = store_state_file(s, "gc-socket/socket");
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(file) >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, file, strlen(file) + 1);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return TAKE_FD(fd);
}

// Tells a running collector of path; false when there is none to tell (any more).
static bool tell_collector(struct store *s, const char *path)
{
	_cleanup_free_ char *line = str_printf("%s\n", path);
	char answer = 0;

	if (s->gc_socket < 0)
		s->gc_socket = connect_collector(s);
	if (s->gc_socket < 0)
		return false;
	if (send(s->gc_socket, line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line) &&
	        recv(s->gc_socket, &answer, 1, 0) == 1 && answer == '1')
		return true;
	close(TAKE_FD(s->gc_socket));
	return false;
}

static void say_collector(struct store *s)
{
	_cleanup_free_ char *lock = store_state_file(s, "gc.lock");

	lock_say("the garbage collector", lock);
}

int store_add_temp_root(struct store *s, const char *path, struct err *e)
{
	if (store_is_read_only(s) || hmap_has(&s->temp_known, path))
		return 0;
	int r = open_temp_roots(s, e);
	if (r < 0)
		return r;
	// Either no collector runs while we write, or it hears of the path from us. The file comes first even
	// then: a next collector that starts right behind this one reads only the file.
	bool locked = flock(s->gc_lock, LOCK_SH | LOCK_NB) == 0;
	r = fs_write_all(s->temp_roots, path, strlen(path) + 1, s->temp_roots_file, e);
	for (int waited_ms = 0; r == 0 && !locked && !tell_collector(s, path); waited_ms += 20) {
		struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
		if (waited_ms == LOCK_SAY_AFTER_MS)
			say_collector(s);
		nanosleep(&pause, NULL);
		locked = flock(s->gc_lock, LOCK_SH | LOCK_NB) == 0;
	}
	if (locked)
		flock(s->gc_lock, LOCK_UN);
	if (r == 0)
		hmap_put(&s->temp_known, path, s);
	return r;
}
