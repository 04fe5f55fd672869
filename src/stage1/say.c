// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of stage 1, to /dev/kmsg and the console.
#include "stage1/say.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEVKMSG_PATH "/proc/sys/kernel/printk_devkmsg"

static void write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			return; // nowhere left to complain
		data += n;
		len -= (size_t)n;
	}
}

static void devkmsg_set(const char *how)
{
	int fd = open(DEVKMSG_PATH, O_WRONLY | O_CLOEXEC); // which takes no word without its line end

	if (fd >= 0) {
		write_all(fd, how, strlen(how));
		close(fd);
	}
}

void say_open(struct say *s)
{
	s->kmsg_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	devkmsg_set("on\n");
}

void say_close(struct say *s)
{
	devkmsg_set("ratelimit\n");
	if (s->kmsg_fd >= 0)
		close(s->kmsg_fd);
	s->kmsg_fd = -1;
}

static void kmsg(const struct say *s, int level, const char *text)
{
	char line[1024];
	int n = snprintf(line, sizeof(line), "<%d>stage-1: %s\n", level, text);

	if (s->kmsg_fd < 0 || n < 0)
		return;
	write_all(s->kmsg_fd, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

// Bytes of the UTF-8 character that p begins with, 0 where there is none that may be shown.
static size_t shown(const unsigned char *p)
{
	size_t n = p[0] < 0x80                   ? 1
	           : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
	           : p[0] >= 0xe0                ? 3
	           : p[0] >= 0xc2                ? 2
	                                         : 0;

	if (p[0] < ' ' || p[0] == 127 || p[0] >= 0xf5 || (p[0] == 0xc2 && p[1] < 0xa0) ||
	        (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void say_plain(char *text)
{
	while (*text) {
		size_t n = shown((const unsigned char *)text);

		if (n == 0)
			*text = '?';
		text += n ? n : 1;
	}
}

static void say_v(const struct say *s, int level, bool console, const char *fmt, va_list ap)
{
	char text[960];

	vsnprintf(text, sizeof(text), fmt, ap);
	say_plain(text);
	kmsg(s, level, text);
	if (console || s->kmsg_fd < 0) {
		write_all(STDERR_FILENO, text, strlen(text));
		write_all(STDERR_FILENO, "\n", 1);
	}
}

#define SAY(level, console)                                                                                  \
	va_list ap;                                                                                          \
	va_start(ap, fmt);                                                                                   \
	say_v(s, level, console, fmt, ap);                                                                   \
	va_end(ap)

void say_trace(const struct say *s, const char *fmt, ...)
{
	if (!s->trace)
		return;
	SAY(6, false);
}

void say_info(const struct say *s, const char *fmt, ...)
{
	SAY(6, false);
}

void say_warn(const struct say *s, const char *fmt, ...)
{
	SAY(7, true); // also where quiet keeps the kernel's warnings from the console
}

// Level 7 keeps the line in the log without the console showing it a second time.
void say_person(const struct say *s, const char *fmt, ...)
{
	SAY(7, true);
}
