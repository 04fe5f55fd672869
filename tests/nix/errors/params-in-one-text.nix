# SPDX-License-Identifier: GPL-2.0-or-later
# Two parameters in one text.
{ config, lib, pkgs, ... }:
{
  boot.kernelParams = [ "quiet splash" ];
}
