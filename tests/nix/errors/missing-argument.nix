# SPDX-License-Identifier: GPL-2.0-or-later
# lib is used, but the function does not name it.
{ pkgs, ... }:
{
  boot.kernelPackages = lib.mkForce pkgs.linuxPackages_latest;
}
