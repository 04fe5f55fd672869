// SPDX-License-Identifier: GPL-2.0-or-later
// A socket that only root can open; several may be connected, and one that stops reading holds up nobody.
#include "stage1/ask-remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int remote_open(const char *path, struct ask_remote **ret)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (fd < 0)
		return -errno;
	mode_t before = umask(0177);
	int r = bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (r < 0 || listen(fd, ASK_REMOTE_MAX) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		abort();
	(*ret)->listen_fd = fd;
	return 0;
}

void remote_close(struct ask_remote *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++)
		close(r->fds[i]);
	close(r->listen_fd);
	free(r);
}

// False when it is gone, or does not read what it is told.
static bool send_one(int fd, const char *packet)
{
	return send(fd, packet, strlen(packet), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static void drop(struct ask_remote *r, size_t i)
{
	close(r->fds[i]);
	r->fds[i] = r->fds[--r->count];
}

void remote_send(struct ask_remote *r, char letter, const char *text)
{
	char packet[ASK_PACKET];

	snprintf(packet, sizeof(packet), "%c%s", letter, text);
	for (size_t i = r->count; i-- > 0;)
		if (!send_one(r->fds[i], packet))
			drop(r, i);
	snprintf(r->question, sizeof(r->question), "%s", letter == ASK_QUESTION ? packet : "");
}

size_t remote_poll(const struct ask_remote *r, struct pollfd *ret)
{
	ret[0] = (struct pollfd){.fd = r->count < ASK_REMOTE_MAX ? r->listen_fd : -1, .events = POLLIN};
	for (size_t i = 0; i < r->count; i++)
		ret[i + 1] = (struct pollfd){.fd = r->fds[i], .events = POLLIN};
	return r->count + 1;
}

static void take_in(struct ask_remote *r)
{
	int fd = accept4(r->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (*r->question && !send_one(fd, r->question))
		close(fd);
	else
		r->fds[r->count++] = fd;
}

// True for an answer; false and *ret_gone when there will be none.
static bool receive(int fd, char ret[ASK_MAX_BYTES + 1], bool *ret_gone)
{
	char packet[ASK_PACKET] = "";
	ssize_t n = recv(fd, packet, sizeof(packet) - 1, MSG_DONTWAIT);
	bool answer = n > 0 && packet[0] == ASK_ANSWER;

	if (answer) {
		memcpy(ret, packet + 1, (size_t)n - 1);
		ret[n - 1] = '\0';
		ret[strcspn(ret, "\r\n")] = '\0';
	}
	*ret_gone = !answer && !(n < 0 && (errno == EAGAIN || errno == EINTR));
	explicit_bzero(packet, sizeof(packet));
	return answer;
}

bool remote_take(struct ask_remote *r, const struct pollfd *v, size_t n, char ret[ASK_MAX_BYTES + 1])
{
	bool answered = false;

	for (size_t i = n - 1; i >= 1 && !answered; i--) {
		bool gone = false;

		if (v[i].revents)
			answered = receive(v[i].fd, ret, &gone);
		if (gone)
			drop(r, i - 1);
	}
	if (v[0].revents)
		take_in(r);
	return answered;
}
