// SPDX-License-Identifier: GPL-2.0-or-later
// Inside of a worker: downloads, undoes compression, answers.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cache/decode.h"
#include "cache/worker-wire.h"
#include "cache/worker.h"

#define SOCKET       STDOUT_FILENO
#define MEMORY_BYTES (8u << 20) // up to here a NAR stays in memory
#define DOWNLOAD_MAX (64ull << 30)

struct job {
	uint64_t id, nar_size_bytes;
	enum worker_kind kind;
	char compression[16];
	int fd; // the download
};

int worker_send(int socket, const struct worker_wire *m, int fd)
{
	struct iovec part = {.iov_base = (void *)m, .iov_len = sizeof(*m) + m->len};
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	while (sendmsg(socket, &msg, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int worker_receive(int socket, struct worker_wire *m, int *ret_fd, bool wait)
{
	struct iovec part = {.iov_base = m, .iov_len = WORKER_WIRE_MAX};
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr msg = {.msg_iov = &part,
	        .msg_iovlen = 1,
	        .msg_control = control.space,
	        .msg_controllen = sizeof(control.space)};
	ssize_t n;

	*ret_fd = -1;
	while ((n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT))) < 0)
		if (errno != EINTR)
			return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	if (n == 0)
		return 0;
	if ((size_t)n < sizeof(*m) || m->len != (size_t)n - sizeof(*m) || (msg.msg_flags & MSG_TRUNC))
		return -EBADMSG;
	return (int)n;
}

static int new_file(uint64_t size_bytes)
{
	if (size_bytes && size_bytes <= MEMORY_BYTES)
		return memfd_create("nar", MFD_CLOEXEC);
	return open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static void answer(uint64_t id, int code, const char *text, size_t len, int fd)
{
	struct worker_wire *m = mem_alloc(sizeof(*m) + len + 1);

	*m = (struct worker_wire){.id = id, .kind = code, .len = (uint32_t)len};
	memcpy(m->text, text, len);
	if (worker_send(SOCKET, m, fd) < 0)
		exit(1); // nobody is there any more
	mem_free(m);
}

static void answer_text(const struct job *j, uint64_t size_bytes)
{
	char *text = mem_alloc(size_bytes + 1);
	ssize_t n = pread(j->fd, text, size_bytes, 0);

	if (n < 0)
		answer(j->id, -EIO, "a download cannot be read", 25, -1);
	else
		answer(j->id, 0, text, (size_t)n, -1);
	mem_free(text);
}

static void answer_nar(const struct job *j)
{
	_cleanup_close_ int to = -1;
	_cleanup_err_ struct err e = {0};
	int r = 0, fd = j->fd;

	if (!str_eq(j->compression, "none")) {
		fd = to = new_file(j->nar_size_bytes);
		r = to < 0 ? err_sys(&e, errno, "making a file for a NAR")
		           : decode_file(j->compression, j->fd, to, j->nar_size_bytes, &e);
	}
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = err_sys(&e, errno, "lseek");
	if (r < 0)
		answer(j->id, r, e.msg, strlen(e.msg), -1);
	else
		answer(j->id, 0, "", 0, fd);
}

static void finish(struct job *j, int code, const char *message, uint64_t size_bytes)
{
	if (code < 0)
		answer(j->id, code, message ? message : "", message ? strlen(message) : 0, -1);
	else if (j->kind == WORKER_TEXT)
		answer_text(j, size_bytes);
	else
		answer_nar(j);
	close(j->fd);
	mem_free(j);
}

static void begin(struct fetch_many *many, const struct worker_wire *m, int file_fd)
{
	_cleanup_free_ char *url = mem_strndup(m->text, m->len);
	_cleanup_err_ struct err e = {0};
	struct job *j = NEW(struct job);
	bool plain = str_eq(m->compression, "none");

	*j = (struct job){
	        .id = m->id, .nar_size_bytes = m->nar_size_bytes, .kind = (enum worker_kind)m->kind};
	memcpy(j->compression, m->compression, sizeof(j->compression));
	j->compression[sizeof(j->compression) - 1] = '\0';
	if (file_fd >= 0) {
		j->fd = file_fd;
		finish(j, 0, NULL, 0);
		return;
	}
	uint64_t limit = j->kind == WORKER_TEXT       ? WORKER_TEXT_MAX
	                 : plain && j->nar_size_bytes ? j->nar_size_bytes
	                                              : DOWNLOAD_MAX;
	j->fd = new_file(j->kind == WORKER_TEXT ? 1 : m->nar_size_bytes);
	struct fetch_many_request want = {.url = url, .fd = j->fd, .limit_bytes = limit, .tag = j};
	int r = j->fd < 0 ? err_sys(&e, errno, "making a file for a download")
	                  : fetch_many_add(many, &want, &e);
	if (r < 0)
		finish(j, r, e.msg, 0);
}

// Takes what was asked; false: there will be no more.
static bool take_requests(struct fetch_many *many, struct worker_wire *m, bool wait)
{
	for (;; wait = false) {
		int fd, n = worker_receive(SOCKET, m, &fd, wait);
		if (n == -EAGAIN)
			return true;
		if (n <= 0)
			return false;
		begin(many, m, fd);
	}
}

int worker_main(const struct fetch_many_opts *opts)
{
	struct worker_wire *m = mem_alloc(WORKER_WIRE_MAX);
	_cleanup_err_ struct err e = {0};
	struct fetch_many *many;
	struct fetch_many_result done;

	dup2(STDIN_FILENO, STDERR_FILENO); // /dev/null: what libraries print is nobody's packet
	if (fetch_many_new(opts, &many, &e) < 0) {
		answer(0, e.code, e.msg, strlen(e.msg), -1);
		return 1;
	}
	while (take_requests(many, m, fetch_many_running(many) == 0)) {
		if (fetch_many_running(many) && fetch_many_step(many, SOCKET, 60000, &e) < 0)
			return 1;
		while (fetch_many_take(many, &done)) {
			finish(done.tag, done.code, done.message, done.size_bytes);
			mem_free(done.message);
		}
	}
	return 0;
}
