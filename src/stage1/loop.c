// SPDX-License-Identifier: GPL-2.0-or-later
// Loop devices through /dev/loop-control.
#include "stage1/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "stage1/mounts.h"

// linux/loop.h, which musl-gcc does not see.
#define LOOP_CONTROL       "/dev/loop-control"
#define LOOP_CTL_GET_FREE  0x4c82
#define LOOP_SET_FD        0x4c00
#define LOOP_CLR_FD        0x4c01
#define LOOP_SET_STATUS64  0x4c04
#define LO_FLAGS_AUTOCLEAR 4

struct loop_info64 {
	uint64_t device, inode, rdevice, offset, sizelimit;
	uint32_t number, encrypt_type, encrypt_key_size, flags;
	uint8_t file_name[64], crypt_name[64], encrypt_key[32];
	uint64_t init[2];
};

#define TRIES_MAX 8

static uint64_t number_option(const char *options, const char *word)
{
	char value[32];

	return mount_option_find(options, word, value, sizeof(value)) ? strtoull(value, NULL, 0) : 0;
}

static int free_number(struct loader *l)
{
	int fd = open(LOOP_CONTROL, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		mount_load_type(l, "loop");
		fd = open(LOOP_CONTROL, O_RDWR | O_CLOEXEC);
	}
	if (fd < 0)
		return -ENODEV;
	int n = ioctl(fd, LOOP_CTL_GET_FREE);
	int r = n < 0 ? -errno : n;
	close(fd);
	return r;
}

static int attach(int loop, int file, const char *options, const char *name)
{
	struct loop_info64 info = {.offset = number_option(options, "offset"),
	        .sizelimit = number_option(options, "sizelimit"),
	        .flags = LO_FLAGS_AUTOCLEAR};

	snprintf((char *)info.file_name, sizeof(info.file_name), "%s", name);
	if (ioctl(loop, LOOP_SET_FD, file) < 0)
		return -errno;
	if (ioctl(loop, LOOP_SET_STATUS64, &info) == 0)
		return 0;
	int r = -errno;
	ioctl(loop, LOOP_CLR_FD);
	return r;
}

// With the next free device. -EBUSY: somebody else took it meanwhile.
static int attach_free(struct loader *l, int file, int mode, const char *options, const char *name, char *ret,
        size_t ret_size)
{
	int number = free_number(l);

	if (number < 0)
		return number;
	snprintf(ret, ret_size, "/dev/loop%d", number);
	int loop = open(ret, mode | O_CLOEXEC);
	int r = loop < 0 ? -errno : attach(loop, file, options, name);
	if (r < 0 && loop >= 0)
		close(loop);
	return r < 0 ? r : loop;
}

int loop_attach(struct loader *l, const char *file, const char *options, char *ret, size_t ret_size)
{
	int mode = O_RDWR;
	int fd = open(file, O_RDWR | O_CLOEXEC);
	int r = -EBUSY;

	if (fd < 0 && (errno == EROFS || errno == EACCES)) {
		mode = O_RDONLY;
		fd = open(file, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return -errno;
	for (int i = 0; i < TRIES_MAX && r == -EBUSY; i++)
		r = attach_free(l, fd, mode, options, file, ret, ret_size);
	close(fd);
	return r;
}
