# SPDX-License-Identifier: GPL-2.0-or-later
# Spaces around the sign.
{ config, lib, pkgs, ... }:
{
  boot.kernelParams = [ "usbcore.blinkenlights = 1" ];
}
