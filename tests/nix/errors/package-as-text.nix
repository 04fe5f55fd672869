# SPDX-License-Identifier: GPL-2.0-or-later
# A package in quotes.
{ config, lib, pkgs, ... }:
{
  boot.extraModulePackages = [ "bbswitch" ];
}
