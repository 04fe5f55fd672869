// SPDX-License-Identifier: GPL-2.0-or-later
// One line from the console, unseen, or from a program that is connected.
#include "stage1/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "stage1/ask-remote.h"
#include "stage1/keeper.h"

static void write_text(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return; // nowhere to say it
}

// The terminal's line discipline edits the line (backspace, Ctrl-U); a line that is too long is cut there.
static bool read_line(int fd, char *ret)
{
	ssize_t n;

	do
		n = read(fd, ret, ASK_MAX_BYTES);
	while (n < 0 && errno == EINTR);
	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\r\n")] = '\0';
	return n > 0;
}

// What is typed is not shown. True when it is a terminal; *ret_before is for console_restore.
static bool console_hide(int fd, struct termios *ret_before)
{
	if (fd < 0 || tcgetattr(fd, ret_before) < 0)
		return false;
	struct termios quiet = *ret_before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ISIG);
	quiet.c_lflag |= ICANON;
	quiet.c_iflag |= ICRNL;
	tcsetattr(fd, TCSADRAIN, &quiet);
	return true;
}

// What was typed at the console while somebody else answered is of no use any more: TCSAFLUSH drops it.
static void console_restore(int fd, const struct termios *before)
{
	tcsetattr(fd, TCSAFLUSH, before);
}

// From whoever is first. A console that nobody can type at (hung up, no terminal and at its end) leaves it to
// those who are connected.
static bool wait_answer(struct ask *a, int console, bool terminal, char *ret)
{
	struct pollfd v[3 + ASK_REMOTE_MAX];

	while (console >= 0 || a->remote) {
		size_t n = a->remote ? remote_poll(a->remote, v + 2) : 0;

		v[0] = (struct pollfd){.fd = console, .events = POLLIN};
		v[1] = (struct pollfd){.fd = a->on_event ? a->events_fd : -1, .events = POLLIN};
		if (poll(v, 2 + n, -1) < 0)
			continue;
		if (v[1].revents)
			a->on_event(a->event_ctx);
		if (n && remote_take(a->remote, v + 2, n, ret))
			return true;
		if (!v[0].revents)
			continue;
		if (read_line(console, ret))
			return true;
		if (!a->remote || (terminal && !(v[0].revents & (POLLHUP | POLLERR))))
			return false;
		console = -1;
	}
	return false;
}

int ask_listen(struct ask *a, const char *path)
{
	return a->remote ? 0 : remote_open(path, &a->remote);
}

bool ask_passphrase(struct ask *a, const char *question, char ret[ASK_MAX_BYTES + 1])
{
	struct termios before;
	int fd = open(a->console ? a->console : "/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
	bool terminal = console_hide(fd, &before);

	ret[0] = '\0';
	if (fd >= 0)
		write_text(fd, question);
	if (a->remote)
		remote_send(a->remote, ASK_QUESTION, question);
	keeper_pause(a->keeper);
	bool got = wait_answer(a, fd, terminal, ret);
	keeper_resume(a->keeper);
	if (fd >= 0)
		write_text(fd, "\n");
	if (terminal)
		console_restore(fd, &before);
	if (fd >= 0)
		close(fd);
	return got;
}

void ask_tell(struct ask *a, bool right, const char *text)
{
	if (a->remote)
		remote_send(a->remote, right ? ASK_RIGHT : ASK_WRONG, text);
}

void ask_keep(struct ask *a, const char *passphrase)
{
	for (size_t i = 0; i < a->kept_count; i++)
		if (strcmp(a->kept[i], passphrase) == 0)
			return;
	if (a->kept_count == ASK_KEPT_MAX) {
		memmove(a->kept[0], a->kept[1], sizeof(a->kept) - sizeof(a->kept[0]));
		a->kept_count--;
	}
	strncpy(a->kept[a->kept_count++], passphrase, ASK_MAX_BYTES);
}

void ask_forget(struct ask *a)
{
	remote_close(a->remote);
	explicit_bzero(a, sizeof(*a));
}
