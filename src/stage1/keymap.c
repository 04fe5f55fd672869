// SPDX-License-Identifier: GPL-2.0-or-later
// From the file of the initrd to the kernel, by KDSKBENT.
#include "stage1/keymap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// linux/kd.h, which musl-gcc does not see.
#define KDSKBENT 0x4b47
struct kbentry {
	unsigned char table, index;
	unsigned short value;
};

#define MAGIC     "bkeymap"
#define MAGIC_LEN (sizeof(MAGIC) - 1)
#define MAX_BYTES (MAGIC_LEN + KEYMAP_TABLES + KEYMAP_TABLES * KEYMAP_KEYS * 2)

bool keymap_parse(const void *data, size_t n, struct keymap *ret)
{
	const uint8_t *p = data;
	size_t tables = 0;

	if (n < MAGIC_LEN + KEYMAP_TABLES || memcmp(p, MAGIC, MAGIC_LEN) != 0)
		return false;
	for (size_t i = 0; i < KEYMAP_TABLES; i++)
		tables += p[MAGIC_LEN + i] == 1;
	if (n != MAGIC_LEN + KEYMAP_TABLES + tables * KEYMAP_KEYS * 2)
		return false;
	*ret = (struct keymap){p + MAGIC_LEN, p + MAGIC_LEN + KEYMAP_TABLES};
	return true;
}

// The keys that the kernel did not take; -1 when there is no console with a keyboard.
static int to_kernel(const struct keymap *k)
{
	int fd = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC);
	const uint8_t *p = k->entries;
	int refused = 0;

	if (fd < 0)
		return -1;
	for (unsigned table = 0; table < KEYMAP_TABLES; table++) {
		if (k->has[table] != 1)
			continue;
		for (unsigned key = 0; key < KEYMAP_KEYS; key++, p += 2) {
			struct kbentry e = {.table = (unsigned char)table, .index = (unsigned char)key};

			memcpy(&e.value, p, sizeof(e.value));
			refused += ioctl(fd, KDSKBENT, &e) < 0;
		}
	}
	close(fd);
	return refused;
}

void keymap_load(const char *path, const struct say *s)
{
	static uint8_t data[MAX_BYTES + 1];
	struct keymap k;
	FILE *f = fopen(path, "re");

	if (!f)
		return;
	size_t n = fread(data, 1, sizeof(data), f);
	fclose(f);
	if (!keymap_parse(data, n, &k)) {
		say_person(s, "stage 1: %s is no keymap; the keyboard stays as it is", path);
		return;
	}
	int refused = to_kernel(&k);
	if (refused < 0)
		say_info(s, "this kernel has no virtual console (%s): no keymap is loaded", strerror(errno));
	else if (refused > 0)
		say_warn(s, "the kernel did not take %d keys of the keymap", refused);
	else
		say_info(s, "the keymap is loaded");
}
