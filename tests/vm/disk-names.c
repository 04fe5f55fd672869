// SPDX-License-Identifier: GPL-2.0-or-later
// Compares stage 1's names of disks with udev's: each argument is a link below /dev/disk that udev made, and the one
// block device that stage 1 finds by it must be where it leads. Run in a guest by disk-names.sh.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stage1/blockdev.h"
#include "stage1/diskid.h"

static void compare(const struct blockdev *v, size_t n, const char *link)
{
	char *node = realpath(link, NULL), path[80];
	unsigned found = 0;

	for (size_t i = 0; i < n; i++) {
		blockdev_path(&v[i], path, sizeof(path));
		if (!diskid_matches("/sys", v[i].name, link))
			continue;
		if (!node || strcmp(path, node) != 0)
			printf("wrong %s: %s here\n", link, path);
		found++;
	}
	printf("%s %s (%s)\n", found == 1 ? "same" : "wrong", link, node ? node : "nowhere");
	free(node);
}

int main(int argc, char **argv)
{
	struct blockdev *v;
	size_t n;

	blockdev_scan("/sys", &v, &n);
	for (int i = 1; i < argc; i++)
		if (diskid_is_spec(argv[i]))
			compare(v, n, argv[i]);
		else
			printf("other %s\n", argv[i]);
	free(v);
	return 0;
}
