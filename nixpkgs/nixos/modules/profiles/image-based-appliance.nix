# SPDX-License-Identifier: GPL-2.0-or-later
# An appliance that is installed as an image and updated as a whole: a small system whose stage 1 is systemd's, on NixOS.
{ lib, ... }:
{
  imports = [ ./minimal.nix ];
  nix.enable = false;
  users.mutableUsers = false;
  system.switch.enable = false;
  networking.useNetworkd = lib.mkDefault true;
  boot.initrd.systemd.enable = lib.mkDefault true;
}
