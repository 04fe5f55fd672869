# SPDX-License-Identifier: GPL-2.0-or-later
# An overlay with one argument.
{ config, lib, pkgs, ... }:
{
  nixpkgs.overlays = [ (self: { }) ];
}
