// SPDX-License-Identifier: GPL-2.0-or-later
// Lists block devices through sysfs and matches them against root= and fileSystems.*.device.
#include "stage1/blockdev.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "stage1/diskid.h"

bool blockdev_attribute(const char *sys, const char *name, const char *file, char *ret, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/class/block/%s/%s", sys, name, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, ret, size - 1) : -1;
	if (fd >= 0)
		close(fd);
	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return n > 0;
}

static uint64_t number(const char *sys, const char *name, const char *file)
{
	char text[64];

	return blockdev_attribute(sys, name, file, text, sizeof(text)) ? strtoull(text, NULL, 10) : 0;
}

void blockdev_path(const struct blockdev *d, char *ret, size_t ret_size)
{
	int n = snprintf(ret, ret_size, "/dev/%s", d->name);

	for (int i = 0; i < n && (size_t)i < ret_size; i++)
		if (ret[i] == '!')
			ret[i] = '/';
}

// Without O_NONBLOCK a drive without a medium refuses, instead of failing (and logging) each read.
static int open_name(const char *name)
{
	struct blockdev d = {0};
	char path[80];

	snprintf(d.name, sizeof(d.name), "%.63s", name);
	blockdev_path(&d, path, sizeof(path));
	return open(path, O_RDONLY | O_CLOEXEC);
}

// A partition's folder in sysfs is inside of its disk's.
static void read_part(const char *sys, struct blockdev *d)
{
	char path[PATH_MAX], real[PATH_MAX];
	unsigned part = (unsigned)number(sys, d->name, "partition");

	snprintf(path, sizeof(path), "%s/class/block/%s/..", sys, d->name);
	if (part == 0 || !realpath(path, real))
		return;
	const char *disk = strrchr(real, '/') + 1;
	unsigned block_bytes = (unsigned)number(sys, disk, "queue/logical_block_size");
	int fd = open_name(disk);
	if (fd < 0)
		return;
	part_id_read(fd, block_bytes ? block_bytes : 512, part, &d->part);
	close(fd);
}

bool blockdev_read(const char *sys, const char *name, struct blockdev *ret)
{
	struct blockdev d = {.size_bytes = number(sys, name, "size") * 512};
	char dev[64];

	if (d.size_bytes == 0 || strlen(name) >= sizeof(d.name) ||
	        !blockdev_attribute(sys, name, "dev", dev, sizeof(dev)) ||
	        sscanf(dev, "%u:%u", &d.major, &d.minor) != 2)
		return false;
	memcpy(d.name, name, strlen(name) + 1);
	if (strncmp(name, "dm-", 3) == 0) { // looked at every quarter of a second, and most devices are none
		blockdev_attribute(sys, name, "dm/name", d.dm_name, sizeof(d.dm_name));
		blockdev_attribute(sys, name, "dm/uuid", d.dm_uuid, sizeof(d.dm_uuid));
	}
	int fd = open_name(name);
	if (fd >= 0) {
		probe_fd(fd, &d.fs);
		close(fd);
	}
	read_part(sys, &d);
	*ret = d;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct blockdev *)a)->name, ((const struct blockdev *)b)->name);
}

void blockdev_scan(const char *sys, struct blockdev **ret, size_t *ret_n)
{
	char path[PATH_MAX];
	size_t cap = 0;

	*ret = NULL;
	*ret_n = 0;
	snprintf(path, sizeof(path), "%s/class/block", sys);
	DIR *dir = opendir(path);
	for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		struct blockdev d;

		// Memory disks are empty here, and there are many.
		if (e->d_name[0] == '.' || !blockdev_read(sys, e->d_name, &d))
			continue;
		if (*ret_n == cap) {
			cap = cap ? 2 * cap : 16;
			struct blockdev *grown = realloc(*ret, cap * sizeof(d));
			if (!grown)
				abort();
			*ret = grown;
		}
		(*ret)[(*ret_n)++] = d;
	}
	if (dir)
		closedir(dir);
	if (*ret_n > 1)
		qsort(*ret, *ret_n, sizeof(**ret), by_name);
}

enum key { KEY_UUID, KEY_LABEL, KEY_PARTUUID, KEY_PARTLABEL, KEY_DM_NAME, KEY_DM_UUID };

static const struct {
	const char *prefix;
	enum key key;
	bool escaped; // udev writes odd bytes as \xNN in link names
} spec_rows[] = {
        {"UUID=", KEY_UUID, false},
        {"LABEL=", KEY_LABEL, false},
        {"PARTUUID=", KEY_PARTUUID, false},
        {"PARTLABEL=", KEY_PARTLABEL, false},
        {"/dev/disk/by-uuid/", KEY_UUID, true},
        {"/dev/disk/by-label/", KEY_LABEL, true},
        {"/dev/disk/by-partuuid/", KEY_PARTUUID, true},
        {"/dev/disk/by-partlabel/", KEY_PARTLABEL, true},
        {"/dev/disk/by-id/dm-name-", KEY_DM_NAME, true},
        {"/dev/disk/by-id/dm-uuid-", KEY_DM_UUID, true},
        {"/dev/mapper/", KEY_DM_NAME, true},
};

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

// The byte of "\xNN" at s, or -1. Each character is looked at only when the one before it was none of the
// end.
static int escaped_byte(const char *s)
{
	if (s[0] != '\\' || s[1] != 'x' || hex_digit(s[2]) < 0 || hex_digit(s[3]) < 0)
		return -1;
	return hex_digit(s[2]) * 16 + hex_digit(s[3]);
}

static void unescape(const char *s, bool escaped, char *ret, size_t size)
{
	size_t len = 0;

	while (*s && len + 1 < size) {
		int byte = escaped ? escaped_byte(s) : -1;

		if (byte >= 0) {
			ret[len++] = (char)byte;
			s += 4;
		} else {
			ret[len++] = *s++;
		}
	}
	ret[len] = '\0';
}

static bool key_matches(const struct blockdev *d, enum key key, const char *want)
{
	const char *const have[] = {[KEY_UUID] = d->fs.uuid,
	        [KEY_LABEL] = d->fs.label,
	        [KEY_PARTUUID] = d->part.uuid,
	        [KEY_PARTLABEL] = d->part.label,
	        [KEY_DM_NAME] = d->dm_name,
	        [KEY_DM_UUID] = d->dm_uuid};
	bool any_case = key == KEY_UUID || key == KEY_PARTUUID;

	if (*have[key] == '\0')
		return false;
	return any_case ? strcasecmp(have[key], want) == 0 : strcmp(have[key], want) == 0;
}

// Whether "/dev/GROUP/VOLUME" is the mapped device of that name: LVM writes GROUP-VOLUME, with each '-' of
// the two doubled.
static bool volume_matches(const struct blockdev *d, const char *spec)
{
	const char *have = d->dm_name;
	int slashes = 0;

	if (!*have || strncmp(spec, "/dev/", 5) != 0)
		return false;
	for (const char *p = spec + 5; *p; p++) {
		if (*p == '/' && slashes++ > 0)
			return false;
		if (*have++ != (*p == '/' ? '-' : *p) || (*p == '-' && *have++ != '-'))
			return false;
	}
	return slashes == 1 && *have == '\0';
}

// A node that somebody else made, /dev/md/NAME for one.
static bool node_matches(const struct blockdev *d, const char *spec)
{
	struct stat st;

	return strncmp(spec, "/dev/", 5) == 0 && stat(spec, &st) == 0 && S_ISBLK(st.st_mode) &&
	       major(st.st_rdev) == d->major && minor(st.st_rdev) == d->minor;
}

bool blockdev_matches(const struct blockdev *d, const char *spec)
{
	char want[300], path[80];
	unsigned maj, min;
	int used = 0;

	for (size_t i = 0; i < sizeof(spec_rows) / sizeof(spec_rows[0]); i++)
		if (strncmp(spec, spec_rows[i].prefix, strlen(spec_rows[i].prefix)) == 0) {
			unescape(
			        spec + strlen(spec_rows[i].prefix), spec_rows[i].escaped, want, sizeof(want));
			return key_matches(d, spec_rows[i].key, want);
		}
	if (diskid_is_spec(spec) && diskid_matches("/sys", d->name, spec))
		return true;
	if (sscanf(spec, "%u:%u%n", &maj, &min, &used) == 2 && spec[used] == '\0')
		return d->major == maj && d->minor == min;
	blockdev_path(d, path, sizeof(path));
	return strcmp(spec, path) == 0 || volume_matches(d, spec) || node_matches(d, spec);
}

bool blockdev_is_spec(const char *spec)
{
	unsigned maj, min;
	int used = 0;

	for (size_t i = 0; i < sizeof(spec_rows) / sizeof(spec_rows[0]); i++)
		if (strncmp(spec, spec_rows[i].prefix, strlen(spec_rows[i].prefix)) == 0)
			return true;
	if (sscanf(spec, "%u:%u%n", &maj, &min, &used) == 2 && spec[used] == '\0')
		return true;
	return strncmp(spec, "/dev/", 5) == 0;
}

// A file system wins over a container of the same label (a LUKS partition may be labelled like what it
// holds).
const struct blockdev *blockdev_find(const struct blockdev *v, size_t n, const char *spec)
{
	const struct blockdev *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (blockdev_matches(&v[i], spec) && (!found || !probe_mountable(found->fs.type)))
			found = &v[i];
	return found;
}
