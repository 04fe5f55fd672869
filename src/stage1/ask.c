// SPDX-License-Identifier: GPL-2.0-or-later
// One line from the console, unseen.
#include "stage1/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
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

bool ask_passphrase(const struct ask *a, const char *question, char ret[ASK_MAX_BYTES + 1])
{
	struct termios before, quiet;
	int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
	bool terminal = fd >= 0 && tcgetattr(fd, &before) == 0;

	ret[0] = '\0';
	if (fd < 0)
		return false;
	if (terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ISIG);
		quiet.c_lflag |= ICANON;
		quiet.c_iflag |= ICRNL;
		tcsetattr(fd, TCSADRAIN, &quiet);
	}
	write_text(fd, question);
	if (a->keeper)
		keeper_pause(a->keeper);
	bool got = read_line(fd, ret);
	if (a->keeper)
		keeper_resume(a->keeper);
	write_text(fd, "\n");
	if (terminal)
		tcsetattr(fd, TCSADRAIN, &before);
	close(fd);
	return got;
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
	explicit_bzero(a, sizeof(*a));
}
