// SPDX-License-Identifier: GPL-2.0-or-later
// The thread of a running collector that hears of new temporary roots.
#include "store/gc-server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "store/store-impl.h"

#define CLIENTS_MAX 256
#define LINE_MAX_   4096
#define PAUSE_MS    50

struct client {
	int fd;
	struct buf line;
};

// lock protects fresh and deleting. clients, n_clients belong to the thread.
struct gc_server {
	char *file, *hidden; // the socket's name, and the one that it has before it is published
	int listen_fd, wake[2];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct hmap fresh;    // hash parts of new temporary roots
	struct hmap deleting; // hash parts of the paths that are being deleted
	struct client clients[CLIENTS_MAX];
	size_t n_clients;
};

// Leftovers in the store folder, and what a client sends, may have shorter names.
static char *hash_part(const char *path)
{
	const char *base = store_path_hash(path);

	return mem_strndup(base, strnlen(base, STORE_HASH_CHARS));
}

static void hear_path(struct gc_server *g, const char *path)
{
	_cleanup_free_ char *part = hash_part(path);

	pthread_mutex_lock(&g->lock);
	while (hmap_has(&g->deleting, part))
		pthread_cond_wait(&g->moved, &g->lock);
	hmap_put(&g->fresh, part, g);
	pthread_mutex_unlock(&g->lock);
}

// Answers every whole line that came; false: the client is to be dropped.
static bool hear_client(struct gc_server *g, struct client *c)
{
	char data[LINE_MAX_];
	ssize_t n = recv(c->fd, data, sizeof(data), MSG_DONTWAIT);
	char *end;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	buf_add(&c->line, data, (size_t)n);
	while ((end = memchr(c->line.data, '\n', c->line.len))) {
		*end = '\0';
		hear_path(g, c->line.data);
		size_t used = (size_t)(end + 1 - c->line.data);
		memmove(c->line.data, end + 1, c->line.len - used);
		c->line.len -= used;
		if (send(c->fd, "1", 1, MSG_NOSIGNAL) != 1)
			return false;
	}
	return c->line.len <= LINE_MAX_;
}

static void drop_client(struct gc_server *g, size_t i)
{
	close(g->clients[i].fd);
	buf_release(&g->clients[i].line);
	g->clients[i] = g->clients[--g->n_clients];
	memset(&g->clients[g->n_clients], 0, sizeof(g->clients[0]));
}

static void accept_client(struct gc_server *g)
{
	int fd = accept4(g->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (g->n_clients == CLIENTS_MAX)
		close(fd); // it asks again
	else
		g->clients[g->n_clients++].fd = fd;
}

static void *serve(void *arg)
{
	struct gc_server *g = arg;
	struct pollfd polls[CLIENTS_MAX + 2];

	for (;;) {
		size_t n = g->n_clients;
		polls[0] = (struct pollfd){.fd = g->wake[0], .events = POLLIN};
		polls[1] = (struct pollfd){.fd = g->listen_fd, .events = POLLIN};
		for (size_t i = 0; i < n; i++)
			polls[2 + i] = (struct pollfd){.fd = g->clients[i].fd, .events = POLLIN};
		if (poll(polls, n + 2, -1) < 0 && errno != EINTR)
			break;
		if (polls[0].revents)
			break;
		for (size_t i = n; i; i--)
			if (polls[1 + i].revents && !hear_client(g, &g->clients[i - 1]))
				drop_client(g, i - 1);
		if (polls[1].revents)
			accept_client(g);
	}
	return NULL;
}

static int bind_socket(struct gc_server *g, struct err *e)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	// A name too long for a socket is left without one: those who add wait until the collector is done.
	if (strlen(g->hidden) >= sizeof(addr.sun_path))
		return 0;
	g->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (g->listen_fd < 0)
		return err_sys(e, errno, "making a socket");
	memcpy(addr.sun_path, g->hidden, strlen(g->hidden) + 1);
	unlink(g->hidden);
	if (bind(g->listen_fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(g->listen_fd, 64) < 0)
		return err_sys(e, errno, "listening on '%s'", g->hidden);
	return 0;
}

static bool is_listening(const char *file)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(file) >= sizeof(addr.sun_path))
		return true; // who knows
	memcpy(addr.sun_path, file, strlen(file) + 1);
	return connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 || errno != ECONNREFUSED;
}

// Sockets (.PID) of collectors that were killed while they waited for their turn: nobody listens there.
static int sweep_sockets(const char *dir, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list(dir, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *file = fs_join(dir, names[i]);
		pid_t pid = names[i][0] == '.' ? (pid_t)strtol(names[i] + 1, NULL, 10) : 0;
		// Between bind and listen nobody listens either, so the process is asked about too.
		if (pid > 0 && !is_listening(file) && kill(pid, 0) < 0 && errno == ESRCH &&
		        unlink(file) < 0 && errno != ENOENT)
			r = err_sys(e, errno, "removing '%s'", file);
	}
	return r;
}

int gc_server_start(struct store *s, struct gc_server **ret, struct err *e)
{
	struct gc_server *g = NEW(struct gc_server);
	_cleanup_free_ char *dir = store_state_file(s, "gc-socket");

	g->listen_fd = g->wake[0] = g->wake[1] = -1;
	g->file = fs_join(dir, "socket");
	g->hidden = str_printf("%s/.%ld", dir, (long)getpid());
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->moved, NULL);
	int r = fs_mkdir_p(dir, 0755, e);
	if (r == 0)
		r = sweep_sockets(dir, e);
	if (r == 0)
		r = bind_socket(g, e);
	if (r == 0 && pipe2(g->wake, O_CLOEXEC) < 0)
		r = err_sys(e, errno, "making a pipe");
	if (r == 0 && (r = -thread_start(&g->thread, serve, g)) < 0) {
		close(TAKE_FD(g->wake[1]));
		r = err_sys(e, -r, "starting a thread");
	}
	if (r < 0) {
		gc_server_free(g);
		return r;
	}
	*ret = g;
	return 0;
}

int gc_server_publish(struct gc_server *g, struct err *e)
{
	if (g->listen_fd >= 0 && rename(g->hidden, g->file) < 0)
		return err_sys(e, errno, "renaming '%s' to '%s'", g->hidden, g->file);
	return 0;
}

bool gc_server_may_delete(struct gc_server *g, const char *path)
{
	_cleanup_free_ char *part = hash_part(path);

	pthread_mutex_lock(&g->lock);
	bool may = !hmap_has(&g->fresh, part);
	if (may)
		hmap_put(&g->deleting, part, g);
	pthread_mutex_unlock(&g->lock);
	return may;
}

void gc_server_deleted(struct gc_server *g)
{
	pthread_mutex_lock(&g->lock);
	hmap_release(&g->deleting);
	g->deleting = (struct hmap){0};
	pthread_cond_broadcast(&g->moved);
	pthread_mutex_unlock(&g->lock);
}

void gc_server_quiet(struct gc_server *g)
{
	if (g->wake[1] < 0)
		return;
	// The thread sees the byte, or the end of the pipe.
	if (write(g->wake[1], "", 1) < 0)
		(void)0;
	close(TAKE_FD(g->wake[1]));
	pthread_join(g->thread, NULL);
	// Nix writes a path into its file of temporary roots only after our answer. It gets the time for that
	// before the lock is given up, for the next collector reads that file alone.
	if (g->fresh.live)
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000 * 1000}, NULL);
}

// The published name stays: it may be that of the next collector already.
void gc_server_free(struct gc_server *g)
{
	if (!g)
		return;
	gc_server_quiet(g);
	if (g->listen_fd >= 0) {
		unlink(g->hidden);
		close(g->listen_fd);
	}
	if (g->wake[0] >= 0)
		close(g->wake[0]);
	while (g->n_clients)
		drop_client(g, g->n_clients - 1);
	pthread_cond_destroy(&g->moved);
	pthread_mutex_destroy(&g->lock);
	hmap_release(&g->fresh);
	hmap_release(&g->deleting);
	mem_free(g->file);
	mem_free(g->hidden);
	mem_free(g);
}
