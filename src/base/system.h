// SPDX-License-Identifier: GPL-2.0-or-later
// Nix's name of the system that this program is for ("x86_64-linux"): what it was compiled for, not what the
// kernel is. A 32-bit program under a 64-bit kernel is at home among 32-bit programs, and uname(2) spells one
// machine in several ways (i586, armv8l).
#pragma once

const char *system_name(void); // static
