# SPDX-License-Identifier: GPL-2.0-or-later
# The system of an SD card that NixOS made: where its root file system is. No image is made, which is said.
{ lib, ... }:
{
  imports = [ (import ../no-image.nix { names = [ "sdImage" ]; what = "The image of an SD card (sdImage)"; }) ];
  fileSystems."/" = { device = lib.mkDefault "/dev/disk/by-label/NIXOS_SD"; fsType = lib.mkDefault "ext4"; };
  boot.loader.grub.enable = lib.mkDefault false;
  boot.loader.generic-extlinux-compatible.enable = lib.mkDefault true;
}
