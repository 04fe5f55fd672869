// SPDX-License-Identifier: GPL-2.0-or-later
// The builtins of src/build; their table is in builder-own.c. What each reads from the environment is said
// above it.
#pragma once

#include "build/builder.h"

// url, urls (mirrors), executable ("1"), unpack ("1": an archive, becomes its tree). Output: out.
int builtin_fetchurl(void *ctx, const struct builtin_args *a, struct err *e);
// package, version, arch for `apt-get download`; url, urls where apt cannot; unpack ("1"). Output: out.
int builtin_fetch_deb(void *ctx, const struct builtin_args *a, struct err *e);
// url, rev, fetchSubmodules, deepClone, leaveDotGit ("1"). Output: out, the tree.
int builtin_fetchgit(void *ctx, const struct builtin_args *a, struct err *e);
// src (an archive or a folder), channelName: out/CHANNELNAME.
int builtin_unpack_channel(void *ctx, const struct builtin_args *a, struct err *e);
// derivations ("ACTIVE PRIORITY N PATH..." of each), manifest: a folder of links to what the active ones
// hold.
int builtin_buildenv(void *ctx, const struct builtin_args *a, struct err *e);
