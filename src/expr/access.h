// SPDX-License-Identifier: GPL-2.0-or-later
// Pure and restricted evaluation: what may be read and fetched. Paths are absolute and canonical.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct eval;

// Is evaluation pure or restricted?
bool eval_is_closed(const struct eval *ev);
// Throws unless the path may be read.
void eval_check_path(struct eval *ev, const char *path, uint32_t pos);
bool eval_may_read(struct eval *ev, const char *path);
// Adds a path that may be read, with what is below it; nothing in open evaluation.
void eval_allow_path(struct eval *ev, const char *path);
// Restricted evaluation: throws unless the address is below one of allowed-uris, or is a file that may be
// read.
void eval_check_uri(struct eval *ev, const char *uri);
