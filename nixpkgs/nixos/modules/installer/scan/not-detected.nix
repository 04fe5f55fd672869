# SPDX-License-Identifier: GPL-2.0-or-later
# What a hardware-configuration.nix imports where the scan found no special machine: firmware that may be distributed.
{ lib, ... }:
{
  hardware.enableRedistributableFirmware = lib.mkDefault true;
}
