# SPDX-License-Identifier: GPL-2.0-or-later
# kernelPackages as a list.
{ config, lib, pkgs, ... }:
{
  boot.kernelPackages = [ pkgs.linuxPackages_latest ];
}
