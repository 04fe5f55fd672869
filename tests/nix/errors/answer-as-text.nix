# SPDX-License-Identifier: GPL-2.0-or-later
# An answer in quotes: where it stands.
{ config, lib, pkgs, ... }:
{
  boot.kernelPatches = [ { name = "mine"; patch = null; structuredExtraConfig = { CRASH_DUMP = "y"; }; } ];
}
