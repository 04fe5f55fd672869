// SPDX-License-Identifier: GPL-2.0-or-later
// Reads sysfs: files of a device and the devices above it. A folder between two devices ("block", "host0" of
// a class) is no device: those have a file uevent.
#include "stage1/sysdev.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool sysdev_of_block(const char *sys, const char *name, struct sysdev *ret)
{
	char link[PATH_MAX], devices[PATH_MAX];

	snprintf(link, sizeof(link), "%s/class/block/%s", sys, name);
	snprintf(devices, sizeof(devices), "%s/devices", sys);
	char *top = realpath(devices, NULL);
	if (!top)
		return false;
	ret->top = strlen(top);
	bool ok = realpath(link, ret->path) && strncmp(ret->path, top, ret->top) == 0 &&
	          ret->path[ret->top] == '/';
	free(top);
	return ok;
}

const char *sysdev_name(const struct sysdev *d)
{
	return strrchr(d->path, '/') + 1;
}

// DEVICE/FILE, or false where that is too long a path.
static bool file_path(const struct sysdev *d, const char *file, char *ret, size_t size)
{
	int n = snprintf(ret, size, "%s/%s", d->path, file);

	return n > 0 && (size_t)n < size;
}

bool sysdev_up(struct sysdev *d)
{
	struct sysdev up = *d;
	char path[PATH_MAX];

	while (true) {
		char *slash = strrchr(up.path, '/');
		if (!slash || (size_t)(slash - up.path) <= up.top)
			return false;
		*slash = '\0';
		if (file_path(&up, "uevent", path, sizeof(path)) && access(path, F_OK) == 0)
			break;
	}
	*d = up;
	return true;
}

ssize_t sysdev_bytes(const struct sysdev *d, const char *file, void *ret, size_t size)
{
	char path[PATH_MAX];
	ssize_t n = -1;

	if (!file_path(d, file, path, sizeof(path)))
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, ret, size - 1);
		close(fd);
	}
	((char *)ret)[n > 0 ? n : 0] = '\0';
	return n;
}

bool sysdev_text(const struct sysdev *d, const char *file, char *ret, size_t size)
{
	if (sysdev_bytes(d, file, ret, size) < 0)
		return false;
	size_t len = strcspn(ret, "\n");
	while (len > 0 && strchr(" \t\r\v\f", ret[len - 1]))
		len--;
	ret[len] = '\0';
	return len > 0;
}

bool sysdev_text_above(const struct sysdev *d, const char *file, char *ret, size_t size)
{
	struct sysdev up = *d;

	do
		if (sysdev_text(&up, file, ret, size))
			return true;
	while (sysdev_up(&up));
	return false;
}

bool sysdev_is(const struct sysdev *d, const char *subsystem)
{
	char path[PATH_MAX], link[PATH_MAX];

	if (!file_path(d, "subsystem", path, sizeof(path)))
		return false;
	ssize_t n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return false;
	link[n] = '\0';
	const char *slash = strrchr(link, '/');
	return strcmp(slash ? slash + 1 : link, subsystem) == 0;
}

bool sysdev_is_type(const struct sysdev *d, const char *subsystem, const char *type)
{
	char text[2048], want[64];

	if (!sysdev_is(d, subsystem) || sysdev_bytes(d, "uevent", text, sizeof(text)) < 0)
		return false;
	snprintf(want, sizeof(want), "DEVTYPE=%s\n", type);
	const char *at = strstr(text, want);
	return at && (at == text || at[-1] == '\n');
}

bool sysdev_find_above(const struct sysdev *d, const char *subsystem, const char *type, struct sysdev *ret)
{
	struct sysdev up = *d;

	while (sysdev_up(&up))
		if (type ? sysdev_is_type(&up, subsystem, type) : sysdev_is(&up, subsystem)) {
			*ret = up;
			return true;
		}
	return false;
}
