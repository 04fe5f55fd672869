# SPDX-License-Identifier: GPL-2.0-or-later
# The image of an SD card.
# kind: configuration
# says: The image of an SD card (sdImage) is not made
{ pkgs, lib, ... }: { imports = [ <nixpkgs/nixos/modules/installer/sd-card/sd-image-aarch64.nix> ]; nixpkgs.hostPlatform = "aarch64-linux"; sdImage.compressImage = false; boot.supportedFilesystems.zfs = lib.mkForce false; boot.kernelPackages = pkgs.linuxPackages_latest; }
