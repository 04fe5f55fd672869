// SPDX-License-Identifier: GPL-2.0-or-later
// Which firmware drivers asked for, as the kernel's log tells it since the start: lines of the firmware
// loader
// ("DRIVER DEVICE: Direct firmware load for FILE failed", Debian's "firmware: direct-loading firmware FILE"),
// and of drivers that name what they loaded. Format of /dev/kmsg: Documentation/ABI/testing/dev-kmsg.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/machine-read.h"

#define LOG_BYTES    ((size_t)16 << 20)
#define RECORD_BYTES 8192

// What the kernel has of its log, record by record; another machine's is a file.
static bool read_log(struct machine_reader *r, struct buf *b)
{
	_cleanup_free_ char *path = str_printf("%s/dev/kmsg", r->from);
	_cleanup_err_ struct err e = {0};
	char record[RECORD_BYTES];

	if (*r->from)
		return fs_read_regular_maybe(path, LOG_BYTES, b, &e) > 0;
	_cleanup_close_ int fd = fs_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &e);
	while (fd >= 0 && b->len < LOG_BYTES) {
		ssize_t n = read(fd, record, sizeof(record));
		if (n <= 0 &&
		        !(n < 0 && (errno == EPIPE || errno == EINTR))) // overwritten ones are passed over
			break;
		if (n > 0)
			buf_add(b, record, (size_t)n);
	}
	return fd >= 0;
}

// Is this the name of a firmware file, and not a version or the end of a sentence?
static bool is_file(const char *word)
{
	static const char *const ends[] = {".bin", ".fw", ".ucode", ".mbn", ".hcd", ".sfi", ".ddc", ".dat",
	        ".cld", ".img", ".itb", ".tlv", ".pnvm", ".sbcnt", ".tplg", ".xz", ".zst", ".bts", ".inp",
	        ".hex", ".elf", ".txt", ".db", ".p7s", ".mdt", ".csv", ".wmfw"};
	const char *dot = strrchr(word, '.');

	if (*word == '/' || *word == '.' || strstr(word, ".."))
		return false;
	for (const char *p = word; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.,/", *p))
			return false;
	for (size_t i = 0; dot && i < ARRAY_SIZE(ends); i++)
		if (str_eq(dot, ends[i]))
			return true;
	return false;
}

static void put(char ***list, const char *word)
{
	if (!strv_has(*list, word))
		strv_add(list, word);
}

// The device is the last word before the first ": ", the driver the one before it.
static void note(struct machine_reader *r, const char *message, const char *file)
{
	const char *colon = strstr(message, ": ");
	_cleanup_free_ char *head = colon ? mem_strndup(message, (size_t)(colon - message)) : mem_strdup("");
	_cleanup_strv_ char **words = strv_split(head, " ");
	const char *device = strv_len(words) ? words[strv_len(words) - 1] : "";

	for (size_t i = 0; i < r->m->device_count; i++) {
		struct machine_device *d = &r->m->devices[i];
		if (!str_eq(str_basename(d->folder), device))
			continue;
		put(&d->firmware, file);
		return;
	}
	for (size_t i = 0; i < r->m->device_count;
	        i++) { // a class device, as hci0: by its driver, if that is one's
		struct machine_device *d = &r->m->devices[i];
		if (d->driver && strv_len(words) > 1 && str_eq(d->driver, words[0])) {
			put(&d->firmware, file);
			return;
		}
	}
	put(&r->m->firmware, file);
}

static void read_message(struct machine_reader *r, char *message)
{
	_cleanup_free_ char *copy = mem_strdup(message);
	_cleanup_strv_ char **words = NULL;
	bool always = strstr(message, "Direct firmware load for ") || strstr(message, "firmware: ");

	if (!strcasestr(message, "firmware") && !strcasestr(message, "ucode"))
		return;
	words = strv_split(copy, " \t()[]'\";:");
	for (size_t i = 0; words && words[i]; i++) {
		char *word = words[i];
		size_t n = strlen(word);
		if (n && (word[n - 1] == ',' || word[n - 1] == '.'))
			word[n - 1] = '\0';
		bool named = always && i &&
		             (str_eq(words[i - 1], "for") || str_eq(words[i - 1], "firmware") ||
		                     str_eq(words[i - 1], "load"));
		if (is_file(word) || (named && strchr(word, '/') && *word != '/' && !strstr(word, "..")))
			note(r, message, word);
	}
}

void machine_read_firmware(struct machine_reader *r)
{
	_cleanup_buf_ struct buf b = {0};

	r->m->log_read = read_log(r, &b);
	_cleanup_strv_ char **lines = strv_split(buf_str(&b), "\n");
	strv_for_each (line, lines) {
		char *text = strchr(line, ';'); // a record; what dmesg prints has "[ TIME] " or nothing
		if (*line == ' ')
			continue;
		if (text && *line != '[')
			text++;
		else if (*line == '[' && strstr(line, "] "))
			text = strstr(line, "] ") + 2;
		else
			text = line;
		read_message(r, text);
	}
	strv_sort(r->m->firmware);
	for (size_t i = 0; i < r->m->device_count; i++)
		strv_sort(r->m->devices[i].firmware);
}
