# SPDX-License-Identifier: GPL-2.0-or-later
# A patch alone.
{ config, lib, pkgs, ... }:
{
  boot.kernelPatches = [ ./mine.patch ];
}
