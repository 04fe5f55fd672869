# SPDX-License-Identifier: GPL-2.0-or-later
# A module's name with a letter missing, in the page's own line.
{ config, ... }:
{
  boot.extraModulePackages = with config.boot.kernelPackages; [ bbswich ];
}
