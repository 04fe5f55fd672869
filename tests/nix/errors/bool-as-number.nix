# SPDX-License-Identifier: GPL-2.0-or-later
# A number for a switch.
{ config, lib, pkgs, ... }:
{
  services.earlyoom.enable = 1;
}
