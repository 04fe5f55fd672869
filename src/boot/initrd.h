// SPDX-License-Identifier: GPL-2.0-or-later
// Makes an initrd: stage 1, the modules that it loads, firmware, configuration, as one cpio archive. The same
// spec and the same files give the same bytes.
//
// `builtin:initrd` is this as a builder. It gets the spec as JSON in the environment variable `spec`, and its
// output is a folder with the one file `initrd`. It has to run where the paths of the spec are real (in the
// build's mount namespace). The members of the JSON object (all but stage1 may be left out):
//   stage1             path of the static init
//   modulesTree        path with lib/modules/VERSION, or null; modDirVersion: VERSION when there are several
//   kernelModules      list: loaded at the start, in order. availableKernelModules: list, loaded when a
//   device asks.
//                      An element is a name, or { name, by, optional }: `by` says in errors who asked, an
//                      optional one may be missing in this kernel.
//   firmware           list of paths with lib/firmware (or of firmware folders themselves)
//   modprobeConfig     text as in modprobe.d; blacklistedKernelModules: list
//   fileSystems        list of { device, mountPoint, fsType, options (list), check }, in the order of
//   mounting;
//                      what the root itself is made of (its overlay's layers, its image) comes before it
//   contents           list of { source, target }: more files or folders
//   prepend            list of archives to be put before (microcode), as they are
//   compressor         "zstd" (default), "gzip", "xz", "none"; compressorLevel: a number, 0 is the default
//   kernelConfig       path of the kernel's .config: checked for what the initrd needs, and used for hints
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "boot/compress.h"
#include "boot/modclosure.h"

struct initrd_content {
	char *source, *target;
};

struct initrd_mount {
	char *device, *mount_point, *type, *options;
	bool check; // stage 1 checks it before it mounts it, if the program for that is in the initrd
};

// All strings and arrays are owned.
struct initrd_spec {
	char *stage1;
	char *modules_tree, *version;
	struct modroot *roots; // kernelModules, then availableKernelModules
	size_t root_count, root_cap;
	char **load; // names of kernelModules
	char **firmware;
	struct modconf conf;
	char *modprobe_text;
	struct initrd_mount *mounts;
	size_t mount_count, mount_cap;
	struct initrd_content *contents;
	size_t content_count, content_cap;
	char **prepend;
	enum compress_kind compressor;
	int level;
	char *kernel_config;
};

// An unknown member or a wrong type is -EINVAL and the message names it.
int initrd_spec_parse_json(const char *json, struct initrd_spec *ret, struct err *e);
void initrd_spec_release(struct initrd_spec *s);
#define _cleanup_initrd_spec_ _cleanup_(initrd_spec_release)

// Writes the file at path (replaced atomically).
int initrd_write(const struct initrd_spec *s, const char *path, struct err *e);
// builtin:initrd: makes the folder out and out/initrd in it.
int initrd_build(const struct initrd_spec *s, const char *out, struct err *e);
