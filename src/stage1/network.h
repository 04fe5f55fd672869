// SPDX-License-Identifier: GPL-2.0-or-later
// The network of stage 1 and what is reached through it (boot.initrd.network). The work is done by scripts
// and programs of the initrd: /sbin/net-up brings interfaces up and waits for them (whoever needs the network
// calls it), /sbin/net-main runs beside stage 1: net-up, the configuration's commands, the ssh server.
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include "stage1/say.h"

struct network {
	const struct say *say;
	bool started;
};

// False when this initrd has no network.
bool network_start(struct network *n, const struct say *say);
// Before stage 2 starts: waits for the configuration's commands, ends all programs that were started here (but
// not the process spared: the keeper of a trial, 0: there is none), and takes the network down (unless keep:
// the root file system is reached through it).
void network_end(struct network *n, bool keep, pid_t spared);
