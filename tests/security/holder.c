// SPDX-License-Identifier: GPL-2.0-or-later
// The attacker of held.sh, inside of a build and outside.
//   holder pass NAME FILE          opens FILE and hands its descriptor to whoever listens on the abstract
//   socket NAME holder receive NAME GO TEXT    takes it, waits until the file GO exists, and writes TEXT
//   through it holder swap FOLDER N STOP      exchanges FOLDER/dI and FOLDER/lI, I < N, until the file STOP
//   exists
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

static int fail(const char *what)
{
	fprintf(stderr, "holder: %s: %s\n", what, strerror(errno));
	return 1;
}

static socklen_t address(const char *name, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	size_t len = strnlen(name, sizeof(ret->sun_path) - 2);
	memcpy(ret->sun_path + 1, name, len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
}

// One byte with one descriptor, there or here.
union control {
	char data[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static int pass(const char *name, const char *file)
{
	struct sockaddr_un to;
	socklen_t len = address(name, &to);
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = open(file, O_RDWR | O_CLOEXEC);
	struct iovec byte = {"x", 1};
	union control c = {0};
	struct msghdr msg = {
	        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = c.data, .msg_controllen = sizeof(c.data)};

	if (fd < 0 || connect(s, (struct sockaddr *)&to, len) < 0)
		return fail("connecting");
	c.align = (struct cmsghdr){
	        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(&c.align), &fd, sizeof(fd));
	return sendmsg(s, &msg, 0) == 1 ? 0 : fail("passing a descriptor");
}

static int receive(const char *name, const char *go, const char *text)
{
	struct sockaddr_un at;
	socklen_t len = address(name, &at);
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	char x;
	struct iovec byte = {&x, 1};
	union control c = {0};
	struct msghdr msg = {
	        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = c.data, .msg_controllen = sizeof(c.data)};

	if (bind(s, (struct sockaddr *)&at, len) < 0 || listen(s, 1) < 0)
		return fail("listening");
	puts("listening");
	fflush(stdout);
	int peer = accept4(s, NULL, NULL, SOCK_CLOEXEC);
	if (peer < 0 || recvmsg(peer, &msg, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&msg))
		return fail("receiving");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	puts("received");
	fflush(stdout);
	while (access(go, F_OK) < 0)
		usleep(1000);
	return pwrite(fd, text, strlen(text), 0) > 0 ? 0 : fail("writing");
}

static int swap(const char *folder, int n, const char *stop)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char a[16], b[16];
	long done = 0;

	if (dir < 0)
		return fail(folder);
	puts("swapping");
	fflush(stdout);
	while (access(stop, F_OK) < 0)
		for (int i = 0; i < n; i++) {
			snprintf(a, sizeof(a), "d%d", i);
			snprintf(b, sizeof(b), "l%d", i);
			done += syscall(SYS_renameat2, dir, a, dir, b, RENAME_EXCHANGE) == 0;
		}
	printf("%ld swaps\n", done);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "pass") == 0)
		return pass(argv[2], argv[3]);
	if (argc == 5 && strcmp(argv[1], "receive") == 0)
		return receive(argv[2], argv[3], argv[4]);
	if (argc == 5 && strcmp(argv[1], "swap") == 0)
		return swap(argv[2], (int)strtol(argv[3], NULL, 10), argv[4]);
	fputs("see the head of holder.c\n", stderr);
	return 1;
}
