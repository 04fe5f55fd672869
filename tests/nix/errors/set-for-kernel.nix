# SPDX-License-Identifier: GPL-2.0-or-later
# linuxPackagesFor of a set.
{ config, lib, pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackagesFor pkgs.linuxPackages_zen;
}
