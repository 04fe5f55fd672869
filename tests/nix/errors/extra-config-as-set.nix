# SPDX-License-Identifier: GPL-2.0-or-later
# A set where lines are wanted.
{ config, lib, pkgs, ... }:
{
  boot.kernelPatches = [ { name = "mine"; patch = null; extraConfig = { CRASH_DUMP = "y"; }; } ];
}
