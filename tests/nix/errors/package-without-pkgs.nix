# SPDX-License-Identifier: GPL-2.0-or-later
# A package without pkgs before it.
{ pkgs, ... }:
{
  boot.kernelPackages = linuxPackages_latest;
}
