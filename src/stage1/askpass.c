// SPDX-License-Identifier: GPL-2.0-or-later
// cryptsetup-askpass: the program of ssh sessions in stage 1.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>
#include "stage1/ask-remote.h"
#include "stage1/ask.h"

#define PATIENCE_MS 10000 // for the next question

struct askpass {
	int fd;
	bool terminal, hidden; // standard input
	struct termios before;
	bool asked, right;
};

static void hide(struct askpass *p, bool on)
{
	struct termios quiet = p->before;

	if (!p->terminal || p->hidden == on)
		return;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	tcsetattr(0, TCSAFLUSH, on ? &quiet : &p->before);
	p->hidden = on;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

// False at the end of standard input. A byte at a time: what follows the line answers the next question.
static bool answer(struct askpass *p)
{
	char packet[ASK_PACKET] = {ASK_ANSWER};
	size_t n = 1;
	ssize_t got;

	while (n < sizeof(packet) - 1 && (got = read(0, packet + n, 1)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || packet[n] == '\n')
			break;
		n++;
	}
	bool some = n > 1 || got > 0;
	p->asked = false;
	if (some && send(p->fd, packet, n, MSG_NOSIGNAL) < 0)
		some = false;
	explicit_bzero(packet, sizeof(packet));
	hide(p, false);
	if (p->terminal)
		puts("");
	return some;
}

// False when stage 1 asks no more.
static bool hear(struct askpass *p)
{
	char packet[ASK_PACKET] = "";
	ssize_t n = recv(p->fd, packet, sizeof(packet) - 1, 0);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	// Somebody else answered.
	if (p->asked && p->terminal)
		puts("");
	p->asked = packet[0] == ASK_QUESTION;
	hide(p, p->asked);
	if (packet[0] == ASK_RIGHT)
		p->right = true;
	printf("%s%s", packet + 1, p->asked ? "" : "\n");
	fflush(stdout);
	return true;
}

static int end(struct askpass *p, const char *why)
{
	hide(p, false);
	close(p->fd);
	if (!p->right)
		fprintf(stderr, "cryptsetup-askpass: %s\n", why);
	return !p->right;
}

int askpass_main(const char *path)
{
	struct askpass p = {.fd = connect_to(path)};

	if (p.fd < 0) {
		fprintf(stderr, "cryptsetup-askpass: no passphrase is asked for now\n");
		return 1;
	}
	p.terminal = tcgetattr(0, &p.before) == 0;
	while (true) {
		struct pollfd v[2] = {
		        {.fd = p.fd, .events = POLLIN}, {.fd = p.asked ? 0 : -1, .events = POLLIN}};
		int n = poll(v, 2, p.asked ? -1 : PATIENCE_MS);

		if (n < 0 && errno != EINTR)
			return end(&p, strerror(errno));
		if (n == 0)
			return end(&p, "no passphrase is asked for now");
		if (n > 0 && v[0].revents) {
			if (!hear(&p))
				return end(&p, "stage 1 asks no more");
			continue;
		}
		if (n > 0 && v[1].revents && !answer(&p))
			return end(&p, "no passphrase was given");
	}
}
