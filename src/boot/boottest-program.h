// SPDX-License-Identifier: GPL-2.0-or-later
// The program of src/boottest, static, as bytes: so a boot test needs nothing but kernix and QEMU. Made by
// meson.
#pragma once

#include <stddef.h>

extern const unsigned char boottest_program[];
extern const size_t boottest_program_bytes;
