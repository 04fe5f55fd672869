// SPDX-License-Identifier: GPL-2.0-or-later
// U-Boot's boot counter, in its environment as fw_printenv and fw_setenv see it (u-boot-tools or
// libubootenv-tool, /etc/fw_env.config). While upgrade_available is 1, U-Boot counts bootcount up before each
// start; beyond bootlimit it runs altbootcmd in place of bootcmd (CONFIG_BOOTCOUNT_ENV). The administrator
// sets bootlimit and an altbootcmd that starts what UBOOT_NORMAL_CONF says; doc/boot.md has how.
#pragma once

#include <stdbool.h>
#include "base/err.h"

#define UBOOT_NORMAL_CONF "kernix-normal.conf"

struct uboot_count {
	bool ready; // the administrator has set it up
	bool on;    // upgrade_available
	unsigned limit, done;
};

// Of the running machine. Where there is no such environment: not ready, and *ret_why (borrowed) says what is
// missing.
int uboot_count_read(struct uboot_count *ret, const char **ret_why, struct err *e);
// Counts from 0 up to tries starts, or (0) no longer.
int uboot_count_write(unsigned tries, struct err *e);
