# SPDX-License-Identifier: GPL-2.0-or-later
# A package where a list is wanted.
{ config, lib, pkgs, ... }:
{
  boot.extraModulePackages = config.boot.kernelPackages.bbswitch;
}
