// SPDX-License-Identifier: GPL-2.0-or-later
// A walk through the folders of a kernel tree that hold code: hidden ones, Documentation, tools, scripts and
// samples are left out, wherever they are.
#pragma once

#include <dirent.h>

// Called for each entry that is not entered: de in the open folder dir; path is its name below the tree.
typedef void kwalk_fn(void *ctx, int dir, const char *path, const struct dirent *de);

// Folders that cannot be read, and what lies too deep, are passed over.
void kwalk(int tree, kwalk_fn *visit, void *ctx);
