// SPDX-License-Identifier: GPL-2.0-or-later
// What git may be told by somebody who is not trusted: names of refs and objects, and addresses. Whatever
// passes is data to git: no option, no helper program, no line of its own in a protocol. All checks give 0 or
// -EINVAL with a sentence that names the word and the rule.
#pragma once

#include "base/err.h"

// The protocols that fetching may use (NULL ends the list). "file" stands for absolute paths too, "ssh" for
// HOST:PATH and git's other spellings of it.
extern const char *const gitname_protocols[];

// Rules of git-check-ref-format(1) for names of any level ("main", "refs/tags/v1", "HEAD"); no leading '-'.
int gitname_check_ref(const char *ref, struct err *e);
// The full hexadecimal name of an object: 40 digits (SHA-1) or 64 (SHA-256).
int gitname_check_object(const char *hex, struct err *e);
// An address whose protocol is in the list. What git reads as HELPER::ADDRESS, hosts, users and paths that a
// program behind git could take for an option, and control characters (also %-encoded) are refused.
int gitname_check_url(const char *url, const char *const *protocols, struct err *e);
// A path inside of a tree: relative, no "..", no ".git", nothing that is empty, a control character or a
// leading '-'.
int gitname_check_path(const char *path, struct err *e);
