# SPDX-License-Identifier: GPL-2.0-or-later
# A patch in quotes.
{ config, lib, pkgs, ... }:
{
  boot.kernelPatches = [ { name = "mine"; patch = "./mine.patch"; } ];
}
