// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: superblocks and partition tables. An input is pieces of a disk: 3 bytes where (little-endian,
// in units of 64 bytes, below 16 MiB), 2 bytes how long, then so many bytes. So a file system's few full
// blocks make a small input.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "stage1/blockdev.h"
#include "stage1/say.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *s, size_t size)
{
	if (!memchr(s, 0, size))
		abort();
}

// What a person is shown of it.
static void check_shown(char *s)
{
	say_plain(s);
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 127 ||
		        ((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0))
			abort();
}

static void lay_out(int fd, const uint8_t *data, size_t size)
{
	while (size >= 5) {
		off_t at = (off_t)((data[0] | data[1] << 8 | data[2] << 16) & 0x3ffff) * 64;
		size_t len = (size_t)(data[3] | data[4] << 8);

		data += 5;
		size -= 5;
		len = len < size ? len : size;
		if (pwrite(fd, data, len, at) != (ssize_t)len)
			abort();
		data += len;
		size -= len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blockdev d = {.name = "vda"};
	int fd = memfd_create("disk", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	lay_out(fd, data, size);
	if (ftruncate(fd, size % 2 ? 1 << 24 : lseek(fd, 0, SEEK_END)) < 0)
		abort();
	probe_fd(fd, &d.fs);
	for (unsigned number = 0; number < 3; number++)
		part_id_read(fd, number == 2 ? 4096 : 512, number, &d.part);
	close(fd);
	check_text(d.fs.type, sizeof(d.fs.type));
	check_text(d.fs.label, sizeof(d.fs.label));
	check_text(d.fs.uuid, sizeof(d.fs.uuid));
	check_text(d.part.uuid, sizeof(d.part.uuid));
	check_text(d.part.label, sizeof(d.part.label));
	probe_mountable(d.fs.type);
	blockdev_matches(&d, "LABEL=root");
	check_shown(d.fs.label);
	check_shown(d.fs.uuid);
	check_shown(d.part.label);
	return 0;
}
