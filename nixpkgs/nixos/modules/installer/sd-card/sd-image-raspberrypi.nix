# SPDX-License-Identifier: GPL-2.0-or-later
# The card of the first Raspberry Pi: its kernel and its console.
{ lib, pkgs, ... }:
{
  imports = [ ./sd-image.nix ];
  boot.consoleLogLevel = lib.mkDefault 7;
  boot.kernelPackages = lib.mkOverride 990 pkgs.linuxPackages_rpi1;
}
