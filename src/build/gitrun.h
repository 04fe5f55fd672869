// SPDX-License-Identifier: GPL-2.0-or-later
// The host's git, run for somebody who is not trusted: with an environment and settings made from nothing. No
// setting of the caller or the machine, no hook, no filter, no helper, no prompt; protocols from gitname.h's
// list only. What it is told has been checked by gitname.h. To be used in the sandbox: it does not keep git
// from reading and writing what the process can.
#pragma once

#include "base/buf.h"
#include "base/err.h"

struct gitrun {
	char *git; // its file name
	char **env;
};

// config: a new file for git's settings. local_url and local_path: an address that is read from a folder
// instead; NULL: none. env: of env_fetch_make. -ENOENT when git is not installed.
int gitrun_init(struct gitrun *g, const char *config, const char *local_url, const char *local_path,
        char *const *env, struct err *e);
void gitrun_release(struct gitrun *g);
#define _cleanup_gitrun_ _cleanup_(gitrun_release)

// Runs git in dir with these words (NULL at the end). input: for standard input, or NULL. out: what it says
// on standard output; NULL: the log.
int gitrun(const struct gitrun *g, const char *dir, const char *const *words, const char *input,
        struct buf *out, struct err *e);
