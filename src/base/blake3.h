// SPDX-License-Identifier: GPL-2.0-or-later
// BLAKE3 (github.com/BLAKE3-team/BLAKE3-specs): plain hashing, 32 bytes of output, written for clarity.
// libcrypto has no BLAKE3.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BLAKE3_BYTES = 32 };

void blake3(const void *data, size_t len, uint8_t ret[BLAKE3_BYTES]);
