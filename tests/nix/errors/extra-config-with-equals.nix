# SPDX-License-Identifier: GPL-2.0-or-later
# A line as in a .config.
{ config, lib, pkgs, ... }:
{
  boot.kernelPatches = [ { name = "mine"; patch = null; extraConfig = "CRASH_DUMP=y"; } ];
}
