# SPDX-License-Identifier: GPL-2.0-or-later
# A module without a list.
{ config, lib, pkgs, ... }:
{
  boot.kernelModules = "loop";
}
