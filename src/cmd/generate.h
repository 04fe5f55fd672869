// SPDX-License-Identifier: GPL-2.0-or-later
// The texts of nixos-generate-config.
#pragma once

#include "base/buf.h"
#include "cmd/machine.h"

// hardware-configuration.nix for the machine; no_fs: without fileSystems, swapDevices and what they lie on.
void generate_hardware(struct buf *b, const struct machine *m, bool no_fs);
// A text as Nix writes it, in quotes.
void generate_string(struct buf *b, const char *s);
