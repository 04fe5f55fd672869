# SPDX-License-Identifier: GPL-2.0-or-later
# Parameters without a list.
{ config, lib, pkgs, ... }:
{
  boot.kernelParams = "quiet splash";
}
