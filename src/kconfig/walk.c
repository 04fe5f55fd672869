// SPDX-License-Identifier: GPL-2.0-or-later
// The walk through a kernel tree, folder by folder below an open one.
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include "base/str.h"
#include "kconfig/walk.h"

#define FOLDER_DEPTH_MAX 12

struct walk {
	kwalk_fn *visit;
	void *ctx;
	char path[PATH_MAX]; // of the entry that is looked at, below the tree
};

static bool skip_folder(const char *name)
{
	return name[0] == '.' || str_eq(name, "Documentation") || str_eq(name, "tools") ||
	       str_eq(name, "scripts") || str_eq(name, "samples");
}

static void walk_folder(struct walk *w, int parent, const char *name, unsigned depth);

static void walk_entry(struct walk *w, int dir, const struct dirent *de, unsigned depth)
{
	size_t at = strlen(w->path), n = strlen(de->d_name);

	if (at + n + 2 > sizeof(w->path))
		return;
	memcpy(w->path + at, "/", at ? 1 : 0);
	memcpy(w->path + at + (at > 0), de->d_name, n + 1);
	if (de->d_type == DT_DIR && depth < FOLDER_DEPTH_MAX && !skip_folder(de->d_name))
		walk_folder(w, dir, de->d_name, depth + 1);
	else
		w->visit(w->ctx, dir, w->path, de);
	w->path[at] = '\0';
}

static void walk_folder(struct walk *w, int parent, const char *name, unsigned depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *de; (de = readdir(d));)
		walk_entry(w, dirfd(d), de, depth);
	closedir(d);
}

void kwalk(int tree, kwalk_fn *visit, void *ctx)
{
	struct walk w = {.visit = visit, .ctx = ctx};

	walk_folder(&w, tree, ".", 0);
}
