// SPDX-License-Identifier: GPL-2.0-or-later
// Which option builds a file, a folder, or a module: questions to the index of the tree's Makefiles.
#pragma once

#include <jansson.h>
#include "kconfig/kbuild.h"

// Answers are a list (owned; empty when nothing is found) of {object, kind: "module", "object", "part",
// "library", "device tree" or "folder", module, options: names, conditions: own ones, folders: [{folder,
// ways: [[..]]}], value (with values): what the configuration makes of it}.
//
// word: a file of the tree (of any suffix, also .ko.xz; source or object), a folder, a module's name, or the
// name of a file without folder.
json_t *kbuilds_find(struct kbuild *b, const char *word, bool values);
// What one source file is a part of; path below the tree.
json_t *kbuilds_of_file(struct kbuild *b, const char *path, bool values);
// All that the configuration builds as a module (m) or could (y: built in), sorted by path.
json_t *kbuilds_all(struct kbuild *b);
