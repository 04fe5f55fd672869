// SPDX-License-Identifier: GPL-2.0-or-later
// The builtins of src/build; their table is in builder-own.c. What each reads from the environment is said
// above it.
#pragma once

#include "build/builder.h"

// url, urls (mirrors), executable ("1"), unpack ("1": an archive, becomes its tree). Output: out.
int builtin_fetchurl(void *ctx, const struct builtin_args *a, struct err *e);
int builtin_fetchurl_prepare(const struct builtin_args *a, struct builtin_host *ret, struct err *e);
// package, version, arch; url, urls, whose part from pool/ on is looked for below the archives of the host's
// apt sources first; unpack ("1"). Output: out.
int builtin_fetch_deb(void *ctx, const struct builtin_args *a, struct err *e);
int builtin_fetch_deb_prepare(const struct builtin_args *a, struct builtin_host *ret, struct err *e);
// set (a file as debroot.h has it), mirrors (archives to be asked before those of the host's apt sources).
// Output: out, the tree of the set's packages, each of which is known by its hash.
int builtin_debroot(void *ctx, const struct builtin_args *a, struct err *e);
int builtin_debroot_prepare(const struct builtin_args *a, struct builtin_host *ret, struct err *e);
// url, rev, fetchSubmodules, deepClone, leaveDotGit ("1"). Output: out, the tree.
int builtin_fetchgit(void *ctx, const struct builtin_args *a, struct err *e);
int builtin_fetchgit_prepare(const struct builtin_args *a, struct builtin_host *ret, struct err *e);
// src (an archive or a folder), channelName: out/CHANNELNAME.
int builtin_unpack_channel(void *ctx, const struct builtin_args *a, struct err *e);
// derivations ("ACTIVE PRIORITY N PATH..." of each), manifest: a folder of links to what the active ones
// hold.
int builtin_buildenv(void *ctx, const struct builtin_args *a, struct err *e);

// Host files of a fetcher: prepare adds addresses (those that are no files are left out), run asks for them.
void builtin_host_add(struct builtin_host *h, const char *url);
void builtin_host_release(struct builtin_host *h);
// NULL: not added. Then where the sandbox shows it (owned), and why it does not (owned, NULL when it does).
const struct sandbox_shown *builtin_host_find(const struct builtin_host *h, const char *url);
char *builtin_host_path(const struct builtin_host *h, const struct sandbox_shown *s);
char *builtin_host_why(const struct sandbox_shown *s);
