// SPDX-License-Identifier: GPL-2.0-or-later
// File systems of an NFS server. The kernel mounts them without mount.nfs, if it is told the server's address
// and a version that the server speaks; finding these out is done here.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "stage1/module.h"

bool nfs_is_type(const char *type);
// Splits "HOST:/PATH" or "[ADDRESS]:/PATH"; false when it is not that. path is borrowed.
bool nfs_split(const char *device, char *ret_host, size_t host_size, const char **ret_path);
// nfsroot=[SERVER:]PATH[,OPTIONS] of the kernel command line as "SERVER:PATH" and options; the server may be
// in the second field of ip=. False when there is no nfsroot= or no server.
bool nfs_root(const struct cmdline *c, char *ret_device, size_t device_size, char *ret_options,
        size_t options_size);
// Brings the network up and mounts device at where. 0, or a negative errno with the reason in ret_why.
int nfs_mount(struct loader *l, const char *device, const char *where, const char *type, const char *options,
        char *ret_why, size_t why_size);
